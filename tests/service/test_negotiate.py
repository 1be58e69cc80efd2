# SPDX-License-Identifier: Apache-2.0
"""``Accept`` is read as RFC 9110, section 12.5.1, says."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from service.errors import NotAcceptableError
from service.negotiate import best, choose, wants_html

JSON, JWT, HTML, PNG = "application/vc+ld+json", "application/vc+jwt", "text/html", "image/png"
OFFERED = (JSON, JWT, HTML, PNG)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("text/html", HTML),
        ("TEXT/HTML", HTML),
        ("text/*", HTML),
        ("image/*;q=0.5, text/*;q=0.4", PNG),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", HTML),
        ("application/vc+jwt, */*;q=0.1", JWT),
        ("*/*, application/vc+ld+json;q=0", JWT),
        ("application/*;q=0, */*", HTML),
        ("application/vc+jwt;q=0.5, application/vc+ld+json;q=0.50", JSON),
        ("application/vc+jwt;q=0.501, application/vc+ld+json;q=0.5", JWT),
        ("text/html;level=1;q=0.3, image/png;q=0.2", HTML),
        ("text/html ; q=0.3 , image/png;q=0.2", HTML),
        ("text/html;q=0.3;q=0.9, image/png", PNG),
        ("text/html;q=2, image/png;q=0.1", PNG),
        ("text/html;q=, image/png;q=0.1", PNG),
        ("text/html;q=-1, image/png;q=0.1", PNG),
        ("text/html;q=0.1234, image/png;q=0.1", PNG),
        ("*/html, image/png", PNG),
        ("nonsense", JSON),
        (",,,;;", JSON),
        ("application/pdf", None),
        ("*/*;q=0", None),
        ("text/html;q=0, image/png;q=0.0", None),
    ],
)
def test_the_asker_gets_what_is_preferred(accept: str | None, expected: str | None) -> None:
    assert best(accept, OFFERED) == expected


def test_nothing_is_offered() -> None:
    assert best("*/*", ()) is None
    assert best(None, ()) is None


@given(st.text(alphabet="abct/*;q=0.19, +-\x00é", max_size=80))
def test_no_header_is_too_strange(accept: str) -> None:
    assert best(accept, OFFERED) in (*OFFERED, None)


def test_a_view_is_told_when_it_has_nothing_to_offer() -> None:
    app = Flask("x")
    with app.test_request_context(headers={"Accept": "application/pdf"}), pytest.raises(NotAcceptableError):
        choose(OFFERED)
    with app.test_request_context(headers={"Accept": "image/png"}):
        assert choose(OFFERED) == PNG
        assert choose(OFFERED, accept="text/html") == HTML


@pytest.mark.parametrize(
    ("accept", "html"),
    [("text/html", True), ("*/*", False), ("", False), ("application/problem+json", False)],
)
def test_pages_are_for_those_who_ask_for_them(accept: str, html: bool) -> None:
    with Flask("x").test_request_context(headers={"Accept": accept}):
        assert wants_html() == html
