# SPDX-License-Identifier: Apache-2.0
"""Links in documents: which of them may lead to a credential, and which are the same.

A link that a credential names itself (its own address, its issuer's page, its criteria) is part of that
credential, and a link to a check ("…/verify?url=…") means what is to be checked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import parse_qs, urlsplit

URL_CHARS: Final = 2_048  # characters, as for any IRI
_IN_TEXT: Final = re.compile(r"https?://[^\s<>\"'“”‘’«»|\\^`{}\x00-\x20]+", re.IGNORECASE)
_NEXT: Final = re.compile(r"\s*\n[ \t]*(?P<rest>[\w./~%?&=#:-]+)(?=\s|$)", re.ASCII)
_WRAPPED_CHARS: Final = 8  # characters of the second half of a link that goes on in the next line
_SOFT: Final = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))  # where a word may be broken


def in_text(text: str) -> Iterator[str]:
    """Yield the links that are written in the text of a page.

    A link at the end of a line may go on in the next: after a hyphen, or when what follows is letters and
    digits as in an id. That is a guess; where a page has a real link, that one is preferred.
    """
    text = unicodedata.normalize("NFKC", text.translate(_SOFT))
    for match in _IN_TEXT.finditer(text):
        link = match[0]
        onward = _NEXT.match(text, match.end())
        if onward is not None and _goes_on(link, onward["rest"]):
            link += onward["rest"]
        yield _without_punctuation(link)


def _goes_on(link: str, rest: str) -> bool:
    if link.endswith("-"):
        return True
    mixed = any(char.isdigit() for char in rest) and any(char.isalpha() for char in rest)
    return (
        mixed
        and len(rest) >= _WRAPPED_CHARS
        and not rest.lower().startswith("http")
        and link[-1] not in ".,;"
    )


def _without_punctuation(link: str) -> str:
    link = link.rstrip(".,;:!?…·•*_")
    while link.endswith((")", "]")) and link.count(link[-1]) > link.count("(" if link[-1] == ")" else "["):
        link = link[:-1].rstrip(".,;:!?")
    return link


def meant(link: str) -> str | None:
    """Return the address that ``link`` means, without fragment; None if it is none that we open."""
    link = link.strip().partition("#")[0]
    try:
        parts = urlsplit(link)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        return None
    if len(link) > URL_CHARS or not all(" " < char != "\x7f" for char in link):
        return None
    if parts.path.rstrip("/").endswith("/verify") and len(parts.query) > 0:
        inner = (
            parse_qs(parts.query, max_num_fields=20).get("url", [""])[0]
            if parts.query.count("&") < 20
            else ""
        )
        if inner.lower().startswith(("http://", "https://")) and "/verify" not in inner:
            return meant(inner)
    return link


def key(link: str) -> str:
    """Return what two links have in common that lead to the same place."""
    parts = urlsplit(link.partition("#")[0])
    path = parts.path.rstrip("/")
    for ending in (".json", ".jsonld", ".jwt", ".png", ".svg", ".pdf"):
        path = path.removesuffix(ending)
    return f"{parts.netloc.lower()}{path}?{parts.query}"


def is_front_page(link: str) -> bool:
    """Tell whether a link leads to the front page of a site, which is nobody's credential."""
    parts = urlsplit(link)
    return parts.path in ("", "/") and not parts.query


def distinct(links: Iterable[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Return places and links by their key, the first of each; front pages only if there is nothing else."""
    found: dict[str, tuple[str, str]] = {}
    for place, link in links:
        address = meant(link)
        if address is not None:
            found.setdefault(key(address), (place, address))
    deep = {name: each for name, each in found.items() if not is_front_page(each[1])}
    return deep or found
