# SPDX-License-Identifier: Apache-2.0
"""Every page of every role, on a phone and at a desk, light and dark: nothing shuts anybody out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Browser, Page, expect

from service import access
from tests.journeys.axe import faults
from tests.journeys.browser import CHROMIUM, HEIGHT, Scheme, available, launch
from tests.journeys.scenes import ADA, MANAGER, NO_PAGES, PAGES, SOL, VISITOR, kinds_of_mail, set_scenes
from tests.journeys.stage import NARROW, WIDE, Stage, Window, open_stage, window

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]

# Dark is light with other colours (``tests/test_static.py``), so each width is seen in one of them. How a
# page is built is looked at on a phone, where tables and menus are rearranged; at a desk only its looks are.
LOOKS: tuple[tuple[int, Scheme], ...] = ((WIDE, "light"), (NARROW, "dark"))
BUILT = """() => ({
  heads: document.querySelectorAll("h1").length,
  lang: document.documentElement.lang,
  title: document.title.trim(),
  ids: [...document.querySelectorAll("[id]")].map((each) => each.id),
})"""
FOCUS = """() => {
  const here = document.activeElement, style = getComputedStyle(here), box = here.getBoundingClientRect();
  const x = box.x + Math.min(box.width / 2, 20), y = box.y + Math.min(box.height / 2, 12);
  const middle = document.elementFromPoint(x, y);
  return {
    words: (here.ariaLabel || here.name || here.textContent || "").trim().slice(0, 60),
    end: here === document.body,
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    free: here === document.body || !middle || here.contains(middle) || middle.contains(here)
      || [...(here.labels || [])].some((each) => each.contains(middle)),
  };
}"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_stage(tmp_path_factory.mktemp("pages"), plays=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def names(stage: Stage) -> Mapping[str, str]:
    return set_scenes(stage)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


def path_of(page: str, names: Mapping[str, str]) -> str:
    """The address of a page, with its objects in it."""
    for name, value in names.items():
        page = page.replace("{" + name + "}", value)
    return page


def test_each_page_is_opened_by_somebody(stage: Stage, names: Mapping[str, str]) -> None:
    addresses = stage.web.url_map.bind("127.0.0.1")
    opened = set()
    for page in (each for pages in PAGES.values() for each in pages):
        path = path_of(page, names).partition("?")[0]
        rule, _ = addresses.match(path, method="GET", return_rule=True)
        opened.add(rule.rule)
    routes = {route for route, method, _ in access.table(stage.web) if method == "GET"}
    assert routes - opened - set(NO_PAGES) == set()
    assert set(NO_PAGES) - routes == set()
    assert opened & set(NO_PAGES) == set()


@pytest.mark.parametrize("who", PAGES, ids=lambda who: who.partition("@")[0] or "visitor")
def test_every_page_can_be_used_by_everybody(
    stage: Stage, names: Mapping[str, str], browser: Browser, who: str
) -> None:
    found: list[str] = []
    with window(browser, stage, who or None) as seen:
        for page in PAGES[who]:
            found += look(seen, path_of(page, names))
    assert not found, "\n".join(found)


def look(seen: Window, path: str) -> list[str]:
    """Look at one page in every way, and return what is wrong with it."""
    page, found = seen.page, []
    page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    answer = page.goto(seen.stage.address + path, wait_until="load")
    if answer is None or answer.status != 200:
        return [f"{path}: answered {answer.status if answer else 'nothing'}"]
    built = page.evaluate(BUILT)
    if built["heads"] != 1 or not built["lang"] or not built["title"]:
        found.append(f"{path}: {built['heads']} h1, lang {built['lang']!r}, title {built['title']!r}")
    if len(built["ids"]) != len(set(built["ids"])):
        found.append(f"{path}: an id stands twice")
    page.keyboard.press("Tab")
    first = page.evaluate(FOCUS)
    is_frame = path.startswith("/embed/")  # inside another page it has nothing to skip
    if (first["words"] != "Skip to the content" and not is_frame) or not first["ring"]:
        found.append(f"{path}: the first key reaches {first}")
    page.evaluate("document.activeElement.blur()")  # else the skip link lies over the first words
    for width, scheme in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if not seen.fits():
            found.append(f"{path}: spills at {width}")
        found += [f"{width} {scheme} {each}" for each in faults(page, only_looks=width == WIDE)]
    return found


@pytest.mark.parametrize("path", ["/nothing-here", "/manage", "/work/00000000-0000-4000-8000-000000000000"])
def test_what_cannot_be_shown_is_said_well(stage: Stage, browser: Browser, path: str) -> None:
    with window(browser, stage, ADA, width=NARROW, scheme="dark") as seen:
        seen.go(path)
        assert seen.page.locator("h1").count() == 1
        assert seen.fits()
        assert faults(seen.page) == []
        assert not seen.words().startswith(",")
        seen.complaints.clear()  # the browser tells that it was answered with an error


def test_each_kind_of_mail_can_be_read_by_everybody(stage: Stage, browser: Browser) -> None:
    found: list[str] = []
    # A mail lets no script run, so what looks at it comes from outside its own policy.
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    kinds = kinds_of_mail(stage)
    assert {"applied", "received", "returned", "awarded"} <= set(kinds)
    for kind, id in kinds.items():
        words = page.request.get(f"{stage.address}/outbox/{id}/html").text()
        page.set_content(words.replace(' target="_blank"', ""))
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append(f"{kind} spills at {width}")
            told = faults(page, only_looks=width == WIDE)
            found += [f"{kind}: {each}" for each in told if "region:" not in each and "landmark" not in each]
    context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("who", "page"),
    [
        (ADA, "/work/{ada.draft}/parts/part-2"),
        (ADA, "/work/{ada.draft}/artefacts/{ada.piece}"),
        (SOL, "/reviews/{review.again}"),
        (MANAGER, "/manage/applications/{ada.draft}"),
        (VISITOR, "/catalogue"),
    ],
)
def test_the_keyboard_gets_everywhere_and_is_always_seen(
    stage: Stage, names: Mapping[str, str], browser: Browser, who: str, page: str
) -> None:
    with window(browser, stage, who or None, width=NARROW) as seen:
        seen.go(path_of(page, names))
        stops = tuple(walk(seen.page))
        assert len(stops) > 12
        assert not [each for each in stops if not each["ring"]]
        assert not [each for each in stops if not each["free"]]


def walk(page: Page, most: int = 250) -> Iterator[Mapping[str, object]]:
    """Press Tab from the beginning of a page to its end, and tell where that leads."""
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["end"]:
            return
        yield stop
    raise AssertionError("the keyboard does not get out again")


# -- a review with the keyboard alone ------------------------------------------------------------------------


def test_a_review_is_done_with_the_keyboard_alone(
    stage: Stage, names: Mapping[str, str], browser: Browser
) -> None:
    with window(browser, stage, SOL) as seen:
        page = seen.go(path_of("/reviews/{review.whole}", names)).page
        open_ones = page.locator("fieldset.criterion")
        here = "document.activeElement.closest('fieldset')?.id ?? ''"
        ids = [each.get_attribute("id") for each in open_ones.all()]
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_have_attribute("open", "")
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        page.keyboard.press("j")
        assert page.evaluate(here) == ids[0]
        page.keyboard.press("j")
        assert page.evaluate(here) == ids[1]
        page.keyboard.press("k")
        assert page.evaluate(here) == ids[0]
        for index in range(len(ids)):
            levels = open_ones.nth(index).locator("input[type=radio]")
            for key in range(1, levels.count() + 1):
                page.keyboard.press(str(key))
                expect(levels.nth(key - 1)).to_be_checked()
            page.keyboard.press("j")
        expect(page.locator("#saved")).to_contain_text("aved")
        comment = open_ones.nth(0).locator("textarea")
        comment.focus()
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.keyboard.type("j1k? is only text here")
        expect(comment).to_have_value("j1k? is only text here")
        assert page.evaluate(here) == ids[0]

        page.keyboard.press("Shift+Tab")  # back among the levels
        page.keyboard.press("?")
        expect(page.locator("#keys")).not_to_have_attribute("open", "")
        page.keyboard.press("?")
        page.locator("#use-keys").focus()
        page.keyboard.press("Space")
        expect(page.locator("#use-keys")).not_to_be_checked()
        open_ones.nth(0).locator("input[type=radio]").last.focus()
        for single in ("1", "j", "?"):
            page.keyboard.press(single)
        expect(open_ones.nth(0).locator("input[type=radio]").last).to_be_checked()
        assert page.evaluate(here) == ids[0]
        seen.go(page.url)
        expect(page.locator("#use-keys")).not_to_be_checked()  # remembered on this device

        page.get_by_role("button", name="Go on to finish").focus()
        with page.expect_navigation(wait_until="load"):
            page.keyboard.press("Enter")
        assert seen.heading() == "Send this reading?"
        page.get_by_role("button", name="Send it").focus()
        with page.expect_navigation(wait_until="load"):
            page.keyboard.press("Enter")
        assert seen.path() == "/reviews"
