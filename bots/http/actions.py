"""`http.request`: one call of a web service."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from bots.base import Context
from flows.action import action
from flows.data import Secret
from flows.failures import ApplicationFailure, FlowFailure

MAX_BYTES = 50_000_000


class ResponseOutput(TypedDict):
    status: int
    headers: dict[str, str]
    text: str
    json: Any


@action(
    "http.get",
    main="url",
    fails={"http-failed": "application", "host-not-allowed": "flow"},
    examples=('http.get: "${inputs.api}/rates?date=${today()}"',),
)
def get(
    ctx: Context, *, url: str, headers: dict[str, str | Secret] | None = None, token: Secret | str | None = None
) -> ResponseOutput:
    """Reads from a web service. Status 400 and above is a failure."""
    return _call(ctx, "GET", url, headers, token, None)


@action(
    "http.request",
    main="url",
    acts="outside",
    fails={"http-failed": "application", "host-not-allowed": "flow"},
    examples=(
        'http.request: {url: "${inputs.api}/bills", method: POST, json: {number: "${bill.fields.invoice_number}"}}',
    ),
)
def request(
    ctx: Context,
    *,
    url: str,
    method: Literal["POST", "PUT", "PATCH", "DELETE"] = "POST",
    json: Any = None,
    headers: dict[str, str | Secret] | None = None,
    token: Secret | str | None = None,
) -> ResponseOutput:
    """Changes something through a web service. Belongs into a write block. Status 400 and above is a
    failure."""
    return _call(ctx, method, url, headers, token, json)


def _call(ctx: Context, method: str, url: str, headers: Any, token: Any, body: Any) -> ResponseOutput:
    import httpx

    from flows.data import simple

    _check_host(ctx, url)
    sent = {k: v.reveal() if isinstance(v, Secret) else str(v) for k, v in (headers or {}).items()}
    if token is not None:
        sent["Authorization"] = f"Bearer {token.reveal() if isinstance(token, Secret) else token}"
    try:
        with httpx.Client(timeout=ctx.remaining(), follow_redirects=False, trust_env=False) as client:
            response = client.request(method, url, headers=sent, json=simple(body) if body is not None else None)
    except httpx.TimeoutException as error:
        raise ApplicationFailure("timed-out", str(error), details={"url": url}) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ApplicationFailure(
            "http-failed", str(error), details={"url": url, "status": 0, "reason": str(error)}
        ) from error
    if response.status_code >= 400:
        reason = response.text[:500]
        raise ApplicationFailure(
            "http-failed", reason, details={"url": url, "status": response.status_code, "reason": reason}
        )
    return _output(response)


def _check_host(ctx: Context, url: str) -> None:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    hosts = ctx.options.get("hosts") or []
    if parts.scheme not in ("http", "https") or (hosts and parts.hostname not in hosts):
        raise FlowFailure("host-not-allowed", details={"url": url, "hosts": ", ".join(hosts) or "http and https"})


def _output(response: Any) -> ResponseOutput:
    if len(response.content) > MAX_BYTES:
        raise ApplicationFailure(
            "http-failed",
            details={
                "url": str(response.url),
                "status": response.status_code,
                "reason": "the answer is larger than 50 MB",
            },
        )
    data: Any = None
    if "json" in response.headers.get("content-type", ""):
        from decimal import Decimal
        from json import JSONDecodeError

        try:
            data = response.json(parse_float=Decimal)
        except JSONDecodeError as error:
            raise ApplicationFailure(
                "http-failed",
                details={"url": str(response.url), "status": response.status_code, "reason": f"not JSON: {error}"},
            ) from error
    return {"status": response.status_code, "headers": dict(response.headers), "text": response.text, "json": data}
