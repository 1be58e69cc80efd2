# SPDX-License-Identifier: Apache-2.0
"""Foreign Markdown is harmless (threats V10)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.markdown import MARKDOWN_CHARS, plain, render

ELEMENTS = {"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "strong", "ul"}
HEADINGS = {"h3", "h4", "h5", "h6"}
_TAG = re.compile(r"<(/?)([a-z0-9]+)((?:\s[^>]*)?)>")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**b** *i* `c`", "<p><strong>b</strong> <em>i</em> <code>c</code></p>\n"),
        ("# One\n\n###### Six", "<h3>One</h3>\n<h6>Six</h6>\n"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        (
            "[a](https://a.example/?b=1&c)",
            '<p><a href="https://a.example/?b=1&amp;c" rel="nofollow ugc noopener noreferrer">a</a></p>\n',
        ),
        ("a\n\n> b", "<p>a</p>\n<blockquote>\n<p>b</p>\n</blockquote>\n"),
        ("", ""),
    ],
)
def test_plain_marks_become_elements(text: str, html: str) -> None:
    assert render(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<style>*{display:none}</style>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](data:image/svg+xml;base64,PHN2Zz4=)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](http://a.example)",
        "[x](//a.example)",
        "[x](/relative)",
        "<javascript:alert(1)>",
        "![x](https://a.example/pixel.gif)",
        "![x](javascript:alert(1))",
        '[x](https://a.example "onmouseover=alert(1)")',
        '[x](https://a.example" onmouseover="alert(1))',
        "[x]: javascript:alert(1)\n\n[x]",
        "```\n</code><script>alert(1)</script>\n```",
        '``` "><script>alert(1)</script>\nx\n```',
        "<!-- --><script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
    ],
)
def test_nothing_foreign_runs_or_is_loaded(text: str) -> None:
    assert_harmless(render(text))


@given(st.text(alphabet="<>[]()!\"'`#*&;:/= \n\tajsrt\x00", max_size=60))
def test_no_text_makes_anything_but_harmless_elements(text: str) -> None:
    assert_harmless(render(text))
    assert_harmless(render("[x](" + text))


def assert_harmless(html: str) -> None:
    rest = _TAG.sub("", html)
    assert "<" not in rest
    for closing, name, attributes in _TAG.findall(html):
        assert name in ELEMENTS | HEADINGS
        if closing or name not in ("a", "ol"):
            assert not attributes
        elif name == "a":
            assert re.fullmatch(r'( href="(https:|mailto:)[^"]*")? rel="[a-z ]+"', attributes)


def test_a_longer_text_is_shown_as_it_is() -> None:
    text = "**a** <b>\n\n" + "x" * MARKDOWN_CHARS
    html = render(text)
    assert html.startswith("<p>**a** &lt;b&gt;</p>\n<p>xxx")
    assert "<strong>" in render("**a**" + "x" * (MARKDOWN_CHARS - 5))


def test_plain_text_keeps_its_lines() -> None:
    assert plain("a <b>\nc") == "a &lt;b&gt;<br>\nc"
