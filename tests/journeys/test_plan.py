# SPDX-License-Identifier: Apache-2.0
"""A plan in a browser: on a phone without scripts, kept on the device with them, and open to everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys.axe import faults
from tests.journeys.browser import CHROMIUM, HEIGHT, available, launch
from tests.journeys.stage import NARROW, WIDE, Stage, Window, listen, open_stage, window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]

RULE = "/plan?policy=us-ma-renewal"
ADA = "ada@teachers.example"
LOOK = "Show what it is worth"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("plan")) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


def fill(seen: Window, *codes: str) -> None:
    """Be somebody who renews a Professional licence of Massachusetts."""
    page = seen.page
    page.check('[name="fact-licence_level"][value="professional"]')
    page.check('[name="fact-renewing"][value="yes"]')
    page.fill('[name="cycle-from"]', "2024-07-01")
    page.fill('[name="cycle-until"]', "2029-06-30")
    for code in codes:
        page.check(f'[name="want-{code}"]')


def kept(seen: Window) -> str | None:
    """What this device has of the plan."""
    found: str | None = seen.page.evaluate("localStorage.getItem('hallmark:plan:us-ma-renewal')")
    return found


def test_without_scripts_a_phone_gets_the_whole_answer(stage: Stage, browser: Browser) -> None:
    with window(browser, stage, width=NARROW, scripts=False) as seen:
        seen.go("/ma").follow("What is it worth to you? Plan it")
        assert seen.path() == "/plan"
        fill(seen, "SEL1")
        seen.press(LOOK)
        assert seen.page.url == stage.address + "/plan"  # nothing of the person in the address
        assert "One more related micro-credential gives 10" in seen.words()
        assert "Kept on this device" not in seen.words()
        seen.press("Add to the plan: Adult SEL 2: Self-Management")
        assert "you would have 10 professional development points (Massachusetts)" in seen.words()
        assert seen.page.is_checked('[name="want-SEL1"]')
        assert seen.page.context.cookies() == []


def test_with_scripts_it_is_kept_on_the_device_until_it_is_forgotten(stage: Stage, browser: Browser) -> None:
    with window(browser, stage) as seen:
        seen.go(RULE)
        assert kept(seen) is None
        fill(seen, "SEL1", "SEL2")
        assert "Kept on this device." in seen.words()
        assert "2029-06-30" in (kept(seen) or "")
        seen.go("/").go(RULE)
        assert "Filled in as you left it on this device." in seen.words()
        assert seen.page.is_checked('[name="want-SEL2"]')
        assert seen.page.input_value('[name="cycle-until"]') == "2029-06-30"
        seen.press(LOOK)
        assert "you would have 10 professional development points" in seen.words()
        seen.page.get_by_role("button", name="Forget it").click()
        assert kept(seen) is None
        assert "Forgotten on this device." in seen.words()
        seen.page.check('[name="want-SEL3"]')
        assert kept(seen) is None  # forgotten means forgotten
        seen.go(RULE)
        assert not seen.page.is_checked('[name="want-SEL2"]')


def test_the_answer_is_open_to_everybody(stage: Stage, browser: Browser) -> None:
    for width, scheme in ((WIDE, "light"), (NARROW, "dark")):
        context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=scheme)  # type: ignore[arg-type]
        seen = Window(context.new_page(), stage)
        listen(seen)
        for filled in (True, False):
            seen.go(RULE)
            if filled:
                fill(seen, "SEL1", "SEL2", "SEL3")
            seen.press(LOOK)
            assert faults(seen.page) == []
        context.close()
        assert not seen.complaints


def test_the_keyboard_is_enough(stage: Stage, browser: Browser) -> None:
    with window(browser, stage) as seen:
        seen.go(RULE + "&item=SEL1")
        seen.page.focus("#plan button[type=submit]:not([name])")
        with seen.page.expect_navigation(wait_until="load"):
            seen.page.keyboard.press("Enter")
        assert "depends on what is not filled in yet" in seen.words()
        seen.page.locator("a[href='#fact-licence_level']").press("Enter")
        assert seen.page.url.endswith("#fact-licence_level")


def test_signed_in_one_plans_with_what_one_earned_and_saves_it(stage: Stage, browser: Browser) -> None:
    with window(browser, stage, ADA, width=NARROW) as seen:
        seen.go("/plan/mine").follow(
            "Massachusetts: renewing a Professional licence (professional development points)"
        )
        fill(seen, "SEL1", "SEL2")
        seen.press(LOOK)
        assert "you would have 10" in seen.words()
        assert faults(seen.page) == []
        seen.press("Save this plan")
        assert "The plan is saved." in seen.words()
        seen.press("Delete the saved plan")
        assert "The plan is deleted." in seen.words()
