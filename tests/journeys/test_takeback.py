# SPDX-License-Identifier: Apache-2.0
"""Two officers take a cohort back, look at it under review, let one go, and undo the rest.

Everything is done by the pages; only the work that nobody waits for is done at once. One of the two comes
with a phone and without scripts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from issuer.takeback.takeback import UNDO
from service import clock
from tests.issuer.taking_back import keys_of, stock
from tests.journeys.axe import faults
from tests.journeys.browser import CHROMIUM, available, launch
from tests.journeys.stage import NARROW, Stage, Window, open_stage, window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]

OLLIE, ORLA = "officer@education.example", "second-officer@education.example"
COUNT = 27


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("takeback")) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


def verdict(seen: Window, key: str) -> str:
    """What everybody reads on the page of a credential."""
    return seen.go(f"/credentials/{key}").words()


def test_two_officers_take_a_cohort_back_and_think_again(stage: Stage, browser: Browser) -> None:
    bulk = stock(stage.house.mint, COUNT, start=4_000)
    keys = keys_of(stage.house.mint, bulk)
    with (
        window(browser, stage, OLLIE) as ollie,
        window(browser, stage, ORLA, width=NARROW, scripts=False) as orla,
        window(browser, stage) as visitor,
    ):
        # The dry run: a list with two bad lines.
        ollie.go("/taking-back").follow("Try it out")
        if ollie.page.get_by_label("Whose credentials").count():
            ollie.page.get_by_label("Whose credentials").select_option("example-education")
        lines = [f"{stage.address}/credentials/{key}" for key in keys]
        ollie.page.get_by_label("Links, keys or submissions").fill("\n".join([*lines, "nobody", lines[0]]))
        ollie.page.get_by_label("Reason", exact=True).select_option("issued-in-error")
        ollie.press("See what would happen")
        assert ollie.heading().startswith("This is what would happen")
        assert "27 credentials of" in ollie.words()
        assert "The same credential is named by a line before." in ollie.words()
        assert faults(ollie.page) == []

        # A wrong number does nothing; the right one proposes it.
        ollie.page.get_by_label("Type the number of credentials").fill("29")
        ollie.press("Propose it to a second person")
        assert "It is about 27 credentials. Type that number." in ollie.words()
        ollie.complaints.clear()  # the browser tells that it was answered with an error
        ollie.page.get_by_label("Type the number of credentials").fill("27")
        ollie.press("Propose it to a second person")
        assert "You proposed it, so somebody else has to agree." in ollie.words()
        assert "Genuine and in force" in verdict(visitor, keys[3])
        page = ollie.path()

        # The second one agrees, on a phone: she has a mail, and a number on every page.
        assert page in stage.post(ORLA, "takeback-waits").words
        assert orla.go("/issuing").page.locator(".desk a[href='/taking-back'] .waits").count() == 1
        assert "you may be the one" in orla.go("/taking-back").words()
        orla.go(page)
        assert orla.fits()
        orla.page.get_by_label("Type the number of credentials").fill("27")
        orla.press("Agree, and put them under review")
        stage.run("takebacks", "status-lists")
        assert "everything can be undone" in orla.go(page).words()
        assert "under review by the issuer" in verdict(visitor, keys[3])

        # One is let go, then all.
        orla.go(page).press("Undo line 4")
        assert "?show=good" in orla.page.url
        assert "Let go" in orla.words()
        stage.run("takebacks", "status-lists")
        assert "Genuine and in force" in verdict(visitor, keys[3])
        assert "under review by the issuer" in verdict(visitor, keys[4])
        ollie.go(page).press("Undo all of it")
        stage.run("takebacks", "status-lists")
        assert ollie.go(page).heading().startswith("Undone")
        assert "Genuine and in force" in verdict(visitor, keys[4])

        # Again, and this time the day passes.
        ollie.go(f"/taking-back/new?bulk={bulk}")
        if ollie.page.get_by_label("Whose credentials").count():
            ollie.page.get_by_label("Whose credentials").select_option("example-education")
        ollie.page.get_by_label("Reason", exact=True).select_option("evidence")
        ollie.press("See what would happen")
        ollie.page.get_by_label("Type the number of credentials").fill("27")
        ollie.press("Propose it to a second person")
        again = ollie.path()
        orla.go(again).page.get_by_label("Type the number of credentials").fill("27")
        orla.press("Agree, and put them under review")
        now = clock.now()
        stage.run("takebacks", "status-lists")
        stage.run("takeback-letters", now=now + timedelta(minutes=16))
        assert "is reviewing" in stage.post("person4003@teachers.example", "takeback-review").words
        stage.run("takebacks", now=now + UNDO + timedelta(minutes=1))
        stage.run("status-lists", "takeback-letters", now=clock.now() + timedelta(seconds=2))
        assert "27 credentials are withdrawn." in ollie.go(again).words()
        assert "Withdrawn by the issuer" in verdict(visitor, keys[3])
        assert "The evidence does not support the award." in visitor.words()
        assert "has withdrawn" in stage.post("person4003@teachers.example", "takeback-withdrawn").words
