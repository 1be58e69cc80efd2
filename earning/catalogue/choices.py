# SPDX-License-Identifier: Apache-2.0
"""What a visitor of the catalogue may choose, with how many fit then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from earning.catalogue import languages
from earning.catalogue.listing import Listing
from earning.catalogue.search import HOURS, Filter
from earning.catalogue.stacks import audience_words
from earning.store.catalogue import Picked
from issuer.micro_credential import AUDIENCES


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter, with how many fit if it is chosen."""

    value: str
    words: str
    number: int
    is_chosen: bool


def choices(
    listed: Listing, asked: Filter, parts: Mapping[str, int], lists: Mapping[str, tuple[str, Picked]]
) -> dict[str, tuple[Choice, ...]]:
    """Return the choices of every filter, each counted as if the others stay as they are."""

    def offer(name: str, chosen: object, values: Iterable[tuple[str, str, int]]) -> tuple[Choice, ...]:
        others = listed.fitting(parts, without=(name,))
        counted = ((value, words, (found & others).bit_count()) for value, words, found in values)
        return tuple(
            Choice(value, words, number, value == str(chosen))
            for value, words, number in counted
            if number or value == str(chosen)
        )

    students = {None: "", True: "yes", False: "no"}[asked.needs_students]
    # Languages are offered in which anything fits that is left by what is not told of the text itself.
    fitting = listed.fitting(parts, without=("hours", "students", "language"))
    tags = [each for each in listed.languages if fitting & listed.in_language(each)]
    return {
        "stack": offer(
            "stack", asked.stack, ((s.code, s.title, listed.in_stack(s.code)) for s in listed.stacks.values())
        ),
        "audience": offer(
            "audience", asked.audience, ((a, audience_words(a), listed.for_audience(a)) for a in AUDIENCES)
        ),
        "hours": offer(
            "hours", asked.hours, ((str(most), f"up to {most} hours", listed.within(most)) for most in HOURS)
        ),
        "students": offer(
            "students",
            students,
            (
                ("no", "can be earned without students", listed.with_need(False)),
                ("yes", "needs students of your own", listed.with_need(True)),
            ),
        ),
        "language": offer(
            "language", asked.language, ((t, languages.name(t), listed.in_language(t)) for t in tags)
        ),
        "recognised": offer(
            "recognised",
            asked.recognised,
            ((name, words, listed.on(on)) for name, (words, on) in lists.items()),
        ),
    }
