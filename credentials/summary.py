# SPDX-License-Identifier: Apache-2.0
"""What a credential says, for people: plain words out of its signed members, and nothing else.

The verifier's answer and the credential page show this and never the picture (threat V11). ``summarize`` is
tolerant: it is also asked about documents that are wrong in some place, so whatever has an odd shape is left
out. It judges nothing, fetches nothing, and raises nothing. Everything is cut to a length, control and
direction characters are taken out, and only http and https addresses come out as links (threat V10);
identifiers (``id``, ``issuer_id``, ``achievement_id``) are texts to be shown, not links. Narratives are
Markdown as it was signed; ``service.markdown`` makes it safe.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar
from urllib.parse import urlsplit

from credentials.dates import parse_datetime
from credentials.document import Json
from credentials.errors import DateError

LINE_CHARS = 300  # characters of a name; the longest title of the catalogue has 90
TEXT_CHARS = 16_384  # characters of a narrative; longer Markdown is not drawn anyway
ADDRESS_CHARS = 2_048  # characters of an identifier or address
MAX_CREDITS = 1_000_000  # of one award; what is larger is no number of credits
ITEMS = 100  # of each kind; a rubric has 3 to 12 criteria

_T = TypeVar("_T")
_Members = Mapping[str, Json]
_NOTHING: Final[_Members] = {}

# Controls (but tab and line feed), and what turns the direction of the text around it.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACE = re.compile(r"\s+")
_NOT_IN_LINKS = re.compile(r'[\s"<>\\^`{|}]').search
_MET_BY_STATUS: Final = {"Completed": True, "Failed": False, "Withdrew": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSummary:
    """One criterion and what was reached; ``met`` is None where the credential does not say what it takes."""

    criterion: str | None
    level: str | None
    level_description: str | None
    required_level: str | None
    points: str | None
    status: str | None
    value: str | None
    required_value: str | None
    met: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSummary:
    """One piece of evidence; ``id`` is its public link, if any, and ``digest`` what it must still be."""

    id: str | None
    name: str | None
    description: str | None
    genre: str | None
    narrative: str | None
    digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentSummary:
    """One place in a framework of standards that the achievement is aligned to."""

    name: str | None
    url: str | None
    framework: str | None
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the credential says. None and empty mean that it does not say so in a form that can be shown.

    Attributes:
        unanswered: How many criteria have a required level or value, and no result that refers to them.
        results_left_out: How many results are beyond ITEMS and so not among ``results``.
    """

    id: str | None
    title: str | None
    kinds: tuple[str, ...]
    description: str | None
    criteria_narrative: str | None
    criteria_url: str | None
    image_url: str | None
    achievement_id: str | None
    achievement_type: str | None
    version: str | None
    human_code: str | None
    language: str | None
    tags: tuple[str, ...]
    recipient_name: str | None
    issuer_id: str | None
    issuer_name: str | None
    issuer_url: str | None
    awarded_on: datetime | None
    valid_from: datetime | None
    valid_until: datetime | None
    activity_start: datetime | None
    activity_end: datetime | None
    results: tuple[ResultSummary, ...]
    evidence: tuple[EvidenceSummary, ...]
    alignments: tuple[AlignmentSummary, ...]
    narrative: str | None
    issuer_address: tuple[str, ...] = ()
    issuer_email: str | None = None
    issuer_phone: str | None = None
    credits_earned: str | None = None
    credits_available: str | None = None
    unanswered: int = 0
    results_left_out: int = 0


def summarize(members: Mapping[str, Json]) -> Summary:
    """Return what ``members``, a credential of either VCDM version or an endorsement, says."""
    subject = _one(members, "credentialSubject")
    achievement = _one(subject, "achievement")
    criteria = _one(achievement, "criteria")
    issuer = members.get("issuer")
    profile = issuer if isinstance(issuer, dict) else {"id": issuer}
    return Summary(
        id=_address(members, "id"),
        title=_line(achievement, "name") or _line(members, "name"),
        kinds=_lines(members, "type"),
        description=_text(achievement, "description") or _text(members, "description"),
        criteria_narrative=_text(criteria, "narrative"),
        criteria_url=_link(criteria.get("id")),
        image_url=_image(subject) or _image(achievement) or _image(members),
        achievement_id=_address(achievement, "id"),
        achievement_type=_line(achievement, "achievementType"),
        version=_line(achievement, "version"),
        human_code=_line(achievement, "humanCode"),
        language=_line(achievement, "inLanguage"),
        tags=_lines(achievement, "tag"),
        recipient_name=_recipient_name(subject),
        issuer_id=_address(profile, "id"),
        issuer_name=_line(profile, "name"),
        issuer_url=_link(profile.get("url")),
        awarded_on=_moment(members, "awardedDate"),
        valid_from=_moment(members, "validFrom") or _moment(members, "issuanceDate"),
        valid_until=_moment(members, "validUntil") or _moment(members, "expirationDate"),
        activity_start=_moment(subject, "activityStartDate"),
        activity_end=_moment(subject, "activityEndDate"),
        results=_each(subject, "result", lambda result: _result(result, achievement)),
        evidence=_each(members, "evidence", _evidence),
        alignments=_each(achievement, "alignment", _alignment),
        narrative=_text(subject, "narrative") or _text(subject, "endorsementComment"),
        issuer_address=_postal(_one(profile, "address")),
        issuer_email=_line(profile, "email"),
        issuer_phone=_line(profile, "phone"),
        credits_earned=_amount(subject.get("creditsEarned")),
        credits_available=_amount(achievement.get("creditsAvailable")),
        unanswered=_unanswered(subject, achievement),
        results_left_out=max(0, len(_all(subject, "result")) - ITEMS),
    )


def _result(result: _Members, achievement: _Members) -> ResultSummary:
    description = _by_id(_many(achievement, "resultDescription"), result.get("resultDescription"))
    levels = list(_many(description, "rubricCriterionLevel"))
    required = _by_id(levels, description.get("requiredLevel"))
    achieved = _by_id(levels, result.get("achievedLevel")) or _level_elsewhere(result, achievement)
    return ResultSummary(
        criterion=_line(description, "name"),
        level=_line(achieved, "name") or _line(achieved, "level"),
        level_description=_text(achieved, "description"),
        required_level=_line(required, "name") or _line(required, "level"),
        points=_line(achieved, "points"),
        status=_line(result, "status"),
        value=_line(result, "value"),
        required_value=_line(description, "requiredValue"),
        met=_met(result, description, levels, achieved, required),
    )


def _unanswered(subject: _Members, achievement: _Members) -> int:
    """Count the criteria that require something and have no result, over all of them: their order is free."""
    answered = {
        name for result in _all(subject, "result") if isinstance(name := result.get("resultDescription"), str)
    }
    return sum(
        not isinstance(name := description.get("id"), str) or name not in answered
        for description in _all(achievement, "resultDescription")
        if description.get("requiredLevel") is not None or description.get("requiredValue") is not None
    )


def _level_elsewhere(result: _Members, achievement: _Members) -> _Members:
    """Return a level of another description, which the specification's own complete example refers to."""
    levels = (
        level
        for description in _many(achievement, "resultDescription")
        for level in _many(description, "rubricCriterionLevel")
    )
    return _by_id(levels, result.get("achievedLevel"))


def _met(
    result: _Members, description: _Members, levels: list[_Members], achieved: _Members, required: _Members
) -> bool | None:
    """Tell whether the result reaches what its description requires, where both say so.

    Allowed values stand from low to high, in an order that is signed (``@list``). The order of rubric levels
    is not (``@set``), so whoever carries the credential could turn it round: only the numbers that levels
    bear are compared.
    """
    if achieved and required and achieved in levels:
        return achieved is required or _reaches(achieved, required)
    value, needed = result.get("value"), description.get("requiredValue")
    if isinstance(value, str) and isinstance(needed, str):
        allowed = _lines(description, "allowedValue")
        if value in allowed and needed in allowed:
            return allowed.index(value) >= allowed.index(needed)
        number, needed_number = _number(value), _number(needed)
        return None if number is None or needed_number is None else number >= needed_number
    status = result.get("status")
    return _MET_BY_STATUS.get(status) if isinstance(status, str) else None


def _reaches(achieved: _Members, required: _Members) -> bool | None:
    """Compare two levels by the numbers in ``level``, or else in ``points``."""
    for name in ("level", "points"):
        reached, needed = achieved.get(name), required.get(name)
        if isinstance(reached, str) and isinstance(needed, str):
            number, needed_number = _number(reached), _number(needed)
            if number is not None and needed_number is not None:
                return number >= needed_number
    return None


def _evidence(piece: _Members) -> EvidenceSummary:
    return EvidenceSummary(
        id=_link(piece.get("id")),
        name=_line(piece, "name"),
        description=_text(piece, "description"),
        genre=_line(piece, "genre"),
        narrative=_text(piece, "narrative"),
        digest=_line(piece, "digestMultibase"),
    )


def _alignment(alignment: _Members) -> AlignmentSummary:
    return AlignmentSummary(
        name=_line(alignment, "targetName"),
        url=_link(alignment.get("targetUrl")),
        framework=_line(alignment, "targetFramework"),
        code=_line(alignment, "targetCode"),
    )


def _postal(address: _Members) -> tuple[str, ...]:
    """Return an address as the lines of a letter: street or box, place, country."""
    street = _line(address, "streetAddress"), _line(address, "postOfficeBoxNumber")
    town = ", ".join(
        part for part in (_line(address, "addressLocality"), _line(address, "addressRegion")) if part
    )
    place = " ".join(part for part in (town, _line(address, "postalCode")) if part)
    country = _line(address, "addressCountry") or _line(address, "addressCountryCode")
    return tuple(line for line in (*street, place, country) if line)


def _amount(value: Json) -> str | None:
    """Return a positive number as text; a number of credits that is none says nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return f"{value:,.10g}" if 0 < value < MAX_CREDITS else None


def _recipient_name(subject: _Members) -> str | None:
    """Return the name in clear, if the credential carries one: an unhashed identity of type ``name``."""
    for identity in _many(subject, "identifier"):
        if identity.get("identityType") == "name" and identity.get("hashed") is False:
            return _line(identity, "identityHash")
    return _line(subject, "name")


def _image(owner: _Members) -> str | None:
    image = owner.get("image")
    return _link(image.get("id") if isinstance(image, dict) else image)


def _one(owner: _Members, name: str) -> _Members:
    """Return the object that the member is, or the first of its array, or nothing."""
    return next(_many(owner, name), _NOTHING)


def _all(owner: _Members, name: str) -> list[_Members]:
    value = owner.get(name)
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def _many(owner: _Members, name: str) -> Iterator[_Members]:
    value = owner.get(name)
    items = value[:ITEMS] if isinstance(value, list) else [value]
    return (item for item in items if isinstance(item, dict))


def _each(owner: _Members, name: str, make: Callable[[_Members], _T]) -> tuple[_T, ...]:
    return tuple(make(item) for item in _many(owner, name))


def _by_id(items: Iterator[_Members] | list[_Members], name: Json) -> _Members:
    if not isinstance(name, str):
        return _NOTHING
    return next((item for item in items if item.get("id") == name), _NOTHING)


def _line(owner: _Members, name: str) -> str | None:
    """Return a member as one line of text."""
    value = owner.get(name)
    if not isinstance(value, str):
        return None
    if value.isprintable() and "  " not in value:  # most are; of all spaces only the plain one is printable
        return _cut(value.strip(), LINE_CHARS)
    return _cut(_SPACE.sub(" ", _clean(value)).strip(), LINE_CHARS)


def _lines(owner: _Members, name: str) -> tuple[str, ...]:
    value = owner.get(name)
    items = value[:ITEMS] if isinstance(value, list) else [value]
    lines = (_line({"": item}, "") for item in items)
    return tuple(line for line in lines if line is not None)


def _text(owner: _Members, name: str) -> str | None:
    """Return a member as text of several lines."""
    return _cut(_clean(owner.get(name)).strip(), TEXT_CHARS)


def _address(owner: _Members, name: str) -> str | None:
    return _cut(_clean(owner.get(name)).strip(), ADDRESS_CHARS)


def _link(value: Json) -> str | None:
    """Return an http or https address with a host, and nothing that browsers take for anything else."""
    if not isinstance(value, str) or len(value) > ADDRESS_CHARS or _clean(value) != value:
        return None
    if _NOT_IN_LINKS(value):
        return None
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else None


def _moment(owner: _Members, name: str) -> datetime | None:
    try:
        return parse_datetime(owner.get(name))
    except DateError:
        return None


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text) if len(text) <= LINE_CHARS else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _clean(value: Json) -> str:
    if not isinstance(value, str):
        return ""
    return value if value.isprintable() else _UNWANTED.sub("", value.replace("\r\n", "\n"))


def _cut(text: str, chars: int) -> str | None:
    """Return at most ``chars`` characters, an ellipsis where something is missing; None if there is none."""
    return (text if len(text) <= chars else text[: chars - 1] + "…") or None
