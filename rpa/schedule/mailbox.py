"""Which mails wait in a mailbox: their UIDs. Nothing in it is changed."""

from __future__ import annotations

import imaplib
from dataclasses import dataclass

from flows.data import Secret
from flows.failures import ApplicationFailure
from rpa.schedule.manifest import Mail

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """`validity` changes when the server numbers its mails anew (RFC 3501, 2.3.1.1)."""

    validity: str
    uids: tuple[int, ...]


def waiting_mails(mail: Mail, password: Secret, *, above: int = 0) -> Waiting:
    """Mails with a UID above `above`. Raises ApplicationFailure `mail-failed`, `login-refused`."""
    try:
        maker = imaplib.IMAP4_SSL if mail.tls else imaplib.IMAP4
        box = maker(mail.server, mail.port, timeout=TIMEOUT_S)
    except OSError as error:
        raise _failed(mail, error) from error
    try:
        _login(box, mail, password)
        return _search(box, mail, above)
    except (imaplib.IMAP4.error, OSError) as error:
        raise _failed(mail, error) from error
    finally:
        box.shutdown()


def _login(box: imaplib.IMAP4, mail: Mail, password: Secret) -> None:
    try:
        box.login(mail.user, password.reveal())
    except imaplib.IMAP4.error as error:
        raise ApplicationFailure("login-refused", str(error), details={"target": "mail"}) from error


def _search(box: imaplib.IMAP4, mail: Mail, above: int) -> Waiting:
    status, _ = box.select(_quoted(mail.folder), readonly=True)
    if status != "OK":
        raise imaplib.IMAP4.error(f"no folder {mail.folder}")
    _, told = box.response("UIDVALIDITY")
    wanted = [f"UID {above + 1}:*", *(["SUBJECT", _quoted(mail.subject)] if mail.subject else [])]
    _, found = box.uid("SEARCH", *wanted)
    uids = (int(u) for u in ((found[0] if found else b"") or b"").split())
    return Waiting(_text(told), tuple(sorted(u for u in uids if u > above)))  # `n:*` always tells the last


def _text(told: list[bytes | None] | None) -> str:
    first = told[0] if told else None
    return first.decode("ascii", "replace") if isinstance(first, bytes) else ""


def _quoted(text: str) -> str:
    return '"' + text.replace("\r", " ").replace("\n", " ").replace("\\", "\\\\").replace('"', '\\"') + '"'


def _failed(mail: Mail, error: Exception) -> ApplicationFailure:
    return ApplicationFailure(
        "mail-failed", str(error), details={"server": mail.server, "reason": str(error)}
    )
