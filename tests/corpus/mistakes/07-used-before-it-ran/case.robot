*** Test Cases ***
Mistake
    Log    The total is ${total}
    ${total}=    Set Variable    119
