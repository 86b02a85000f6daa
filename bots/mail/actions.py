"""`mail.…`: read a mailbox over IMAP, send over SMTP."""

from __future__ import annotations

from typing import Any, TypedDict

from bots.base import Context
from flows.action import action
from flows.data import Secret
from flows.failures import Kind

FAILURES: dict[str, Kind] = {"mail-failed": "application", "login-refused": "application"}


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
    from bots.mail.reading import Wanted, mails

    return mails(ctx, server, port, tls, user, password, Wanted(folder, subject, sender, unseen, limit))


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
