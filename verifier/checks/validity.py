# SPDX-License-Identifier: Apache-2.0
"""Is it in force now?

VCDM 2.0, "Validity Period" (https://www.w3.org/TR/vc-data-model-2.0/#validity-period); for 1.1
``issuanceDate`` and ``expirationDate``, but its context also has the newer names, so that all four count; for
a JWT its claims too. A beginning is tolerated ``CLOCK_SKEW`` early, an end is an end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from credentials.dates import parse_datetime
from credentials.document import Json
from credentials.errors import DateError
from service import text
from verifier import explain
from verifier.opened import Opened, earliest, latest
from verifier.outcome import Check

CLOCK_SKEW = timedelta(seconds=300)  # honest clocks differ by minutes, on beginnings only


@dataclass(frozen=True, slots=True)
class Period:
    """From when until when by its own dates, and which members say so."""

    begin: datetime | None
    end: datetime | None
    begin_path: str
    end_path: str


def period(opened: Opened) -> Period:
    """Return the later of the dates on which it begins, and the earlier of those on which it ends.

    Raises:
        DateError: One of them is no date with a time zone; the error has its path.
    """
    begin_names, end_names = ["validFrom"], ["validUntil"]
    if opened.is_v1:
        begin_names.insert(0, "issuanceDate")
        end_names.insert(0, "expirationDate")
    begins, ends = (
        [(moment, f"/{name}") for name in names if (moment := _date(opened.members, name)) is not None]
        for names in (begin_names, end_names)
    )
    begin, begin_path = max(begins, default=(None, f"/{begin_names[0]}"))
    end, end_path = min(ends, default=(None, f"/{end_names[0]}"))
    return Period(begin, end, begin_path, end_path)


def check_validity(opened: Opened, *, now: datetime, created: datetime | None = None) -> Check:
    """Compare the dates of the credential, of its claims and of its proofs (``created``) with ``now``."""
    claims = opened.claims
    try:
        own = period(opened)
        _date(opened.members, "awardedDate")
    except DateError as error:
        return explain.say(explain.VALIDITY_MALFORMED, path=error.path, reason=error.message)
    begin, end = own.begin, own.end
    if begin is None:
        return explain.say(
            explain.VALIDITY_MALFORMED, path=own.begin_path, reason="it does not say when it begins."
        )
    if end is not None and end < begin:
        return explain.say(explain.VALIDITY_REVERSED, path=own.end_path)
    end = earliest(end, claims.expires if claims is not None else None)
    if end is not None and now >= end:
        return explain.say(explain.VALIDITY_ENDED, path=own.end_path, end=text.day(end))
    not_before = latest(begin, claims.not_before if claims is not None else None, created) or begin
    if now + CLOCK_SKEW < not_before:
        return explain.say(explain.VALIDITY_NOT_BEGUN, path=own.begin_path, begin=text.day(not_before))
    if end is None:
        return explain.say(explain.VALID_FOREVER, begin=text.day(begin))
    return explain.say(explain.VALID_UNTIL, begin=text.day(begin), end=text.day(end))


def _date(members: Mapping[str, Json], name: str) -> datetime | None:
    if name not in members:
        return None
    try:
        return parse_datetime(members[name])
    except DateError as error:
        error.path = f"/{name}"
        raise
