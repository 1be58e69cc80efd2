# SPDX-License-Identifier: Apache-2.0
"""The record of a receipt: what was checked, when, against what, and what was found, as one JSON document.

``verification-receipt/1`` is about one credential, ``verification-report/1`` about many at once; both are
described in ``docs/receipts.md``. Written once, as bytes, and never again: the signed statement names their
digest. Of something that is not genuine nothing is told that it says of itself, nor which checks it passed.
What was typed to compare with (whose it should be) is never in a record, only whether it was asked for and
what came of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import version
from typing import Any, Final

from credentials.dates import format_datetime
from credentials.digests import sha256_hex
from credentials.document import Json, write
from service import text
from service.settings import Settings
from verifier.asked import Asked
from verifier.explain import WORDS, shown
from verifier.intake import Presented
from verifier.outcome import Check, Finding, Outcome
from verifier.report import Report
from verifier.verdict import Verdict

CHECK: Final = "check"
BATCH: Final = "batch"
TYPES: Final = {CHECK: "verification-receipt/1", BATCH: "verification-report/1"}

NO_CREDENTIAL: Final = "no-credential"  # there was none in the thing, or it could not be read
NOT_CHECKED: Final = "not-checked"  # the batch was stopped before its turn came
_WITHOUT: Final = {NO_CREDENTIAL: "No credential", NOT_CHECKED: "Not checked"}

_TROUBLES: Final = frozenset({str(Outcome.FAIL), str(Outcome.INDETERMINATE)})
_RECIPIENT: Final = {
    Outcome.PASS: "matched",
    Outcome.FAIL: "not-matched",
    Outcome.INDETERMINATE: "could-not-say",
    Outcome.NOT_APPLICABLE: "could-not-say",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record belongs: the receipt's id and address, the service that made it, and its moment."""

    key: str
    address: str
    settings: Settings
    now: datetime


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """What was brought to be checked at once.

    Attributes:
        id: The batch.
        label: Name of the file, or "12 links"; the bringer's own word.
        asked: What was asked about everything in it.
        list_title: Name of the list of issuers that was compared with, if there was one.
        is_cancelled: Whether somebody has stopped it before everything was checked.
    """

    id: str
    label: str
    asked: Asked
    list_title: str | None = None
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class BatchLine:
    """What came of one thing of a batch.

    Attributes:
        place: Where it was: "row 4", "a/badge.png", "link on page 2".
        reference: The bringer's own number or word for it; "" without one.
        verdict: The one word; None where no credential was found.
        sentence: The verdict as a sentence, or why nothing could be checked.
        credential_id: Its id, where it is proven to be the issuer's word.
        title: What was awarded, under the same condition.
        issuer: The issuer's address, the same.
        recognised: Whether the issuer is on the list that was compared with; None without one.
        sha256: Of the bytes as they came, in hexadecimal; "" where there were none.
        needs_you: Whether a person has to look at it.
        checked_at: When; None: it was not checked.
        number: Its number in the batch, "7" or "7.2"; "" counts the lines.
        recipient: What came of the question whose it is, in a word; "not-asked", or
            "not-checked" where it was asked and never came to be looked at.
    """

    place: str
    reference: str
    verdict: Verdict | None
    sentence: str
    credential_id: str | None
    title: str | None
    issuer: str | None
    recognised: bool | None
    sha256: str
    needs_you: bool
    checked_at: datetime | None
    number: str = ""
    recipient: str = "not-asked"

    @property
    def word(self) -> str:
        """What it is counted as: the verdict, or one of the two words for none."""
        if self.verdict is not None:
            return str(self.verdict)
        return NOT_CHECKED if self.checked_at is None else NO_CREDENTIAL


def of_check(
    place: Place,
    report: Report,
    asked: Asked,
    *,
    presented: Presented | None,
    url: str | None,
    listed: Mapping[str, Any] | None,
) -> bytes:
    """Return the record of one check.

    Args:
        place: Where it belongs.
        report: What was found.
        asked: What was asked; of the recipient only that it was asked for is kept.
        presented: What was examined; None where nothing could be had.
        url: The address, if it came from one.
        listed: The list of issuers that was compared with (``list_of``), if there was one.
    """
    answer = report.to_json()
    if not report.is_authentic:
        troubles = [check for check in answer["checks"] if check["outcome"] in _TROUBLES]
        answer |= {"credential": {}, "issuer": None, "details": None, "checks": troubles}
    return write(
        {
            **_head(place, CHECK, asked, listed),
            "examined": _examined(presented, url),
            "recipient": recipient(_check(report, "recipient"))
            if asked.recipient is not None
            else "not-asked",
            "sentence": report.sentence,
            **answer,
        }
    )


def of_batch(place: Place, summary: BatchSummary, lines: Sequence[BatchLine]) -> bytes:
    """Return the record of many checks: a line for each thing, in the order in which they were brought."""
    return write(
        {
            **_head(place, BATCH, summary.asked, list_of(summary.asked, summary.list_title)),
            "batch": summary.id,
            "label": shown(summary.label),
            "state": "cancelled" if summary.is_cancelled else "done",
            "recipient": _asked_of(lines),
            "count": len(lines),
            "checked": checked(lines),
            "verdicts": dict(tally(lines)),
            "lines": [_line(number, line) for number, line in enumerate(lines, start=1)],
        }
    )


def tally(lines: Sequence[BatchLine]) -> Mapping[str, int]:
    """Return how often each verdict was given, in the order of ``Verdict``; what has none comes last."""
    counted = Counter(line.word for line in lines)
    return {name: counted[name] for name in (*map(str, Verdict), *_WITHOUT) if counted[name]}


def checked(lines: Sequence[BatchLine]) -> int:
    """Return how many of the things were checked at all."""
    return sum(line.word != NOT_CHECKED for line in lines)


def extent_of(members: Mapping[str, Json], total: int) -> tuple[str, bool]:
    """Return how much of a batch was checked, as a sentence of its record, and whether that is everything."""
    said = members.get("checked")
    done = said if isinstance(said, int) else total
    words = f"{done} of {text.count(total, 'thing')} {'was' if total == 1 else 'were'} checked"
    if members.get("state") == "cancelled":
        words += "; the batch was stopped" + (" before the end" if done < total else "")
    return f"{words}.", done == total


def word(verdict: str | None) -> str:
    """Return a verdict of a record in a word or two."""
    if verdict in set(Verdict):
        return WORDS[Verdict(verdict)]
    return _WITHOUT.get(verdict or "", _WITHOUT[NOT_CHECKED])


def recipient(check: Check | None) -> str:
    """Return what came of the question whose it is, in a word."""
    if check is None:
        return "could-not-say"
    weak = check.outcome is Outcome.PASS and check.finding is Finding.NAME_ONLY
    return "matched-by-name" if weak else _RECIPIENT[check.outcome]


def list_of(asked: Asked, title: str | None, *, version: int | None = None) -> Mapping[str, Any] | None:
    """Return how a record names the list of issuers that was compared with; None without one."""
    return {"name": asked.issuers, "title": shown(title), "version": version} if title else None


def _head(place: Place, kind: str, asked: Asked, listed: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "type": TYPES[kind],
        "id": place.address,
        "made_at": format_datetime(place.now),
        "by": {
            "name": place.settings.title,
            "url": place.settings.public_url,
            "software": f"hallmark {version('hallmark')}",
        },
        "cycle": {"from": _day(asked.cycle_from), "until": _day(asked.cycle_until)},
        "issuer_list": listed,
    }


def _examined(presented: Presented | None, url: str | None) -> dict[str, Any]:
    """Name the very bytes: as they came, and the credential inside if they are a picture."""
    found: dict[str, Any] = {"url": url}
    if presented is not None:
        found |= {
            "container": str(presented.container),
            "bytes": len(presented.raw),
            "sha256": sha256_hex(presented.raw),
            "credential_sha256": sha256_hex(inside(presented)),
        }
    return found


def inside(presented: Presented) -> bytes:
    """Return the credential itself: the JSON or the token, taken out of its picture."""
    if not presented.picture:
        return presented.raw
    return presented.jwt.token.text.encode("ascii") if presented.jwt is not None else presented.document.raw


def _check(report: Report, name: str) -> Check | None:
    return next((check for check in report.checks if check.check == name), None)


def _asked_of(lines: Sequence[BatchLine]) -> str:
    """Tell for how many it was asked whose they should be: "asked", "asked-of-some" or "not-asked"."""
    asked = sum(line.recipient != "not-asked" for line in lines)
    return "asked-of-some" if 0 < asked < len(lines) else "asked" if asked else "not-asked"


def _line(number: int, line: BatchLine) -> dict[str, Any]:
    return {
        "line": number,
        "row": line.number or str(number),
        "place": shown(line.place),
        "reference": shown(line.reference) or None,
        "verdict": str(line.verdict) if line.verdict is not None else None,
        "outcome": line.word,
        "recipient": line.recipient,
        "sentence": line.sentence,
        "credential": line.credential_id,
        "title": shown(line.title) if line.title else None,
        "issuer": line.issuer,
        "recognised_issuer": line.recognised,
        "sha256": line.sha256 or None,
        "needs_you": line.needs_you,
        "checked_at": format_datetime(line.checked_at) if line.checked_at is not None else None,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
