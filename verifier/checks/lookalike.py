# SPDX-License-Identifier: Apache-2.0
"""Does the issuer's name or domain look like one that the reader knows, and is another?

Security rules, row V5; Unicode Technical Standard 39, "Confusable Detection". What looks like what is told in
``verifier.confusables``, what may be taken for whom in ``verifier.likeness``. A statement apart: it never
changes the verdict. An issuer that stands on the reader's list is not compared: the reader knows it. Where
the list could not be loaded, nobody can say that the name is like none of it.
"""

from __future__ import annotations

from credentials.errors import UnknownError
from verifier import explain
from verifier.confusables import has_hidden, mixed_word
from verifier.likeness import Kind, likeness
from verifier.outcome import Check
from verifier.party import Party, address_of
from verifier.ports import Registry


def check_lookalike(party: Party, *, registry: Registry) -> Check:
    """Compare name and domain with those of all issuers that the reader knows."""
    if party.name is None:
        return explain.say(explain.LOOKALIKE_NO_NAME)
    if has_hidden(party.name):
        return explain.say(explain.LOOKALIKE_HIDDEN, path="/issuer/name")
    recognised, is_loaded = _asked(party, registry)
    if recognised:
        return explain.say(explain.LOOKALIKE_NONE)
    found = likeness(tuple(registry.known())).find(party)
    if found is not None:
        sentence = _SENTENCES[found.kind]
        here, there = party.address, address_of(found.known.did)
        if here == there:  # One host for many issuers: only the whole identifiers tell them apart.
            here, there = party.id, found.known.did
        return explain.say(
            sentence, path="/issuer/name", other=found.known.name, address=here, other_address=there
        )
    mixed = mixed_word(party.name)
    if mixed is not None:
        return explain.say(explain.LOOKALIKE_MIXED, path="/issuer/name", word=mixed)
    return explain.say(explain.LOOKALIKE_NONE if is_loaded else explain.LOOKALIKE_NOT_LOADED)


_SENTENCES = {
    Kind.SAME_NAME: explain.LOOKALIKE_SAME,
    Kind.NAME: explain.LOOKALIKE_NAME,
    Kind.HOST: explain.LOOKALIKE_HOST,
}


def _asked(party: Party, registry: Registry) -> tuple[bool, bool]:
    """Tell whether the issuer stands on the list, and whether the list was there to be asked."""
    try:
        return registry.recognises(party.id) is True, True
    except UnknownError:
        return False, False
