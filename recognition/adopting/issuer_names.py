# SPDX-License-Identifier: Apache-2.0
"""What short names of issuers in policies (``national-programme``) mean to an organisation.

A name is bound only to issuers on the organisation's own list of recognised issuers, and means those of them
that still stand there: an issuer that is taken off counts no more, whatever was bound. A name that is bound
to nobody means nobody (threats N5: names of issuers never match, only their identifiers). The house relies on
its own issuers; until somebody binds a name, its ``national-programme`` is whoever awards what can be earned
here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from recognition.errors import RecognitionFieldError
from recognition.judging.trust import Trust
from recognition.office import Office
from recognition.rule.policy import ANYBODY, Policy
from recognition.store import policies as rows
from service import audit
from verifier import issuer_lists
from verifier.ports import KnownIssuer

NATIONAL: Final = "national-programme"
NAME_CHARS: Final = 80  # characters of a short name
BOUND_MOST: Final = 100  # issuers that one name may mean


def trust(office: Office, organisation: str) -> Trust:
    """Return on which issuers an organisation relies; "" is the house."""
    listed = frozenset(each.did for each in listed_issuers(office, organisation))
    return Trust(
        listed,
        {name: dids & listed for name, dids in bindings(office, organisation).items() if dids & listed},
    )


def listed_issuers(office: Office, organisation: str) -> tuple[KnownIssuer, ...]:
    """Return the issuers on an organisation's list, by name; for the house its own issuers."""
    if not organisation:
        return tuple(office.bureau.desk.registry.known())
    registry = issuer_lists.registry(office.db, organisation)
    return () if registry is None else tuple(registry.known())


def bindings(office: Office, organisation: str) -> Mapping[str, frozenset[str]]:
    """Return what each short name is bound to, whether or not it is still listed."""
    with office.db.reading() as session:
        pairs = rows.names(session, organisation)
    found: dict[str, frozenset[str]] = {}
    for name, did in pairs:
        found[name] = found.get(name, frozenset()) | {did}
    if not organisation and NATIONAL not in found:
        found.update(_of_the_house(office))
    return found


def wanted(policies: Iterable[Policy]) -> tuple[str, ...]:
    """Return the short names that policies use, sorted."""
    names = {
        name
        for each in policies
        for name in each.accept.issuers
        if name != ANYBODY and not name.startswith("did:")
    }
    return tuple(sorted(names))


def bind(
    office: Office, organisation: str, name: str, dids: Iterable[str], *, actor: str, now: datetime
) -> None:
    """Let ``name`` mean exactly these issuers to an organisation; none: nobody.

    Raises:
        RecognitionFieldError: One of them is not on the organisation's list, or the name does not fit.
    """
    chosen = frozenset(dids)
    if not name or len(name) > NAME_CHARS or name == ANYBODY or name.startswith("did:"):
        raise RecognitionFieldError("This is no short name of issuers.", path="name", got=name[:80])
    if len(chosen) > BOUND_MOST:
        raise RecognitionFieldError(f"One name means at most {BOUND_MOST} issuers.", path="did")
    if not chosen <= {each.did for each in listed_issuers(office, organisation)}:
        raise RecognitionFieldError(
            "Choose among the issuers on your list of recognised issuers; put them there first.", path="did"
        )
    with office.db.transaction() as session:
        rows.bind(session, organisation, name, chosen)
        audit.record(
            session,
            actor=actor,
            action="policy.issuer-name-bound",
            subject=f"organisation:{organisation}",
            detail={"name": name, "issuers": len(chosen)},
            now=now,
        )


def _of_the_house(office: Office) -> dict[str, frozenset[str]]:
    """Return who awards what can be earned here; without a catalogue, whoever signs for this site."""
    dids = frozenset(each.issuer for each in office.catalogue() if each.issuer)
    if dids:
        return {NATIONAL: dids}
    seal = office.bureau.seal
    issuer = None if seal is None else seal.issuer()
    did = None if issuer is None else issuer.get("id")
    return {NATIONAL: frozenset({did})} if isinstance(did, str) else {}
