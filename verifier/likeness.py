# SPDX-License-Identifier: Apache-2.0
"""Which known issuer a name or an address may be taken for.

An index over all issuers that the reader knows, built once for each list. What counts as like, and what does
not, was decided by measuring: over some thousand names that differ as real ones do (fifty states, counties,
numbered districts, colleges) nothing may be flagged (``tests/verifier/test_lookalike.py``).

- A name is like another with the same skeleton, without "the" and "Inc.", also when long words that such
  names share are misspelt by one letter ("Educaton"), or when two neighbours in a long word are swapped.
  Other words may differ in one letter: "Marion" and "Merion" are two counties.
- An address is like another with the same skeleton (hyphens and dots do not count), when it begins with the
  other one and goes on ("example.edu.evil.example", "example-edu-login.com"), or when a long word of it is
  misspelt. A subdomain of a known address is not: it is the same owner's.
- The same label under another top level is not flagged: states, colleges and cities share them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final

from verifier.confusables import are_abbreviations, joined, skeleton, words
from verifier.party import Party, host_of
from verifier.ports import KnownIssuer

SWAP_CHARS: Final = 6  # letters of a word in which two swapped neighbours are no other word
ONE_MORE_CHARS: Final = 9  # letters of a word of an address with one too many or too few
OTHER_CHARS: Final = 9  # letters of a word of an address with one that passes for another in print
RUN_CHARS: Final = 7  # letters of an address that counts inside another one: "nea.org" has six

_ARTICLES: Final = frozenset(words("the"))
_FIRMS: Final = frozenset(words("inc llc ltd corp gmbh incorporated limited corporation"))
_SHARED: Final = words(  # In the names of schools, unions and those who license.
    "academy academies association board certified certification college colleges commission community "
    "consortium cooperative corporation council county department development district education "
    "educational educator educators elementary federation foundation government independent institute "
    "institution international learning metropolitan ministry national network office organization "
    "professional programme program public regional school schools science secondary service services "
    "society superintendent support teacher teachers teaching technical technology training union "
    "unified university vocational"
)
_NEAR: Final = frozenset(
    ("ce", "mn", "uv", "vw", "gq", "hn", "ft")
)  # pairs that pass for each other in print


class Kind(StrEnum):
    """How something is like a known issuer."""

    SAME_NAME = "same name"
    NAME = "name"
    HOST = "address"


@dataclass(frozen=True, slots=True)
class Alike:
    """A known issuer, and how something is like it."""

    known: KnownIssuer
    kind: Kind


@dataclass(frozen=True, slots=True)
class Likeness:
    """An index over known issuers."""

    names: dict[str, list[KnownIssuer]] = field(default_factory=lambda: defaultdict(list))
    anagrams: dict[str, list[KnownIssuer]] = field(default_factory=lambda: defaultdict(list))
    hosts: dict[str, list[KnownIssuer]] = field(default_factory=lambda: defaultdict(list))
    runs: dict[tuple[str, ...], list[KnownIssuer]] = field(default_factory=lambda: defaultdict(list))
    labels: dict[tuple[str, str, str], list[tuple[str, KnownIssuer]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def find(self, party: Party) -> Alike | None:
        """Return the known issuer that ``party`` may be taken for and is not, or None."""
        found = self._by_name(party) if party.name is not None else None
        return found or self._by_host(party)

    def _by_name(self, party: Party) -> Alike | None:
        name = party.name or ""
        parts = _name_words(name)
        for known in _others(self.names.get(joined(parts), ()), party):
            if are_abbreviations(known.name, name):
                continue
            same = _spelt(known.name) == _spelt(name)
            return Alike(known, Kind.SAME_NAME if same else Kind.NAME)
        for known in _others(self.anagrams.get(_anagram(parts), ()), party):
            if _one_swap(parts, _name_words(known.name)):
                return Alike(known, Kind.NAME)
        return None

    def _by_host(self, party: Party) -> Alike | None:
        host = _bare(host_of(party.id))
        if host is None:
            return None
        for known in self._hosts_like(host):
            other = _bare(host_of(known.did))
            if known.did != party.id and other is not None and not f".{host}".endswith(f".{other}"):
                return Alike(known, Kind.HOST)
        return None

    def _hosts_like(self, host: str) -> Iterator[KnownIssuer]:
        for known in self.hosts.get(skeleton(host), ()):
            if not are_abbreviations(_bare(host_of(known.did)) or "", host):
                yield known
        parts = words(host)
        for start in range(len(parts)):
            for end in range(
                start + 2, min(start + 6, len(parts))
            ):  # Never up to the end: something follows.
                yield from self.runs.get(parts[start:end], ())
        for label, before, after in _labels(host, from_end=True):
            for variant in (label, *_without_one(label)):
                for other, known in self.labels.get((before, variant, after), ()):
                    if _misspelt(label, other):
                        yield known


@lru_cache(maxsize=8)
def likeness(known: tuple[KnownIssuer, ...]) -> Likeness:
    """Return the index over ``known``."""
    made = Likeness()
    for each in known:
        parts = _name_words(each.name)
        if parts:
            made.names[joined(parts)].append(each)
            made.anagrams[_anagram(parts)].append(each)
        host = _bare(host_of(each.did))
        if host is None:
            continue
        made.hosts[skeleton(host)].append(each)
        run = words(host)
        if len(run) > 1 and sum(map(len, run)) >= RUN_CHARS:
            made.runs[run].append(each)
        for label, before, after in _labels(host):
            for variant in {label, *_without_one(label)}:
                made.labels[before, variant, after].append((label, each))
    return made


# -- names ------------------------------------------------------------------------------------------------


def _name_words(name: str) -> tuple[str, ...]:
    parts = words(name)
    core = parts[1:] if parts[:1] and parts[0] in _ARTICLES else parts
    if len(core) > 1 and core[-1] in _FIRMS:
        core = core[:-1]
    return tuple(_SPELLINGS.get(word, word) for word in core or parts)


def _spellings() -> Iterator[tuple[str, str]]:
    """Yield misspellings by one letter of the words that many names share, the likeliest slips last.

    Plurals are words of their own.
    """
    letters = "abcdefghjklmnopqrstuvwxyz"  # No i: it looks like an l.
    long = [word for word in _SHARED if len(word) > SWAP_CHARS]
    for word in long:
        for at in range(len(word)):
            yield from ((f"{word[:at]}{letter}{word[at + 1 :]}", word) for letter in letters)
    for word in long:
        for at in range(len(word)):  # A letter too many is never the last: that may be a plural.
            yield from ((f"{word[:at]}{letter}{word[at:]}", word) for letter in letters)
    for word in long:
        yield from ((each, word) for each in _without_one(word) if f"{each}s" != word)
        yield from (
            (f"{word[:at]}{word[at : at + 2][::-1]}{word[at + 2 :]}", word) for at in range(len(word))
        )


def _spelt(name: str) -> str:
    return " ".join(name.casefold().split())


def _anagram(parts: tuple[str, ...]) -> str:
    return "".join(sorted("".join(parts)))


def _one_swap(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Tell whether two names differ in one long word, by two swapped neighbours."""
    if len(first) != len(second):
        return False
    pairs = [pair for pair in zip(first, second, strict=True) if pair[0] != pair[1]]
    return len(pairs) == 1 and len(pairs[0][0]) >= SWAP_CHARS and _is_swap(*pairs[0])


def _others(found: list[KnownIssuer] | tuple[()], party: Party) -> Iterator[KnownIssuer]:
    return (known for known in found if known.did != party.id)


# -- addresses --------------------------------------------------------------------------------------------


def _bare(host: str | None) -> str | None:
    """Return a host without port and ``www``, or None."""
    return None if host is None else host.partition(":")[0].casefold().removeprefix("www.")


def _labels(host: str, *, from_end: bool = False) -> Iterator[tuple[str, str, str]]:
    """Yield each long label with what stands before and after it; ``from_end`` with every part of it."""
    labels = host.split(".")
    for at, label in enumerate(labels[:-1]):
        if len(label) < SWAP_CHARS:
            continue
        after = ".".join(labels[at + 1 :])
        for start in range(at + 1) if from_end else (0,):
            yield label, ".".join(labels[start:at]), after


def _without_one(text: str) -> Iterator[str]:
    return (text[:at] + text[at + 1 :] for at in range(len(text)))


def _misspelt(first: str, second: str) -> bool:
    """Tell whether one label is the other with one slip in a long word that nobody notices."""
    words_1, words_2 = first.split("-"), second.split("-")
    if len(words_1) != len(words_2):
        return False
    pairs = [pair for pair in zip(words_1, words_2, strict=True) if pair[0] != pair[1]]
    return len(pairs) == 1 and _is_slip(*sorted(pairs[0], key=len))


def _is_slip(short: str, long: str) -> bool:
    if len(short) == len(long):
        if _is_swap(short, long):
            return len(short) >= SWAP_CHARS
        pairs = ["".join(sorted(pair)) for pair in zip(short, long, strict=True) if pair[0] != pair[1]]
        return len(short) >= OTHER_CHARS and len(pairs) == 1 and pairs[0] in _NEAR
    at = next((n for n, char in enumerate(short) if char != long[n]), len(short))
    is_one_more = len(long) == len(short) + 1 and short[at:] == long[at + 1 :]
    # "Clark" and "Clarke", "Wood" and "Woods" are two counties.
    return is_one_more and len(long) >= ONE_MORE_CHARS and long[at].isalpha() and long[at] not in "es"


def _is_swap(first: str, second: str) -> bool:
    """Tell whether two neighbouring letters, no digits, stand the other way round."""
    if len(first) != len(second):
        return False
    at = next((n for n, char in enumerate(first) if char != second[n]), None)
    if at is None or at + 1 >= len(first):
        return False
    pair = first[at : at + 2]
    return pair[::-1] == second[at : at + 2] and first[at + 2 :] == second[at + 2 :] and pair.isalpha()


_SPELLINGS: Final = {wrong: word for wrong, word in _spellings() if wrong not in _SHARED}
