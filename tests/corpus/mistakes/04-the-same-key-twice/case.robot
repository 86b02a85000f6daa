*** Test Cases ***
Mistake
    Log    Yes
Mistake
    Log    No
