# SPDX-License-Identifier: Apache-2.0
"""Many at once: what one row comes to, in one word, and whether a person must look at it.

A row is a verdict, or one of two words of its own: there was no credential (``no-credential``), or it could
not be read (``unreadable``). Neither is a verdict about anybody's award.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from credentials.dates import format_datetime
from credentials.errors import BrokenError, HallmarkError, RefusedError, UnknownError
from verifier import explain
from verifier.errors import NotACredentialError, NothingThereError
from verifier.outcome import Mark, Outcome
from verifier.report import Report
from verifier.verdict import Verdict

NO_CREDENTIAL: Final = "no-credential"
UNREADABLE: Final = "unreadable"
WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{str(verdict): word for verdict, word in explain.WORDS.items()},
        NO_CREDENTIAL: "No credential here",
        UNREADABLE: "Not readable",
    }
)
DEFINITE_NO: Final = tuple(str(each) for each in Verdict if each not in (Verdict.VALID, Verdict.UNDETERMINED))

# The filters of a list of rows: name → words of rows that it shows; None: told by the flag.
NEEDS_YOU: Final = "needs-you"
FILTERS: Final[Mapping[str, tuple[str, ...] | None]] = MappingProxyType(
    {
        NEEDS_YOU: None,
        "valid": (str(Verdict.VALID),),
        "no": DEFINITE_NO,
        "undetermined": (str(Verdict.UNDETERMINED),),
        "none": (NO_CREDENTIAL, UNREADABLE),
    }
)


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """What a row comes to.

    Attributes:
        word: A verdict, or NO_CREDENTIAL or UNREADABLE.
        needs_you: Whether a person must look at it.
        members: The answer of the API, and "sentence"; what was found out when nothing was examined.
    """

    word: str
    needs_you: bool
    members: Mapping[str, Any]


def of_report(report: Report) -> RowAnswer:
    """Return the row of something that was examined."""
    members = {
        "sentence": report.sentence,
        "authentic": report.is_authentic,
        "container": report.container,
        **report.to_json(),
    }
    return RowAnswer(str(report.verdict), needs_you(report), members)


def of_error(error: HallmarkError, *, now: datetime, found: bool = False) -> RowAnswer:
    """Return the row of something in which nothing could be examined.

    Args:
        error: Why.
        now: When.
        found: Whether it was come across inside a document, where other links are nothing special. A link
            to nothing is: so ends whoever makes up a credential and prints its address.
    """
    if isinstance(error, UnknownError | BrokenError | RefusedError):
        word = str(Verdict.UNDETERMINED)
    else:
        word = NO_CREDENTIAL if isinstance(error, NotACredentialError) else UNREADABLE
    members = {
        "verdict": word,
        "sentence": error.message,
        "code": error.code,
        "verified_at": format_datetime(now),
    }
    is_beside = found and word == NO_CREDENTIAL and not isinstance(error, NothingThereError)
    return RowAnswer(word, not is_beside, members)


def needs_you(report: Report) -> bool:
    """Tell whether a person must look at a row; the rule that sorts a batch.

    Nobody needs to look at an award that is valid, by an issuer on the reader's list (without a list: by an
    issuer of this house), not confusable with another, and for which none of the 13 rows says no, so that
    recipient and cycle fit where they were asked for. Everything else is somebody's decision: other verdicts,
    also "could not be determined", issuers that nobody knows, signed statements that are no awards, and what
    a newer issue has replaced. A thing
    that is no credential is looked at where somebody has brought it as one, and not where it was one of many
    links in a document (``of_error``): there only if its address looks like that of a credential, or leads
    to nothing.
    """
    if report.verdict is not Verdict.VALID or report.recognised_issuer is not True or report.is_statement:
        return True
    if report.superseded_by is not None or any(row.mark is Mark.NO for row in report.rows):
        return True
    return any(check.check == "lookalike" and check.outcome is Outcome.FAIL for check in report.checks)
