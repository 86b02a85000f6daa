*** Settings ***
Library    OperatingSystem

*** Test Cases ***
Mistake
    Get File
