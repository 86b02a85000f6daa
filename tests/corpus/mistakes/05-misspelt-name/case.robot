*** Test Cases ***
Mistake
    ${total}=    Set Variable    119
    Log    The total is ${totl}
