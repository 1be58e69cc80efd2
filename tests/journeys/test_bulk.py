# SPDX-License-Identifier: Apache-2.0
"""Many awards from a file, in a real browser: tried, corrected, proposed, approved by another, issued.

Ollie brings a file with bad rows, corrects it and proposes it; Orla approves; the page says how far it is,
and the link of an award verifies at the public form. Once with scripts on a wide screen, and once without
them on a phone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from issuer.bulk import bulk as states
from issuer.bulk import desk, looking
from issuer.bulk.bulk import JOB
from tests.journeys.axe import faults
from tests.journeys.browser import CHROMIUM, available, launch
from tests.journeys.stage import NARROW, WIDE, Stage, Window, open_stage, window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]

OLLIE, ORLA = "officer@education.example", "second-officer@education.example"
EDUCATION = "Example Education Association"
FEW = 3  # awards that one person may start alone, here
AWARDS = 5


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (desk, looking, states):
            patch.setattr(module, "ALONE", FEW)
        with open_stage(tmp_path_factory.mktemp("bulk")) as opened:
            yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


@pytest.mark.parametrize(("width", "scripts"), [(WIDE, True), (NARROW, False)], ids=["wide", "phone"])
def test_from_a_file_with_bad_rows_to_links_that_verify(
    stage: Stage, browser: Browser, tmp_path: Path, width: int, scripts: bool
) -> None:
    with (
        window(browser, stage, OLLIE, width=width, scripts=scripts) as ollie,
        window(browser, stage, ORLA, width=width, scripts=scripts) as orla,
        window(browser, stage, width=width, scripts=scripts) as visitor,
    ):
        bring(ollie, file(tmp_path, width, bad=2))
        read_the_reasons(ollie)
        bring(ollie, file(tmp_path, width))
        path = propose(ollie)
        learn(stage, orla, path)
        approve(orla, path)
        link = issue(stage, ollie, orla, path, tmp_path, scripts=scripts)
        check(visitor, link)
        tick(ollie, path)


def file(folder: Path, width: int, *, bad: int = 0) -> Path:
    """A file of awards, some of them bad."""
    rows = [
        f"SEL1,p{each}-{width}@bulk.example,Person {each},2026-05-04,Proficient" for each in range(AWARDS)
    ]
    rows += [f"SEL1,nobody{each},Bad {each},4.5.2026,Basic" for each in range(bad)]
    path = folder / f"spring-{bad}.csv"
    path.write_text("\n".join(["achievement,email,name,awarded,level:noticing", *rows]), encoding="utf-8")
    return path


def bring(ollie: Window, path: Path) -> None:
    ollie.go("/issuing").follow("Bring a file")
    ollie.page.get_by_label("Whose awards").select_option(label=EDUCATION)
    ollie.page.locator("#file").set_input_files(path)
    ollie.press("Try it")
    assert "nothing is issued yet" in ollie.heading()


def read_the_reasons(ollie: Window) -> None:
    """Every bad row stands there with all its reasons, and nothing is issued without saying so."""
    words = ollie.words()
    assert "2 rows cannot become awards" in words
    for reason in ("no date that we can read", "not an e-mail address", "it takes Proficient"):
        assert words.count(reason) == 3, reason  # once for both, and beside each
    assert "2 rows: “awarded”" in words
    assert "Rows 7 and 8." in words
    ollie.page.get_by_label("Type the number of awards").fill(str(AWARDS))
    ollie.press("Propose it to a second person")
    assert "say that they are left out" in ollie.words()
    assert ollie.page.get_by_label("Type the number of awards").input_value() == str(AWARDS)
    ollie.press("Cancel")
    assert "Cancelled" in ollie.heading()


def propose(ollie: Window) -> str:
    """With the corrected file: what the awards will say, then the typed number."""
    assert "What stands against" not in ollie.words()
    ollie.page.locator("details").first.click()
    ollie.page.get_by_label("Type the number of awards").fill("4")
    ollie.press("Propose it to a second person")
    assert "is not the number of awards" in ollie.words()
    ollie.page.get_by_label("Type the number of awards").fill(str(AWARDS))
    ollie.press("Propose it to a second person")
    assert "Waits for a second person" in ollie.heading()
    assert "Orla Otherofficer" in ollie.words()
    assert ollie.page.get_by_role("button", name="Issue 5 awards").count() == 0
    return ollie.path()


def learn(stage: Stage, orla: Window, path: str) -> None:
    """The second officer has a mail with the address, and a number on every page."""
    assert path in stage.post(ORLA, "bulk-waits").words
    orla.go("/account")
    assert orla.page.locator(".desk a[href='/issuing'] .waits").inner_text().startswith("1")
    assert orla.fits()


def tick(ollie: Window, path: str) -> None:
    """Single awards of the result lead to a takeback of just these."""
    ollie.go(f"{path}?show=issued")
    for number in (2, 4):
        ollie.page.get_by_label(f"Take back row {number}").check()
    ollie.press("Take the ticked ones back")
    assert len(ollie.page.get_by_label("Links, keys or submissions").input_value().split()) == 2


def approve(orla: Window, path: str) -> None:
    orla.go("/issuing")
    assert "you may be the one" in orla.words()
    orla.go(path)
    orla.page.get_by_label("Type the number of awards").fill(str(AWARDS))
    orla.press(f"Issue {AWARDS} awards")
    assert "Being issued" in orla.heading()
    assert orla.page.locator("progress").get_attribute("max") == str(AWARDS)


def issue(stage: Stage, ollie: Window, orla: Window, path: str, folder: Path, *, scripts: bool) -> str:
    """The work is done meanwhile; the page tells it by itself, and the result has the links."""
    ollie.go(path)
    stage.run(JOB)
    for seen in (ollie, orla):
        expect(seen.page.locator("h1")).to_contain_text("Issued")
        expect(seen.page.locator("[data-words]")).to_contain_text(f"{AWARDS} of {AWARDS} done")
        assert seen.fits()
    if scripts:
        assert faults(ollie.page) == []
    with ollie.page.expect_download() as download:
        ollie.page.get_by_role("link", name="Download the result (CSV)").click()
    saved = folder / "result.csv"
    download.value.save_as(saved)
    rows = list(csv.DictReader(saved.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["state"] for row in rows] == ["issued"] * AWARDS
    return rows[0]["link"]


def check(visitor: Window, link: str) -> None:
    """Anybody checks it at the public form."""
    visitor.go("/verify").page.fill("[name=text]", link)
    visitor.press("Check")
    assert visitor.page.locator(".verdict .word").inner_text() == "Valid"
