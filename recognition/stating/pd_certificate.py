# SPDX-License-Identifier: Apache-2.0
"""The PD certificate: an affiliate's or recognizer's own paper over clock hours, as an OpenBadgeCredential.

Not the award (promise "completion and attendance be other papers than the award"): another type,
``CertificateOfCompletion``, signed by whoever grants the hours, with the award as its evidence. The hours are
a ``Result`` (``value`` "15") against a ``ResultDescription`` named "clock hours" of the type
``ext:ClockHours``, and stand in name and criteria too; ``creditsEarned`` stays empty, since units belong to a
place (vocabulary, "Traps"). The words name the unit with its place, as the rule does that gives the hours.
It holds every field that a district files: participant, title and content, sponsor and address, provider and
place, dates and hours, signature. The participant is a salted hash of the e-mail address, and another of the
name: whoever has that on file can compare it, and nobody can read it there. In plain words the name stands on
page and paper only, from our rows, while the participant agrees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from credentials.dates import format_datetime
from credentials.document import Json
from credentials.identity import NAME, IdentityObject
from recognition.judging.award import Award
from recognition.rule.policy import Unit
from recognition.rule.units import plain, say
from recognition.stating import decision_document
from recognition.stating.statement import CONTEXTS, EXAMPLE
from service import text
from verifier.explain import is_hidden

RESULT_NAME: Final = "clock hours"
RESULT_TYPE: Final = "ext:ClockHours"
FIELDS: Final = (
    "Title",
    "Content",
    "Provider",
    "Place",
    "Dates",
    "Hours",
    "Sponsor",
)  # as districts file them
LINE_CHARS: Final = 300  # characters of a title or name; the longest title of the catalogue has 90
COMPETENCY_CHARS: Final = 600  # characters; the longest sentence of the catalogue has 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """What an hour certificate is about: an award, as far as it was verified.

    Attributes:
        sha256: Of the exact bytes that were verified.
        competency: The sentence of what was demonstrated, or "".
        worked: First and last day of the work, as far as they are known.
    """

    key: str
    credential_id: str
    sha256: str
    media_type: str
    title: str
    code: str
    competency: str
    provider: str
    provider_address: tuple[str, ...]
    awarded: date
    worked_from: datetime | None = None
    worked_until: datetime | None = None


def of_award(award: Award) -> Certified:
    """Return what a certificate says of an award."""
    return Certified(
        key=award.key,
        credential_id=award.credential_id,
        sha256=award.sha256,
        media_type=award.media_type,
        title=award.title,
        code=award.code,
        competency=award.competency,
        provider=award.issuer_name or award.issuer_id,
        provider_address=award.issuer_address,
        awarded=award.awarded.date(),
        worked_from=award.activity_start,
        worked_until=award.activity_end,
    )


def address(public_url: str, key: str) -> str:
    """Return the id of a PD certificate, which is also its page."""
    return f"{public_url}/pd-certificates/{key}"


def title_of(certified: Certified, hours: Decimal) -> str:
    """Return its name: how many hours, and for what."""
    return f"{plain(hours)}-hour PD certificate: {certified.title}"


def amount(hours: Decimal, unit: Unit | None) -> str:
    """Return the hours in words, with the name and place that the rule gives them."""
    return f"{plain(hours)} {RESULT_NAME}" if unit is None else visible(say(hours, unit), LINE_CHARS)


def compose(
    certified: Certified,
    *,
    id: str,
    issuer: Mapping[str, Json],
    email: str,
    salt: str,
    name: str | None,
    hours: Decimal,
    unit: Unit | None = None,
    is_example: bool,
    now: datetime,
) -> dict[str, Json]:
    """Return the members of the certificate, without a proof.

    Args:
        certified: What it is about.
        id: Its address.
        issuer: Profile of whoever grants the hours: the sponsor.
        email: Of the participant; only a salted hash of it is signed.
        salt: At least 22 random characters.
        name: Of the participant; only a salted hash of it is signed. None leaves it out.
        hours: Clock hours.
        unit: What the rule that gives them calls them, with its place; None: clock hours.
        is_example: Whether an example rule grants them.
        now: When it is made.
    """
    certified = _own(certified)
    label = " (example rule)" if is_example else ""
    title = title_of(certified, hours) + label
    identifiers: list[Json] = [IdentityObject.create(email, salt=salt).to_members()]
    if name and visible(name, LINE_CHARS):
        hidden = IdentityObject.create(visible(name, LINE_CHARS), salt=salt, identity_type=NAME)
        identifiers.append(hidden.to_members())
    words = amount(hours, unit)
    subject: dict[str, Json] = {
        "type": ["AchievementSubject"],
        "identifier": identifiers,
        "achievement": _achievement(
            certified, id=id, issuer=issuer, title=title, words=words, is_example=is_example
        ),
    }
    for member, moment in (
        ("activityStartDate", certified.worked_from),
        ("activityEndDate", certified.worked_until),
    ):
        if moment is not None:
            subject[member] = format_datetime(moment)
    subject["result"] = [
        {"type": ["Result"], "resultDescription": f"{id}#clock-hours", "value": plain(hours)}
    ]
    return {
        "@context": list(CONTEXTS),
        "id": id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": title,
        "issuer": dict(issuer),
        "validFrom": format_datetime(now),
        "awardedDate": format_datetime(now),
        "credentialSubject": subject,
        "evidence": [
            {
                "id": certified.credential_id,
                "type": ["Evidence"],
                "name": f"Micro-credential: {certified.title}",
                "description": f"The award behind these hours, by {certified.provider}, "
                f"{text.day(certified.awarded)}. Its own page says whether it still holds.",
                "genre": "Micro-credential",
                "digestMultibase": decision_document.digest_of(certified.sha256),
            }
        ],
    }


def _achievement(
    certified: Certified, *, id: str, issuer: Mapping[str, Json], title: str, words: str, is_example: bool
) -> Json:
    sponsor = str(issuer.get("name", ""))
    description = (
        f"{sponsor} certifies {words} of professional learning for the micro-credential “{certified.title}”."
    )
    return {
        "id": f"{id}#achievement",
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": title,
        "description": description,
        "inLanguage": "en",
        "criteria": {"narrative": _narrative(certified, sponsor=sponsor, words=words, is_example=is_example)},
        "resultDescription": [
            {
                "id": f"{id}#clock-hours",
                "type": ["ResultDescription"],
                "name": RESULT_NAME,
                "resultType": RESULT_TYPE,
            }
        ],
    }


def _own(certified: Certified) -> Certified:
    """Return it with texts that we can sign: what others wrote is freed of what is never seen, and cut."""
    return replace(
        certified,
        title=visible(certified.title, LINE_CHARS),
        code=visible(certified.code, LINE_CHARS),
        competency=visible(certified.competency, COMPETENCY_CHARS),
        provider=visible(certified.provider, LINE_CHARS),
        provider_address=tuple(visible(each, LINE_CHARS) for each in certified.provider_address),
    )


def visible(words: str, chars: int) -> str:
    """Return at most ``chars`` characters on one line, without signs that are never seen."""
    line = "".join(" " if each.isspace() else each for each in words)
    return " ".join("".join(each for each in line if not is_hidden(each)).split())[:chars].rstrip()


def _narrative(certified: Certified, *, sponsor: str, words: str, is_example: bool) -> str:
    """Return the criteria as Markdown, with the fields that a district files."""
    code = f" ({certified.code})" if certified.code else ""
    lines = [
        f"Awarded for earning the micro-credential below, which was reviewed against its rubric. {sponsor} "
        f"grants **{words}** for it.",
        "",
        f"- Title: {certified.title}{code}",
    ]
    if certified.competency:
        lines.append(f"- Content: {certified.competency}")
    lines.append(f"- Provider: {certified.provider}")
    lines.append(f"- Place: {place_of(certified)}")
    lines.append(f"- Dates: {dates_of(certified)}")
    lines.append(f"- Hours: {words}")
    lines.append(f"- Sponsor: {sponsor}")
    if is_example:
        lines += ["", EXAMPLE]
    return "\n".join(lines)


def place_of(certified: Certified) -> str:
    """Return where it took place: in one's own practice, and where the provider is."""
    there = ", ".join(certified.provider_address)
    return "the educator’s own practice, and online" + (f" ({there})" if there else "")


def dates_of(certified: Certified) -> str:
    """Return the days of the work and of the award, in words."""
    awarded = f"awarded on {text.day(certified.awarded)}"
    if certified.worked_from is None or certified.worked_until is None:
        return awarded
    return f"{text.day(certified.worked_from)} to {text.day(certified.worked_until)}, {awarded}"
