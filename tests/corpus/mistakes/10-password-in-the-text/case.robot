*** Variables ***
${PASSWORD}    hunter2

*** Test Cases ***
Mistake
    Log In    ${PASSWORD}

*** Keywords ***
Log In
    [Arguments]    ${password}
    Log    logging in
