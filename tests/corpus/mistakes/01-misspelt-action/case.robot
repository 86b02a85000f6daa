*** Test Cases ***
Mistake
    Lgo    Hello
