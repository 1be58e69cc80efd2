# SPDX-License-Identifier: Apache-2.0
"""What is signed about a check, in words: only ours, so that nobody can have us sign theirs (threat V14)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from credentials.digests import sha256_hex
from service import text
from verifier import receipt_record as records
from verifier.asked import Asked
from verifier.bureau import Bureau
from verifier.intake import Presented
from verifier.report import Report

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RECIPIENT: Final = {
    "matched": " Whose it should be was asked for, and it is theirs.",
    "matched-by-name": " Whose it should be was asked for by a name, which fits; a name proves less.",
    "not-matched": " Whose it should be was asked for, and it is somebody else's.",
    "could-not-say": " Whose it should be was asked for, and could not be told.",
}


def of_check(
    bureau: Bureau, report: Report, presented: Presented | None, asked: Asked, *, now: datetime
) -> str:
    """Return the statement: our own words, times, and names that cannot hold anybody's words."""
    what = "something that could not be had"
    if presented is not None:
        what = f"a credential, whose bytes as they came have the SHA-256 digest {sha256_hex(presented.raw)}"
    known = report.summary.id if report.summary is not None and report.is_authentic else None
    named = f" Its id is {known}." if known and _is_wordless(bureau, known) else ""
    status = (
        f" The status list was signed on {text.time(report.status_as_of)}." if report.status_as_of else ""
    )
    recipient = ""
    if asked.recipient is not None:
        check = next((check for check in report.checks if check.check == "recipient"), None)
        recipient = _RECIPIENT[records.recipient(check)]
    return (
        f"On {text.time(now)}, {bureau.settings.title} examined {what}.{named} "
        f"The verdict: {records.word(str(report.verdict))}.{status}{recipient} "
        "What was found in detail stands in the record whose digest is named here."
    )


def _is_wordless(bureau: Bureau, identifier: str) -> bool:
    """Tell whether an id is one of ours or a random one, so that it cannot carry a message."""
    own = f"{bureau.public_url}/credentials/"
    for prefix in (own, "urn:uuid:"):
        if identifier.startswith(prefix):
            return _UUID.fullmatch(identifier.removeprefix(prefix)) is not None
    return False
