*** Settings ***
Library    OperatingSystem

*** Test Cases ***
Mistake
    Wait Until Keyword Succeeds    3x    5s    Append To File    payments.csv    DE89;119.00
