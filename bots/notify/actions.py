"""`notify.…`: telling people. May be repeated: a second message harms less than none."""

from __future__ import annotations

import json as js
from datetime import UTC, datetime
from typing import Literal

from bots.base import Context
from flows.action import action
from flows.data import Secret
from flows.failures import ApplicationFailure, Kind

FAILURES: dict[str, Kind] = {"mail-failed": "application", "mail-server-missing": "flow", "http-failed": "application"}


@action(
    "notify.email",
    main="subject",
    acts="outside",
    repeatable=True,
    fails=FAILURES,
    examples=('notify.email: {to: ap@example.com, subject: "${failure.summary}"}',),
)
def email(ctx: Context, *, subject: str, to: list[str] | str, text: str = "", sender: str = "daeri@localhost") -> None:
    """Sends a short mail through the project's mail server (setting `smtp`)."""
    from bots.mail.sending import Server, build, deliver

    message = build([to] if isinstance(to, str) else to, " ".join(subject.split()), text or subject, sender)
    deliver(message, Server.parse(str(ctx.options.get("smtp") or "")), timeout=ctx.remaining())


@action(
    "notify.webhook",
    main="text",
    acts="outside",
    repeatable=True,
    fails=FAILURES,
    examples=('notify.webhook: {url: "${secrets.chat_hook}", text: "${failure.summary}"}',),
)
def webhook(
    ctx: Context, *, text: str, url: str | Secret, shape: Literal["slack", "teams", "kakaowork", "plain"] = "slack"
) -> None:
    """Posts a message to a chat: Slack, Teams, 카카오워크, or plain JSON."""
    post(url.reveal() if isinstance(url, Secret) else url, text, shape, timeout=ctx.remaining())


def post(url: str, text: str, shape: str, *, timeout: float) -> None:
    """One home for the shapes of chat messages (the schedule's alerts use it too)."""
    import httpx

    body = {"teams": {"type": "message", "text": text}, "plain": {"message": text}}.get(shape, {"text": text})
    try:
        response = httpx.post(url, json=body, timeout=max(1.0, timeout), trust_env=False)
        response.raise_for_status()
    except httpx.HTTPError as error:
        raise ApplicationFailure(
            "http-failed",
            type(error).__name__,
            details={"url": httpx.URL(url).host, "status": 0, "reason": type(error).__name__},
        ) from error


@action(
    "notify.file",
    main="text",
    acts="outside",
    repeatable=True,
    fails={"path-outside": "flow"},
    examples=('notify.file: {path: alerts.jsonl, text: "${failure.summary}"}',),
)
def file(ctx: Context, *, text: str, path: str = "alerts.jsonl") -> None:
    """Adds a line of JSON to a file that another program watches."""
    target = ctx.path(path, write=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("a", encoding="utf-8") as out:
        out.write(js.dumps({"schema": 1, "at": datetime.now(UTC).isoformat(), "text": text}, ensure_ascii=False) + "\n")
