"""A mailbox over IMAP: its mails with their attachments kept. Apart from the actions, because the network
libraries would make every command start later."""

from __future__ import annotations

import email
import email.policy
import imaplib
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from bots.base import Context
from flows.data import Secret
from flows.failures import ApplicationFailure, FlowFailure

if TYPE_CHECKING:
    from bots.mail.actions import MailOutput

MAX_ATTACHMENT = 50_000_000


@dataclass(frozen=True)
class Wanted:
    """Which mails: the folder and what their heads hold; at most `limit`, the latest."""

    folder: str
    subject: str | None
    sender: str | None
    unseen: bool
    limit: int


def mails(
    ctx: Context, server: str, port: int, tls: bool, user: str | Secret, password: Secret | str, wanted: Wanted
) -> list[MailOutput]:
    """The mails as the folder has them. Raises ApplicationFailure `mail-failed` or `login-refused`."""
    box = _connect(ctx, server, port, tls)
    try:
        _login(box, user, password)
        box.select(_quoted(wanted.folder), readonly=True)
        _, found = box.uid("SEARCH", *_criteria(wanted.subject, wanted.sender, wanted.unseen))
        uids = (found[0] or b"").split()[-wanted.limit :]
        return [_mail(ctx, box, uid) for uid in uids]
    except (imaplib.IMAP4.error, OSError) as error:
        raise ApplicationFailure("mail-failed", str(error), details={"server": server, "reason": str(error)}) from error
    finally:
        _close(box)


def _connect(ctx: Context, server: str, port: int, tls: bool) -> imaplib.IMAP4:
    try:
        maker = imaplib.IMAP4_SSL if tls else imaplib.IMAP4
        return maker(server, port, timeout=max(1.0, ctx.remaining()))
    except OSError as error:
        raise ApplicationFailure("mail-failed", str(error), details={"server": server, "reason": str(error)}) from error


def _login(box: imaplib.IMAP4, user: str | Secret, password: Secret | str) -> None:
    def shown(value: str | Secret) -> str:
        return value.reveal() if isinstance(value, Secret) else value

    try:
        box.login(shown(user), shown(password))
    except imaplib.IMAP4.error as error:
        raise ApplicationFailure("login-refused", str(error), details={"target": "mail"}) from error


def _close(box: imaplib.IMAP4) -> None:
    try:
        box.logout()
    except (imaplib.IMAP4.error, OSError):
        return


def _quoted(text: str) -> str:
    if "\r" in text or "\n" in text:
        raise FlowFailure(
            "parameter-invalid",
            details={"action": "mail.list", "parameter": "folder", "reason": "line break", "value": text},
        )
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _criteria(subject: str | None, sender: str | None, unseen: bool) -> list[str]:
    parts: list[str] = []
    if subject:
        parts += ["SUBJECT", _quoted(subject)]
    if sender:
        parts += ["FROM", _quoted(sender)]
    if unseen:
        parts.append("UNSEEN")
    return parts or ["ALL"]


def _mail(ctx: Context, box: imaplib.IMAP4, uid: bytes) -> MailOutput:
    _, data = box.uid("FETCH", uid.decode(), "(BODY.PEEK[])")
    raw = next(part[1] for part in data if isinstance(part, tuple))
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    return {
        "id": str(message["Message-ID"] or uid.decode()),
        "subject": str(message["Subject"] or ""),
        "sender": str(message["From"] or ""),
        "date": str(message["Date"] or ""),
        "text": body.get_content() if body else "",
        "attachments": [_attachment(ctx, a) for a in message.iter_attachments()],
    }


def _attachment(ctx: Context, part: Any) -> dict[str, Any]:
    data = part.get_payload(decode=True) or b""
    name = PurePath((part.get_filename() or "attachment").replace("\\", "/")).name
    if len(data) > MAX_ATTACHMENT:
        ctx.warn("attachment-too-large", name=name, size=len(data))
        return {"name": name, "path": None, "size": len(data), "type": part.get_content_type()}
    kept = ctx.save("attachment", name, data, part.get_content_type())
    return {"name": name, "path": kept.path, "size": kept.size, "type": part.get_content_type(), "sha256": kept.sha256}
