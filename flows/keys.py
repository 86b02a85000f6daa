"""The keys of the language with a line about each: what editors show and the reference lists."""

from __future__ import annotations

from collections.abc import Mapping

TOP_KEYS: Mapping[str, str] = {
    "flow": "The flow's id, unique in the project; the same as the file's name.",
    "title": "What people call it.",
    "description": "What it does, in a sentence or two.",
    "inputs": "Typed values that the flow is given; one declaration gives options, checks and forms.",
    "secrets": "Names of the secrets it needs; a value never stands in a flow.",
    "items": "Where its business transactions come from. Left out: one implicit item per run.",
    "session": "How to reach a known state, such as a login, and the proof that it was reached.",
    "steps": "What is done for each item.",
    "on_failure": "Steps after an item failed; they never change the run's status.",
    "outputs": "What the flow gives back, by name.",
    "hosts": "Hosts that the flow's own requests may reach.",
}
INPUT_KEYS: Mapping[str, str] = {
    "type": "The type of its value.",
    "title": "What people call it in forms.",
    "description": "What it is for.",
    "default": "Its value when none is given.",
    "required": "Whether it must be given; true unless it has a default.",
    "choices": "The values of a `choice`.",
    "of": "The type of a list's elements.",
    "columns": "The columns of a table with their types.",
}
ITEM_KEYS: Mapping[str, str] = {
    "from": "The source: files, rows, mails, query, list, or another flow.",
    "key": "A unique reference of each item: the same one is never done twice.",
    "attempts": "Tries of an item in total, for application failures only.",
    "stop_after": "So many items in a row that failed by application end the run with one alarm.",
    "on_change": "What to do when the data under a known key changed: ignore, business or again.",
}
SOURCE_KEYS: Mapping[str, str] = {
    "files": "A pattern such as `inbox/*.{pdf,png}`.",
    "rows": "A CSV or Excel file, or {file, sheet, …}.",
    "mails": "Parameters of mail.list.",
    "query": "Parameters of data.query.",
    "list": "A list of values.",
    "flow": "Another flow: the outputs of its newest succeeded run.",
}
SESSION_KEYS: Mapping[str, str] = {
    "ready": "What shows when the state is reached: a target, or one whole expression.",
    "steps": "How to reach it from an empty bot.",
    "reuse": "Try the saved state first and skip the steps when `ready` shows.",
}
STEP_KEYS: Mapping[str, str] = {
    "id": "Names the step; later expressions find its outputs under it.",
    "name": "What people see while it runs.",
    "if": "A condition: the step is skipped when it is not true. With then/else: a branch.",
    "retry": "Tries of this step after an application failure; default none.",
    "timeout": "How long it may take, with a unit; default 30s.",
    "writes": "Makes the step a write block: what it changes outside, its unique key, and how to find out.",
    "do": "Steps that belong together; the body of a loop or a write block.",
    "commits": "The one step of a write block that changes the outside world; default the last.",
    "expect": "The endings of a write block; the first one seen decides.",
    "repeatable": "Doing it twice does no harm.",
    "on_error": "stop (default), next_item, or continue: record a rescued failure and go on.",
    "outputs": "What the step gives under its id; of a loop, what each pass gives.",
}
CONTROL_KEYS: Mapping[str, str] = {
    "then": "Steps when the condition is true.",
    "else": "Steps when it is not.",
    "for_each": "A loop over a list: {in: list, as: name, key: unique reference of a pass}.",
    "repeat": "A bounded loop that tests after each pass: {at_most: n, until: condition}.",
    "while": "Bounded, tests before each pass: {at_most: n, test: condition}; `last` is the pass before.",
    "try": "Steps whose failure is caught.",
    "catch": "What to do after a failure, by kind or code: a list of {kind, code, do}.",
    "finally": "Steps that are done in any case.",
    "call": "Another flow, by id or path, as one step.",
    "with": "The inputs of the called flow.",
    "parallel": "Two to eight named branches, each a process with bots of its own.",
    "stop": "Ends the item: succeed, or {with: business, code, message}.",
}
FOR_EACH_KEYS: Mapping[str, str] = {
    "in": "The list.",
    "as": "The name of the element in each pass; default line.",
    "key": "A unique reference of a pass, for the record; default its number.",
}
REPEAT_KEYS: Mapping[str, str] = {
    "at_most": "The most passes; more is an application failure.",
    "until": "Ends the loop when true; sees the pass's outputs.",
}
WHILE_KEYS: Mapping[str, str] = {
    "at_most": "The most passes; more is an application failure.",
    "test": "Goes on while true; sees `last`.",
}
CATCH_KEYS: Mapping[str, str] = {
    "kind": "flow, business, application or engine, or a list of them.",
    "code": "A failure code, or a list of them.",
    "do": "What to do then; `failure` tells what happened.",
}
STOP_KEYS: Mapping[str, str] = {
    "with": "succeed or business.",
    "code": "The code of the business failure.",
    "message": "What a person should know.",
}
RETRY_KEYS: Mapping[str, str] = {
    "tries": "Tries in total.",
    "wait": "The wait before the second try.",
    "backoff": "Each further wait is so many times longer, 1 to 10.",
}
WRITES_KEYS: Mapping[str, str] = {
    "what": "What is written, such as vendor_bill.",
    "key": "With `what`, unique for ever: the second item that reaches the same pair is stopped.",
    "done_if": "Steps that find out whether it already happened; the last one says true or false.",
}
ENDING_KEYS: Mapping[str, str] = {
    "done": "Seen when the write succeeded.",
    "business": "Seen when the program refused it for a reason that a person decides about.",
    "application": "Seen when the program failed.",
    "code": "The failure's code.",
    "message": "The failure's message.",
}
