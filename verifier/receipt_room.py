# SPDX-License-Identifier: Apache-2.0
"""How many receipts are kept in a day: anybody may ask for one, and what is kept stays for years."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from verifier.bureau import Bureau
from verifier.errors import ReceiptsFullError
from verifier.receipt_record import CHECK
from verifier.store import receipts as rows

DAY_RECEIPTS: Final = 2_000  # of checks, within 24 hours, for everybody together; some 60 KB each


def require(bureau: Bureau, *, now: datetime) -> None:
    """Refuse a receipt where the day has had its share: disks are finite, and anybody may ask.

    Raises:
        ReceiptsFullError: It has.
    """
    after = now + timedelta(days=bureau.settings.receipt_days - 1)
    with bureau.db.reading() as session:
        number = rows.count(session, kind=CHECK, after=after)
    if number >= DAY_RECEIPTS:
        raise ReceiptsFullError(
            "So many receipts were kept here today that no more are taken. The verdict holds without one: "
            "save the answer as a file or print it, and try again tomorrow."
        )
