# SPDX-License-Identifier: Apache-2.0
"""What a visitor looks for: words and filters of the catalogue, read from an address.

Words are folded (no case, no accents), and all of them must be found. Whatever stands in an address is
taken for the best: a filter that we do not know is left out, a number that is none is no number. Nothing
that a visitor can write is an error.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from issuer.micro_credential import AUDIENCES, CODE, LANGUAGE

WORDS: Final = 8  # words that one search looks for
QUERY_CHARS: Final = 200  # characters of a search
HOURS: Final = (5, 10, 15, 20, 40)  # choices of "up to"
PAGE: Final = 24  # micro-credentials on a page; two, three and four columns come out even
PRINTED: Final = 500  # on one printed list

_PLACE = re.compile(r"[0-9]{1,9}")
_LIST = re.compile(r"[a-z0-9-]{1,80}")


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for. Everything that is empty or None filters nothing.

    Attributes:
        needs_students: False: only what can be earned without students of one's own.
        recognised: A list of a portal, ``wa-stem``.
        after: Only what stands after this place of the catalogue's order.
        before: Only what stands before this place.
    """

    text: str = ""
    stack: str = ""
    audience: str = ""
    hours: int | None = None
    needs_students: bool | None = None
    language: str = ""
    recognised: str = ""
    after: int | None = None
    before: int | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The words to be found, folded."""
        return tuple(dict.fromkeys(fold(self.text).split()))[:WORDS]

    @property
    def is_empty(self) -> bool:
        """Whether everything in the catalogue fits."""
        return replace(self, after=None, before=None) == Filter()

    def address(self, path: str = "/catalogue", **changes: object) -> str:
        """Return the address of this search with ``changes`` (None takes a filter away), from its first page.

        ``after`` or ``before`` among the changes leads to another page of it.
        """
        parts: dict[str, object] = {
            "q": self.text,
            "stack": self.stack,
            "audience": self.audience,
            "hours": self.hours,
            "students": None if self.needs_students is None else ("yes" if self.needs_students else "no"),
            "language": self.language,
            "recognised": self.recognised,
            **changes,
        }
        query = urlencode({name: str(value) for name, value in parts.items() if value not in (None, "")})
        return f"{path}?{query}" if query else path


def read(query: Mapping[str, str]) -> Filter:
    """Read the query of an address. What does not fit is as if it was not there."""
    hours, students = query.get("hours", ""), query.get("students", "")
    return Filter(
        text=tidy(query.get("q", "")),
        stack=_if(CODE, query.get("stack", "")),
        audience=query.get("audience", "") if query.get("audience", "") in AUDIENCES else "",
        hours=int(hours) if hours in map(str, HOURS) else None,
        needs_students={"yes": True, "no": False}.get(students),
        language=_if(LANGUAGE, query.get("language", ""))[:35],
        recognised=_if(_LIST, query.get("recognised", "")),
        after=_place(query.get("after", "")),
        before=_place(query.get("before", "")),
    )


def tidy(text: str) -> str:
    """Return ``text`` as one line of at most QUERY_CHARS characters that can be shown."""
    shown = "".join(char if char.isprintable() else " " for char in text[: 4 * QUERY_CHARS])
    return " ".join(shown.split())[:QUERY_CHARS].strip()


def fold(text: str) -> str:
    """Return ``text`` as it is compared: no case, no accents, single spaces."""
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char)
    )
    return " ".join("".join(char if char.isprintable() else " " for char in plain).casefold().split())


def _if(pattern: re.Pattern[str], value: str) -> str:
    return value if pattern.fullmatch(value) else ""


def _place(value: str) -> int | None:
    return int(value) if _PLACE.fullmatch(value) and value.isascii() else None
