# SPDX-License-Identifier: Apache-2.0
"""What became of somebody's own awards: counted by whom and when, or in a claim that nobody has decided.

For the page of the person's awards. Once an award is counted by a rule, or waits to be, nothing more is said
of what it could give by that rule. Only what counts is told: what was taken back is free again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from recognition.claiming.claim_states import HOLDING, Claim, ClaimState
from recognition.claiming.ledger_line import Line
from recognition.judging.award import award_key
from recognition.office import Office
from recognition.plan.questions import purpose_words
from recognition.ports import Held
from recognition.store import claims as claim_rows
from recognition.store import ledger
from service import text
from service.accounts import organisations
from service.errors import NoSuchOrganisationError

_WAITS: Final[Mapping[ClaimState, str]] = {
    ClaimState.RESERVED: "Kept for a claim to {}, which is not sent yet.",
    ClaimState.SUBMITTED: "In a claim to {}, which waits for an answer.",
    ClaimState.NEEDS_MORE: "In a claim to {}, who asks for more.",
    ClaimState.APPROVED: "Approved by {}, with nothing to count.",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of an award at one recognizer (``earning.ports.Counted``).

    Attributes:
        path: The claim's page, for its educator; "" where there is none.
        policy: Id of the rule.
    """

    sentence: str
    path: str
    policy: str


def counted(office: Office, person: str, key: str, held: Iterable[Held]) -> Mapping[str, tuple[Counted, ...]]:
    """Return what became of awards, by their links; an award of which nothing is known is left out.

    Args:
        office: The opened room.
        person: Whose awards they are: the id of the account.
        key: The account's e-mail address, once it is confirmed; else "".
        held: The awards.
    """
    awards = {each.url: (each.issuer, frozenset((each.url, *office.same(each.url)))) for each in held}
    keys = {award_key(by, each) for issuer, ids in awards.values() for each in ids for by in (issuer, "")}
    with office.db.reading() as session:
        lines = [
            each
            for each in ledger.standing(session, sorted(keys))
            if each.person == person or (key and each.person_key == key)
        ]
        rules = ledger.policies_of(session, [each.decision for each in lines])
        claims = claim_rows.of_person(session, person, key)
        slugs = {each.organisation for each in lines} | {each.organisation for each in claims}
        names = {slug: _name(session, slug) for slug in slugs}
    paths = {each.decision: f"/claims/{each.id}" for each in claims if each.decision is not None}
    found: dict[str, tuple[Counted, ...]] = {}
    for url, (_, ids) in awards.items():
        told = [
            Counted(
                _line_words(each, names[each.organisation]),
                paths.get(each.decision, ""),
                rules.get(each.decision, ("", ""))[0],
            )
            for each in lines
            if each.credential_id in ids
        ]
        told += [
            Counted(_WAITS[each.state].format(names[each.organisation]), f"/claims/{each.id}", each.policy)
            for each in claims
            if _holds(each, ids)
        ]
        if told:
            found[url] = tuple(dict.fromkeys(told))
    return found


def _holds(claim: Claim, ids: frozenset[str]) -> bool:
    if claim.state not in (*HOLDING, ClaimState.APPROVED):
        return False
    return any(each.body is None and each.url in ids for each in claim.awards)


def _line_words(line: Line, name: str) -> str:
    look = ", and needs a second look there" if line.needs_reversal else ""
    return f"Counted by {name} on {text.day(line.used_at)}, for {purpose_words(line.purpose)}{look}."


def _name(session: Any, slug: str) -> str:
    try:
        return organisations.get(session, slug).name
    except NoSuchOrganisationError:
        return slug
