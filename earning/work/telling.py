# SPDX-License-Identifier: Apache-2.0
"""What in the answers may tell reviewers who somebody is: hints to look again before sending, never a gate.

Looked for are the educator's own name, e-mail address and school as whole words, and what
``earning.scrub.names`` finds in any text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from earning.scrub.names import look_for_people
from earning.work.submissions import anchor
from earning.work.work import Workplace
from service.accounts.people import Person

OWN_CHARS: Final = 4  # characters; what is shorter is found in too many texts that mean something else
SHOWN: Final = 5  # words of one answer that are shown; more say the same


@dataclass(frozen=True, slots=True)
class Hint:
    """An answer to look at again: where, and why. ``anchor`` is the id of the field."""

    place: str
    sentence: str

    @property
    def anchor(self) -> str:
        """Return the id of the field on its page."""
        return anchor(self.place)


def hints(work: Workplace, person: Person) -> tuple[Hint, ...]:
    """Return what in the answers of ``work`` may tell who ``person`` or somebody else is, in their order."""
    found: list[Hint] = []
    for place in work.places:
        text = work.answers[place].text if place in work.answers else ""
        own = tuple(each for each in _own(person) if _stands_in(each, text))
        others = tuple(dict.fromkeys(each.words for each in look_for_people(text)))
        others = tuple(each for each in others if not any(_stands_in(mine, each) for mine in own))
        if own:
            found.append(Hint(place, _sentence("you are", own)))
        if others:
            found.append(Hint(place, _sentence("somebody is", others)))
    return tuple(found)


def _own(person: Person) -> Iterator[str]:
    name = person.name if len(person.name.split()) > 1 else ""  # a first name alone is a word like any other
    for each in (name, person.email, person.school):
        if len(each.strip()) >= OWN_CHARS:
            yield each.strip()


def _stands_in(words: str, text: str) -> bool:
    pattern = r"\s+".join(re.escape(each) for each in _same(words).split())
    return re.search(rf"(?<!\w){pattern}(?!\w)", _same(text)) is not None


def _same(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _sentence(who: str, words: tuple[str, ...]) -> str:
    quoted = ", ".join(f"“{each}”" for each in words[:SHOWN])
    more = " and more" if len(words) > SHOWN else ""
    return f"This may tell who {who}: {quoted}{more}. Reviewers read it as it stands."
