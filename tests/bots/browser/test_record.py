"""What a person does becomes a flow that does it again."""

from __future__ import annotations

from bots.browser.bot import Browser
from bots.browser.record import Recording
from flows.document import plain_yaml
from tests.bots.fakes import Doing


def test_a_recorded_session_becomes_a_flow_that_runs(do: Doing, browser: Browser, site: str) -> None:
    recording = Recording(f"{site}/form.html")
    recording.attach(browser.context)
    do("browser.open", recording.url)
    page = browser.page
    page.get_by_label("Invoice number").press_sequentially("4711")
    page.get_by_label("Note").fill("hello")
    page.get_by_label("Currency").select_option("Euro")
    page.get_by_text("Urgent").click()
    page.locator("#s2").fill("Main street")
    page.get_by_role("button", name="Save draft").click()
    page.goto(f"{site}/login")
    page.get_by_label("Password").fill("hunter22")
    page.get_by_label("User").fill("kim")
    page.goto(f"{site}/table.html")
    page.get_by_role("button", name="Open").nth(3).click()
    page.wait_for_timeout(200)
    text = recording.flow("recorded_form")
    assert "hunter22" not in text
    flow = plain_yaml(text)
    assert flow["secrets"] == ["password"]
    assert flow["inputs"]["invoice_number"]["default"] == "4711"
    assert "  # This looks as if it changed something outside" in text  # Save draft
    steps = flow["steps"]
    assert steps[1] == {
        "browser.fill": {"target": {"label": "Invoice number"}, "text": "${inputs.invoice_number}"}
    }
    assert {
        "browser.click": {"target": {"role": "button", "name": "Open", "row": {"Number": "4703"}}}
    } in steps
    street = {"label": "Street", "in": {"role": "group", "name": "Shipping address"}}
    assert {"browser.fill": {"target": street, "text": "${inputs.street}"}} in steps
    do("browser.open", f"{site}/form.html")
    for step in steps[1:5]:
        ((action, values),) = step.items()
        ready = {
            k: flow["inputs"][v[9:-1]]["default"] if isinstance(v, str) else v for k, v in values.items()
        }
        do(action, **ready)
    assert do("browser.read", "Invoice number") == "4711"
