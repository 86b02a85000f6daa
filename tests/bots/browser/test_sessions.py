"""Logging in, kept sessions, allowed hosts, rates, lifetimes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bots.browser.bot import Browser
from flows.data import Secret
from flows.failures import Failure
from tests.bots.browser.site import PASSWORD, TOTP, USER
from tests.bots.fakes import Doing, FakeContext

LOGIN = {"user": Secret("user", USER), "password": Secret("password", PASSWORD)}


def test_login_is_proven(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/login")
    do("browser.login", **LOGIN, ready="Dashboard")
    assert do("browser.fetch", "/api/me")["cookie"] == "session=ok"
    assert [c["name"] for c in do("browser.cookies")] == ["session"]


def test_login_without_a_named_proof(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/login")
    do("browser.login", **LOGIN)
    assert do.bot.sees("Dashboard")


def test_login_with_a_one_time_code(do: Doing, site: str, ctx: FakeContext) -> None:
    do("browser.open", f"{site}/login")
    do("browser.check", "Ask for a code")
    do("browser.login", **LOGIN, totp=Secret("totp", TOTP), ready="Dashboard", seconds=20)
    assert do.bot.sees("Dashboard")
    assert len(ctx.masked) == 1 and ctx.masked[0].isdigit()


@pytest.mark.parametrize("proof", [{}, {"ready": "Dashboard"}, {"refused": {"contains": "Wrong user"}}])
def test_a_refused_login_is_told_as_such(do: Doing, site: str, proof: dict[str, Any]) -> None:
    do("browser.open", f"{site}/login")
    with pytest.raises(Failure) as caught:
        do("browser.login", user=USER, password=Secret("password", "wrong"), **proof)
    assert caught.value.code == "login-refused"
    assert "Wrong user or password" in caught.value.details["reason"]


def test_a_kept_session_comes_back(do: Doing, browser: Browser, site: str) -> None:
    do("browser.open", f"{site}/login")
    do("browser.login", **LOGIN, ready="Dashboard")
    do("browser.set_storage", key="theme", value="dark")
    do("browser.set_storage", key="tab", value="7", kind="session")
    saved = json.loads(json.dumps(browser.save_state()))
    browser.reset()
    do("browser.open", f"{site}/home")
    assert do.bot.sees({"contains": "session has expired"})
    browser.restore_state(saved)
    assert browser.sees("Dashboard")
    assert browser.sees("dark/7")


def test_reset_forgets_everything(do: Doing, browser: Browser, site: str) -> None:
    do("browser.open", f"{site}/login")
    do("browser.login", **LOGIN, ready="Dashboard")
    browser.reset()
    do("browser.open", f"{site}/home")
    assert not browser.sees("Dashboard")


def test_forget(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/login")
    do("browser.login", **LOGIN, ready="Dashboard")
    do("browser.forget")
    assert do("browser.cookies") == []


def test_only_allowed_hosts_are_reached(make: Callable[..., Doing], site: str) -> None:
    port = site.rsplit(":", 1)[1]
    do = make(hosts=["127.0.0.1"])
    do("browser.open", f"{site}/index.html")
    with pytest.raises(Failure) as caught:
        do("browser.open", f"http://localhost:{port}/index.html")
    assert (caught.value.kind, caught.value.code) == ("flow", "host-not-allowed")
    with pytest.raises(Failure) as caught:  # a redirect leaves through no back door
        do("browser.open", f"{site}/away?to=http://localhost:{port}/index.html")
    assert caught.value.code == "host-not-allowed"
    with pytest.raises(Failure) as caught:
        do("browser.fetch", f"http://localhost:{port}/api/x")
    assert caught.value.code == "host-not-allowed"


def test_the_pages_own_requests_are_fenced_too(make: Callable[..., Doing], site: str) -> None:
    port = site.rsplit(":", 1)[1]
    do = make(hosts=["localhost"], allow_scripts=True)
    do("browser.open", f"http://localhost:{port}/index.html")
    script = "(u) => fetch(u, {mode: 'no-cors'}).then(() => 'reached', () => 'stopped')"
    assert do("browser.javascript", {"code": script, "value": f"http://localhost:{port}/api/x"}) == "reached"
    assert do("browser.javascript", {"code": script, "value": f"http://127.0.0.1:{port}/api/x"}) == "stopped"


def test_a_host_is_not_hurried(make: Callable[..., Doing], site: str) -> None:
    do = make(browser={"rate": {"127.0.0.1": 4}})
    start = time.monotonic()
    for _ in range(4):
        do("browser.open", f"{site}/index.html")
    assert time.monotonic() - start > 0.75


def test_scripts_only_where_allowed(do: Doing) -> None:
    with pytest.raises(Failure) as caught:
        do("browser.javascript", "() => 1")
    assert caught.value.code == "scripts-not-allowed"


def test_place_locale_and_time_zone(make: Callable[..., Doing], site: str) -> None:
    do = make(allow_scripts=True, browser={"locale": "de-DE", "timezone": "Asia/Seoul"})
    do("browser.open", f"{site}/index.html")
    told = do("browser.javascript", "() => [navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone]")
    assert told == ["de-DE", "Asia/Seoul"]
    do("browser.place", latitude="37.5", longitude="127")
    code = "() => new Promise((done) => "
    code += "navigator.geolocation.getCurrentPosition((p) => done(p.coords.latitude)))"
    assert float(do("browser.javascript", code)) == 37.5


def test_a_persistent_profile(make: Callable[..., Doing], site: str, tmp_path: Path) -> None:
    for wanted in (None, "dark"):
        do = make(browser={"profile_folder": str(tmp_path / "profile")})
        do("browser.open", f"{site}/index.html")
        assert do("browser.storage", "theme") == wanted
        do("browser.set_storage", key="theme", value="dark")
        do.bot.close()


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"path": "/no/such/browser"}, "browser-missing"),
        ({"path": "/bin/false"}, "browser-not-starting"),
        ({"channel": "msedge-canary"}, "browser-missing"),
        ({"ca_file": "/no/such.pem"}, "ca-file-refused"),
    ],
)
def test_a_browser_that_cannot_start(make: Callable[..., Doing], settings: dict[str, str], code: str) -> None:
    with pytest.raises(Failure) as caught:
        make(browser=settings)
    assert (caught.value.kind, caught.value.code) == ("engine", code)


def test_a_wrong_setting_is_told(make: Callable[..., Doing]) -> None:
    with pytest.raises(Failure) as caught:
        make(browser={"width": 3})
    assert (caught.value.kind, caught.value.code) == ("flow", "setting-invalid")
    assert caught.value.details["name"] == "browser.width"


def test_importing_the_actions_needs_no_playwright() -> None:
    script = "import sys, bots.browser.bot, bots.browser.actions.fields; print('playwright' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.strip() == "False"


def test_requests_follow_redirects_within_the_allowed_hosts_only(make: Callable[..., Doing], site: str) -> None:
    port = site.rsplit(":", 1)[1]
    do = make(hosts=["127.0.0.1"])
    do("browser.open", f"{site}/index.html")
    assert do("browser.fetch", "/away?to=/api/there")["path"] == "/api/there"
    with pytest.raises(Failure) as caught:
        do("browser.fetch", f"/away?to=http://localhost:{port}/api/there")
    assert caught.value.code == "host-not-allowed"
