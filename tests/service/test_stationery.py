# SPDX-License-Identifier: Apache-2.0
"""The words of mails: both forms say the same, foreign text stays text, nothing remote is in them."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from service import stationery
from service.stationery import fill_in, link, render
from service.web import ROOT
from tests.service.letters import NOW

TEMPLATES = ROOT / "templates"
NAMES = sorted(
    path.relative_to(TEMPLATES).with_suffix("").as_posix()
    for path in TEMPLATES.glob("*/mail/*.html")
    if path.stem not in ("frame", "parts")
)


def words(html: str) -> list[str]:
    """The words of an HTML mail in their order."""
    body = re.sub(r"<style>.*?</style>|<title>.*?</title>", "", html, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", body)).split()


def trial(subject: str = "Mails arrive", unsubscribe: str | None = None) -> stationery.Words:
    values = {"now": NOW, "subject": subject, "unsubscribe": unsubscribe}
    return render("service/mail/trial", values)


@pytest.mark.parametrize("unsubscribe", [None, "/notices"])
def test_both_forms_have_the_same_words(unsubscribe: str | None) -> None:
    found = trial(unsubscribe=unsubscribe)
    assert [word for word in found.text.split() if word != "--"] == words(found.html)


def test_every_mail_has_both_forms() -> None:
    assert NAMES
    for name in NAMES:
        assert (TEMPLATES / f"{name}.txt").exists(), name
    for path in TEMPLATES.glob("*/mail/*.txt"):
        assert path.with_suffix(".html").exists(), path


@pytest.mark.parametrize("name", NAMES)
def test_every_mail_stands_in_the_frame(name: str) -> None:
    for suffix in ("html", "txt"):
        source = (TEMPLATES / f"{name}.{suffix}").read_text(encoding="utf-8")
        assert f'{{% extends "service/mail/frame.{suffix}" %}}' in source


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*/mail/*.html")), ids=str)
def test_no_mail_loads_anything(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"<(img|script|link|iframe|object|video|form)\b|url\(|src=", source)


def test_the_button_is_also_written_out() -> None:
    found = trial()
    html = fill_in(found.html, title="Union", public_url="https://badges.union.example", html=True)
    assert html.count('href="https://badges.union.example/"') == 2
    assert ">https://badges.union.example/<" in html


def test_a_subject_with_markup_stays_text() -> None:
    found = trial(subject="<b>R&D</b>")
    assert "<b>R&D</b>" in found.text
    assert "<b>" not in found.html
    assert "&lt;b&gt;R&amp;D&lt;/b&gt;" in found.html


def test_the_name_of_the_site_is_escaped_in_html_only() -> None:
    found = trial()
    text = fill_in(found.text, title="A & <b>", public_url="https://x.example")
    html = fill_in(found.html, title="A & <b>", public_url="https://x.example", html=True)
    assert "A & <b> can send mails" in text
    assert "A &amp; &lt;b&gt; can send mails" in html


def test_no_mark_is_left_when_all_is_filled_in() -> None:
    found = trial(unsubscribe="/notices")
    filled = fill_in(found.text, title="T", public_url="u") + fill_in(found.html, title="T", public_url="u")
    assert not re.search("[\ue000-\uf8ff]", filled)


def test_text_has_no_invisible_characters() -> None:
    found = trial(subject="a\u202eb\x07c")
    assert "abc" in found.text
    assert not re.search("[\u202e\x07]", found.text + found.html)


def test_a_full_address_stays_as_it_is() -> None:
    assert link("https://other.example/x") == "https://other.example/x"
    assert link("/x").endswith("/x")
