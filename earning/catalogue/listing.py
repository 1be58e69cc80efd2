# SPDX-License-Identifier: Apache-2.0
"""Everything that the catalogue lists, in memory: who fits a search, and how many fit with another choice.

A page of the catalogue counts beside each of some forty choices. Counted by the database, that reads all
versions again for each page. They are the same for all visitors until something is published, so they are
kept here for as long as the catalogue bears the same mark (``earning.store.catalogue.mark``), which every
change of its rows renews in the same transaction.

A set of versions is a number in which bit i stands for the i-th of the catalogue's order: to choose is ``&``,
to count is ``bit_count``. For 5,000 versions a set has 625 bytes, and everything together some 5 MB.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Any, Final

from earning.catalogue.search import Filter, fold
from earning.catalogue.stacks import Stack
from earning.store import catalogue as rows
from earning.store.catalogue import EVERYBODY, Entry, Picked

KEPT: Final = 4  # catalogues; a process that serves has one, and for a moment the one before

_kept: OrderedDict[str, Listing] = OrderedDict()
_lock = threading.Lock()


def of(session: Any) -> Listing:
    """Return what the catalogue lists now, as the transaction of ``session`` sees it."""
    # The mark is read before the rows: they may be newer than it, and are then read again by the next one.
    mark = rows.mark(session)
    with _lock:
        if mark in _kept:
            _kept.move_to_end(mark)
            return _kept[mark]
    found = Listing(rows.entries(session), rows.stacks(session))
    with _lock:
        _kept[mark] = found
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


class Listing:
    """What is listed, in the catalogue's order, and the sets of those that have something in common.

    Attributes:
        stacks: All stacks by code, in the catalogue's order.
        everything: The set of all.
    """

    def __init__(self, entries: Sequence[Entry], stacks: Mapping[str, Stack]) -> None:
        self.stacks = dict(stacks)
        self.everything = (1 << len(entries)) - 1
        self._keys = tuple(each.key for each in entries)
        self._places = tuple(each.position for each in entries)
        self._words = tuple(each.words for each in entries)
        self._titles = {code: fold(stack.title) for code, stack in stacks.items()}
        self._by_code = _sets(entries, lambda each: (each.code,))
        self._by_stack = _sets(entries, lambda each: each.stacks)
        self._by_audience = _sets(entries, lambda each: each.audience)
        self._by_hours = _sets(entries, lambda each: (each.hours,))
        self._by_language = _sets(entries, lambda each: (each.language,))
        self._by_need = _sets(entries, lambda each: (each.needs_students,))

    # -- sets of versions ---------------------------------------------------------------------------------

    def in_stack(self, code: str) -> int:
        """Return those that stand in a stack."""
        return self._by_stack.get(code, 0)

    def for_audience(self, audience: str) -> int:
        """Return those that are meant for an audience; what is for everybody is for each."""
        return self._by_audience.get(audience, 0) | self._by_audience.get(EVERYBODY, 0)

    def within(self, hours: int) -> int:
        """Return those that take no more than so many hours."""
        return _any(found for most, found in self._by_hours.items() if most <= hours)

    def with_need(self, needs_students: bool) -> int:
        """Return those that need students, or those that do not."""
        return self._by_need.get(needs_students, 0)

    def in_language(self, language: str) -> int:
        """Return those that are written in a language."""
        return self._by_language.get(language, 0)

    def on(self, picked: Picked) -> int:
        """Return those that are on a list of a portal."""
        named = _any(self._by_code.get(code, 0) for code in picked.codes)
        return named | _any(map(self.in_stack, picked.stacks))

    def with_word(self, word: str) -> int:
        """Return those in which a folded word is found, or in the title of a stack of theirs."""
        digits = "".join("1" if word in words else "0" for words in reversed(self._words))
        named = _any(self.in_stack(code) for code, title in self._titles.items() if word in title)
        return int(digits or "0", 2) | named

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of all, in order."""
        return tuple(sorted(self._by_language))

    def parts(self, asked: Filter, picked: Picked | None) -> dict[str, int]:
        """Return the set that each filter of ``asked`` leaves, by its name in an address.

        ``picked`` is the list of a portal that it names.
        """
        found = {"q": reduce(and_, map(self.with_word, asked.words), self.everything)}
        if asked.stack:
            found["stack"] = self.in_stack(asked.stack)
        if asked.audience:
            found["audience"] = self.for_audience(asked.audience)
        if asked.hours is not None:
            found["hours"] = self.within(asked.hours)
        if asked.needs_students is not None:
            found["students"] = self.with_need(asked.needs_students)
        if asked.language:
            found["language"] = self.in_language(asked.language)
        if picked is not None:
            found["recognised"] = self.on(picked)
        return found

    def fitting(self, parts: Mapping[str, int], *, without: Iterable[str] = ()) -> int:
        """Return those that fit all filters, as if those named ``without`` were not there."""
        left_out = set(without)
        return reduce(and_, (found for name, found in parts.items() if name not in left_out), self.everything)

    # -- pages --------------------------------------------------------------------------------------------

    def first(self, fitting: int, *, after: int = 0, limit: int) -> tuple[str, ...]:
        """Return the keys of the first ``limit`` of a set behind a place of the catalogue's order."""
        begin = bisect_right(self._places, after)
        return tuple(self._keys[begin + each] for each in _lowest(fitting >> begin, limit))

    def last(self, fitting: int, *, before: int, limit: int) -> tuple[str, ...]:
        """Return the keys of the last ``limit`` of a set before a place, in the catalogue's order."""
        left = fitting & ((1 << bisect_left(self._places, before)) - 1)
        found: list[str] = []
        while left and len(found) < limit:
            place = left.bit_length() - 1
            found.append(self._keys[place])
            left ^= 1 << place
        return tuple(reversed(found))


def _sets(entries: Sequence[Entry], values: Callable[[Entry], Iterable[Any]]) -> dict[Any, int]:
    """Return the set of those that have each value."""
    places: dict[Any, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        for value in values(entry):
            places[value].append(place)
    made: dict[Any, int] = {}
    for value, its_places in places.items():
        digits = bytearray(b"0") * len(entries)
        for place in its_places:
            digits[-1 - place] = 0x31
        made[value] = int(digits, 2)
    return made


def _any(found: Iterable[int]) -> int:
    return reduce(or_, found, 0)


def _lowest(fitting: int, limit: int) -> Iterator[int]:
    while fitting and limit:
        lowest = fitting & -fitting
        yield lowest.bit_length() - 1
        fitting ^= lowest
        limit -= 1
