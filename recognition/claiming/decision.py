# SPDX-License-Identifier: Apache-2.0
"""A decision: what a recognizer granted or refused, by which rule, on what grounds, and who said so.

It never changes. A correction is a new decision that names the old one (``corrects``); a new version of the
policy leaves it as it is. ``to_record`` is the recognizer's own record with the facts that were used; what is
published of it is the matter of ``decision_document``. Amounts are decimals in ``unit``, kept as text.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from credentials.digests import SALT_BYTES
from credentials.document import Json, parse_json, write
from recognition.judging.answer import Attended

RECORD: Final = "recognition-decision-record/1"
RECORD_BYTES: Final = 16_777_216  # 16 MiB; 500 awards with all their sentences fit
REFUSED: Final = "refused"  # by a person, whatever the rule would have given
IMPORTED: Final = "imported"  # records of earlier years, which nobody decided here


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedAward:
    """One award of a decision, as it was found at that moment.

    Attributes:
        key: As in ledgers; "" for what could not be verified.
        place: From where it was brought.
        sha256: Of the bytes that were verified, "" without them.
        verdict: The verifier's word.
        verified_at: When it was checked.
        status_as_of: How new the status list was.
        outcome: The rule's code for it, with its sentence and the rule's text.
        group: Number of the decision's group it was counted in; None: it was not counted.
        media_type: Of the bytes that were verified.
        salt: Hexadecimal; what is published of it is a digest with this salt, which stays in the record.
    """

    key: str
    stage: str
    place: str
    credential_id: str
    issuer_id: str = ""
    issuer_name: str = ""
    achievement_id: str = ""
    title: str
    item: str
    awarded: date | None = None
    sha256: str = ""
    verdict: str
    verified_at: datetime | None = None
    status_as_of: datetime | None = None
    outcome: str
    sentence: str
    rule: str
    group: int | None = None
    media_type: str = "application/vc+ld+json"
    salt: str = field(default_factory=lambda: secrets.token_hex(SALT_BYTES))


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedGroup:
    """Awards that were counted together.

    Attributes:
        awards: Keys, oldest award first.
        buckets: Units by bucket. Where a rule lets one group fill several buckets wholly, their sum is more
            than ``units``, which count once.
        adjusted: Whether a person changed what the rule proposed.
    """

    number: int
    grant: str
    stage: str
    awards: tuple[str, ...]
    buckets: Mapping[str, Decimal]
    units: Decimal
    area: str = ""
    pro_rata: bool = False
    adjusted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided.

    Attributes:
        id: UUID as text.
        organisation: Slug of the recognizer.
        recognizer: Its name.
        person: Id of the account, if there is one. ``person_key`` is the normalised e-mail address.
        policy_status: ``example`` if an example rule was applied.
        outcome: ``granted``; a code without units such as ``supporting-document``; ``refused``; ``imported``.
        units: All groups and attendance together. ``converted`` is their sum in credits, if the policy
            converts.
        unit: Id of the unit (``PDP-MA``); ``unit_name`` is for people.
        value: Of the fact by which a cap counts, or "".
        facts: What the person gave, as it was given; never published.
        shown: Digest of the proposal that the person who decided had before them.
        reason: Of an adjustment, a refusal or a correction.
        adjustments: What a person changed, as sentences.
        corrects: Id of the decision that this one replaces.
    """

    id: str
    organisation: str
    recognizer: str
    claim: str | None
    person: str | None
    person_key: str
    policy: str
    policy_version: str
    policy_sha256: str
    policy_title: str
    policy_status: str
    purpose: str
    jurisdiction: str
    outcome: str
    sentence: str
    units: Decimal
    unit: str
    unit_name: str
    converted: Decimal | None = None
    converted_to: str = ""
    remainder: Decimal | None = None
    awards: tuple[DecidedAward, ...] = ()
    groups: tuple[DecidedGroup, ...] = ()
    attended: tuple[Attended, ...] = ()
    cycle_from: date | None = None
    cycle_until: date | None = None
    value: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)
    optimal: bool = True
    shown: str = ""
    decided_by: str
    decided_at: datetime
    decided_on: date  # the day in the recognizer's time zone
    reason: str = ""
    adjustments: tuple[str, ...] = ()
    corrects: str | None = None

    @property
    def is_example(self) -> bool:
        """Whether an example rule was applied, so that everything about it must say so."""
        return self.policy_status == "example"

    @property
    def is_grant(self) -> bool:
        """Whether anything was counted."""
        return bool(self.groups or self.attended)

    def group(self, number: int | None) -> DecidedGroup | None:
        """Return the group with this number, or None."""
        return next((each for each in self.groups if each.number == number), None)

    def award(self, key: str) -> DecidedAward | None:
        """Return the award with this key that was counted, or None."""
        return next((each for each in self.awards if each.key == key and each.group is not None), None)


def to_record(decision: Decision) -> bytes:
    """Return the recognizer's record of a decision: JSON, amounts and moments as text."""
    members: dict[str, Json] = {"format": RECORD}
    members |= {name: _plain(getattr(decision, name)) for name in Decision.__slots__}
    return write(members)


def from_record(record: bytes) -> Decision:
    """Return the decision that ``to_record`` wrote.

    Raises:
        MalformedError: It is no JSON.
    """
    said: Any = parse_json(record, max_bytes=RECORD_BYTES)
    values = {name: said[name] for name in Decision.__slots__ if name in said}
    for name in ("units", "converted", "remainder"):
        values[name] = _decimal(values.get(name))
    for name in ("cycle_from", "cycle_until", "decided_on"):
        values[name] = _day(values.get(name))
    values["decided_at"] = _moment(values["decided_at"])
    values["awards"] = tuple(_award(each) for each in said["awards"])
    values["groups"] = tuple(_group(each) for each in said["groups"])
    values["attended"] = tuple(_attended(each) for each in said["attended"])
    values["adjustments"] = tuple(said["adjustments"])
    return Decision(**values)


def _plain(value: Any) -> Json:
    """Return a value as JSON: decimals, days and moments as text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):  # A moment is a date too.
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (tuple, list, frozenset, set)):
        return [_plain(each) for each in value]
    if value is None or isinstance(value, (str, bool, int)):
        return value
    return {name: _plain(getattr(value, name)) for name in type(value).__slots__}


def _award(said: Mapping[str, Any]) -> DecidedAward:
    moments = {name: _moment(said[name]) for name in ("verified_at", "status_as_of")}
    return DecidedAward(**{**said, **moments, "awarded": _day(said["awarded"])})


def _group(said: Mapping[str, Any]) -> DecidedGroup:
    buckets = {name: Decimal(amount) for name, amount in said["buckets"].items()}
    units = Decimal(said["units"])
    return DecidedGroup(**{**said, "awards": tuple(said["awards"]), "buckets": buckets, "units": units})


def _attended(said: Mapping[str, Any]) -> Attended:
    return Attended(**{**said, "on": date.fromisoformat(said["on"]), "units": Decimal(said["units"])})


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
