# SPDX-License-Identifier: Apache-2.0
"""Writing in a real browser: saved while one writes, and kept when the line or the sign-in is lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

import app
from earning.programme import Programme
from earning.work.applications import Application
from earning.work.work import workplace
from service import clock
from service.accounts import sessions
from service.accounts.people import Person
from tests.earning.house import make_house, open_programme, somebody
from tests.earning.uploads import jpeg
from tests.earning.visits import COOKIE
from tests.earning.working import apply, upload, write
from tests.journeys.axe import faults
from tests.journeys.browser import CHROMIUM, Scheme, available, launch, serve

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]

CONTEXT = "#a-part-1\\.context"
SAVED = "#part-1\\.context [data-saved]"


@dataclass(frozen=True)
class Site:
    """A running house, and how to work on it from outside."""

    address: str
    programme: Programme


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    programme = open_programme(make_house(tmp_path_factory.mktemp("workspace")))
    service = app.create_app(programme.settings)
    with serve(service) as address:
        yield Site(address, programme)
    service.extensions["hallmark"].db.close()
    programme.db.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


@pytest.fixture
def alex(site: Site, request: pytest.FixtureRequest) -> Person:
    return somebody(site.programme, f"Alex {abs(hash(request.node.name))}")


@pytest.fixture
def application(site: Site, alex: Person) -> Application:
    return apply(site.programme, alex)


@contextmanager
def opened(
    browser: Browser,
    site: Site,
    person: Person,
    *,
    width: int = 1280,
    scheme: Scheme = "light",
    scripts: bool = True,
) -> Iterator[tuple[BrowserContext, Page]]:
    """A browser in which ``person`` is signed in."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
    )
    try:
        sign_in(context, site, person)
        yield context, context.new_page()
    finally:
        context.close()


def sign_in(context: BrowserContext, site: Site, person: Person) -> None:
    """Sign ``person`` in, as another window would."""
    with site.programme.db.transaction() as session:
        _, presented = sessions.begin(session, person.id, user_agent="test", now=clock.now())
    context.add_cookies([{"name": COOKIE, "value": presented, "url": site.address}])


def kept(site: Site, application: Application, place: str = "part-1/context") -> str:
    """What the server has."""
    answers = workplace(site.programme, application.id, person=application.person).answers
    return answers[place].text if place in answers else ""


def part(site: Site, application: Application, name: str = "part-1") -> str:
    return f"{site.address}/work/{application.id}/parts/{name}"


def nothing_is_kept_here(page: Page) -> None:
    """Wait until the browser has let go of its copy; the policy of the page forbids waiting for a text."""
    page.evaluate("async () => { while (localStorage.length) await new Promise((r) => setTimeout(r, 20)); }")


def test_what_is_written_is_saved_by_itself(
    site: Site, browser: Browser, alex: Person, application: Application
) -> None:
    with opened(browser, site, alex, width=320) as (_, page):
        page.goto(part(site, application))
        page.fill(CONTEXT, "I lead a team, and I rush.")
        expect(page.locator("#part-1\\.context [data-words]")).to_have_text("7 words")
        expect(page.locator(SAVED)).to_contain_text("saved ")
        assert kept(site, application) == "I lead a team, and I rush."
        page.fill(CONTEXT, "I lead a team, and I rush no more.")
        page.locator(CONTEXT).blur()
        expect(page.locator("[data-status]")).to_contain_text("still open in all")
        nothing_is_kept_here(page)
        assert kept(site, application).endswith("no more.")


def test_a_lost_line_loses_nothing(
    site: Site, browser: Browser, alex: Person, application: Application
) -> None:
    with opened(browser, site, alex) as (context, page):
        page.goto(part(site, application))
        context.set_offline(True)
        page.fill(CONTEXT, "Written in a tunnel.")
        expect(page.locator("[data-offline]")).to_contain_text("kept on this device")
        assert kept(site, application) == ""
        context.set_offline(False)
        expect(page.locator(SAVED)).to_contain_text("saved ")
        expect(page.locator("[data-offline]")).to_be_hidden()
        assert kept(site, application) == "Written in a tunnel."


def test_a_button_leaves_nothing_on_the_device(
    site: Site, browser: Browser, alex: Person, application: Application
) -> None:
    """However late the server answers: the page to which it leads would not look for a copy."""

    def late(route: Route) -> None:
        time.sleep(0.5)
        route.continue_()

    with opened(browser, site, alex) as (context, page):
        page.goto(part(site, application))
        context.route("**/answers", late)
        page.fill(CONTEXT, "On a shared computer.")
        page.click(".save-bar button[value=next]")
        page.wait_for_url("**/parts/part-2?done=saved")
        assert page.evaluate("localStorage.length") == 0
        assert kept(site, application) == "On a shared computer."


def test_a_button_without_a_line_stays_on_the_page(
    site: Site, browser: Browser, alex: Person, application: Application
) -> None:
    with opened(browser, site, alex) as (context, page):
        page.goto(part(site, application))
        context.set_offline(True)
        page.fill(CONTEXT, "Written in a tunnel.")
        page.press(".save-bar button[value=next]", "Enter")
        expect(page.locator("[data-offline]")).to_contain_text("kept on this device")
        expect(page.locator(CONTEXT)).to_be_focused()
        assert page.url == part(site, application)
        context.set_offline(False)
        expect(page.locator(SAVED)).to_contain_text("saved ")
        page.click(".save-bar button[value=next]")
        page.wait_for_url("**/parts/part-2?done=saved")
        assert kept(site, application) == "Written in a tunnel."


def test_e14_a_lost_sign_in_loses_nothing(
    site: Site, browser: Browser, alex: Person, application: Application
) -> None:
    with opened(browser, site, alex) as (context, page):
        page.goto(part(site, application))
        context.clear_cookies()
        page.fill(CONTEXT, "Long after the sign-in ran out.")
        expect(page.locator("[data-offline]")).to_have_text("Your draft is safe. Sign in to go on.")
        assert kept(site, application) == ""
        link = page.locator("[data-offline] a").get_attribute("href") or ""
        assert link.startswith("/sign-in?next=")
        page.goto(site.address + link)
        sign_in(context, site, alex)
        page.goto(part(site, application))
        expect(page.locator(CONTEXT)).to_have_value("Long after the sign-in ran out.")
        expect(page.locator(SAVED)).to_contain_text("saved ")
        assert kept(site, application) == "Long after the sign-in ran out."


def test_a_newer_sign_in_in_another_window_is_taken_up(
    site: Site, browser: Browser, alex: Person, application: Application
) -> None:
    with opened(browser, site, alex) as (context, page):
        page.goto(part(site, application))
        sign_in(context, site, alex)  # another token of the form from now on
        page.fill(CONTEXT, "Still here.")
        expect(page.locator(SAVED)).to_contain_text("saved ")
        assert kept(site, application) == "Still here."


@pytest.mark.parametrize("choice", [("Keep mine", "Mine."), ("Take theirs", "Theirs.")])
def test_changed_elsewhere_shows_both_and_asks(
    site: Site, browser: Browser, application: Application, alex: Person, choice: tuple[str, str]
) -> None:
    button, winner = choice
    with opened(browser, site, alex) as (_, page):
        page.goto(part(site, application))
        write(site.programme, application, {"part-1/context": "Theirs."})
        page.fill(CONTEXT, "Mine.")
        panel = page.locator(".conflict")
        expect(panel.locator("textarea")).to_have_value("Theirs.")
        expect(page.locator(CONTEXT)).to_have_value("Mine.")
        assert kept(site, application) == "Theirs."
        panel.get_by_role("button", name=button).click()
        expect(page.locator(CONTEXT)).to_have_value(winner)
        nothing_is_kept_here(page)
        assert kept(site, application) == winner


def test_a_text_that_is_too_long_stays_and_says_so(
    site: Site, browser: Browser, alex: Person, application: Application
) -> None:
    with opened(browser, site, alex) as (_, page):
        page.goto(part(site, application))
        page.fill(CONTEXT, "word " * 7_000)
        expect(page.locator("#part-1\\.context .fault")).to_contain_text("30,000 are kept")
        assert len(page.input_value(CONTEXT)) == 35_000
        page.fill(CONTEXT, "Shorter.")
        expect(page.locator(SAVED)).to_contain_text("saved ")
        assert page.locator("#part-1\\.context .fault").count() == 0


def test_back_to_the_first_text_is_a_change_too(
    site: Site, browser: Browser, alex: Person, application: Application
) -> None:
    write(site.programme, application, {"part-1/context": "First."})
    with opened(browser, site, alex) as (_, page):
        page.goto(part(site, application))
        page.fill(CONTEXT, "Second.")
        page.locator(CONTEXT).blur()
        expect(page.locator(SAVED)).to_contain_text("saved ")
        nothing_is_kept_here(page)
        page.fill(CONTEXT, "First.")
        with page.expect_navigation():
            page.locator(".save-bar button").first.click()
        assert kept(site, application) == "First."


def test_an_upload_shows_its_progress_and_its_report(
    site: Site, browser: Browser, alex: Person, application: Application, tmp_path: Path
) -> None:
    with opened(browser, site, alex, width=320) as (_, page):
        page.goto(part(site, application, "part-2"))
        page.get_by_role("button", name="Add a file for Journal").click()
        page.set_input_files("#file", {"name": "IMG_2041.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
        page.fill("#description", "My board after the lesson.")
        page.get_by_role("button", name="Add it").click()
        page.wait_for_url("**/artefacts/**")
        expect(page.locator("#report-title + p")).to_contain_text("location")
        expect(page.locator("h1")).to_have_text("evidence-1.jpg")
        expect(page.locator("#description")).to_have_value("My board after the lesson.")


def test_a_refused_file_is_told_at_once_and_nothing_typed_is_lost(
    site: Site, browser: Browser, alex: Person, application: Application
) -> None:
    with opened(browser, site, alex) as (_, page):
        page.goto(f"{site.address}/work/{application.id}/add?place=part-2/journal")
        page.fill("#description", "Typed with care.")
        for name, body, words in (
            ("drawing.svg", b"<svg onload='alert(1)' xmlns='http://www.w3.org/2000/svg'/>", "PNG"),
            ("big.txt", b"x" * 26_300_000, "up to 25 MB fit"),
        ):
            page.set_input_files("#file", {"name": name, "mimeType": "text/plain", "buffer": body})
            page.get_by_role("button", name="Add it").click()
            expect(page.locator("[data-problem]")).to_contain_text(words)
            expect(page.locator("#description")).to_have_value("Typed with care.")
        assert workplace(site.programme, application.id, person=alex.id).artefacts == ()


def test_all_of_it_works_without_scripts(
    site: Site, browser: Browser, alex: Person, application: Application
) -> None:
    with opened(browser, site, alex, scripts=False, width=320) as (_, page):
        page.goto(part(site, application))
        page.fill(CONTEXT, "By the button.")
        page.get_by_role("button", name="Save and go on").click()
        expect(page.locator("h1")).to_contain_text("Part 2")
        assert kept(site, application) == "By the button."
        page.goto(part(site, application))
        write(site.programme, application, {"part-1/context": "By another window."})
        page.fill(CONTEXT, "By this window.")
        page.locator(".save-bar button").first.click()
        expect(page.locator("h1")).to_have_text("This was changed elsewhere")
        page.get_by_role("button", name="Keep mine").click()
        expect(page.locator(CONTEXT)).to_have_value("By this window.")
        assert kept(site, application) == "By this window."


@pytest.mark.parametrize("screen", [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")])
def test_every_page_is_well_built_and_fits_a_phone(
    site: Site, browser: Browser, application: Application, alex: Person, screen: tuple[int, Scheme]
) -> None:
    width, scheme = screen
    write(site.programme, application)
    piece = upload(site.programme, application)
    base = f"/work/{application.id}"
    paths = [
        "/catalogue/SEL2/apply", "/catalogue/apply?code=SEL1&code=PGC1", "/work", "/awards", "/goals",
        base, f"{base}/parts/part-1", f"{base}/parts/part-2", f"{base}/add?place=part-2/plan",
        f"{base}/artefacts/{piece.id}", f"{base}/submit", f"{base}/feedback", f"{base}/withdraw",
        f"{base}/reminders",
    ]  # fmt: skip
    with opened(browser, site, alex, width=width, scheme=scheme) as (_, page):
        complaints: list[str] = []
        page.on(
            "console",
            lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for path in paths:
            answer = page.goto(site.address + path)
            assert answer is not None
            assert answer.ok, path
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            assert faults(page) == [], path
        assert complaints == []
