# SPDX-License-Identifier: Apache-2.0
"""Awards that nobody holds: what somebody would have if they earned a micro-credential by a certain day.

They are for ``outlook`` alone, which answers with an ``Outlook`` and never with an ``Answer``: whatever is
approved is verified afresh from its link or bytes (``bringing``), and nothing here has either. Their keys are
no digests, so that no ledger takes them. No module that decides imports this one (a test holds that).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from recognition.judging.award import Award, Brought
from recognition.ports import Item
from verifier.verdict import Verdict

START: Final = "planned:"
_NOWHERE: Final = "https://planned.invalid/"  # a name that never leads anywhere (RFC 6761, section 6.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imagined(Award):
    """An award that nobody holds. It was not verified, since there is nothing to verify."""


def imagine(item: Item, day: date, *, now: datetime) -> Brought:
    """Return ``item`` as if it had been awarded on ``day``, with everything that a desk may ask to see."""
    moment = datetime.combine(day, time(12), tzinfo=UTC)  # this day in every zone of the policies
    key, link = START + item.code, _NOWHERE + item.code
    award = Imagined(
        key=key,
        credential_id=link,
        issuer_id=item.issuer,
        issuer_name=item.issuer,
        issuer_address=("planned",),
        title=item.title,
        achievement_id=link,
        kind=item.kind,
        code=item.code,
        stacks=item.stacks,
        awarded=moment,
        activity_start=moment,
        activity_end=moment,
        has_scored_rubric=True,
        sha256="",
        verified_at=now,
        status_as_of=now,
    )
    return Brought(
        place=key,
        verdict=Verdict.VALID,
        sentence="This is planned, and nobody holds it yet.",
        title=item.title,
        credential_id=link,
        award=award,
    )


def is_imagined(key: str) -> bool:
    """Tell whether a key is that of a planned award."""
    return key.startswith(START)
