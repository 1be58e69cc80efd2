# SPDX-License-Identifier: Apache-2.0
"""What enters a judgement: an award that the verifier has verified, and one that it has not.

Only an ``Award`` can be counted, and an ``Award`` is made from a ``VerifiedCredential`` alone (``award_of``).
Whatever is revoked, under review, forged or could not be checked is a ``Brought`` without an award: it is
answered by its verdict, and never counted. Rules only; reading and checking is the matter of ``bringing``.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credentials.summary import Summary
from verifier.report import Report, VerifiedCredential
from verifier.verdict import Verdict

JSON_TYPE: Final = "application/vc+ld+json"
JWT_TYPE: Final = "application/vc+jwt"
STACK_TAG: Final = "stack:"  # an award's stacks stand in its tags, and nowhere else (vocabulary, "Traps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """A verified award, as far as rules ask about it.

    Attributes:
        key: Who it is in ledgers: issuer and credential id, so that a re-issue under the same id and both
            forms (embedded proof, JWT) are one award. See ``award_key``.
        also: Keys of other issues of the same award, where this house knows them; a ledger line of any of
            them is a line of this one.
        code: The short human code (``SEL1``), or "".
        stacks: Codes from its ``stack:`` tags.
        awarded: When; ``awardedDate``, or else ``validFrom``.
        activity_start: When the work began, which is when its educator enrolled.
        activity_end: When the last submission was sent.
        has_scored_rubric: Whether it carries results, and every one reaches what is required.
        sha256: Of the exact bytes that were verified.
        status_as_of: How new the status list was.
        media_type: Of the exact bytes that were verified.
        competency: The sentence of what is demonstrated, or "".
    """

    key: str
    credential_id: str
    issuer_id: str
    issuer_name: str
    issuer_address: tuple[str, ...]
    title: str
    achievement_id: str
    kind: str
    code: str
    stacks: tuple[str, ...]
    awarded: datetime
    activity_start: datetime | None
    activity_end: datetime | None
    has_scored_rubric: bool
    sha256: str
    verified_at: datetime
    status_as_of: datetime | None
    also: tuple[str, ...] = ()
    media_type: str = JSON_TYPE
    competency: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """One thing that was brought to be counted.

    Attributes:
        place: Where it was brought from: a link, the name of a file.
        verdict: The verifier's word.
        sentence: The verdict as a sentence.
        title: What it calls itself, if it could be read; "" otherwise. Not proven unless ``award`` is set.
        credential_id: As ``title``.
        award: The award; None unless the verdict is ``valid`` and it is a badge with what a rule needs.
        report: The verifier's whole answer, for the 13 rows; None where nothing could be read.
    """

    place: str
    verdict: Verdict
    sentence: str
    title: str
    credential_id: str
    award: Award | None
    report: Report | None = None


def award_key(issuer_id: str, credential_id: str) -> str:
    """Return the key of an award: SHA-256, as hexadecimal, over issuer id, a line feed, and credential id."""
    return hashlib.sha256(f"{issuer_id}\n{credential_id}".encode()).hexdigest()


def item_key(stage: str, item: str) -> str:
    """Return the key of what is judged before there is an award: of the person at hand and an item.

    It does not name the person: a ledger of several people must add whose it is.
    """
    return f"{stage}:{item}"


def award_of(verified: VerifiedCredential, *, sha256: str, also: tuple[str, ...] = ()) -> Award | None:
    """Return the award that ``verified`` is, or None if it does not say what a rule must know.

    Args:
        verified: From ``verifier.verify.verify``; there is no other way to an award.
        sha256: Of the exact bytes that were verified.
        also: Keys of other issues of the same award.
    """
    report = verified.report
    said = report.summary
    if said is None or said.id is None or said.achievement_id is None:
        return None
    awarded = said.awarded_on or said.valid_from
    if awarded is None:
        return None
    return Award(
        key=award_key(report.issuer.id, said.id),
        credential_id=said.id,
        issuer_id=report.issuer.id,
        issuer_name=said.issuer_name or "",
        issuer_address=said.issuer_address,
        title=said.title or "",
        achievement_id=said.achievement_id,
        kind=said.achievement_type or "",
        code=said.human_code or "",
        stacks=tuple(
            dict.fromkeys(tag.removeprefix(STACK_TAG) for tag in said.tags if tag.startswith(STACK_TAG))
        ),
        awarded=awarded,
        activity_start=said.activity_start,
        activity_end=said.activity_end,
        has_scored_rubric=_has_scored_rubric(said),
        sha256=sha256,
        verified_at=report.verified_at,
        status_as_of=report.status_as_of,
        also=also,
        media_type=JWT_TYPE if report.details.signing_input_sha256 else JSON_TYPE,
        competency=said.description or "",
    )


def _has_scored_rubric(said: Summary) -> bool:
    """Tell whether every criterion that requires a level has a result that reaches it."""
    complete = not said.unanswered and not said.results_left_out
    return bool(said.results) and complete and all(result.met for result in said.results)
