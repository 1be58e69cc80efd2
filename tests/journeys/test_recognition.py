# SPDX-License-Identifier: Apache-2.0
"""What badges are worth: planned, claimed, decided, signed, shown, checked from outside, and taken back.

Mia teaches in Massachusetts and holds three related micro-credentials, Teo two. Ren decides for a district by
the rule that two related ones give 10 points and that a third one waits for a partner. Everything is done by
the pages, the mails and the terminal; only the work that nobody waits for is done at once instead of a minute
later. Whoever checks from outside comes with a phone, without scripts, and leaves without a cookie.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

import hallmark
from earning.catalogue import rehearsal
from earning.catalogue.plays import Chorus, plays
from earning.sharing import awards
from service import clock, terminal
from tests.journeys.axe import faults
from tests.journeys.browser import CHROMIUM, available, launch
from tests.journeys.stage import NARROW, Stage, Window, open_stage, window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]

MIA, TEO, REN = "mia@teachers.example", "teo@teachers.example", "recognizer@district.example"
TITLES = {
    "SEL1": "Adult SEL 1: Self-Awareness",
    "SEL2": "Adult SEL 2: Self-Management",
    "SEL3": "Adult SEL 3: Social Awareness",
}
RULE = "Massachusetts: renewing a Professional licence (professional development points)"
UNIT = "professional development points (Massachusetts)"
TEN = f"10 {UNIT}"
DISTRICT, DESK = "Exampleton School District", "/recognizer/example-district"
LOOK, KEEP = "Show what it is worth", "Keep them for this, and see what would be sent"
WHY = "Its issuer has withdrawn the second of the two."
SIGNING, RECHECK = "recognitions", "recognition-recheck"  # jobs


@dataclass(frozen=True, slots=True)
class World:
    """The stage, and links of awards there by person and code."""

    stage: Stage
    folder: Path
    links: dict[tuple[str, str], str]

    def hallmark(self, *words: str) -> tuple[int, str]:
        """Run ``hallmark``; return how it ended, and what it said."""
        command, *rest = words
        with TextIOWrapper(BytesIO(), "utf-8") as said, redirect_stdout(said):
            code = terminal.run(
                hallmark.cli, roof=hallmark.HallmarkRoof(), args=[command, "--data", str(self.folder), *rest]
            )
            said.seek(0)
            return code, said.read()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("recognition")
    with open_stage(folder) as stage, pytest.MonkeyPatch.context() as patch:
        sample, _ = plays()
        played = tuple(each for each in sample if each.email in (MIA, TEO))
        patch.setattr(rehearsal, "plays", lambda: (played, Chorus(0, ("SEL1",), ("MA",))))
        rehearsal.rehearse(stage.programme, now=clock.now())
        stage.run()
        links = {
            (email, each.application.version.partition("-")[0]): f"{stage.address}/credentials/{each.key}"
            for email in (MIA, TEO)
            for each in awards.awards(stage.programme, stage.person(email).id)
        }
        assert set(links) == {(MIA, code) for code in TITLES} | {(TEO, "SEL1"), (TEO, "SEL2")}
        yield World(stage, folder, links)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


def test_from_a_plan_to_a_recognition_that_is_taken_back(
    world: World, browser: Browser, tmp_path: Path
) -> None:
    with (
        window(browser, world.stage) as mia,
        window(browser, world.stage) as ren,
        window(browser, world.stage, width=NARROW, scripts=False) as seen,
    ):
        plan_as_a_visitor(mia)
        plan_with_what_was_earned(mia)
        claim = send_the_claim(world, mia, "SEL1", "SEL2")
        approve(world, ren, "SEL1", "SEL2")
        signed = read_the_answer(world, mia, claim)
        show_it(world, mia, seen)
        files = check_it(world, seen, signed, tmp_path)

        its_issuer_withdraws_an_award(world, mia, seen, signed)
        take_it_back(world, ren, mia, claim)
        it_is_withdrawn_for_everybody(world, seen, signed, files)
        what_stands_is_claimed_again(world, mia, ren, seen)


def test_a_phone_without_scripts_is_enough_for_a_claim(world: World, browser: Browser) -> None:
    with (
        window(browser, world.stage, TEO, width=NARROW, scripts=False) as teo,
        window(browser, world.stage, REN, width=NARROW, scripts=False) as ren,
    ):
        teo.go("/plan/mine").follow(RULE)
        be_renewing(teo)
        teo.press(LOOK)
        assert answer(teo) == f"With these 2 micro-credentials you would have {TEN}."
        open_ask(teo)
        teo.press(KEEP)
        claim = teo.path()
        assert state(teo) == "kept, and not sent yet"
        teo.page.check("#agrees")
        teo.press("Send the claim")
        assert state(teo) == "waiting for an answer"

        ren.go(DESK).follow("Teo Exemplar")
        assert ren.page.locator("#proposal .lede").inner_text() == f"{TEN} by 2 micro-credentials."
        ren.press(f"Approve: {TEN}")
        assert with_place(ren.page.locator("#decision .lede").inner_text()).startswith(f"{TEN} granted")
        world.stage.run(SIGNING)

        assert state(teo.go(claim)) == "approved and counted"
        assert counted(teo) == [(f"{TITLES['SEL1']} + {TITLES['SEL2']}", f"{TEN} for Content")]
        teo.press("Show it beside my micro-credential")
        teo.go(world.links[TEO, "SEL2"])
        assert teo.page.locator("#recognition li").count() == 1
        assert teo.fits()


# -- the educator plans and claims --------------------------------------------------------------------------


def plan_as_a_visitor(seen: Window) -> None:
    """Nobody knows who it is: what two related ones would give, and one alone would not."""
    seen.go("/ma").follow("What is it worth to you? Plan it")
    assert seen.page.title().startswith("What is it worth to you: Massachusetts")
    be_renewing(seen)
    seen.page.check("[name=want-SEL1]")
    seen.press(LOOK)
    alone = "This micro-credential gives no units yet: one more related micro-credential gives"
    assert answer(seen) == f"{alone} {TEN}, all where you still need them."
    seen.press("Add to the plan: Adult SEL 2: Self-Management")
    assert answer(seen) == f"With these 2 micro-credentials you would have {TEN}."
    assert seen.page.title().startswith("What it would be worth: Massachusetts")
    assert seen.page.url == f"{seen.stage.address}/plan"
    assert seen.page.context.cookies() == []
    is_open_to_everybody(seen)


def plan_with_what_was_earned(seen: Window) -> None:
    """Signed in: a pair counts, a third one is left over."""
    seen.follow("Plan with the awards that you earned here")
    assert seen.heading() == "Sign in"
    form = seen.page.locator("form.sample", has=seen.page.locator("bdi:text-is('Mia Sample')"))
    with seen.page.expect_navigation(wait_until="load"):
        form.locator("button").click()
    assert seen.path() == "/plan/mine"
    be_renewing(seen)
    seen.press(LOOK)
    assert answer(seen) == f"With these 3 micro-credentials you would have {TEN}; 1 is left over."
    assert [outcome(seen, code) for code in TITLES] == ["counts", "counts", "left over"]
    is_open_to_everybody(seen)


def send_the_claim(world: World, seen: Window, *codes: str) -> str:
    """Keep the pair, look at what would be sent, and send it; return the path of the claim."""
    ask = open_ask(seen)
    assert sorted(ask.locator("ul li").all_inner_texts()) == sorted(world.links[MIA, code] for code in codes)
    seen.press(KEEP)
    claim = seen.path()
    assert seen.heading() == f"Claim to {DISTRICT}"
    assert state(seen) == "kept, and not sent yet"
    assert "Nothing has left yet." in seen.words()
    is_open_to_everybody(seen)
    seen.press("Send the claim")
    assert seen.page.title().startswith("Please look again: ")
    assert state(seen) == "kept, and not sent yet"
    seen.page.check("#agrees")
    seen.press("Send the claim")
    assert "It is sent." in seen.words()
    assert state(seen) == "waiting for an answer"
    return claim


def be_renewing(seen: Window) -> None:
    """Fill in what the rule asks for: a Professional licence, to be renewed in this cycle."""
    year = clock.now().year
    seen.page.check("[name=fact-licence_level][value=professional]")
    seen.page.check("[name=fact-renewing][value=yes]")
    seen.page.check("[name=none-licences_held]")
    seen.page.fill("[name=cycle-from]", f"{year - 2}-01-01")
    seen.page.fill("[name=cycle-until]", f"{year + 2}-12-31")


def open_ask(seen: Window) -> Locator:
    """Open what could be put before the district."""
    ask = seen.page.locator("#ask details")
    expect(ask).to_have_count(1)
    ask.locator("summary").click()
    assert ask.locator("summary").inner_text() == f"Ask {DISTRICT}"
    return ask


def answer(seen: Window) -> str:
    """What the plan says in one sentence."""
    return seen.page.locator("#answer-title").inner_text()


def with_place(text: str) -> str:
    """``text`` with the short name of the unit, which names its place as well, in words."""
    return text.replace("PDP-MA", UNIT)


def outcome(seen: Window, code: str) -> str:
    """What becomes of an award in the plan, in words."""
    table = seen.page.locator("section[aria-labelledby=each-title]")
    row = table.locator("tr", has=seen.page.locator(f"th bdi:text-is('{TITLES[code]}')"))
    return row.locator("td .tag").first.inner_text()


def state(seen: Window) -> str:
    """The state of a claim, in words."""
    return seen.page.locator("h1 + p .tag").inner_text()


def counted(seen: Window) -> list[tuple[str, str]]:
    """What was counted by the newest decision: the titles of each group, and its amount for what."""
    rows = seen.page.locator("#decision > table.cards tbody tr")
    return [
        (
            " + ".join(row.locator("li").all_inner_texts()),
            with_place(" for ".join(row.locator("td").all_inner_texts())),
        )
        for row in rows.all()
    ]


# -- the district decides, and the educator reads it ---------------------------------------------------------


def approve(world: World, seen: Window, *codes: str) -> None:
    """Come by the letter, look at all 13 things of each award, and grant what the rule proposes."""
    world.stage.run()
    seen.sign_in(REN).go(world.stage.post(REN, "claim-received").link)
    assert seen.heading() == "Claim of Mia Sample"
    assert state(seen) == "waiting for an answer"
    proposed = seen.page.locator("#proposal")
    assert proposed.locator(".lede").inner_text() == f"{TEN} by 2 micro-credentials."
    groups = proposed.locator("table").first.locator("tbody tr")
    expect(groups).to_have_count(1)
    assert groups.locator("li").all_inner_texts() == [TITLES[code] for code in codes]
    assert groups.locator("[data-label=Units]").inner_text() == TEN
    for award in seen.page.locator("article.one").all():
        assert award.locator(".tag").first.inner_text() == "counts"
        assert f"Gives {TEN} together with" in award.inner_text()
        award.get_by_text("The 13 things to look at").click()
        marks = award.locator("table.rows13 tbody td.mark span").all_inner_texts()
        assert len(marks) == 13
        assert "No" not in marks
    is_open_to_everybody(seen)
    seen.press(f"Approve: {TEN}")
    assert "It is decided." in seen.words()
    assert state(seen) == "approved and counted"
    world.stage.run(SIGNING)


def read_the_answer(world: World, seen: Window, claim: str) -> list[str]:
    """Come by the letter; return the paths of what was signed."""
    post = world.stage.post(MIA, "claim-answered")
    assert with_place(post.mail.subject) == f"{DISTRICT} answered: {TEN} granted"
    seen.go(post.link)
    assert seen.path() == claim
    assert state(seen) == "approved and counted"
    assert with_place(seen.page.locator("#decision .lede").inner_text()) == f"{TEN} granted example rule"
    assert counted(seen) == [(f"{TITLES['SEL1']} + {TITLES['SEL2']}", f"{TEN} for Content")]
    is_open_to_everybody(seen)
    links = seen.page.get_by_role("link", name="Signed recognition", exact=True)
    expect(links).to_have_count(2)
    signed = [each.get_attribute("href") or "" for each in links.all()]
    is_open_to_everybody(seen.go(signed[0]))
    seen.go(claim)
    return signed


def show_it(world: World, mia: Window, seen: Window) -> None:
    """Beside the award stands nothing before its educator agrees, and then everybody sees it."""
    for code in ("SEL1", "SEL2"):
        assert spoken(seen.go(world.links[MIA, code])) == []
    mia.press("Show it beside my micro-credential")
    assert "The recognition is shown beside your micro-credential." in mia.words()
    for code in ("SEL1", "SEL2"):
        (said,) = spoken(seen.go(world.links[MIA, code]))
        assert DISTRICT in said
        assert "their signature holds" in said
        assert f"With one related micro-credential: {TEN}" in said
    assert spoken(seen.go(world.links[MIA, "SEL3"])) == []


def spoken(seen: Window) -> list[str]:
    """What recognizers say on the page of an award."""
    assert seen.fits()
    return seen.page.locator("#recognition li").all_inner_texts()


# -- from outside -------------------------------------------------------------------------------------------


def check_it(world: World, seen: Window, signed: list[str], folder: Path) -> list[Path]:
    """Follow the page of each recognition to the verifier, and take the signed file to the terminal."""
    files = []
    for number, path in enumerate(signed, start=1):
        seen.go(path)
        assert verdict(seen) == "Valid"
        assert seen.page.title().startswith("Valid: ")
        assert seen.fits()
        raw = seen.page.request.get(f"{seen.stage.address}{path}.json").body()
        said = json.loads(raw)
        assert said["type"] == ["VerifiableCredential", "EndorsementCredential"]
        assert "10" in said["credentialSubject"]["endorsementComment"]
        assert said["credentialSubject"]["id"] in world.links.values()
        seen.follow("Open in the verifier")
        assert verdict(seen) == "Valid"
        facts = seen.page.locator("#decision dl").inner_text()
        assert TEN in with_place(facts)
        assert DISTRICT in facts
        seen.go("/verify").page.fill("[name=text]", seen.stage.address + path)
        seen.press("Check")
        assert verdict(seen) == "Valid"
        file = folder / f"recognition-{number}.json"
        file.write_bytes(raw)
        files.append(file)
    assert seen.page.context.cookies() == []
    for file in files:
        code, told = world.hallmark("verify", str(file))
        assert code == 0, told
        assert "Valid" in told
        assert TEN in with_place(told)
    return files


def verdict(seen: Window) -> str:
    """The word of the verdict."""
    return seen.page.locator(".verdict .word").inner_text()


# -- a source falls -----------------------------------------------------------------------------------------


def its_issuer_withdraws_an_award(world: World, mia: Window, seen: Window, signed: list[str]) -> None:
    """The district is told and the educator sees it; nothing is taken back by itself."""
    code, told = world.hallmark("revoke", world.links[MIA, "SEL2"], "--reason", "evidence")
    assert code == 0, told
    world.stage.run(RECHECK)
    assert verdict(seen.go(world.links[MIA, "SEL2"])) == "Withdrawn"
    for path in signed:
        assert verdict(seen.go(path)) == "Valid"
    mia.go("/claims")
    assert "counted, and needs a second look" in mia.words()


def take_it_back(world: World, ren: Window, mia: Window, claim: str) -> None:
    """The district sees what must be reversed and what that means, gives a reason, and does it."""
    ren.go(DESK)
    told = ren.page.locator("section.notice.hold")
    assert told.locator("h2").inner_text() == "1 recognition needs a second look"
    assert f"{TITLES['SEL2']}, Mia Sample, {TEN}" in with_place(told.inner_text())
    is_open_to_everybody(ren)
    ren.go(world.stage.post(REN, "recognition-fallen").link)
    assert ren.heading() == TITLES["SEL2"]
    lede = with_place(ren.page.locator("p.lede").inner_text())
    assert "Its issuer has withdrawn it." in lede
    assert f"together with 1 other micro-credential: {TEN}" in lede
    is_open_to_everybody(ren)
    form = ren.page.locator("form[action$='/reverse']")
    assert f"{TEN} go, and nothing of this decision remains" in with_place(form.inner_text())
    assert f"{TITLES['SEL1']} stands and is free again" in form.inner_text()
    ren.page.fill("#reverse-reason", WHY)
    ren.press("Take it back")
    assert ren.heading() == "Reversals"
    assert "It is taken back." in ren.words()
    assert "Nothing that Exampleton School District has counted needs a decision." in ren.words()
    world.stage.run(SIGNING)

    post = world.stage.post(MIA, "recognition-reversed")
    assert WHY in post.text
    assert TEN in with_place(" ".join(post.text.split()))
    mia.go(post.link)
    assert mia.path() == claim
    assert state(mia) == "taken back"
    is_open_to_everybody(mia)


def it_is_withdrawn_for_everybody(world: World, seen: Window, signed: list[str], files: list[Path]) -> None:
    """Both recognitions, also that of the award that stands: on their pages, at the desk, in the terminal."""
    for path in signed:
        assert verdict(seen.go(path)) == "Withdrawn"
        seen.go(f"/verify?url={seen.stage.address}{path}")
        assert verdict(seen) == "Withdrawn"
    assert verdict(seen.go(world.links[MIA, "SEL1"])) == "Valid"
    assert spoken(seen) == []
    assert spoken(seen.go(world.links[MIA, "SEL2"])) == []
    for file in files:
        code, told = world.hallmark("verify", str(file))
        assert (code, "Withdrawn" in told) == (1, True), told


def what_stands_is_claimed_again(world: World, mia: Window, ren: Window, seen: Window) -> None:
    """The first and the third are a pair now; the one that was withdrawn cannot be counted any more."""
    mia.go("/plan/mine").follow(RULE)
    be_renewing(mia)
    mia.press(LOOK)
    assert f"you would have {TEN}" in answer(mia)
    assert outcome(mia, "SEL2") == "withdrawn by its issuer"
    assert [outcome(mia, code) for code in ("SEL1", "SEL3")] == ["counts", "counts"]
    claim = send_the_claim(world, mia, "SEL1", "SEL3")
    approve(world, ren, "SEL1", "SEL3")
    ren.go(f"{DESK}/ledger?q={MIA}")
    assert f"on this page {TEN}" in with_place(ren.page.locator("table.cards caption").inner_text())
    expect(ren.page.locator("table.cards tbody tr")).to_have_count(2)
    assert state(mia.go(claim)) == "approved and counted"
    assert counted(mia) == [(f"{TITLES['SEL1']} + {TITLES['SEL3']}", f"{TEN} for Content")]
    assert spoken(seen.go(world.links[MIA, "SEL1"])) == []  # who agreed once has not agreed to this


def is_open_to_everybody(seen: Window) -> None:
    """Nothing spills, and nothing is in the way of those who use aids; it needs a window with scripts."""
    assert seen.fits(), f"{seen.page.url} spills"
    assert faults(seen.page) == []
