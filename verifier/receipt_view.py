# SPDX-License-Identifier: Apache-2.0
"""What a receipt shows, read back from its record: for the page and for paper, in the same words.

The record is our own, but it may be years old: what is missing or odd in it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from credentials.dates import parse_datetime
from credentials.digests import digest_multibase, sha256_hex
from credentials.document import Json, parse
from credentials.errors import DateError
from service import text
from verifier.asked import Asked
from verifier.outcome import Check, Mark, Outcome, Row
from verifier.receipt import Receipt
from verifier.receipt_record import word
from verifier.verdict import Verdict

Members = Mapping[str, Json]

# Verdict -> symbol and tone; a valid one is green only if its issuer is recognised.
_LOOKS: Final[Mapping[str, tuple[str, str]]] = {
    Verdict.VALID: ("ring", "ok"),
    Verdict.EXPIRED: ("hourglass", "warn"),
    Verdict.NOT_YET_VALID: ("calendar", "warn"),
    Verdict.SUSPENDED: ("pause", "hold"),
    Verdict.REVOKED: ("octagon", "bad"),
    Verdict.UNDETERMINED: ("question", "neutral"),
    Verdict.UNSIGNED_CONTENT: ("broken", "bad"),
    Verdict.INVALID: ("cross", "bad"),
    Verdict.WRONG_RECIPIENT: ("cross", "bad"),
}
_RECIPIENT: Final = {
    "matched": "Asked for, and it is theirs",
    "matched-by-name": "Asked for by a name, which fits; others may bear it",
    "not-matched": "Asked for, and it is somebody else’s",
    "could-not-say": "Asked for, and could not be told",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is, and the value; ``is_raw`` for digests and addresses."""

    label: str
    value: str
    is_raw: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict as it is shown: word, symbol and tone; ``count`` where it stands for many."""

    word: str
    symbol: str
    tone: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed the statement."""

    name: str
    id: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check.

    Attributes:
        answer: The verdict.
        sentence: The verdict as a sentence.
        title: What was awarded; "" where it is not proven to be the issuer's word.
        facts: What the credential says, under the same condition.
        circumstances: When it was checked, by whom, and against what.
        rows: The 13 rows.
        checks: Every check.
        digests: What names the very bytes.
        url: Where it stood; "" when it was brought as a text or file.
        asked: What was asked, but whose it should be.
    """

    answer: Answer
    sentence: str
    title: str
    facts: tuple[Fact, ...]
    circumstances: tuple[Fact, ...]
    rows: tuple[Row, ...]
    checks: tuple[Check, ...]
    digests: tuple[Fact, ...]
    url: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class LineView:
    """One thing of a batch."""

    number: int
    place: str
    reference: str
    answer: Answer
    title: str
    issuer: str
    sentence: str
    sha256: str
    credential: str
    needs_you: bool


@dataclass(frozen=True, slots=True)
class BatchView:
    """Many checks at once: how often each verdict was given, and a line for each thing."""

    label: str
    batch: str
    answers: tuple[Answer, ...]
    circumstances: tuple[Fact, ...]
    lines: tuple[LineView, ...]
    digests: tuple[Fact, ...]


def site(receipt: Receipt) -> str:
    """Return the name of the service that made the receipt."""
    return _text(_object(receipt.members(), "by"), "name")


def signer(receipt: Receipt) -> Signer | None:
    """Return who signed the statement, or None where nobody did."""
    if receipt.signed is None:
        return None
    issuer = _object(parse(receipt.signed).members, "issuer")
    return Signer(_text(issuer, "name"), _text(issuer, "id"))


def check_view(receipt: Receipt) -> CheckView:
    """Read the receipt of one check."""
    members = receipt.members()
    verdict, examined = _text(members, "verdict"), _object(members, "examined")
    own, inner = _text(examined, "sha256"), _text(examined, "credential_sha256")
    return CheckView(
        answer=_answer(verdict, recognised=members.get("recognised_issuer")),
        sentence=_text(members, "sentence"),
        title=_text(_object(members, "credential"), "name"),
        facts=_facts(members),
        circumstances=_circumstances(receipt, members),
        rows=tuple(_row(row) for row in _objects(members, "rows")),
        checks=tuple(_check(check) for check in _objects(members, "checks")),
        digests=_told(
            Fact("Came as", _container(examined)),
            Fact("SHA-256 of what came", own, is_raw=True),
            Fact("SHA-256 of the credential in it", inner if inner != own else "", is_raw=True),
            *_own_digests(receipt),
        ),
        url=_text(examined, "url"),
        asked=_asked(members),
    )


def batch_view(receipt: Receipt) -> BatchView:
    """Read the report about many."""
    members = receipt.members()
    counts = _object(members, "verdicts")
    return BatchView(
        label=_text(members, "label"),
        batch=_text(members, "batch"),
        answers=tuple(
            _answer(verdict, recognised=True, count=count)
            for verdict, count in counts.items()
            if isinstance(count, int)
        ),
        circumstances=_told(
            Fact("Made", text.time(receipt.made_at)),
            *_by_whom(members),
            *_compared(members),
            Fact("Whose they should be", "asked for" if members.get("recipient") == "asked" else ""),
        ),
        lines=tuple(_line(number, line) for number, line in enumerate(_objects(members, "lines"), start=1)),
        digests=_told(*_own_digests(receipt)),
    )


def _answer(verdict: str, *, recognised: Json, count: int = 1) -> Answer:
    symbol, tone = _LOOKS.get(verdict, ("dash", "neutral"))
    if tone == "ok" and recognised is not True:
        tone = "neutral"
    return Answer(word(verdict), symbol, tone, count)


def _facts(members: Members) -> tuple[Fact, ...]:
    credential, issuer = _object(members, "credential"), _object(members, "issuer")
    if not credential:
        return ()
    name, address = _text(issuer, "name"), _text(issuer, "address")
    begin, end = _day(credential, "valid_from"), _day(credential, "valid_until")
    return _told(
        Fact("What", _text(credential, "name")),
        Fact("Whose", _text(credential, "recipient_name") or "It shows no name"),
        Fact("Whose it should be", _RECIPIENT.get(_text(members, "recipient"), "")),
        Fact("From", f"{name} ({address})" if name else address),
        Fact("Awarded", _day(credential, "awarded_on")),
        Fact("In force", f"since {begin}, {f'until {end}' if end else 'without an end'}" if begin else ""),
        Fact("Its id", _text(credential, "id"), is_raw=True),
    )


def _circumstances(receipt: Receipt, members: Members) -> tuple[Fact, ...]:
    status = _objects(_object(members, "details"), "status")
    return _told(
        Fact("Checked", text.time(receipt.made_at)),
        *_by_whom(members),
        Fact("Read from", _text(_object(members, "examined"), "url"), is_raw=True),
        *(fact for entry in status for fact in _status(entry, receipt.made_at)),
        *_compared(members),
    )


def _by_whom(members: Members) -> tuple[Fact, ...]:
    by = _object(members, "by")
    return (Fact("By", f"{_text(by, 'name')}, {_text(by, 'url')} ({_text(by, 'software')})"),)


def _compared(members: Members) -> tuple[Fact, ...]:
    cycle = _object(members, "cycle")
    begin, end = _text(cycle, "from"), _text(cycle, "until")
    return (
        Fact("List of issuers", _text(_object(members, "issuer_list"), "title")),
        Fact("Cycle asked about", f"{begin or '…'} to {end or '…'}" if begin or end else ""),
    )


def _asked(members: Members) -> Asked:
    cycle = _object(members, "cycle")
    return Asked(
        cycle_from=_date(cycle, "from"),
        cycle_until=_date(cycle, "until"),
        issuers=_text(_object(members, "issuer_list"), "name") or None,
    )


def _date(members: Members, name: str) -> date | None:
    try:
        return date.fromisoformat(_text(members, name))
    except ValueError:
        return None


def _status(entry: Members, made_at: datetime) -> tuple[Fact, ...]:
    """Return "revocation: not set. The list was signed on …, 41 seconds before", and where it stands."""
    purpose, is_set = _text(entry, "purpose"), entry.get("is_set")
    said = ("set" if is_set else "not set") if isinstance(is_set, bool) else "could not be read"
    begun, ends = _moment(entry, "valid_from"), _moment(entry, "valid_until")
    signed = f"; list of {text.time(begun)}, {text.age(made_at - begun)} old then" if begun else ""
    until = f", good until {text.time(ends)}" if ends else ""
    index = entry.get("index")
    place = f" #{index}" if isinstance(index, int) else ""
    label = f"Status list ({purpose})" if purpose else "Status list"
    return Fact(label, f"{said[0].upper()}{said[1:]}{signed}{until}"), Fact(
        "Its address", f"{_text(entry, 'url')}{place}", is_raw=True
    )


def _own_digests(receipt: Receipt) -> tuple[Fact, ...]:
    signed = sha256_hex(receipt.signed) if receipt.signed is not None else ""
    return (
        Fact("SHA-256 of the record", sha256_hex(receipt.record), is_raw=True),
        Fact("The same in signed.json", digest_multibase(receipt.record) if signed else "", is_raw=True),
        Fact("SHA-256 of the statement", signed, is_raw=True),
    )


def _container(examined: Members) -> str:
    size, kind = examined.get("bytes"), _text(examined, "container").upper()
    return f"{kind}, {size:,} bytes" if kind and isinstance(size, int) else ""


def _row(row: Members) -> Row:
    number, mark = row.get("row"), _text(row, "mark")
    return Row(
        number=number if isinstance(number, int) else 0,
        title=_text(row, "title"),
        mark=Mark(mark) if mark in set(Mark) else Mark.YOU_DECIDE,
        sentence=_text(row, "sentence"),
        look_at=_text(row, "look_at"),
    )


def _check(check: Members) -> Check:
    outcome = _text(check, "outcome")
    return Check(
        check=_text(check, "check"),
        outcome=Outcome(outcome) if outcome in set(Outcome) else Outcome.INDETERMINATE,
        title=_text(check, "title"),
        explanation=_text(check, "explanation"),
        spec=_text(check, "spec"),
    )


def _line(number: int, line: Members) -> LineView:
    return LineView(
        number=number,
        place=_text(line, "place"),
        reference=_text(line, "reference"),
        answer=_answer(_text(line, "verdict"), recognised=line.get("recognised_issuer")),
        title=_text(line, "title"),
        issuer=_text(line, "issuer"),
        sentence=_text(line, "sentence"),
        sha256=_text(line, "sha256"),
        credential=_text(line, "credential"),
        needs_you=line.get("needs_you") is True,
    )


def _told(*facts: Fact) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)


def _day(members: Members, name: str) -> str:
    moment = _moment(members, name)
    return text.day(moment) if moment else ""


def _moment(members: Members, name: str) -> datetime | None:
    try:
        return parse_datetime(members.get(name))
    except DateError:
        return None


def _text(members: Members, name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""


def _object(members: Members, name: str) -> Members:
    value = members.get(name)
    return value if isinstance(value, dict) else {}


def _objects(members: Members, name: str) -> list[Members]:
    value = members.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
