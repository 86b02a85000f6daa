"""What companies put between a browser and its sites: password windows and proxies."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flows.data import Secret
from flows.failures import Failure
from tests.bots.browser.site import PASSWORD, USER, Proxy, serving
from tests.bots.fakes import Doing

SECRET = Secret("intranet", PASSWORD)


def test_the_password_window_of_one_site(do: Doing, site: str) -> None:
    do("browser.open", f"{site}/index.html")
    do("browser.set_cookie", name="seen", value="yes")
    with pytest.raises(Failure) as caught:
        do("browser.open", f"{site}/guarded")
    assert caught.value.code == "password-wanted"
    do("browser.basic_auth", site=site, user=USER, password=Secret("old", "last year's"))
    with pytest.raises(Failure) as caught:
        do("browser.open", f"{site}/guarded")
    assert caught.value.code == "login-refused"
    do("browser.basic_auth", site=f"{site}/guarded", user=USER, password=SECRET)
    do("browser.open", f"{site}/guarded")
    assert do.bot.sees("Intranet")
    assert [c["name"] for c in do("browser.cookies")] == ["seen"]
    with serving() as other:
        do("browser.open", f"{other}/index.html")
        assert do("browser.fetch", f"{other}/api/me")["authorization"] == ""
    do.bot.reset()
    with pytest.raises(Failure):
        do("browser.open", f"{site}/guarded")


def test_an_address_that_is_no_site(do: Doing) -> None:
    with pytest.raises(Failure) as caught:
        do("browser.basic_auth", site="intranet", user=USER, password=SECRET)
    assert caught.value.code == "url-invalid"


def test_settings_name_secrets_and_hold_none(make: Callable[..., Doing], site: str) -> None:
    do = make(browser={"basic_auth": {"origin": site, "user": USER, "password": SECRET}})
    do("browser.open", f"{site}/guarded")
    assert do.bot.sees("Intranet")
    assert PASSWORD in do.ctx.masked
    with pytest.raises(Failure) as caught:
        make(browser={"basic_auth": {"origin": site, "user": USER, "password": PASSWORD}})
    assert caught.value.code == "setting-invalid"
    assert PASSWORD not in str(caught.value.details)
    with pytest.raises(Failure) as caught:
        make(browser={"proxy": site, "proxy_password": {"secret": "proxy"}})
    assert (caught.value.code, caught.value.details["name"]) == ("secret-missing", "proxy")


def test_a_proxy_with_a_password(make: Callable[..., Doing]) -> None:
    with serving(handler=Proxy) as proxy:
        settings = {"proxy": proxy, "proxy_user": USER, "proxy_password": SECRET}
        do = make(browser=settings)
        do("browser.open", "http://erp.invalid/form.html")
        assert do.bot.sees({"label": "Invoice number"})
