# SPDX-License-Identifier: Apache-2.0
"""Links in documents: which of them may lead to a credential, and which are the same.

A link to the address of an attached credential is that credential, if its issuer speaks for the address; a
link to a check ("…/verify?url=…") means what is to be checked. In doubt two links are two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from service.addresses import public_host

URL_CHARS: Final = 2_048  # characters, as for any IRI
_IN_TEXT: Final = re.compile(r"https?://[^\s<>\"'“”‘’«»|\\^`{}\x00-\x20]+", re.IGNORECASE)
_NEXT: Final = re.compile(r"\s*\n[ \t]*(?P<rest>[\w./~%?&=#:-]+)(?=\s|$)", re.ASCII)
_WRAPPED_CHARS: Final = 8  # characters of the second half of a link that goes on in the next line
_ENDINGS: Final = (".json", ".jsonld", ".jwt", ".png", ".svg", ".pdf")  # forms of a credential
_SHAPED: Final = re.compile(
    r"/(?:(?:micro-?|digital-?)?credentials?|(?:open-?)?badges?|assertions?|awards?|certificates?"
    r"|certifications?|licen[cs]es?|diplomas?|verify|vc)/[^/]",
    re.IGNORECASE,
)
_SOFT: Final = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))  # where a word may be broken


def in_text(text: str) -> Iterator[tuple[str, str]]:
    """Yield the links that are written in the text of a page, and the text from there on, without blanks.

    A link at the end of a line may go on in the next: after a hyphen, or when what follows is letters and
    digits as in an id. That is a guess; where a page has a real link, that one is preferred.
    """
    text = unicodedata.normalize("NFKC", text.translate(_SOFT))
    for match in _IN_TEXT.finditer(text):
        link = match[0]
        onward = _NEXT.match(text, match.end())
        if onward is not None and _goes_on(link, onward["rest"]):
            link += onward["rest"]
        yield _without_punctuation(link), "".join(text[match.start() : match.start() + 2 * URL_CHARS].split())


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
    return _key(link, "")


def keys_of(id_: str, issuer: str) -> frozenset[str]:
    """Return the keys of the links that mean the credential with this id: its address, and its forms there.

    None if the host of the address is not the issuer's: anybody can sign that his credential stands where
    somebody else's does. A host that is not public (a house on one's own machine) is nobody else's.
    """
    host = urlsplit(id_).hostname if meant(id_) == id_ else None
    if host is None:
        return frozenset()
    theirs = _host(issuer)
    if public_host(host) is not None and theirs != host and not host.endswith(f".{theirs or host}"):
        return frozenset()
    ending = next((each for each in _ENDINGS if urlsplit(id_).path.endswith(each)), "")
    base = id_.removesuffix(ending) if not urlsplit(id_).query else id_
    return frozenset({_key(id_, ""), *(_key(base, each) for each in ("", *_ENDINGS))})


def _key(link: str, ending: str) -> str:
    parts = urlsplit(link.partition("#")[0])
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}{ending}?{parts.query}"


def _host(issuer: str) -> str | None:
    """Return the host that an issuer's id names: of a did:web, or of an address."""
    if issuer.startswith("did:web:"):
        return unquote(issuer.split(":")[2]).partition(":")[0].lower() or None
    return urlsplit(issuer).hostname if meant(issuer) is not None else None


def is_shaped(link: str) -> bool:
    """Tell whether an address looks like that of a credential, as "/credentials/7f3c" does."""
    return _SHAPED.search(urlsplit(link).path) is not None


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
