# SPDX-License-Identifier: Apache-2.0
"""An award is shown and checked: by mail, on LinkedIn, on paper, in a résumé, by a district for its file.

Ada has two awards, earned by the very steps that the pages take. Visitors and clerks come without scripts,
with a phone, and leave without a cookie and without having asked any other site for anything.

Where a code is scanned, it is read from pixels: from a screenshot of the page, and from a screenshot of the
PDF in Chromium's own viewer.
"""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, redirect_stdout
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pypdf
import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, expect
from pypdfium2 import PdfDocument  # type: ignore[import-untyped]

import hallmark
from credentials.document import parse, write
from earning.catalogue import rehearsal
from earning.catalogue.plays import Chorus, plays
from earning.sharing import awards
from issuer import issuance, publish, revocation
from issuer.award import AwardState
from issuer.reissue import reissue
from issuer.revocation import Decision, Reason
from service import clock, terminal
from tests.issuer.house import issued
from tests.journeys.axe import faults
from tests.journeys.browser import CHROMIUM, available, launch, serve
from tests.journeys.stage import NARROW, WIDE, Stage, Window, open_stage, window
from verifier import batching, intake

zxingcpp = pytest.importorskip("zxingcpp")
pytest.importorskip("typst")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]

ADA = "ada@teachers.example"
FIRST, SECOND = "SEL2", "SEL1"
TITLES = {FIRST: "Adult SEL 2: Self-Management", SECOND: "Adult SEL 1: Self-Awareness"}
CARD_BYTES = 1_048_576  # LinkedIn takes no larger picture


@dataclass(frozen=True, slots=True)
class World:
    """The stage, and what Ada has there."""

    stage: Stage
    folder: Path
    keys: Mapping[str, str]  # of her credentials, by code
    applications: Mapping[str, str]

    def page(self, code: str = FIRST) -> str:
        """The path of a credential."""
        return f"/credentials/{self.keys[code]}"

    def panel(self, code: str = FIRST) -> str:
        """The path of the educator's panel."""
        return f"/awards/{self.applications[code]}/share"

    def visitor(self, browser: Browser, *, width: int = NARROW) -> AbstractContextManager[Window]:
        """Whoever follows a link: without scripts, and without anything of ours."""
        return window(browser, self.stage, width=width, scripts=False)

    def verdict(self, raw: bytes) -> str:
        """What the desk says about a file."""
        return str(self.stage.house.desk.look(intake.read(raw), now=clock.now()).verdict)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("showing")
    with open_stage(folder) as stage, pytest.MonkeyPatch.context() as patch:
        (play, *_), _ = plays()
        first = replace(play, rounds=play.rounds[-1:], links=())
        second = replace(first, code=SECOND, pieces=(), text=())
        patch.setattr(rehearsal, "plays", lambda: ((first, second), Chorus(0, (SECOND,), ("WA",))))
        rehearsal.rehearse(stage.programme, now=clock.now())
        stage.run()
        found = {
            each.application.version.partition("-")[0]: each
            for each in awards.awards(stage.programme, stage.person(ADA).id)
        }
        assert set(found) == set(TITLES)
        yield World(
            stage,
            folder,
            keys={code: str(each.key) for code, each in found.items()},
            applications={code: each.application.id for code, each in found.items()},
        )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


# -- from the mail to the file of a district -----------------------------------------------------------------


def test_from_the_mail_about_an_award_to_the_file_of_a_district(
    world: World, browser: Browser, tmp_path: Path
) -> None:
    link = world.stage.post(ADA, "awarded").link
    with world.visitor(browser) as seen:
        seen.go(link)
        the_verdict_comes_first(seen)
        what_linkedin_reads(seen, link)
        what_other_sites_embed(seen, browser)
        seen.follow("Open in the verifier")
        assert verdict(seen) == "Valid"
        thirteen_rows(seen)

        compare(seen, "eve@teachers.example")
        assert verdict(seen) == "Recipient does not match"
        seen.page.go_back()
        compare(seen, "Ada Example", until="2020-06-30")
        assert "name" in seen.page.locator(".asked-for.warn").inner_text()
        assert "No" in thirteen_rows(seen)
        seen.page.go_back()
        compare(seen, ADA, until=f"{clock.now():%Y-%m-%d}", listed="example-district")
        assert "It was issued to the address you typed." in seen.words()
        assert "on the list" in seen.page.locator(".verdict").inner_text()
        rows = thirteen_rows(seen)
        assert "No" not in rows

        seen.press("Keep a receipt")
        assert seen.path().startswith("/verify/receipts/")
        assert thirteen_rows(seen) == rows
        assert "Signed by" in seen.page.locator("#signature").inner_text()
        assert ADA not in seen.page.content()
        address = seen.page.url
        the_receipt_proves_itself(world, seen, tmp_path)
        assert seen.go(address).page.context.cookies() == []


def the_verdict_comes_first(seen: Window) -> None:
    """Nothing stands above it, and on a phone it is seen without scrolling."""
    first = seen.page.locator("main > *").first
    assert "verdict" in (first.get_attribute("class") or "")
    assert verdict(seen) == "Valid"
    assert "just now" in first.inner_text()
    box = first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 500
    assert "Ada Example" in seen.words()
    assert seen.fits()
    assert seen.page.context.cookies() == []


def what_linkedin_reads(seen: Window, link: str) -> None:
    """The picture is as large, as small and as absolute as it must be."""
    tags = {
        tag.get_attribute("property") or "": tag.get_attribute("content") or ""
        for tag in seen.page.locator("meta[property^='og:']").all()
    }
    assert tags["og:url"] == link
    assert tags["og:image"].startswith(seen.stage.address)
    assert (tags["og:image:width"], tags["og:image:height"]) == ("1200", "627")
    card = seen.page.request.get(tags["og:image"])
    assert card.headers["content-type"] == tags["og:image:type"] == "image/png"
    assert "set-cookie" not in card.headers
    assert len(card.body()) < CARD_BYTES
    assert Image.open(io.BytesIO(card.body())).size == (1200, 627)
    assert seen.page.locator("meta[property='og:image']").get_attribute("name") == "image"
    assert 0 < len(tags["og:description"]) <= 300


def what_other_sites_embed(seen: Window, browser: Browser) -> None:
    """The page names its oEmbed answer, whose frame works on a page of another origin."""
    found = seen.page.locator("link[type='application/json+oembed']").get_attribute("href") or ""
    answer = seen.page.request.get(found).json()
    assert (answer["version"], answer["type"]) == ("1.0", "rich")
    assert answer["thumbnail_url"] == seen.page.locator("meta[property='og:image']").get_attribute("content")
    site = Flask("elsewhere")
    site.add_url_rule("/", view_func=lambda: f"<!doctype html><title>Mine</title>{answer['html']}")
    with serve(site) as elsewhere:
        context = browser.new_context(viewport={"width": NARROW, "height": 400})
        try:
            page = context.new_page()
            page.goto(elsewhere)
            frame = page.frame_locator("iframe")
            expect(frame.locator(".state")).to_have_text("Valid")
            expect(frame.locator("h1")).to_have_text(seen.heading())
            assert frame.locator("a").get_attribute("href") == seen.page.url
            assert context.cookies() == []
        finally:
            context.close()


def compare(seen: Window, recipient: str, *, until: str = "", listed: str = "") -> None:
    """Say whose it should be, and when, and ask again."""
    seen.page.click("details.ask > summary")
    form = seen.page.locator("details.ask form")
    form.locator("input[name=recipient]").fill(recipient)
    form.locator("input[name=cycle_from]").fill("2020-01-01")
    form.locator("input[name=cycle_until]").fill(until)
    form.locator("select[name=list]").select_option(listed)
    seen.press("Check again")
    assert recipient not in seen.page.url


def thirteen_rows(seen: Window) -> list[str]:
    """The words of the marks, in their order."""
    found = seen.page.locator("table.rows13 tbody tr")
    expect(found).to_have_count(13)
    marks = found.locator("td.mark span").all_inner_texts()
    assert set(marks) <= {"Yes", "No", "You decide"}
    return marks


def the_receipt_proves_itself(world: World, seen: Window, folder: Path) -> None:
    """Downloaded, its statement verifies in the terminal, and its paper at the desk."""
    pdf, signed = download(seen, "PDF"), download(seen, "signed.json")
    file = folder / "signed.json"
    file.write_bytes(signed)
    assert json.loads(signed)["type"][-1] == "EndorsementCredential"
    assert world.verdict(signed) == "valid"
    with io.TextIOWrapper(io.BytesIO(), "utf-8") as said, redirect_stdout(said):
        told = ["verify", "--data", str(world.folder), str(file)]
        assert terminal.run(hallmark.cli, roof=hallmark.HallmarkRoof(), args=told) == 0
    inside = [body for bodies in pypdf.PdfReader(io.BytesIO(pdf)).attachments.values() for body in bodies]
    assert signed in inside
    bring(seen, "receipt.pdf", pdf)
    assert seen.path().startswith("/verify/batches/"), seen.words()
    assert set(verdicts(world, seen).values()) == {"Valid"}


# -- codes that are scanned ----------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_the_code_on_the_page_leads_back_to_it(world: World, browser: Browser, width: int) -> None:
    with world.visitor(browser, width=width) as seen:
        seen.go(world.page())
        (link,) = scanned(seen.page.screenshot(full_page=True))
        assert link == seen.page.url == world.stage.address + world.page()
        photo = seen.page.locator("figure.qr").screenshot()
        seen.go("/verify").page.set_input_files(
            "input[name=photo]", {"name": "photo.png", "mimeType": "image/png", "buffer": photo}
        )
        seen.press("Check")
        assert verdict(seen) == "Valid"
        assert seen.heading() == TITLES[FIRST]
        seen.go(link)
        assert verdict(seen) == "Valid"


def test_the_certificate_leads_back_and_carries_its_proof(world: World, browser: Browser) -> None:
    with world.visitor(browser) as seen:
        seen.go(world.page())
        pdf = download(seen, "Certificate (PDF)")
        (link,) = drawn(pdf)
        assert link == seen.page.url
        assert seen.go(link).heading() == TITLES[FIRST]
        attached = pypdf.PdfReader(io.BytesIO(pdf)).attachments
        ((name, bodies),) = attached.items()
        assert name.endswith(".json")
        assert [world.verdict(body) for body in bodies] == ["valid"]
        bring(seen, "certificate.pdf", pdf)
        assert verdict(seen) == "Valid"
        assert seen.heading() == TITLES[FIRST]


def scanned(picture: bytes) -> list[str]:
    """The texts of the codes in a picture."""
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))
    return sorted({each.text for each in found})


def drawn(pdf: bytes) -> list[str]:
    """The codes on the first page of ``pdf``, as PDFium draws it, which is Chromium's own viewer, too."""
    with PdfDocument(pdf) as opened:
        page = io.BytesIO()
        opened[0].render(scale=2).to_pil().save(page, "png")
    return scanned(page.getvalue())


# -- résumés -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("program", ["ours", "another"])
def test_a_resume_brought_to_the_desk_has_an_answer_for_each_claim(
    world: World, browser: Browser, program: str
) -> None:
    pdf = our_resume(world, browser) if program == "ours" else another_resume(world, browser)
    if program == "ours":
        assert drawn(pdf) == sorted(world.stage.address + world.page(code) for code in TITLES)
    with world.visitor(browser) as seen:
        bring(seen, "resume.pdf", pdf)
        assert seen.path().startswith("/verify/batches/")
        assert verdicts(world, seen) == dict.fromkeys(TITLES.values(), "Valid")
        assert "All checked: resume.pdf" in seen.heading()
        assert seen.page.context.cookies() == []


def our_resume(world: World, browser: Browser) -> bytes:
    """Made in the educator's room, of two awards."""
    with window(browser, world.stage, ADA) as seen:
        seen.go("/awards")
        for title in TITLES.values():
            expect(seen.page.locator("#chosen").get_by_label(title)).to_be_checked()
        with seen.page.expect_download() as saved:
            seen.page.get_by_role("button", name="Make the PDF").click()
        return Path(saved.value.path()).read_bytes()


def another_resume(world: World, browser: Browser) -> bytes:
    """Printed by a browser, from a page that knows nothing of us but two links."""
    lines = "".join(
        f"<li><a href='{world.stage.address}{world.page(code)}'>{title}</a></li>"
        for code, title in TITLES.items()
    )
    context = browser.new_context()
    try:
        page = context.new_page()
        page.set_content(
            f"<h1>Ada Example</h1><p>Teacher, <a href='https://school.example/'>school</a></p><ul>{lines}</ul>"
        )
        return page.pdf(format="A4")
    finally:
        context.close()


def verdicts(world: World, seen: Window) -> dict[str, str]:
    """The word of each row, by its title, as soon as the page has renewed itself by itself."""
    assert seen.heading().startswith(("Being checked", "All checked"))
    world.stage.run(batching.JOB)
    expect(seen.page.locator("h1")).to_contain_text("All checked")
    rows = seen.page.locator("table.batch-rows tbody tr")
    assert seen.fits()
    return {
        row.locator("td[data-label='Micro-credential'] > bdi").inner_text(): row.locator(
            "td .result b"
        ).inner_text()
        for row in rows.all()
    }


# -- the educator's panel ------------------------------------------------------------------------------------


def test_a_name_that_is_hidden_is_gone_at_once(world: World, browser: Browser) -> None:
    with window(browser, world.stage, ADA, width=NARROW) as ada, world.visitor(browser) as seen:
        before = public_words(seen, world)
        assert "Ada Example" in before.page
        assert "Ada Example" in before.paper
        ada.go(world.panel()).press("Hide my name")
        after = public_words(seen, world)
        assert "Ada Example" not in after.page + after.paper + after.embed
        assert after.card != before.card
        assert after.picture != before.picture
        ada.press("Show my name")
        again = public_words(seen, world)
        assert (again.card, again.picture) == (before.card, before.picture)
        assert "Ada Example" in again.page


@dataclass(frozen=True, slots=True)
class Shown:
    """What everybody sees of an award."""

    page: str
    paper: str
    embed: str
    card: str  # its address
    picture: bytes


def public_words(seen: Window, world: World) -> Shown:
    """Read the page, the certificate, the frame and the card."""
    key = world.keys[FIRST]
    page = seen.go(world.page()).page.content()
    card = seen.page.locator("meta[property='og:image']").get_attribute("content") or ""
    paper = pypdf.PdfReader(io.BytesIO(download(seen, "Certificate (PDF)")))
    text = "".join(each.extract_text() for each in paper.pages) + str(paper.metadata)
    attached = b"".join(body for bodies in paper.attachments.values() for body in bodies).decode()
    return Shown(
        page=page,
        paper=" ".join((text + attached).split()),
        embed=seen.page.request.get(f"{seen.stage.address}/embed/{key}").text(),
        card=card,
        picture=seen.page.request.get(card).body(),
    )


def test_a_piece_that_is_closed_and_a_link_that_is_withdrawn_show_nothing(
    world: World, browser: Browser
) -> None:
    with window(browser, world.stage, ADA, width=NARROW) as ada, world.visitor(browser) as seen:
        ada.go(world.panel())
        piece = ada.page.get_by_role("link", name="see it as they do").get_attribute("href") or ""
        piece = piece.removeprefix(world.stage.address)
        assert seen.page.request.get(world.stage.address + piece).ok
        ada.page.fill("#label", "District office")
        ada.page.check("input[name=shows_answers]")
        ada.press("Make the link")
        secret = ada.page.locator("#address").input_value()
        seen.go(secret)
        assert verdict(seen) == "Valid"
        assert seen.page.get_by_text("as it was signed", exact=True).count() == 3
        assert "What the educator wrote" in seen.words()
        assert seen.fits()

        row = ada.page.locator("#who li", has=ada.page.get_by_role("link", name="see it as they do"))
        with ada.page.expect_navigation(wait_until="load"):
            row.get_by_role("button", name="Make it private").click()
        assert not seen.page.request.get(world.stage.address + piece).ok
        assert piece not in seen.go(world.page()).page.content()
        seen.go(secret)
        assert seen.page.get_by_text("as it was signed", exact=True).count() == 2

        ada.go(world.panel())
        expect(ada.page.locator("#links details summary").first).to_contain_text(
            "1 use, the last one"
        )  # twice at once is one
        ada.press("Withdraw it: District office")
        assert "withdrawn by you" in ada.words()
        seen.go(secret)
        assert "This link shows nothing" in seen.words()
        assert "Ada" not in seen.page.content()
        assert seen.fits()
        assert seen.page.context.cookies() == []
        refused = [line for line in seen.complaints if "404" in line]
        assert seen.complaints == refused
        seen.complaints.clear()


def test_the_fields_for_linkedin_are_those_of_the_award(world: World, browser: Browser) -> None:
    with window(browser, world.stage, ADA) as ada:
        ada.go(world.panel())
        link = ada.page.get_by_role("link", name="Add to profile").get_attribute("href") or ""
        address, _, query = link.partition("?")
        assert address == "https://www.linkedin.com/profile/add"
        assert "+" not in query
        fields = dict(part.split("=") for part in query.split("&"))
        awarded = next(
            each.awarded_on
            for each in awards.awards(world.stage.programme, world.stage.person(ADA).id)
            if each.key == world.keys[FIRST]
        )
        assert awarded is not None
        assert {name: unquote(value) for name, value in fields.items()} == {
            "startTask": "CERTIFICATION_NAME",
            "name": TITLES[FIRST],
            "organizationName": "Example Education Association",
            "issueYear": str(awarded.year),
            "issueMonth": str(awarded.month),
            "certUrl": world.stage.address + world.page(),
            "certId": world.keys[FIRST],
        }
        shown = [box.input_value() for box in ada.page.locator("#linkedin .takes input").all()]
        assert {TITLES[FIRST], "Example Education Association", world.keys[FIRST]} <= set(shown)
        expect(ada.page.locator("#linkedin .takes button.copy:visible")).to_have_count(len(shown))
        card = ada.page.locator(".li-card img")
        card.scroll_into_view_if_needed()
        expect(card).to_have_js_property("naturalWidth", 1200)


def test_search_engines_are_let_in_only_by_the_educator(world: World, browser: Browser) -> None:
    def is_open(seen: Window) -> tuple[bool, bool]:
        answer = seen.page.goto(world.stage.address + world.page())
        assert answer is not None
        has_tag = seen.page.locator("meta[name=robots]").count() > 0
        return not has_tag, "x-robots-tag" not in answer.headers

    with window(browser, world.stage, ADA, width=NARROW) as ada, world.visitor(browser) as seen:
        assert is_open(seen) == (False, False)
        ada.go(world.panel()).press("Let search engines find it")
        assert is_open(seen) == (True, True)
        ada.press("Ask them to stay away")
        assert is_open(seen) == (False, False)


# -- states --------------------------------------------------------------------------------------------------

WORDS = {
    "valid": "Valid",
    "suspended": "Under review",
    "revoked": "Withdrawn",
    "superseded": "Replaced",
}


@pytest.fixture(scope="module")
def states(world: World) -> Mapping[str, str]:
    """Paths of credentials in every state that an award here can have; none of these has an end date."""
    mint, now = world.stage.house.mint, clock.now()
    made = {
        name: issued(mint, now=now, submission=f"showing-{name}", awarded_at=now - timedelta(days=9)).key
        for name in WORDS
    }
    for name, wanted, reason in (
        ("suspended", AwardState.SUSPENDED, Reason.UNDER_REVIEW),
        ("revoked", AwardState.REVOKED, Reason.EVIDENCE),
    ):
        decision = Decision(wanted=wanted, reason=reason)
        revocation.decide(mint, made[name], decision, now=now, actor="test")
    reissue(mint, made["superseded"], reason="wording", now=now, actor="test")
    return {name: f"/credentials/{key}" for name, key in made.items()}


def test_each_state_has_its_own_word_shape_and_colour(
    world: World, states: Mapping[str, str], browser: Browser
) -> None:
    looks = set()
    for width in (NARROW, WIDE):
        with window(browser, world.stage, width=width) as seen:
            for name, path in states.items():
                seen.go(path)
                assert verdict(seen) == WORDS[name]
                assert seen.page.title().startswith(f"{WORDS[name]}: ")
                assert seen.fits()
                if width == WIDE:
                    assert faults(seen.page) == []
                bar = seen.page.locator(".verdict")
                colour = bar.evaluate("(bar) => getComputedStyle(bar).backgroundColor")
                looks.add((name, bar.locator("svg").first.inner_html(), colour))
                seen.go(path.replace("/credentials/", "/embed/"))
                assert seen.page.locator(".state b").inner_text() == WORDS[name]
                assert seen.fits()
    assert len(looks) == len({shape for _, shape, _ in looks}) == len(WORDS)


def test_what_has_ended_is_told_at_the_desk(
    world: World, states: Mapping[str, str], browser: Browser
) -> None:
    """Awards here have no end; a document that was given to be signed may have one."""
    mint, now = world.stage.house.mint, clock.now()
    key = states["valid"].rpartition("/")[2]
    given = json.loads(publish.find(mint, key).signed_json or b"")
    del given["proof"], given["credentialStatus"]
    given |= {
        "id": f"urn:uuid:{uuid.uuid4()}",
        "validFrom": "2020-01-01T00:00:00Z",
        "validUntil": "2021-01-01T00:00:00Z",
    }
    signed = issuance.sign_document(mint, parse(write(given)), now=now)
    with world.visitor(browser) as seen:
        bring(seen, "credential.json", signed)
        assert verdict(seen) == "Expired"
        assert "It ended on January 1, 2021" in seen.page.locator(".verdict").inner_text()
        thirteen_rows(seen)


# -- everything without scripts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/verify",
        "/verify?url={link}&list=example-district",
        "/verify/batches",
        "/lists/example-district",
        "/embed/{key}",
        "/issuers/example-education",
        "/achievements/SEL2-v1",
    ],
)
def test_a_phone_without_scripts_is_enough(world: World, browser: Browser, path: str) -> None:
    with world.visitor(browser) as seen:
        seen.go(path.format(link=world.stage.address + world.page(), key=world.keys[FIRST]))
        assert seen.page.locator("h1").count() == 1
        assert seen.fits()
        assert seen.page.context.cookies() == []


# -- what they do --------------------------------------------------------------------------------------------


def verdict(seen: Window) -> str:
    """The word of the verdict."""
    return seen.page.locator(".verdict .word").inner_text()


def download(seen: Window, name: str) -> bytes:
    """Take along what a link leads to."""
    href = seen.page.locator("main").get_by_role("link", name=name).first.get_attribute("href") or ""
    answer = seen.page.request.get(seen.stage.address + href.removeprefix(seen.stage.address))
    assert answer.ok, answer.text()
    return answer.body()


def bring(seen: Window, name: str, body: bytes) -> None:
    """Bring a file to the desk."""
    kind = "application/pdf" if name.endswith(".pdf") else "application/octet-stream"
    seen.go("/verify").page.set_input_files(
        "input[name=file]", {"name": name, "mimeType": kind, "buffer": body}
    )
    seen.press("Check")
