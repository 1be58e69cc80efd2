# SPDX-License-Identifier: Apache-2.0
"""A visitor with a phone and without scripts: looks at a badge, takes it along, and has it checked.

The whole service with the demo's sample programme. The files are those of a person at a desk: downloaded
here, changed or not, uploaded there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser

import app
import hallmark
from issuer import artwork
from service import forms, settings
from tests.journeys.browser import CHROMIUM, available, launch, serve, visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not available(), reason=f"no browser is installed at {CHROMIUM}"),
]


@dataclass(frozen=True, slots=True)
class Demo:
    """The running demo: its address, and the paths of the sample credentials by code."""

    address: str
    credentials: dict[str, str]

    def page(self, code: str) -> str:
        return self.address + self.credentials[code]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    data = tmp_path_factory.mktemp("demo")
    shown = CliRunner().invoke(
        hallmark.cli, ["demo", "--once", "--data", str(data)], obj=hallmark.HallmarkRoof()
    )
    assert shown.exit_code == 0, shown.output
    paths = dict(re.findall(r"([A-Z]+\d) +http://[^/\s]+(/credentials/\S+)", shown.output))
    service = app.create_app(settings.load(data))
    with serve(service) as address:
        yield Demo(address, paths)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as running:
        yield running


def check(browser: Browser, demo: Demo, file: Path, recipient: str = "") -> tuple[str, str]:
    """Upload ``file`` on a phone without scripts; return the verdict's word and the whole answer."""
    with visit(browser, demo.address + "/verify", width=320, scripts=False) as seen:
        seen.page.set_input_files("input[type=file]", file)
        seen.page.click("details.ask > summary")
        seen.page.fill("input[name=recipient]", recipient)
        seen.submit()
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 320
        return seen.page.locator(".verdict .word").inner_text(), seen.page.locator("main").inner_text()


def download(browser: Browser, demo: Demo, code: str, suffix: str, folder: Path) -> Path:
    with visit(browser, demo.page(code), scripts=False) as seen:
        href = seen.page.locator(f".downloads a[href$='.{suffix}']").get_attribute("href")
        answer = seen.page.request.get(demo.address + (href or ""))
        assert answer.ok
        file = folder / f"badge.{suffix}"
        file.write_bytes(answer.body())
        return file


@pytest.mark.parametrize(
    ("code", "word"), [("SEL1", "Valid"), ("DECC1", "Withdrawn"), ("TRA1", "Under review")]
)
def test_a_visitor_sees_in_one_look_what_a_badge_is_worth(
    demo: Demo, browser: Browser, code: str, word: str
) -> None:
    with visit(browser, demo.page(code), width=320, scripts=False) as seen:
        assert seen.page.title().startswith(f"{word}: ")
        assert seen.page.locator(".verdict .word").inner_text() == word
        assert seen.page.locator("table caption").count() == 1
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 320
        assert seen.page.evaluate("[...document.images].every((image) => image.naturalWidth > 0)")
        assert (seen.complaints, seen.foreign) == ([], [])


@pytest.mark.parametrize("suffix", ["json", "jwt", "png", "svg"])
def test_each_form_that_can_be_taken_along_checks(
    demo: Demo, browser: Browser, tmp_path: Path, suffix: str
) -> None:
    file = download(browser, demo, "SEL1", suffix, tmp_path)
    word, answer = check(browser, demo, file, recipient="ada@teachers.example")
    assert word == "Valid"
    assert "Ada Example" in answer
    assert "It was issued to the address you typed." in answer


@pytest.mark.parametrize(
    ("typed", "word"),
    [("ada@teachers.example", "Valid"), ("eve@teachers.example", "Recipient does not match")],
)
def test_the_page_of_a_badge_tells_whose_it_is(demo: Demo, browser: Browser, typed: str, word: str) -> None:
    with visit(browser, demo.page("SEL1"), width=320, scripts=False) as seen:
        seen.page.click("text=Check whose it is >> nth=0")
        seen.page.fill("form.whose input[name=recipient]", typed)
        seen.submit("form.whose button")
        assert seen.page.locator(".verdict .word").inner_text() == word
        assert typed not in seen.page.url


def test_a_withdrawn_badge_says_when_and_why(demo: Demo, browser: Browser) -> None:
    with visit(browser, demo.page("DECC1"), scripts=False) as seen:
        bar = seen.page.locator(".verdict").inner_text()
        assert "It no longer counts." in bar
        assert re.search(r"Withdrawn on [A-Z][a-z]+ \d+, \d{4}\. Reason: The evidence does not support", bar)


def test_two_dates_do_not_puzzle(demo: Demo, browser: Browser) -> None:
    """The award lies before the signature: the page says so, and the mark of the date shows no number."""
    with visit(browser, demo.page("SEL1"), scripts=False) as seen:
        assert (
            "In force from (date of signing)"
            in seen.page.locator("section[aria-labelledby=dates-title]").inner_text()
        )
        assert seen.page.locator(".marks svg text").count() == 0


def test_what_is_no_credential_is_told_and_kept(demo: Demo, browser: Browser) -> None:
    with visit(browser, demo.address + "/verify", width=320, scripts=False) as seen:
        seen.page.fill("textarea", "my badge of this spring")
        seen.submit()
        assert seen.page.locator("[role=alert] h2").inner_text()
        assert seen.page.input_value("textarea") == "my badge of this spring"
        assert "A link begins with https://." in seen.page.locator("form").inner_text()


def test_the_form_names_its_true_limit(demo: Demo, browser: Browser) -> None:
    assert 250_000 < forms.FORM_BYTES < 300_000
    with visit(browser, demo.address + "/verify", scripts=False) as seen:
        assert "up to 250 KB" in seen.page.locator("form").inner_text()


def test_a_problem_is_told_once_and_shows_the_way(demo: Demo, browser: Browser) -> None:
    with visit(browser, demo.address + "/nothing", width=320, scripts=False) as seen:
        assert seen.page.locator("main").inner_text().count("There is no page here") == 1
        assert seen.page.locator("main a.button").get_attribute("href") == "/verify"


def test_an_issuer_is_told_by_what_it_awards_before_its_keys(demo: Demo, browser: Browser) -> None:
    with visit(browser, demo.address + "/issuers/example-education", scripts=False) as seen:
        assert seen.page.locator("h2").all_inner_texts() == ["Micro-credentials", "Recognised by", "Keys"]
        facts = seen.page.locator(".facts").inner_text()
        assert "1 Sample Square\nExampleton, Example State 00000\nUnited States" in facts


def test_each_call_of_the_reference_is_one_click_away(demo: Demo, browser: Browser) -> None:
    with visit(browser, demo.address + "/docs/api", scripts=False) as seen:
        links = seen.page.locator(".calls a")
        places = [link.get_attribute("href") or "" for link in links.all()]
        assert {"#post-verify", "#post-credentials"} <= set(places)
        assert all(seen.page.locator(place).count() == 1 for place in places)
        examples = seen.page.locator("pre").all_inner_texts()
        assert ["/verify " in examples[0], "/credentials " in examples[1]] == [True, True]


def test_a_badge_of_somebody_else_is_not_mine(demo: Demo, browser: Browser, tmp_path: Path) -> None:
    file = download(browser, demo, "SEL1", "png", tmp_path)
    word, _ = check(browser, demo, file, recipient="somebody@teachers.example")
    assert word == "Recipient does not match"


def test_a_changed_badge_is_not_genuine_and_tells_nothing(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    file = download(browser, demo, "SEL1", "json", tmp_path)
    members = json.loads(file.read_bytes())
    members["credentialSubject"]["achievement"]["name"] = "Doctor of Everything"
    file.write_text(json.dumps(members))
    word, answer = check(browser, demo, file)
    assert word == "Not genuine"
    assert "Doctor of Everything" not in answer


def test_a_withdrawn_badge_stays_withdrawn_in_its_picture(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    file = download(browser, demo, "DECC1", "png", tmp_path)
    word, _ = check(browser, demo, file)
    assert word == "Withdrawn"


def test_a_picture_without_a_credential_is_told_apart_and_nothing_typed_is_lost(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(artwork.png("SEL1", stack="SEL"))
    with visit(browser, demo.address + "/verify", width=320, scripts=False) as seen:
        seen.page.set_input_files("input[type=file]", picture)
        seen.page.click("details.ask > summary")
        seen.page.fill("input[name=recipient]", "ada@teachers.example")
        seen.submit()
        assert "picture" in seen.page.locator("[role=alert]").inner_text()
        assert seen.page.input_value("input[name=recipient]") == "ada@teachers.example"
        assert seen.page.title().startswith("Please look again")


@pytest.mark.parametrize(
    "path", ["/", "/verify", "/achievements/SEL1-v1", "/issuers/example-education", "/docs/api", "/nothing"]
)
def test_the_other_pages_fit_a_phone(demo: Demo, browser: Browser, path: str) -> None:
    with visit(browser, demo.address + path, width=320, scripts=False) as seen:
        assert seen.page.locator("h1").count() == 1
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 320
        assert seen.foreign == []
