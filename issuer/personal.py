# SPDX-License-Identifier: Apache-2.0
"""The issuer's part of what is known of a person: their awards, handed out, or named nobody's.

Awards are found by address, and by the keys that another room knows: an address may have changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from issuer import retention
from issuer.mint import Mint
from issuer.store import credentials, reissues
from service.accounts import people
from service.accounts.people import Person

Known = Callable[[Any, str], Iterable[str]]  # session and id of a person: keys of awards


class AwardData:
    """The part of awards (``service.accounts.personal``)."""

    name = "awards"

    def __init__(self, mint: Mint, known: Known) -> None:
        """Answer for the awards of ``mint``; ``known`` tells further keys of a person's awards."""
        self._mint = mint
        self._known = known

    def export(self, session: Any, person: Person) -> Mapping[str, Any]:
        """Return what is held about the awards of ``person``."""
        return {"awards": retention.export(self._mint, self._keys(session, person))}

    def erase(self, session: Any, person: Person, now: datetime) -> None:
        """Forget whose awards these are, in the caller's transaction; they can be verified as before."""
        keys, actor = self._keys(session, person), f"person:{person.id}"
        awards = (credentials.award(session, key) for key in keys)
        addresses = {person.email, *people.earlier_addresses(session, person.id)}
        addresses |= {each.request.email for each in awards if each is not None}
        retention.erase(self._mint, keys, now=now, actor=actor)
        retention.erase_addresses(self._mint, addresses, now=now, actor=actor)

    def _keys(self, session: Any, person: Person) -> tuple[str, ...]:
        found = (*retention.keys_of(self._mint, person.email), *self._known(session, person.id))
        return tuple(dict.fromkeys(key for each in found for key in reissues.all_of(session, each)))
