# SPDX-License-Identifier: Apache-2.0
"""What taking over a published list would change, before it counts (threats N5).

Only identifiers are compared. An issuer that a person has taken off is not brought back; one that its source
does not name any more is told, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from verifier.checks.lookalike import check_lookalike
from verifier.list_format import ListedIssuer, PublishedList
from verifier.outcome import Outcome
from verifier.party import Party, address_of
from verifier.ports import Registry
from verifier.store.issuer_lists import Entry


@dataclass(frozen=True, slots=True)
class Addition:
    """An issuer that would come on the list; ``careful`` says whom it may be taken for."""

    issuer: ListedIssuer
    careful: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """An issuer that would be called otherwise, or have another web site."""

    entry: Entry
    issuer: ListedIssuer


@dataclass(frozen=True, slots=True)
class Difference:
    """What a published list would change.

    Attributes:
        gone: Came from this source, and it does not name them any more.
        declined: Named there, but taken off here by a person before.
        known: How many stand on the list already.
    """

    added: tuple[Addition, ...]
    changed: tuple[Change, ...]
    gone: tuple[Entry, ...]
    declined: tuple[ListedIssuer, ...]
    known: int

    @property
    def is_empty(self) -> bool:
        """Whether taking it over would change nothing."""
        return not (self.added or self.changed or self.gone)


def compare(
    published: PublishedList,
    *,
    source: str,
    here: Mapping[str, Entry],
    off: Set[str],
    registry: Registry,
) -> Difference:
    """Return what taking over ``published`` would change.

    Args:
        published: As it was read.
        source: Where from.
        here: Who stands on the list, by identifier.
        off: Who was taken off it by a person.
        registry: Everybody who is known, for comparing names.
    """
    there = {each.did for each in published.issuers}
    return Difference(
        added=tuple(
            Addition(each, careful(each, registry))
            for each in published.issuers
            if each.did not in here and each.did not in off
        ),
        changed=tuple(
            Change(entry, each)
            for each in published.issuers
            if (entry := here.get(each.did)) is not None
            and entry.source == source
            and (entry.name, entry.url) != (each.name, each.url)
        ),
        gone=tuple(
            each
            for each in here.values()
            if each.source == source and each.did not in there and each.left_at is None
        ),
        declined=tuple(each for each in published.issuers if each.did in off),
        known=sum(each.did in here for each in published.issuers),
    )


def careful(issuer: ListedIssuer, registry: Registry) -> str | None:
    """Return whom an issuer that is not on the list yet may be taken for, in a sentence, or None."""
    party = Party(id=issuer.did, name=issuer.name, url=issuer.url, address=address_of(issuer.did))
    check = check_lookalike(party, registry=registry)
    return check.explanation if check.outcome is Outcome.FAIL else None
