# SPDX-License-Identifier: Apache-2.0
"""Foreign Markdown becomes harmless HTML, for display only; what is signed stays as it was written.

CommonMark without raw HTML and without images, then an allow-list of elements. Links lead to ``https:`` and
``mailto:`` only. Headings begin at the third level, because they stand below a page's own.
"""

from __future__ import annotations

from typing import Final

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

MARKDOWN_CHARS: Final = 16_384  # characters; markdown-it-py takes 1 s for 65 KB of "!["

_ELEMENTS: Final = {
    "a",
    "blockquote",
    "br",
    "code",
    "em",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "ul",
}
_ATTRIBUTES: Final[dict[str, set[str]]] = {"*": set(), "a": {"href"}, "ol": {"start"}}
_SCHEMES: Final = {"https", "mailto"}
_REL: Final = "nofollow ugc noopener noreferrer"

_parser = MarkdownIt("commonmark", {"html": False}).disable("image")


def render(text: str) -> Markup:
    """Return ``text`` as HTML that may stand in any page. More than MARKDOWN_CHARS is shown as plain text."""
    if len(text) > MARKDOWN_CHARS:
        paragraphs = (part.strip() for part in text.split("\n\n"))
        return Markup("\n").join(Markup("<p>{}</p>").format(part) for part in paragraphs if part)
    tokens = _parser.parse(text)
    for token in tokens:
        _lower_heading(token)
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=_ELEMENTS,
        attributes=_ATTRIBUTES,
        attribute_filter=_keep,
        url_schemes=_SCHEMES,
        link_rel=_REL,
    )
    return Markup(clean)  # noqa: S704  nh3 has just decided what may stand here


def plain(text: str) -> Markup:
    """Return ``text`` escaped, with its line breaks kept."""
    return Markup("<br>\n").join(escape(line) for line in text.splitlines())


def _keep(_element: str, attribute: str, value: str) -> str | None:
    """Return the attribute's value, or None for a link without scheme: it would mean another place here."""
    if attribute == "href" and value.partition(":")[0].lower() not in _SCHEMES:
        return None
    return value


def _lower_heading(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(6, int(token.tag[1:]) + 2)}"
