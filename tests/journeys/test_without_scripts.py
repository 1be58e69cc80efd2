# SPDX-License-Identifier: Apache-2.0
"""With scripts switched off, on a phone: everything that people come for works all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from earning.work import work
from tests.earning.uploads import CANARY, jpeg, traces
from tests.journeys.browser import CHROMIUM, available, launch
from tests.journeys.stage import NARROW, Stage, Window, open_stage, window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]

EMAIL = "xaviera@quillfeather.example"
TEXTS = {
    "part-1": ("a:part-1/context", "a:part-1/expectation"),
    "part-2": ("a:part-2/plan",),
    "part-3": ("a:part-3/change",),
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("plain")) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


@pytest.fixture
def seen(stage: Stage, browser: Browser) -> Iterator[Window]:
    with window(browser, stage, width=NARROW, scripts=False) as opened:
        yield opened


def test_the_catalogue_is_searched_filtered_and_compared(seen: Window) -> None:
    seen.go("/").follow("Find a micro-credential")
    seen.page.fill("#q", "communication")
    seen.press("Search")
    assert "for “communication”" in seen.page.locator(".tally").inner_text()
    seen.page.fill("#q", "zzzz")
    seen.press("Search")
    assert "Nothing matches “zzzz”." in seen.words()
    seen.go("/catalogue")
    seen.page.select_option("select[name=stack]", "SEL")
    seen.press("Search")
    assert "stack=SEL" in seen.page.url
    for box in seen.page.get_by_label("Compare").all()[:2]:
        box.check()
    seen.press("Compare")
    assert seen.heading() == "Side by side"
    assert seen.page.locator("thead th").count() == 3
    seen.page.go_back()
    seen.follow("All of this as one list for printing")
    assert "SEL1" in seen.words()


def test_a_portal_tells_what_an_award_gives_here_and_help_is_asked(seen: Window) -> None:
    seen.go("/").follow("Washington sample portal")
    assert seen.path() == "/wa"
    assert "Source:" in seen.words()
    seen.page.locator("footer").get_by_role("link", name="Help").click()
    seen.page.select_option("#portal", "wa")
    seen.press("Show its topics")
    seen.page.locator("input[name=topic]").first.check()
    seen.page.fill("#email", "asks@quillfeather.example")
    seen.page.fill("#text", "May a substitute take part in the season?")
    seen.press("Send the question")
    seen.stage.run()
    (told,) = [each for each in seen.stage.mails("") if each.kind == "question"]
    assert told.address.endswith(".example")
    assert seen.page.context.cookies() == []


def test_from_signing_up_to_the_award_that_a_stranger_checks(seen: Window, tmp_path: Path) -> None:
    stage, page = seen.stage, seen.page
    seen.go("/catalogue/SEL1").follow("Apply").follow("Begin one")
    page.fill("#name", CANARY)
    page.fill("#email", EMAIL)
    seen.press("Send me the link")
    stage.run()
    seen.go(stage.post(EMAIL, "confirm").link).press("Confirm and sign in")
    seen.press("Apply, free of charge")
    (application,) = work.applications(stage.programme, stage.person(EMAIL).id)
    write(seen, f"/work/{application.id}")
    seen.press("Send it in", nth=0)
    assert page.locator("[role=alert] a").count() == 4  # each statement, with the way to it
    for name in ("students", "own_work", "judged", "shows_name"):
        page.check(f"input[name={name}]")
    page.check("input[name=ai][value=none]")
    seen.press("Send it in")
    assert "Received." in seen.words()
    seen.press("Sign out")
    review(seen)
    stage.run("awards")
    seen.press("Sign out")
    check(seen, tmp_path)


def write(seen: Window, path: str) -> None:
    """Write and save by button, add a picture, read what was taken out of it, and find nothing missing."""
    page = seen.page
    for part, names in TEXTS.items():
        seen.go(f"{path}/parts/{part}")
        for name in names:
            page.fill(f'textarea[name="{name}"]', f"What I have to say about {name[2:]}.")
        if part == "part-2":
            seen.press("Add a file for Journal")
            page.set_input_files(
                "#file", {"name": f"{CANARY}.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
            )
            seen.press("Add it")
            assert "location" in page.locator("section[aria-labelledby=report-title]").inner_text()
            seen.follow("Back to the part")
            assert page.input_value('textarea[name="a:part-2/plan"]').endswith("part-2/plan.")
        seen.press("Save", nth=0)
        assert "Saved." in seen.words()
    seen.press("Save and look it over")
    assert "Everything is there" in seen.words()


def review(seen: Window) -> None:
    """Read it and find everything met."""
    page = seen.sign_in("sol@reviewers.example").page
    seen.go("/reviews").press("Take the next one")
    assert not traces(page.content().encode())
    seen.press("Go on to finish")
    assert seen.heading() == "Something is still missing"
    seen.follow("Back to the review")
    for criterion in page.locator("fieldset.criterion").all():
        criterion.locator("input[type=radio]").last.check()
    page.fill("#words", "Thank you for your honest entries.")
    seen.press("Save")
    seen.press("Go on to finish").press("Send it")
    assert seen.path() == "/reviews"


def check(seen: Window, folder: Path) -> None:
    """Open the page of the award, and check its file."""
    page = seen.page
    post = seen.stage.post(EMAIL, "awarded")
    assert page.context.cookies() == []
    seen.go(post.link)
    assert page.locator(".verdict .word").inner_text() == "Valid"
    assert CANARY in seen.words()  # it was to be shown
    file = folder / "credential.json"
    file.write_bytes(post.file(".json"))
    seen.go("/verify")
    page.set_input_files("input[type=file]", file)
    page.click("details.ask > summary")
    page.fill("input[name=recipient]", EMAIL)
    with page.expect_navigation(wait_until="load"):
        page.click("main button[type=submit]")
    assert page.locator(".verdict .word").inner_text() == "Valid"
    assert "It was issued to the address you typed." in seen.words()
