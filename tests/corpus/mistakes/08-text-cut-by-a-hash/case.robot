*** Test Cases ***
Mistake
    Log    Invoice    #4711
