# SPDX-License-Identifier: Apache-2.0
"""Whatever is brought to be counted becomes ``Brought``: examined once, and an award only if it is valid.

A thing is a link, or the bytes of a file: JSON, a JWT, a PNG, SVG, PDF, a ZIP archive, a photo. The way to an
award is the verifier's alone (``Desk.verified`` → ``VerifiedCredential`` → ``award_of``); a signed statement,
such as a recognition or a receipt, is none. What cannot be read or reached stays in the list with its reason:
what is no credential is ``invalid``, whatever else kept us from looking is ``undetermined``, and neither is
counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credentials.digests import sha256_hex
from credentials.errors import HallmarkError
from recognition.errors import TooManyAwardsError
from recognition.grouping.allocation import MAX_AWARDS
from recognition.judging.award import Brought, award_key, award_of
from service import clock
from verifier.asked import Asked
from verifier.desk import Desk
from verifier.errors import UnresolvableError
from verifier.unpack import Claim, unpack
from verifier.verify import Examined, unexamined

PATIENCE: Final = 60.0  # seconds after which nothing further is looked up for one answer
Same = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing: its link, or the name of a file and what is in it."""

    place: str
    body: bytes | None = None


def _alone(_credential_id: str) -> Sequence[str]:
    return ()


def bring(
    desk: Desk,
    things: Sequence[str | Thing],
    *,
    now: datetime,
    recipient: str | None = None,
    asker: str = "",
    same: Same = _alone,
    patience: float = PATIENCE,
) -> tuple[Brought, ...]:
    """Return what was brought, examined now; what holds one credential gives one, in the same order.

    Args:
        desk: The verifier's.
        things: Links (as text), and files. An archive or a PDF gives each of the credentials in it.
        now: The moment of verification.
        recipient: Whose they must be, if that is asked.
        asker: Who asks that, where people may try addresses (``verifier.questions``); "" is not counted.
        same: Ids of all issues of the award of a credential (``Office.same``).
        patience: Seconds for all of them together; what was not reached by then is undetermined.

    Raises:
        TooManyAwardsError: They are more than fit into one answer.
    """
    asked = Asked(recipient=recipient, asker=asker)
    ends_at = clock.monotonic() + patience
    found: list[Brought] = []
    for thing in things:
        one = Thing(thing) if isinstance(thing, str) else thing
        for place, claim in claims(one):
            if len(found) >= MAX_AWARDS:
                raise TooManyAwardsError(
                    f"At most {MAX_AWARDS} micro-credentials fit into one answer. Bring fewer of them.",
                    expected=MAX_AWARDS,
                )
            in_time = claim if clock.monotonic() <= ends_at else _late(claim)
            found.append(_brought(desk, place, in_time, now=now, asked=asked, same=same))
    return tuple(found)


def claims(thing: Thing) -> Iterator[tuple[str, Claim]]:
    """Yield what one thing holds, each with its place; what cannot be opened has its trouble instead."""
    if thing.body is None:
        yield thing.place, Claim("", None, thing.place, None, "")
        return
    try:
        inside = unpack(thing.body, name=thing.place)
    except HallmarkError as error:
        yield thing.place, Claim("", None, None, error, thing.place)
        return
    for claim in inside:
        yield f"{claim.place} in {thing.place}" if claim.place else thing.place, claim


def _brought(desk: Desk, place: str, claim: Claim, *, now: datetime, asked: Asked, same: Same) -> Brought:
    try:
        examined = desk.verified(claim, now=now, asked=asked)
    except HallmarkError as error:
        examined = Examined(unexamined(error, now=now), None)
    report = examined.report
    said = report.summary
    credential_id = (said.id if said is not None else None) or ""
    award = None
    if examined.credential is not None:
        keys = {award_key(report.issuer.id, each) for each in same(credential_id)}
        also = tuple(sorted(keys - {award_key(report.issuer.id, credential_id)}))
        award = award_of(examined.credential, sha256=sha256_hex(examined.raw), also=also)
    return Brought(
        place=place,
        verdict=report.verdict,
        sentence=report.sentence,
        title=(said.title if said is not None else None) or "",
        credential_id=credential_id,
        award=award,
        report=report,
    )


def _late(claim: Claim) -> Claim:
    trouble = UnresolvableError("There was no time left to look at it. Bring fewer things at once.")
    return Claim(claim.place, None, None, trouble, claim.name)
