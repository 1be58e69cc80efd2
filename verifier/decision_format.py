# SPDX-License-Identifier: Apache-2.0
"""The public document of a recognizer's decision, ``recognition-decision/1``, as JSON: the one reader of it.

A recognition is an ``EndorsementCredential`` in standard terms only; what it is worth stands in this
document, which the credential names with its digest. Described in ``docs/recognitions.md``. Read strictly: a
member that is not of the format, or missing, or of another form makes the whole unreadable, because half of
an amount is worse than none. Amounts are decimals as text in the unit of the decision, never floats. Nothing
in it is proven here: whose word it is, tells the credential that names its digest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from credentials.document import Json, parse
from credentials.errors import DocumentError
from verifier.errors import DecisionFormError
from verifier.explain import is_hidden

FORMAT: Final = "recognition-decision/1"
DECISION_BYTES: Final = 262_144  # bytes; one about 500 awards has some 40,000
GROUPS: Final = 500  # groups of one decision, and awards of one group; a claim has at most 500 awards
LINE_CHARS: Final = 300  # characters of a name
URL_CHARS: Final = 2_048  # characters of an address

_AMOUNT: Final = re.compile(r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,6})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGEST: Final = re.compile(r"u[A-Za-z0-9_-]{20,120}")
_POLICY: Final = ("id", "version", "title", "status", "url", "digestMultibase")
_GROUP: Final = ("stage", "size", "amount", "buckets", "pro_rata", "awards")
_PARTY: Final = ("id", "name")
_MEMBERS: Final = (
    *("format", "id", "outcome", "example", "purpose", "jurisdiction", "recognizer", "decided_by", "policy"),
    *("unit", "amount", "stages", "groups", "attended", "decided_on", "optimal", "corrects"),
)


@dataclass(frozen=True, slots=True)
class ShownPolicy:
    """The rule that was applied: one version of it, and the digest of its exact text."""

    id: str
    version: str
    title: str
    status: str
    url: str
    digest: str


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """Awards that were counted together.

    Attributes:
        size: How many.
        amount: Units of the whole group; None where no units are given.
        buckets: Units by what they are counted for. Their sum may be more than ``amount``, which counts once.
        pro_rata: Whether one left-over award counts in part.
        awards: Salted digests; whoever is told a salt can tell which award it is, nobody else.
    """

    stage: str
    size: int
    amount: Decimal | None
    buckets: Mapping[str, Decimal]
    pro_rata: bool
    awards: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDecision:
    """A decision as its recognizer published it.

    Attributes:
        id: Its address.
        outcome: Such as ``granted``.
        example: Whether an example rule was applied, which is in force nowhere.
        recognizer: Who decides by the rule, in words. ``decided_by`` is who decided this: name, and
            ``decided_by_id`` its DID or "".
        amount: All units of the decision; None where it gives none by its nature.
        attended: Units that attendance itself gave, by bucket; they are part of ``amount``.
        decided_on: The day in the recognizer's time zone.
        optimal: Whether no better grouping exists.
        corrects: Address of the decision that this one replaces, or "".
    """

    id: str
    outcome: str
    example: bool
    purpose: str
    jurisdiction: str
    recognizer: str
    decided_by: str
    decided_by_id: str
    policy: ShownPolicy
    unit: str
    unit_name: str
    amount: Decimal | None
    stages: tuple[str, ...]
    groups: tuple[ShownGroup, ...]
    attended: Mapping[str, Decimal]
    decided_on: date
    optimal: bool
    corrects: str


def amount_text(amount: Decimal) -> str:
    """Return an amount as this format writes it: plain digits, nothing behind that says nothing."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def read(raw: bytes) -> ShownDecision:
    """Read a decision document.

    Raises:
        DecisionFormError: It is no JSON, or not as agreed; ``path`` is the place.
    """
    try:
        members = parse(raw, max_bytes=DECISION_BYTES).members
    except DocumentError as error:
        raise DecisionFormError(f"This is no decision document. {error.message}", path=error.path) from error
    if members.get("format") != FORMAT:
        raise _fault("/format", f'must be "{FORMAT}"')
    _only(members, _MEMBERS, "")
    by, unit = _object(members, "decided_by"), _object(members, "unit")
    _only(by, _PARTY, "/decided_by")
    _only(unit, _PARTY, "/unit")
    return ShownDecision(
        id=_line(members, "id", most=URL_CHARS),
        outcome=_line(members, "outcome"),
        example=_truth(members, "example"),
        purpose=_line(members, "purpose"),
        jurisdiction=_line(members, "jurisdiction"),
        recognizer=_line(members, "recognizer"),
        decided_by=_line(by, "name", at="/decided_by"),
        decided_by_id=_line(by, "id", at="/decided_by", may_be_empty=True),
        policy=_policy(_object(members, "policy")),
        unit=_line(unit, "id", at="/unit"),
        unit_name=_line(unit, "name", at="/unit"),
        amount=_amount(members.get("amount"), "/amount", may_be_none=True),
        stages=tuple(_text(each, "/stages") for each in _list(members, "stages")),
        groups=tuple(_group(each, f"/groups/{n}") for n, each in enumerate(_list(members, "groups"))),
        attended=_buckets(members.get("attended"), "/attended"),
        decided_on=_day(members.get("decided_on")),
        optimal=_truth(members, "optimal"),
        corrects=_line(members, "corrects", most=URL_CHARS, may_be_empty=True),
    )


def _policy(members: Mapping[str, Json]) -> ShownPolicy:
    _only(members, _POLICY, "/policy")
    values = {name: _line(members, name, at="/policy", most=URL_CHARS) for name in _POLICY[:-1]}
    return ShownPolicy(**values, digest=_digest(members.get("digestMultibase"), "/policy/digestMultibase"))


def _group(value: Json, at: str) -> ShownGroup:
    if not isinstance(value, dict):
        raise _fault(at, "must be an object")
    _only(value, _GROUP, at)
    size = value.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= GROUPS:
        raise _fault(f"{at}/size", f"must be a number from 1 to {GROUPS}")
    awards = tuple(_digest(each, f"{at}/awards") for each in _list(value, "awards", at=at))
    if len(awards) != size:
        raise _fault(f"{at}/awards", "must be as many as the group has")
    return ShownGroup(
        stage=_line(value, "stage", at=at),
        size=size,
        amount=_amount(value.get("amount"), f"{at}/amount", may_be_none=True),
        buckets=_buckets(value.get("buckets"), f"{at}/buckets"),
        pro_rata=_truth(value, "pro_rata", at=at),
        awards=awards,
    )


def _fault(path: str, sentence: str) -> DecisionFormError:
    return DecisionFormError(
        f"This is no decision document as agreed: {path or 'the whole'} {sentence}.", path=path
    )


def _only(members: Mapping[str, Json], names: Collection[str], at: str) -> None:
    for name in members:
        if name not in names:
            raise _fault(f"{at}/{name[:80]}", "is unknown")
    for name in names:
        if name not in members:
            raise _fault(f"{at}/{name}", "is missing")


def _object(members: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = members.get(name)
    if not isinstance(value, dict):
        raise _fault(f"/{name}", "must be an object")
    return value


def _list(members: Mapping[str, Json], name: str, *, at: str = "") -> list[Json]:
    value = members.get(name)
    if not isinstance(value, list) or len(value) > GROUPS:
        raise _fault(f"{at}/{name}", f"must be an array of at most {GROUPS}")
    return value


def _text(value: Json, at: str, *, most: int = LINE_CHARS, may_be_empty: bool = False) -> str:
    if not isinstance(value, str) or len(value) > most or not (value.strip() or may_be_empty):
        raise _fault(at, f"must be a text of at most {most} characters")
    if any(is_hidden(character) for character in value):
        raise _fault(at, "must have no signs that are not seen")
    return value


def _line(
    members: Mapping[str, Json],
    name: str,
    *,
    at: str = "",
    most: int = LINE_CHARS,
    may_be_empty: bool = False,
) -> str:
    return _text(members.get(name), f"{at}/{name}", most=most, may_be_empty=may_be_empty)


def _truth(members: Mapping[str, Json], name: str, *, at: str = "") -> bool:
    value = members.get(name)
    if not isinstance(value, bool):
        raise _fault(f"{at}/{name}", "must be true or false")
    return value


def _amount(value: Json, at: str, *, may_be_none: bool = False) -> Decimal | None:
    if value is None and may_be_none:
        return None
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise _fault(at, "must be an amount as text, such as “10” or “1.5”")
    return Decimal(value)


def _buckets(value: Json, at: str) -> dict[str, Decimal]:
    if not isinstance(value, dict) or len(value) > GROUPS:
        raise _fault(at, "must be an object of amounts")
    found = {_text(name, at): _amount(amount, f"{at}/{name[:80]}") for name, amount in value.items()}
    return {name: amount for name, amount in found.items() if amount is not None}


def _digest(value: Json, at: str) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise _fault(at, "must be a digest")
    return value


def _day(value: Json) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise _fault("/decided_on", "must be a day such as 2026-05-04")
