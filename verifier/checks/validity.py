# SPDX-License-Identifier: Apache-2.0
"""Is it in force now?

VCDM 2.0, "Validity Period" (https://www.w3.org/TR/vc-data-model-2.0/#validity-period); for 1.1
``issuanceDate`` and ``expirationDate``; for a JWT its claims too. A beginning is tolerated ``CLOCK_SKEW``
early, an end is an end.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from credentials.dates import parse_datetime
from credentials.document import Json
from credentials.errors import DateError
from service import text
from verifier import explain
from verifier.opened import Opened, latest
from verifier.outcome import Check

CLOCK_SKEW = timedelta(seconds=300)  # honest clocks differ by minutes, on beginnings only


def check_validity(opened: Opened, *, now: datetime, created: datetime | None = None) -> Check:
    """Compare the dates of the credential, of its claims and of its proofs (``created``) with ``now``."""
    members, claims = opened.members, opened.claims
    begin_name, end_name = ("issuanceDate", "expirationDate") if opened.is_v1 else ("validFrom", "validUntil")
    try:
        begin = _date(members, begin_name)
        end = _date(members, end_name)
        _date(members, "awardedDate")
    except DateError as error:
        return explain.say(explain.VALIDITY_MALFORMED, path=error.path, reason=error.message)
    if begin is None:
        return explain.say(
            explain.VALIDITY_MALFORMED, path=f"/{begin_name}", reason="it does not say when it begins."
        )
    if end is not None and end < begin:
        return explain.say(explain.VALIDITY_REVERSED, path=f"/{end_name}")
    if claims is not None:
        end = end or claims.expires
    if end is not None and now >= end:
        return explain.say(explain.VALIDITY_ENDED, path=f"/{end_name}", end=text.day(end))
    not_before = latest(begin, claims.not_before if claims is not None else None, created) or begin
    if now + CLOCK_SKEW < not_before:
        return explain.say(explain.VALIDITY_NOT_BEGUN, path=f"/{begin_name}", begin=text.day(not_before))
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
