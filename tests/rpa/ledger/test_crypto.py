"""The project key and the secrets file."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from rpa.ledger.crypto import Vault, create_key, find_key, load_key, read_key, user_key_path
from rpa.ledger.errors import LedgerError
from rpa.ledger.secrets_file import SecretsFile
from tests.rpa.ledger.helpers import KEY

OTHER = bytes(reversed(KEY))


def test_a_sealed_value_opens_with_its_key_and_place_only() -> None:
    vault = Vault(KEY)
    sealed = vault.seal(b"IBAN", b"run.inputs")
    assert b"IBAN" not in sealed and sealed != vault.seal(b"IBAN", b"run.inputs")
    assert vault.open(sealed, b"run.inputs") == b"IBAN"
    cases = [
        (Vault(OTHER), sealed, b"run.inputs", "key-wrong"),
        (vault, sealed, b"item.data", "value-damaged"),
        (vault, sealed[:-1] + b"x", b"run.inputs", "value-damaged"),
        (Vault(None), sealed, b"", "key-missing"),
    ]
    for opener, envelope, context, code in cases:
        with pytest.raises(LedgerError) as caught:
            opener.open(envelope, context)
        assert caught.value.code == code


def test_where_the_key_is_looked_for(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path)}
    assert find_key("", env) is None
    with pytest.raises(LedgerError) as caught:
        load_key("", env)
    assert caught.value.code == "key-missing" and caught.value.kind == "engine"
    user = create_key(user_key_path(env))
    assert user == tmp_path / ".config/rpa/project.key" and user.stat().st_mode & 0o777 == 0o600
    assert find_key("", env) == read_key(user)
    service = tmp_path / "credentials"
    service.mkdir()
    (service / "rpa-key").write_bytes(base64.b64encode(OTHER))
    env["CREDENTIALS_DIRECTORY"] = str(service)
    assert load_key("", env) == OTHER
    named = tmp_path / "named.key"
    named.write_bytes(base64.b64encode(KEY) + b"\n")
    env["RPA_KEY_FILE"] = str(named)
    assert load_key("", env) == KEY and load_key(user, env) == read_key(user)


def test_a_named_key_that_is_absent_is_never_passed_over(tmp_path: Path) -> None:
    create_key(user_key_path({"HOME": str(tmp_path)}))
    with pytest.raises(LedgerError, match="key-missing"):
        find_key("", {"HOME": str(tmp_path), "RPA_KEY_FILE": str(tmp_path / "nothing")})


@pytest.mark.parametrize("content", [b"", b"short", base64.b64encode(b"16 bytes of key!"), b"\xff\xfe"])
def test_a_file_that_is_no_key(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(LedgerError, match="key-invalid"):
        read_key(tmp_path / "key")


def test_the_users_key_must_be_private(tmp_path: Path) -> None:
    path = create_key(user_key_path({"HOME": str(tmp_path)}))
    path.chmod(0o644)
    with pytest.raises(LedgerError, match="key-readable"):
        find_key("", {"HOME": str(tmp_path)})


def test_making_a_key_keeps_the_one_that_is_there(tmp_path: Path) -> None:
    path = create_key(tmp_path / "k")
    before = path.read_bytes()
    assert create_key(path) == path and path.read_bytes() == before


def test_the_secrets_file(tmp_path: Path) -> None:
    path = tmp_path / "secrets.enc"
    secrets = SecretsFile(path, KEY)
    assert secrets.list() == [] and secrets.get("erp") is None and not secrets.remove("erp")
    secrets.set("erp_password", "hunter2 é 한글")
    secrets.set("비밀", "x")
    assert (
        list(secrets.list()) == ["erp_password", "비밀"] and secrets.get("erp_password") == "hunter2 é 한글"
    )
    assert "hunter2" not in path.read_text() and path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["schema"] == 1
    assert secrets.remove("비밀") and list(SecretsFile(path, KEY).list()) == ["erp_password"]


def test_the_secrets_file_refuses_what_is_not_right(tmp_path: Path) -> None:
    path = tmp_path / "secrets.enc"
    SecretsFile(path, KEY).set("a", "1")
    SecretsFile(path, KEY).set("b", "2")
    for name in ("", "a-b", "a.b", "1a", "a b"):
        with pytest.raises(LedgerError, match="secret-name"):
            SecretsFile(path, KEY).set(name, "x")
    for key, code in ((OTHER, "key-wrong"), (None, "key-missing")):
        with pytest.raises(LedgerError, match=code):
            SecretsFile(path, key).get("a")
    data = json.loads(path.read_text())
    data["secrets"]["a"] = data["secrets"]["b"]
    path.write_text(json.dumps(data))
    with pytest.raises(LedgerError, match="value-damaged"):  # one secret cannot be passed off as another
        SecretsFile(path, KEY).get("a")
    path.write_text("{")
    with pytest.raises(LedgerError, match="secrets-damaged"):
        SecretsFile(path, KEY).list()
