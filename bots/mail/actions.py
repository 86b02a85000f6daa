"""`mail.…`: read a mailbox over IMAP, send over SMTP."""

from __future__ import annotations

import email
import email.policy
import imaplib
from pathlib import PurePath
from typing import Any, TypedDict

from bots.base import Context
from flows.action import action
from flows.data import Secret
from flows.failures import ApplicationFailure, FlowFailure, Kind

FAILURES: dict[str, Kind] = {"mail-failed": "application", "login-refused": "application"}
MAX_ATTACHMENT = 50_000_000


class MailOutput(TypedDict):
    id: str
    subject: str
    sender: str
    date: str
    text: str
    attachments: list[dict[str, Any]]


@action(
    "mail.list",
    main="server",
    fails=FAILURES,
    timeout="120s",
    examples=(
        'mail.list: {server: imap.example.com, user: ap, password: "${secrets.mail_password}", subject: Invoice}',
    ),
)
def list_(
    ctx: Context,
    *,
    server: str,
    user: str | Secret,
    password: Secret | str,
    folder: str = "INBOX",
    subject: str | None = None,
    sender: str | None = None,
    unseen: bool = False,
    port: int = 993,
    tls: bool = True,
    limit: int = 200,
) -> list[MailOutput]:
    """Mails of a folder with their attachments kept as artifacts. Nothing in the mailbox is changed."""
    box = _connect(ctx, server, port, tls)
    try:
        _login(box, user, password)
        box.select(_quoted(folder), readonly=True)
        _, found = box.uid("SEARCH", *_criteria(subject, sender, unseen))
        uids = (found[0] or b"").split()[-limit:]
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


@action(
    "mail.send",
    main="to",
    acts="outside",
    fails=FAILURES,
    examples=("mail.send: {to: [ap@example.com], subject: Report, text: See the file, attach: [out/report.xlsx]}",),
)
def send(
    ctx: Context,
    *,
    to: list[str] | str,
    subject: str,
    text: str,
    sender: str = "daeri@localhost",
    attach: list[str] | None = None,
    server: str | None = None,
    user: str | None = None,
    password: Secret | str | None = None,
) -> str:
    """Sends a mail; gives its Message-ID. Belongs into a write block."""
    from bots.mail.sending import Server, build, deliver

    files = [ctx.path(p) for p in attach or []]
    message = build([to] if isinstance(to, str) else to, subject, text, sender, files)
    address = server or str(ctx.options.get("smtp") or "")
    secret = password.reveal() if isinstance(password, Secret) else password
    deliver(message, Server.parse(address, user, secret), timeout=ctx.remaining())
    return str(message["Message-ID"])
