# SPDX-License-Identifier: Apache-2.0
"""What is awarded to whom, and the states of it.

::

    awarded → intended → issued ⇄ suspended → revoked
                              ↘ superseded (a re-issue of the same award took its place)

*Superseded* is no withdrawal: the award stands, and the older copy verifies as before (ADR 0027).
*Awarded* and *intended* are the steps before anybody has seen a signature (``issuance``); revoking is
possible from there on. A withdrawal is final. An award needs every criterion that requires a level at or
above it; the rule is the micro-credential's data.

Unique are (issuer, achievement, recipient, submission), and the idempotency key for ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from credentials.dates import format_datetime, parse_datetime
from credentials.digests import digest_multibase, matches
from credentials.document import Json
from credentials.errors import DigestError
from issuer.errors import AwardRequestError, NotEarnedError, StatusFinalError
from issuer.micro_credential import MicroCredential
from issuer.signable import UNSIGNABLE

NAME_CHARS: Final = 200  # characters of a displayed name
SUBMISSION_CHARS: Final = 255  # characters of the name of a submission, as long as an Idempotency-Key
TEXT_CHARS: Final = 16_384  # characters of a narrative; longer is shown as plain text only
EVIDENCE_MAX: Final = 20  # pieces of evidence in one award; the largest portfolio seen has 9
SAMPLE_SUBMISSION: Final = "sample"  # what the demo awards; its credentials are shown on the first page
SALT_BYTES: Final = 16  # 128 bits, which stop tables and linking

_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]{1,190}")


class AwardState(StrEnum):
    """Where an award is in its life."""

    AWARDED = "awarded"
    INTENDED = "intended"
    ISSUED = "issued"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"


_NEXT: Final[Mapping[AwardState, frozenset[AwardState]]] = {
    AwardState.AWARDED: frozenset({AwardState.INTENDED, AwardState.REVOKED}),
    AwardState.INTENDED: frozenset({AwardState.ISSUED, AwardState.REVOKED}),
    AwardState.ISSUED: frozenset({AwardState.SUSPENDED, AwardState.REVOKED, AwardState.SUPERSEDED}),
    AwardState.SUSPENDED: frozenset({AwardState.ISSUED, AwardState.REVOKED}),
    AwardState.REVOKED: frozenset(),
    AwardState.SUPERSEDED: frozenset({AwardState.REVOKED}),
}


_FINAL: Final[Mapping[tuple[AwardState, AwardState], str]] = {
    (AwardState.REVOKED, AwardState.ISSUED): "This credential was withdrawn for ever and cannot be "
    "reinstated. Issue a new one.",
    (AwardState.REVOKED, AwardState.SUSPENDED): "This credential was withdrawn for ever, so it cannot be put "
    "under review.",
    (
        AwardState.REVOKED,
        AwardState.SUPERSEDED,
    ): "This credential was withdrawn for ever, so nothing can take its place. Issue a new one.",
    (
        AwardState.SUSPENDED,
        AwardState.SUPERSEDED,
    ): "This credential is under review. End the review first, then issue it again.",
    (AwardState.SUPERSEDED, AwardState.ISSUED): "A newer credential has taken the place of this one.",
    (AwardState.SUPERSEDED, AwardState.SUSPENDED): "A newer credential has taken the place of this one.",
}


def step(state: AwardState, wanted: AwardState) -> AwardState:
    """Return ``wanted`` when it may follow ``state``.

    Raises:
        StatusFinalError: It may not.
    """
    if wanted not in _NEXT[state]:
        sentence = _FINAL.get((state, wanted), f"What is {state} cannot become {wanted}.")
        raise StatusFinalError(sentence, got=state, expected=wanted)
    return wanted


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence.

    Attributes:
        digest: Its ``digestMultibase``; salted when the piece is private.
        url: Its link, only when it is public; then it is the evidence's ``id``.
        salt: What the digest of a private piece was salted with; kept in our rows and never published.
    """

    name: str
    digest: str
    description: str | None = None
    narrative: str | None = None
    genre: str | None = None
    audience: str | None = None
    url: str | None = None
    salt: bytes = b""


def evidence_of(
    data: bytes,
    *,
    name: str,
    salt: bytes,
    url: str | None = None,
    description: str | None = None,
    narrative: str | None = None,
    genre: str | None = None,
    audience: str | None = None,
) -> Evidence:
    """Return evidence for the bytes ``data``; without a ``url`` they are private, and their digest salted.

    Small files can be guessed from their plain digest, so a private one is salted with 128 bits or more.
    """
    used = salt if url is None else b""
    return Evidence(
        name=name,
        digest=digest_multibase(data, salt=used),
        description=description,
        narrative=narrative,
        genre=genre,
        audience=audience,
        url=url,
        salt=used,
    )


@dataclass(frozen=True, slots=True)
class AwardRequest:
    """What should be awarded, checked.

    Attributes:
        achievement: Key of the version, such as ``SEL1-v1``.
        email: Address of the educator; only a salted hash of it is signed.
        name: Name of the educator, if it is to be signed.
        hides_name: Whether only a salted hash of the name is signed. Then it can be shown beside the
            credential and taken away again, which what was signed in plain words cannot.
        levels: Level reached per criterion; what is left out counts as the required level.
        submission: What tells two submissions of one educator apart.
        idempotency_key: The key of the request, and ``request_digest`` what was asked with it.
    """

    achievement: str
    email: str
    submission: str
    awarded_at: datetime
    name: str | None = None
    levels: tuple[tuple[str, str], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    narrative: str | None = None
    activity_start: datetime | None = None
    activity_end: datetime | None = None
    idempotency_key: str | None = None
    request_digest: str | None = None
    hides_name: bool = False

    def __post_init__(self) -> None:
        """Refuse what could not be signed, before anything is written down."""
        if not _EMAIL.fullmatch(self.email):
            raise AwardRequestError("This is not an e-mail address.", path="/recipient/email")
        if self.name is not None and not (0 < len(self.name.strip()) <= NAME_CHARS):
            raise AwardRequestError(
                f"A name has 1 to {NAME_CHARS} characters; leave it out to show none.", path="/recipient/name"
            )
        if not 0 < len(self.submission) <= SUBMISSION_CHARS:
            raise AwardRequestError(
                f"A submission has 1 to {SUBMISSION_CHARS} characters.", path="/submission"
            )
        if len(self.evidence) > EVIDENCE_MAX:
            raise AwardRequestError(
                f"There are more than {EVIDENCE_MAX} pieces of evidence.", path="/evidence"
            )
        if self.activity_start and self.activity_end and self.activity_end < self.activity_start:
            raise AwardRequestError("The activity ends before it starts.", path="/activity")
        texts: list[tuple[str, str | None]] = [("/recipient/name", self.name), ("/narrative", self.narrative)]
        for index, piece in enumerate(self.evidence):
            for member in ("name", "description", "narrative", "genre", "audience"):
                texts.append((f"/evidence/{index}/{member}", getattr(piece, member)))
            if piece.url is not None and not re.fullmatch(r'https?://[^\s<>"{}|\\^`\x00-\x1f]+', piece.url):
                raise AwardRequestError("A link begins with https://.", path=f"/evidence/{index}/url")
            try:
                matches(b"", piece.digest)
            except DigestError as error:
                raise AwardRequestError(error.message, path=f"/evidence/{index}/digest_multibase") from error
        for path, text in texts:
            _signable(text, path)


@dataclass(frozen=True, slots=True)
class Award:
    """A written-down award: the request, the random parts of it, and its place in life.

    Attributes:
        key: The random id in all its links.
        salt: Text that the hashed identity is salted with, as hexadecimal.
    """

    key: str
    issuer: str
    request: AwardRequest
    salt: str
    state: AwardState


def results(
    micro_credential: MicroCredential, levels: Sequence[tuple[str, str]]
) -> tuple[tuple[str, str], ...]:
    """Return (criterion, level reached) in the rubric's order.

    A criterion that is not in ``levels`` counts as met at its required level: who awards says that the rubric
    is met. An optional criterion that is not named gets no result.

    Raises:
        AwardRequestError: No such criterion or level, or one named twice.
        NotEarnedError: Below what the criterion requires.
    """
    asked = dict(levels)
    if len(asked) != len(levels):
        raise AwardRequestError("A criterion is named twice.", path="/results")
    reached: list[tuple[str, str]] = []
    for criterion in micro_credential.criteria:
        level = asked.pop(criterion.id, criterion.required)
        if level is None:
            continue
        try:
            rank = criterion.rank(level)
        except KeyError:
            known = ", ".join(name for name, _ in criterion.levels)
            raise AwardRequestError(
                f'The criterion "{criterion.id}" has no level "{level}"; it has {known}.',
                path=f"/results/{criterion.id}",
            ) from None
        if criterion.required is not None and rank < criterion.rank(criterion.required):
            raise NotEarnedError(
                f'"{criterion.title}" reached {level}; it takes {criterion.required}.',
                path=f"/results/{criterion.id}",
                got=level,
                expected=criterion.required,
            )
        reached.append((criterion.id, level))
    if asked:
        unknown = next(iter(asked))
        raise AwardRequestError(
            f'{micro_credential.key} has no criterion "{unknown}"; it has '
            f"{', '.join(criterion.id for criterion in micro_credential.criteria)}.",
            path=f"/results/{unknown}",
        )
    return tuple(reached)


def to_json(request: AwardRequest) -> dict[str, Json]:
    """Return ``request`` as it is written down, without its unique columns."""
    return {
        "name": request.name,
        "hides_name": request.hides_name,
        "levels": [list(pair) for pair in request.levels],
        "narrative": request.narrative,
        "activity_start": _date(request.activity_start),
        "activity_end": _date(request.activity_end),
        "evidence": [
            {
                "name": piece.name,
                "digest": piece.digest,
                "description": piece.description,
                "narrative": piece.narrative,
                "genre": piece.genre,
                "audience": piece.audience,
                "url": piece.url,
                "salt": piece.salt.hex(),
            }
            for piece in request.evidence
        ],
    }


def evidence_from_json(pieces: Sequence[Mapping[str, str | None]]) -> tuple[Evidence, ...]:
    """Return the evidence that ``to_json`` wrote."""
    return tuple(
        Evidence(
            name=piece["name"] or "",
            digest=piece["digest"] or "",
            description=piece["description"],
            narrative=piece["narrative"],
            genre=piece["genre"],
            audience=piece["audience"],
            url=piece["url"],
            salt=bytes.fromhex(piece["salt"] or ""),
        )
        for piece in pieces
    )


def date_from_json(text: str | None) -> datetime | None:
    """Return the moment that ``to_json`` wrote."""
    return None if text is None else parse_datetime(text)


def _date(moment: datetime | None) -> str | None:
    return None if moment is None else format_datetime(moment)


def _signable(text: str | None, path: str) -> None:
    if text is None:
        return
    if not text.strip() or len(text) > TEXT_CHARS:
        raise AwardRequestError(f"A text has 1 to {TEXT_CHARS:,} characters, or is left out.", path=path)
    found = UNSIGNABLE.search(text)
    if found:
        raise AwardRequestError(
            f"The text holds U+{ord(found[0]):04X}, a control character that cannot be signed.", path=path
        )
