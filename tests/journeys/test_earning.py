# SPDX-License-Identifier: Apache-2.0
"""From the landing page to the verified award, over two returned rounds, by phone and at a desk.

People do what people do: they press buttons, follow links and read their mail. Only the work that nobody
waits for is done at once instead of a minute later.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from earning.work import applying, deadlines, work
from earning.work.applications import Application, State
from service import clock, text
from tests.earning.uploads import CANARY, jpeg, traces
from tests.journeys.browser import CHROMIUM, available, launch
from tests.journeys.stage import NARROW, WIDE, Stage, Window, open_stage, window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]

TITLE = "Adult SEL 1: Self-Awareness"
SCHOOL = "Quillfeather Elementary"
SOL, TARYN = "sol@reviewers.example", "taryn@reviewers.example"
MANAGER = "manager@education.example"
FEEDBACK = {
    "noticing": ("Basic", "Please name what you felt on the second day with a word of its own."),
    "reflection": ("Not yet", "One example from before is missing."),
}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("earning")) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


def nothing_kept(page: Page) -> None:
    """Wait until the device has forgotten what was typed. Playwright's own waiting would want ``eval``."""
    for _ in range(200):
        if page.evaluate("localStorage.length") == 0:
            return
        page.wait_for_timeout(50)
    pytest.fail("what was typed is still kept on the device")


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_from_the_landing_page_to_the_verified_award(
    stage: Stage, browser: Browser, width: int, tmp_path: Path
) -> None:
    email = f"xaviera.{width}@quillfeather.example"
    with window(browser, stage, width=width) as educator, window(browser, stage, width=width) as reviewer:
        find(educator)
        begin_an_account(educator, email)
        application = apply(educator, email)
        write(educator, application)
        fill_the_gap(educator, application)
        send(educator, application)
        assert "usually answered by" in educator.words()
        assert stage.post(email, "received").mail.subject == f"We have received {TITLE}"

        read(reviewer, SOL, FEEDBACK, hidden=email)
        answer(educator, email, "I added a word for it", count=2)
        send(educator, application)

        read(reviewer, TARYN, {"noticing": FEEDBACK["noticing"]}, hidden=email, again=True)
        answer(educator, email, "Now it is called dread, on Tuesday", count=1)
        send(educator, application)

        read(reviewer, SOL, {}, hidden=email, again=True)
        stage.run("awards")
        see_the_award(educator, application)
    the_forwarded_mail_proves_it(stage, browser, email, width, tmp_path)


# -- the educator -------------------------------------------------------------------------------------------


def find(seen: Window) -> None:
    """Browse, filter, and open a micro-credential, without an account."""
    seen.go("/").follow("Find a micro-credential")
    everything = seen.page.locator(".tally").inner_text()
    seen.page.fill("#q", "self-awareness")
    seen.page.select_option("select[name=stack]", "SEL")
    seen.press("Search")
    assert seen.page.locator(".tally").inner_text() != everything
    seen.follow(TITLE)
    assert seen.heading() == TITLE
    expect(seen.page.locator("#rubric")).to_contain_text("Emotions are noticed and named")
    assert seen.page.context.cookies() == []


def begin_an_account(seen: Window, email: str) -> None:
    """Press Apply, sign up on the way, and confirm by the mail in the outbox."""
    seen.follow("Apply")
    assert seen.heading() == "Sign in"
    seen.follow("Begin one")
    page = seen.page
    page.fill("#name", CANARY)
    page.fill("#email", email)
    page.click("summary")
    page.fill("#school", SCHOOL)
    page.select_option("#state", "WA")
    page.select_option("#zone", "America/Los_Angeles")
    seen.press("Send me the link")
    seen.stage.run()
    seen.follow("Open the demonstration's outbox")
    seen.follow("Confirm your address for Hallmark demo")
    link = seen.stage.post(email, "confirm").link
    assert link in page.locator(".mail-text").inner_text().replace("\n", "")
    seen.go(link)
    page.fill("#password", "four lamps over water")
    seen.press("Confirm and sign in")
    assert seen.path() == "/catalogue/SEL1/apply"  # where one wanted to go in the first place


def apply(seen: Window, email: str) -> Application:
    """Apply for the season of one's state, and see the dates."""
    expect(seen.page.locator("input[name=season]:checked")).to_have_value("wa/2026-27")
    assert "six calendar months" in seen.words()
    assert "binds, because" in seen.words()
    seen.press("Apply, free of charge")
    assert "You have applied." in seen.words()
    (found,) = work.applications(seen.stage.programme, seen.stage.person(email).id)
    assert found.zone == "America/Los_Angeles"
    due = text.day(deadlines.local_day(found.due_at, found.zone))
    if "Dates for your calendar" not in seen.words():
        seen.go(f"/work/{found.id}")
    assert due in seen.words()
    seen.stage.run()
    assert due in seen.stage.post(email, "applied").text
    with seen.page.expect_download() as saved:
        seen.page.get_by_role("link", name="Dates for your calendar (.ics)").click()
    calendar = Path(saved.value.path()).read_text()
    assert calendar.startswith("BEGIN:VCALENDAR")
    assert "Self-Awareness" in calendar
    return found


def write(seen: Window, application: Application) -> None:
    """Answer, leave and come back, add a picture and a link; one prompt stays empty."""
    page, path = seen.page, f"/work/{application.id}"
    seen.go(f"{path}/parts/part-1")
    for place, words in (
        ("part-1/context", "I lead a team of five in a middle school, and I rush."),
        ("part-1/expectation", "I expect to see what the bell does to me."),
    ):
        box = page.locator(f'textarea[name="a:{place}"]')
        box.fill(words)
        expect(page.locator(f'[data-place="{place}"] [data-saved]')).to_contain_text("saved ")
    nothing_kept(page)
    seen.go(path).go(f"{path}/parts/part-1")
    expect(page.locator('textarea[name="a:part-1/context"]')).to_have_value(
        "I lead a team of five in a middle school, and I rush."
    )
    seen.go(f"{path}/parts/part-2").press("Add a file for Journal")
    page.set_input_files(
        "#file", {"name": f"{CANARY} at school.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    )
    page.fill("#made_on", "2026-10-12")
    page.fill("#description", "Six entries of three weeks.")
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/artefacts/**")
    report = page.locator("section[aria-labelledby=report-title]")
    for removed in ("location", "author", "renamed to"):
        expect(report).to_contain_text(removed)
    assert seen.heading() == "evidence-1.jpg"
    seen.follow("Back to the part").press("Add a file or a link for Plan")
    page.fill("#url", "https://notes.example/plan")
    page.fill("#name", "My plan")
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/artefacts/**")
    expect(page.locator("main")).to_contain_text("https://notes.example/plan")


def fill_the_gap(seen: Window, application: Application) -> None:
    """The list names what is missing, and leads there."""
    page = seen.page
    seen.go(f"/work/{application.id}/submit")
    gaps = page.locator("section[aria-labelledby=gaps-title] li")
    expect(gaps).to_have_count(1)
    expect(gaps).to_contain_text("Part 3: Reflection")
    with page.expect_navigation(wait_until="load"):
        gaps.get_by_role("link").click()
    page.fill('textarea[name="a:part-3/change"]', "Before I answered at once. Now I wait, and look.")
    seen.press("Save and look it over")
    expect(page.locator("#gaps-title")).to_have_text("Everything is there")


def send(seen: Window, application: Application) -> None:
    """State what is to be stated, and send it in."""
    seen.go(f"/work/{application.id}/submit")
    for name in ("students", "own_work", "judged"):
        seen.page.check(f"input[name={name}]")
    seen.page.check("input[name=ai][value=none]")
    seen.press("Send it in")
    assert "Received. It is with the reviewers now." in seen.words()
    seen.stage.run()


def answer(seen: Window, email: str, words: str, *, count: int) -> None:
    """Read that there is feedback, follow the link, and answer each comment."""
    post = seen.stage.post(email, "returned")
    assert post.mail.subject == f"Feedback is ready for {TITLE}"
    for level, comment in FEEDBACK.values():
        assert comment not in post.words
        assert level not in post.words
    assert "failed" not in post.words
    page = seen.go(post.link).page
    if seen.path().count("/") < 3:
        seen.follow("Read the feedback")
    assert "stay met" in seen.words()
    boxes = page.locator("table.feedback textarea")
    expect(boxes).to_have_count(count)
    assert page.locator("table.feedback .tag.ok").count() == 5 - count
    for number, box in enumerate(boxes.all()):
        box.fill(f"{words} ({number}).")
        expect(page.locator("table.feedback [data-saved]").nth(number)).to_contain_text("saved ")
    nothing_kept(page)
    seen.follow("Change the part itself")
    page.locator("textarea").first.fill(f"More than before: {words}.")
    seen.press("Save")


def see_the_award(seen: Window, application: Application) -> None:
    """It stands among the awards, and leads to its page."""
    seen.go("/awards")
    assert seen.page.get_by_role("heading", level=2).first.inner_text() == TITLE
    seen.follow(f"Share and privacy: {TITLE}")
    assert "It is yours to show" in seen.words()
    seen.follow("See it as a visitor")
    assert seen.page.locator(".verdict .word").inner_text() == "Valid"
    assert work.application(seen.stage.programme, application.id, person=application.person).state is (
        State.AWARDED
    )


# -- the reviewer -------------------------------------------------------------------------------------------


def read(
    seen: Window, email: str, unmet: Mapping[str, tuple[str, str]], *, hidden: str, again: bool = False
) -> None:
    """Take the work, find nobody named in it, rate what is open, and send the reading."""
    page = seen.sign_in(email).page
    seen.go("/reviews").press("Take the next one")
    for secret in (CANARY, hidden, SCHOOL):
        assert secret not in page.content()
    assert not traces(page.content().encode())
    picture = page.locator(".evidence img").first.get_attribute("src") or ""
    evidence = page.request.get(seen.stage.address + picture)
    assert evidence.ok
    assert not traces(evidence.body() + str(evidence.headers).encode())
    if again:
        assert "What was said before" in seen.words()
        assert "stays met" in seen.words()
        assert "changed since the last round" in seen.words()
    for criterion in page.locator("fieldset.criterion").all():
        name = (criterion.get_attribute("id") or "").removeprefix("criterion-")
        if name in unmet:
            level, comment = unmet[name]
            criterion.locator(f"input[value='{level}']").check()
            criterion.locator("textarea").fill(comment)
        else:
            criterion.locator("input[type=radio]").last.check()
    page.fill("#words", "Your entries are clear and kind.")
    expect(page.locator("#saved")).to_contain_text("aved")
    seen.press("Go on to finish")
    assert seen.heading() == "Send this reading?"
    seen.press("Send it")
    assert seen.path() == "/reviews"
    seen.stage.run()


# -- whoever gets the mail forwarded ------------------------------------------------------------------------


def the_forwarded_mail_proves_it(
    stage: Stage, browser: Browser, email: str, width: int, folder: Path
) -> None:
    """Link and file check for a stranger; nothing in the mail opens the account."""
    post = stage.post(email, "awarded")
    assert post.mail.subject == f"You earned {TITLE}"
    file = folder / "credential.json"
    file.write_bytes(post.file(".json"))
    (folder / "badge.png").write_bytes(post.file(".png"))
    (folder / "certificate.pdf").write_bytes(post.file(".pdf"))
    signed = json.loads(file.read_bytes())
    assert email not in str(signed)
    assert CANARY not in str(signed)
    with window(browser, stage, width=width) as seen:
        seen.go(post.link)
        assert seen.page.locator(".verdict .word").inner_text() == "Valid"
        assert "just now" in seen.page.locator(".verdict").inner_text()
        assert CANARY not in seen.page.content()  # the name was not to be shown
        assert seen.page.context.cookies() == []
        for name in ("credential.json", "badge.png", "certificate.pdf"):
            seen.go("/verify")
            seen.page.set_input_files("input[type=file]", folder / name)
            with seen.page.expect_navigation(wait_until="load"):
                seen.page.click("main button[type=submit]")
            assert seen.page.locator(".verdict .word").inner_text() == "Valid"
        seen.go("/work")
        assert seen.heading() == "Sign in"


# -- the manager --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_a_manager_gives_more_time_and_opens_a_second_version(
    stage: Stage, browser: Browser, width: int
) -> None:
    code, title = {
        NARROW: ("SEL2", "Adult SEL 2: Self-Management"),
        WIDE: ("CM1", "Routines that Give Time Back"),
    }[width]
    hale = stage.person("hale@teachers.example")
    (made,) = applying.apply(
        stage.programme, hale, [code], season=None, zone=hale.zone, now=clock.now() - timedelta(days=30)
    )
    with window(browser, stage, width=width) as seen:
        page = seen.sign_in(MANAGER).page
        seen.go("/manage")
        assert page.locator("main figure svg").count() >= 3
        seen.follow("Applications")
        page.get_by_label("Name, e-mail or micro-credential").fill("Hale")
        seen.press("Show")
        seen.follow(title)
        until = deadlines.local_day(made.due_at, made.zone) + timedelta(days=40)
        page.fill("#f-until", until.isoformat())
        page.fill("#f-reason", "A hurricane closed the school for weeks.")
        seen.press("Extend")
        assert text.day(until) in seen.words()
        stage.run()
        told = stage.post(hale.email, "extended").text
        assert text.day(until) in told
        assert "hurricane" in told

        seen.go(f"/manage/catalogue/{code}").press("Begin a new version from it")
        page.fill("#competency", "The educator does all of this, and says so in the second version.")
        seen.press("Save and preview", nth=0)
        assert "says so in the second version" in seen.words()
        assert "This is a preview." in seen.words()
        with window(browser, stage, width=width) as visitor:
            assert "second version" not in visitor.go(f"/catalogue/{code}").words()
        page.get_by_label("Publish version 2 for everybody; version 1 closes to new applicants").check()
        seen.press(f"Publish {code}")
        assert seen.path() == f"/manage/catalogue/{code}"
        assert "Version 2 is published." in seen.words()
        with window(browser, stage, width=width) as visitor:
            assert "says so in the second version" in visitor.go(f"/catalogue/{code}").words()
        version = page.locator(f"section[aria-labelledby='v-{code}-v2']")
        version.locator("input[name=note]").fill("It comes back in autumn.")
        with page.expect_navigation(wait_until="load"):
            version.get_by_role("button", name="Close to new applicants").click()
        with window(browser, stage, width=width) as visitor:
            words = visitor.go(f"/catalogue/{code}").words()
            assert "It comes back in autumn." in words
            assert visitor.page.get_by_role("link", name="Apply", exact=True).count() == 0
    with window(browser, stage, width=width) as enrolled:
        enrolled.sign_in(hale.email).go(f"/work/{made.id}")
        assert "version 1" in enrolled.words()
        assert text.day(until) in enrolled.words()
        enrolled.follow("The whole micro-credential")
        assert "second version" not in enrolled.words()
