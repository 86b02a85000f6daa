"""What the names of actions tell the checker: which verbs open or navigate, which words commit."""

from __future__ import annotations

import re

OPENS = frozenset(("open", "goto", "start", "launch", "attach", "login", "new_tab", "restore"))
NAVIGATES = OPENS | {"back", "forward", "reload", "switch_tab", "focus", "home", "window", "activate"}
PRESSES = frozenset(("click", "press", "menu", "invoke", "double_click", "tap"))
COMMIT_WORDS = re.compile(
    r"\b(save|post|send|pay|delete|submit|confirm|approve|book|speichern|buchen|senden|löschen|bezahlen)\b"
    r"|저장|등록|전송|송금|승인|삭제|결제|확정|발송",
    re.IGNORECASE,
)
PASSWORD = re.compile(r"pass(word|wort|code|phrase)?\b|비밀번호|암호|\bpwd\b|\bpin\b|kennwort", re.IGNORECASE)


def verb(action: str) -> str:
    """`click` of `browser.click`."""
    return action.partition(".")[2]


def opens(action: str) -> bool:
    """Whether an action brings its bot to a known place from nothing."""
    return verb(action) in OPENS


def navigates(action: str) -> bool:
    """Whether what follows does not depend on what was on the screen before."""
    return verb(action) in NAVIGATES
