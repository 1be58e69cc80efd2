# SPDX-License-Identifier: Apache-2.0
"""What recognition knows of somebody: handed out, or erased (``service.accounts.personal``).

Erasing deletes plans, consents and whatever nobody has decided. A decision, its lines in the ledger and what
was attested stay with the organisation that must be able to account for them, without name, address, messages
and numbers such as a PPID: they then belong to a random name that leads back to nobody. The key of an award
says nothing of a person and stays, so that a copy of an award that was counted is refused as before. Signed
statements stand, and are not shown beside the award any more; the name of a PD certificate, of which only a
salted hash was signed, is gone from its page and paper.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from recognition.claiming.decision import from_record, to_record
from recognition.judging.facts import FACTS
from recognition.store import personal as rows
from service.accounts.fields import email_key
from service.accounts.people import Person

# Of the facts of a decided claim, what the decision rests on; numbers of a person are not among them.
KEPT_FACTS: Final = frozenset({*FACTS, "purpose", "as_of", "cycle", "earned", "unit"})


class RecognitionData:
    """The part of recognition."""

    name = "recognition"

    def export(self, session: Any, person: Person) -> Mapping[str, Any]:
        """Return plans, consents, claims, decisions, lines of ledgers, statements and attestations."""
        keys = rows.keys_of(session, person.id, email_key(person.email))
        return {
            "plans": [
                {"policy": each.policy, "facts": dict(each.facts), "saved_at": each.saved_at}
                for each in rows.plans(session, person.id)
            ],
            "shown_to_affiliates": [
                _told(each, "organisation", "credential_id", "given_at", "withdrawn_at")
                for each in rows.consents(session, person.id)
            ],
            "claims": [_claim(session, each) for each in rows.claims(session, person.id, keys)],
            "decisions": [_decision(each) for each in rows.decisions(session, person.id, keys)],
            "counted": [_told(each, *_LINE) for each in rows.ledger(session, person.id, keys)],
            "statements": [_told(each, *_STATEMENT) for each in rows.statements(session, person.id, keys)],
            "attestations": [_told(each, *_ATTESTATION) for each in rows.attestations(session, keys)],
        }

    def erase(self, session: Any, person: Person, now: datetime) -> None:
        """Take the person out of everything, in the caller's transaction."""
        keys = rows.keys_of(session, person.id, email_key(person.email))
        rows.forget_open(session, person.id, keys)
        rows.forget_decided(session, person.id, keys, facts=_kept, record=_without, now=now)


_LINE: Final = (
    "organisation",
    "purpose",
    "stage",
    "credential_id",
    "item",
    "title",
    "awarded_on",
    "cycle_from",
    "cycle_until",
    "decision",
    "group",
    "bucket",
    "units",
    "unit",
    "value",
    "used_at",
    "flag",
    "flagged_at",
    "kept_at",
    "reversed_at",
    "note",
)
_STATEMENT: Final = (
    "id",
    "kind",
    "organisation",
    "decision",
    "credential_id",
    "participant",
    "is_public",
    "made_at",
    "signed_at",
    "withdrawn_at",
    "withdrawn_why",
)
_ATTESTATION: Final = (
    "organisation",
    "event",
    "item",
    "award",
    "on",
    "hours",
    "note",
    "by",
    "entered_at",
    "how",
    "voided_at",
    "voided_why",
)


def _told(row: object, *names: str) -> dict[str, Any]:
    """Return these values of a row; days as text, moments as they are."""
    values = {name: getattr(row, name) for name in names}
    return {
        name: value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _claim(session: Any, row: Any) -> dict[str, Any]:
    fields = ("id", "organisation", "policy", "purpose", "state", "facts", "messages", "decision")
    moments = ("created_at", "submitted_at", "changed_at", "show_publicly")
    brought = [each.url for each in rows.claim_awards(session, row.id)]
    return {**_told(row, *fields, *moments), "name": row.person_name, "awards": brought}


def _decision(row: Any) -> dict[str, Any]:
    """Return the whole record of a decision, but not who decided and the salts of what was published."""
    said = json.loads(row.record)
    awards = [{name: value for name, value in each.items() if name != "salt"} for each in said["awards"]]
    return {**{name: value for name, value in said.items() if name != "decided_by"}, "awards": awards}


def _kept(facts: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if name in KEPT_FACTS}


def _without(record: bytes, name: str, changed: Mapping[str, str]) -> bytes:
    """Return a decision's record without its person."""
    for old, new in changed.items():
        record = record.replace(old.encode(), new.encode())
    decision = from_record(record)
    awards = tuple(
        each if each.place.startswith(("http://", "https://")) else replace(each, place="")
        for each in decision.awards
    )
    facts: Any = _kept(dict(decision.facts))
    return to_record(replace(decision, person=None, person_key=name, facts=facts, awards=awards))
