# SPDX-License-Identifier: Apache-2.0
"""Every public page in every state, in a real browser: nothing spills, complains or needs a script."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Browser

from tests.journeys import gallery
from tests.journeys.browser import CHROMIUM, available, launch, serve, visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]

SMALLEST_TARGET = 24  # pixels, WCAG 2.2, 2.5.8; links within a sentence are excepted there

BUILT = """() => {
  const all = (what) => [...document.querySelectorAll(what)];
  return {
    once: ["h1", "main", "header nav[aria-label]"].map((what) => all(what).length),
    lang: document.documentElement.lang,
    without_words: all("img:not([alt]), table th:not([scope]), svg:not([aria-hidden])").length,
    levels: all("h1, h2, h3, h4").map((heading) => Number(heading.tagName[1])),
    ids: all("[id]").map((element) => element.id),
    inner_links: all("a[href^='#']").map((link) => link.getAttribute("href").slice(1)),
  };
}"""
SMALL = """(least) => [
  ...document.querySelectorAll("nav a, .button, button, summary, .downloads a, .marks a, .wordmark")
].filter((element) => element.checkVisibility()).filter((element) => {
  const box = element.getBoundingClientRect();
  return box.width < least || box.height < least;
}).map((element) => element.textContent.trim())"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serve(gallery.create_gallery()) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


@pytest.mark.parametrize("path", gallery.PAGES)
def test_a_page_is_well_built_and_fits_a_phone(site: str, browser: Browser, path: str) -> None:
    with visit(browser, site + path, width=320) as seen:
        page = seen.page
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert seen.complaints == []
        assert seen.foreign == []
        assert seen.dialogs == []
        built = page.evaluate(BUILT)
        assert built["once"] == [1, 1, 0 if path.startswith("/embed/") else 1]
        assert built["lang"] == "en"
        assert built["without_words"] == 0
        assert built["levels"][0] == 1
        assert all(after - before <= 1 for before, after in pairwise(built["levels"]))
        assert len(built["ids"]) == len(set(built["ids"]))
        assert set(built["inner_links"]) <= set(built["ids"])


@pytest.mark.parametrize("path", ["/credential/valid", "/answer/valid"])
def test_a_phone_reads_the_rubric_without_labels(site: str, browser: Browser, path: str) -> None:
    with visit(browser, site + path, width=320) as seen:
        cells = seen.page.locator("table.cards caption:has-text('What was reviewed') ~ tbody td")
        before = "(cell) => getComputedStyle(cell, '::before').content"
        assert {cell.evaluate(before) for cell in cells.all()} == {"none"}
        assert cells.count() == 8
        if path == "/credential/valid":
            box = seen.page.locator(".badge").bounding_box()
            assert box is not None
            assert abs(box["x"] + box["width"] / 2 - 160) < 2


def test_places_in_the_file_are_for_those_who_ask(site: str, browser: Browser) -> None:
    with visit(browser, site + "/answer/unsigned-content") as seen:
        place = seen.page.locator("#check-signed-content code")
        assert not place.is_visible()
        seen.page.click("text=Where in the file")
        assert place.is_visible()


@pytest.mark.parametrize("path", ["/answer/undetermined", "/credential/undetermined"])
def test_an_open_answer_says_who_did_not_answer_and_can_be_asked_again(
    site: str, browser: Browser, path: str
) -> None:
    with visit(browser, site + path, width=320) as seen:
        told = seen.page.locator(".verdict .sentence").first.inner_text()
        assert told.startswith(f"We could not reach {gallery.HOST}, where the issuer keeps its key.")
        assert seen.page.locator(".verdict a.button").inner_text() == "Try again"


def test_the_first_key_reaches_the_skip_link(site: str, browser: Browser) -> None:
    with visit(browser, site + "/credential/valid") as seen:
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.textContent") == "Skip to the content"
        seen.page.keyboard.press("Enter")
        assert seen.page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("state", gallery.STATES)
def test_the_title_says_the_state_first(site: str, browser: Browser, state: str) -> None:
    with visit(browser, f"{site}/answer/{state}") as seen:
        word = seen.page.locator(".verdict .word").inner_text()
        assert seen.page.title().startswith(f"{word}: ")


def test_states_differ_by_word_symbol_and_colour(site: str, browser: Browser) -> None:
    looks = set()
    for state in (
        "valid",
        "expired",
        "not-yet-valid",
        "suspended",
        "revoked",
        "undetermined",
        "unsigned-content",
    ):
        with visit(browser, f"{site}/answer/{state}") as seen:
            bar = seen.page.locator(".verdict")
            looks.add((bar.locator(".word").inner_text(), bar.locator("svg").inner_html()))
    assert len({word for word, _ in looks}) == 7
    assert len({symbol for _, symbol in looks}) == 7


def test_green_needs_a_recognised_issuer(site: str, browser: Browser) -> None:
    for state, tone in (("valid", "ok"), ("unknown-issuer", "neutral"), ("bare", "neutral")):
        with visit(browser, f"{site}/answer/{state}") as seen:
            assert tone in (seen.page.locator(".verdict").get_attribute("class") or "").split()
            assert seen.page.locator(".checks .bad").count() == 0


@pytest.mark.parametrize("state", ["invalid", "unsigned-content", "undetermined", "not-a-badge"])
def test_nothing_unproven_is_shown_as_true(site: str, browser: Browser, state: str) -> None:
    with visit(browser, f"{site}/answer/{state}") as seen:
        shown = seen.page.locator("main").inner_text()
        assert "Maya Example" not in shown
        assert "Self-Awareness" not in shown
        assert "Self-Awareness" not in seen.page.title()
        assert seen.page.locator(".marks .struck").count() == 0
        assert seen.page.locator("main img").count() == 0
        claims = seen.page.locator("details", has_text="What the file claims")
        if state != "not-a-badge":
            assert claims.get_attribute("open") is None
            claims.locator("summary").click()
            assert "Maya Example" in claims.inner_text()


@pytest.mark.parametrize("page", ["answer", "credential"])
def test_v10_foreign_text_stays_text(site: str, browser: Browser, page: str) -> None:
    """V10 display: HTML, Markdown, SVG, ``javascript:``, ``file:`` and ``data:`` links."""
    with visit(browser, f"{site}/{page}/hostile") as seen:
        seen.page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        links = seen.page.evaluate("[...document.querySelectorAll('a')].map((a) => [a.protocol, a.rel])")
        assert {protocol for protocol, _ in links} <= {"http:", "https:", "mailto:"}
        assert (
            seen.page.locator("main iframe, main style, main script, main [onload], main [onerror]").count()
            == 0
        )
        assert seen.page.locator("main img[src*=elsewhere]").count() == 0
        assert "{{ 7*7 }}" in seen.page.locator("main").inner_text()
        for link in seen.page.locator("main a[href*='elsewhere.example']").all():
            assert {"nofollow", "noopener"} <= set((link.get_attribute("rel") or "").split())
        assert (seen.dialogs, seen.foreign, seen.complaints) == ([], [], [])


def test_v5_a_name_cannot_push_the_address_away(site: str, browser: Browser) -> None:
    """V5 look-alike: direction isolated, length cut, the proven address shown, never green."""
    with visit(browser, f"{site}/answer/hostile", width=320) as seen:
        head = seen.page.locator("main").inner_text()
        assert not set("\u202a\u202b\u202d\u202e\u2066\u2067") & set(head)
        assert len(seen.page.locator("h1").inner_text()) <= 163
        assert seen.page.locator("h1 bdi").count() == 1
        assert seen.page.locator(".who .domain").is_visible()
        assert seen.page.locator(".verdict.ok").count() == 0


def test_marks_are_struck_outlined_or_barred(site: str, browser: Browser) -> None:
    expected = {
        "valid": ["struck", "struck", "struck", "struck"],
        "bare": ["struck", "outlined", "outlined", "struck"],
        "revoked": ["struck", "struck", "struck", "barred"],
        "invalid": ["barred", "outlined", "outlined", "outlined"],
    }
    for state, marks in expected.items():
        with visit(browser, f"{site}/answer/{state}") as seen:
            found = [mark.get_attribute("class") for mark in seen.page.locator(".marks li").all()]
            assert found == marks, state


@pytest.mark.parametrize("path", ["/credential/valid", "/credential/revoked", "/verify", "/answer/invalid"])
def test_pages_work_without_scripts(site: str, browser: Browser, path: str) -> None:
    with visit(browser, site + path, scripts=False) as seen:
        assert seen.page.locator("h1").is_visible()
        assert seen.page.locator("button[data-copy]:visible").count() == 0
        if path.startswith("/credential/"):
            assert seen.page.locator("text=Link to this page").is_visible()
        details = seen.page.locator("details").first
        if path != "/verify":
            was_open = details.get_attribute("open") is not None
            details.locator("summary").click()
            assert (details.get_attribute("open") is not None) is not was_open
        else:
            assert seen.page.locator("form button[type=submit]").first.is_visible()


@pytest.mark.parametrize("path", ["/", "/verify", "/credential/valid", "/answer/revoked"])
def test_targets_are_large_enough(site: str, browser: Browser, path: str) -> None:
    with visit(browser, site + path, width=320) as seen:
        assert seen.page.evaluate(SMALL, SMALLEST_TARGET) == []


def test_text_may_be_twice_as_large(site: str, browser: Browser) -> None:
    with visit(browser, site + "/credential/valid", width=640) as seen:
        seen.page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 640


def test_paper_shows_everything_and_no_forms(site: str, browser: Browser) -> None:
    with visit(browser, site + "/credential/valid") as seen:
        seen.page.emulate_media(media="print")
        assert not seen.page.locator("header nav").is_visible()
        assert seen.page.locator(".checks li").first.is_visible()
        assert seen.page.locator(".qr img").is_visible()


def test_the_link_is_copied(site: str, browser: Browser) -> None:
    with visit(browser, site + "/credential/valid") as seen:
        seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        button = seen.page.locator("button[data-copy]")
        assert not seen.page.locator("text=Link to this page").is_visible()
        button.click()
        assert seen.page.evaluate("navigator.clipboard.readText()") == gallery.ID
        assert button.inner_text() == "Copied"
