*** Settings ***
Library    Process

*** Test Cases ***
Mistake
    ${result}=    Run Process    echo    119
    Log    The total is ${result.stdot}
