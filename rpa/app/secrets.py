"""Where a secret's value comes from: `RPA_SECRET_<NAME>`, else the project's encrypted secrets file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flows.data import Secret
from flows.failures import FlowFailure
from rpa.settings import Settings, secret_from_environ


def secret_source(settings: Settings) -> Callable[[str], Secret]:
    """A function from name to Secret. Raises FlowFailure `secret-missing` with both ways to set it."""

    def secret(name: str) -> Secret:
        value = secret_from_environ(name)
        if value is None:
            value = _stored(settings, name)
        if value is None:
            raise FlowFailure("secret-missing", details={"name": name, "variable": f"RPA_SECRET_{name.upper()}"})
        return Secret(name, value)

    return secret


def with_secrets(value: Any, secret: Callable[[str], Secret]) -> Any:
    """Settings with every `{secret = name}` in them replaced by that secret. One without a value stays as it is: only
    the bot that wants it fails (`secret-missing`)."""
    if isinstance(value, Mapping):
        if set(value) == {"secret"}:
            try:
                return secret(str(value["secret"]))
            except FlowFailure:
                return value
        return {k: with_secrets(v, secret) for k, v in value.items()}
    return [with_secrets(v, secret) for v in value] if isinstance(value, list) else value


def secrets_file(settings: Settings) -> SecretsFile:
    from rpa.app.keys import project_key

    return SecretsFile(settings.project / "secrets.enc", key=project_key(settings))


def _stored(settings: Settings, name: str) -> str | None:
    if not (settings.project / "secrets.enc").is_file():
        return None
    return secrets_file(settings).get(name)


from rpa.ledger.secrets_file import SecretsFile  # noqa: E402
