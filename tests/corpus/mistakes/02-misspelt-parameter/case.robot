*** Settings ***
Library    OperatingSystem

*** Test Cases ***
Mistake
    Get File    notes.txt    encodng=utf-8
