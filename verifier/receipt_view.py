# SPDX-License-Identifier: Apache-2.0
"""What a receipt shows, read back from its record: for the page and for paper, in the same words.

The record is our own, but it may be years old: what is missing or odd in it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from credentials.digests import digest_multibase, sha256_hex
from credentials.document import Json, parse
from service import text
from verifier.asked import Asked
from verifier.outcome import Check, Mark, Outcome, Row
from verifier.reading import Members, date_of, moment_of, object_of, objects_of, text_of
from verifier.receipt import Receipt
from verifier.receipt_record import extent_of, word
from verifier.verdict import Verdict

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
    "not-checked": "Asked for, and not checked",
}
_ASKED_OF: Final = {"asked": "Asked for", "asked-of-some": "Asked for about some of them"}


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

    number: str
    place: str
    reference: str
    answer: Answer
    title: str
    issuer: str
    sentence: str
    sha256: str
    credential: str
    needs_you: bool
    recipient: str


@dataclass(frozen=True, slots=True)
class BatchView:
    """Many checks at once: how much was checked, how often each verdict was given, a line for each thing."""

    label: str
    extent: str
    is_whole: bool
    batch: str
    answers: tuple[Answer, ...]
    circumstances: tuple[Fact, ...]
    lines: tuple[LineView, ...]
    digests: tuple[Fact, ...]


def site(receipt: Receipt) -> str:
    """Return the name of the service that made the receipt."""
    return text_of(object_of(receipt.members(), "by"), "name")


def signer(receipt: Receipt) -> Signer | None:
    """Return who signed the statement, or None where nobody did."""
    if receipt.signed is None:
        return None
    issuer = object_of(parse(receipt.signed).members, "issuer")
    return Signer(text_of(issuer, "name"), text_of(issuer, "id"))


def check_view(receipt: Receipt) -> CheckView:
    """Read the receipt of one check."""
    members = receipt.members()
    verdict, examined = text_of(members, "verdict"), object_of(members, "examined")
    own, inner = text_of(examined, "sha256"), text_of(examined, "credential_sha256")
    return CheckView(
        answer=_REPLACED
        if verdict == Verdict.VALID and members.get("superseded_by")
        else _answer(verdict, recognised=members.get("recognised_issuer")),
        sentence=text_of(members, "sentence"),
        title=text_of(object_of(members, "credential"), "name"),
        facts=_facts(members),
        circumstances=_circumstances(receipt, members),
        rows=tuple(_row(row) for row in objects_of(members, "rows")),
        checks=tuple(_check(check) for check in objects_of(members, "checks")),
        digests=_told(
            Fact("Came as", _container(examined)),
            Fact("SHA-256 of what came", own, is_raw=True),
            Fact("SHA-256 of the credential in it", inner if inner != own else "", is_raw=True),
            *_own_digests(receipt),
        ),
        url=text_of(examined, "url"),
        asked=_asked(members),
    )


def batch_view(receipt: Receipt) -> BatchView:
    """Read the report about many."""
    members = receipt.members()
    counts, lines = object_of(members, "verdicts"), objects_of(members, "lines")
    # Green only if every one of them is of a recognised issuer.
    recognised = all(
        each.get("recognised_issuer") is True for each in lines if each.get("verdict") == "valid"
    )
    extent, is_whole = extent_of(members, len(lines))
    return BatchView(
        label=text_of(members, "label"),
        extent=extent,
        is_whole=is_whole,
        batch=text_of(members, "batch"),
        answers=tuple(
            _answer(verdict, recognised=recognised, count=count)
            for verdict, count in counts.items()
            if isinstance(count, int)
        ),
        circumstances=_told(
            Fact("Made", text.time(receipt.made_at)),
            Fact("How much", extent),
            *_by_whom(members),
            *_compared(members),
            Fact("Whose they should be", _ASKED_OF.get(text_of(members, "recipient"), "")),
        ),
        lines=tuple(_line(number, line) for number, line in enumerate(lines, start=1)),
        digests=_told(*_own_digests(receipt)),
    )


_REPLACED: Final = Answer("Replaced", "arrow", "neutral")


def _answer(verdict: str, *, recognised: Json, count: int = 1) -> Answer:
    symbol, tone = _LOOKS.get(verdict, ("dash", "neutral"))
    if tone == "ok" and recognised is not True:
        tone = "neutral"
    return Answer(word(verdict), symbol, tone, count)


def _facts(members: Members) -> tuple[Fact, ...]:
    credential, issuer = object_of(members, "credential"), object_of(members, "issuer")
    if not credential:
        return ()
    name, address = text_of(issuer, "name"), text_of(issuer, "address")
    begin, end = _day(credential, "valid_from"), _day(credential, "valid_until")
    return _told(
        Fact("What", text_of(credential, "name")),
        Fact("Whose", text_of(credential, "recipient_name") or "It shows no name"),
        Fact("Whose it should be", _RECIPIENT.get(text_of(members, "recipient"), "")),
        Fact("From", f"{name} ({address})" if name else address),
        Fact("Awarded", _day(credential, "awarded_on")),
        Fact("In force", f"since {begin}, {f'until {end}' if end else 'without an end'}" if begin else ""),
        Fact("Its id", text_of(credential, "id"), is_raw=True),
    )


def _circumstances(receipt: Receipt, members: Members) -> tuple[Fact, ...]:
    status = objects_of(object_of(members, "details"), "status")
    return _told(
        Fact("Checked", text.time(receipt.made_at)),
        *_by_whom(members),
        Fact("Read from", text_of(object_of(members, "examined"), "url"), is_raw=True),
        *(fact for entry in status for fact in _status(entry, receipt.made_at)),
        *_compared(members),
    )


def _by_whom(members: Members) -> tuple[Fact, ...]:
    by = object_of(members, "by")
    return (Fact("By", f"{text_of(by, 'name')}, {text_of(by, 'url')} ({text_of(by, 'software')})"),)


def _compared(members: Members) -> tuple[Fact, ...]:
    cycle = object_of(members, "cycle")
    begin, end = date_of(cycle, "from"), date_of(cycle, "until")
    return (
        Fact("List of issuers", _list(object_of(members, "issuer_list"))),
        Fact("Cycle asked about", _span(begin, end)),
    )


def _list(listed: Members) -> str:
    version = listed.get("version")
    number = f", version {version}" if isinstance(version, int) else ""
    return f"{text_of(listed, 'title')}{number}" if listed else ""


def _span(begin: date | None, end: date | None) -> str:
    """Return a period in words; "" for none."""
    if begin and end:
        return f"{text.day(begin)} to {text.day(end)}"
    return f"since {text.day(begin)}" if begin else f"until {text.day(end)}" if end else ""


def _asked(members: Members) -> Asked:
    cycle = object_of(members, "cycle")
    return Asked(
        cycle_from=date_of(cycle, "from"),
        cycle_until=date_of(cycle, "until"),
        issuers=text_of(object_of(members, "issuer_list"), "name") or None,
    )


def _status(entry: Members, made_at: datetime) -> tuple[Fact, ...]:
    """Return "revocation: not set. The list was signed on …, 41 seconds before", and where it stands."""
    purpose, is_set = text_of(entry, "purpose"), entry.get("is_set")
    said = ("set" if is_set else "not set") if isinstance(is_set, bool) else "could not be read"
    begun, ends = moment_of(entry, "valid_from"), moment_of(entry, "valid_until")
    signed = f"; list of {text.time(begun)}, {text.age(made_at - begun)} old then" if begun else ""
    until = f", good until {text.time(ends)}" if ends else ""
    index = entry.get("index")
    place = f" #{index}" if isinstance(index, int) else ""
    kind = f" ({purpose})" if purpose else ""
    return (
        Fact(f"Status{kind}", f"{said[0].upper()}{said[1:]}{signed}{until}"),
        Fact(f"Status list{kind}", f"{text_of(entry, 'url')}{place}", is_raw=True),
    )


def _own_digests(receipt: Receipt) -> tuple[Fact, ...]:
    signed = sha256_hex(receipt.signed) if receipt.signed is not None else ""
    return (
        Fact("SHA-256 of the record", sha256_hex(receipt.record), is_raw=True),
        Fact("The same in signed.json", digest_multibase(receipt.record) if signed else "", is_raw=True),
        Fact("SHA-256 of the statement", signed, is_raw=True),
    )


def _container(examined: Members) -> str:
    size, kind = examined.get("bytes"), text_of(examined, "container").upper()
    return f"{kind}, {size:,} bytes" if kind and isinstance(size, int) else ""


def _row(row: Members) -> Row:
    number, mark = row.get("row"), text_of(row, "mark")
    return Row(
        number=number if isinstance(number, int) else 0,
        title=text_of(row, "title"),
        mark=Mark(mark) if mark in set(Mark) else Mark.YOU_DECIDE,
        sentence=text_of(row, "sentence"),
        look_at=text_of(row, "look_at"),
    )


def _check(check: Members) -> Check:
    outcome = text_of(check, "outcome")
    return Check(
        check=text_of(check, "check"),
        outcome=Outcome(outcome) if outcome in set(Outcome) else Outcome.INDETERMINATE,
        title=text_of(check, "title"),
        explanation=text_of(check, "explanation"),
        spec=text_of(check, "spec"),
    )


def _line(number: int, line: Members) -> LineView:
    return LineView(
        number=text_of(line, "row") or str(number),
        place=text_of(line, "place"),
        reference=text_of(line, "reference"),
        answer=_answer(
            text_of(line, "outcome") or text_of(line, "verdict"), recognised=line.get("recognised_issuer")
        ),
        title=text_of(line, "title"),
        issuer=text_of(line, "issuer"),
        sentence=text_of(line, "sentence"),
        sha256=text_of(line, "sha256"),
        credential=text_of(line, "credential"),
        needs_you=line.get("needs_you") is True,
        recipient=_RECIPIENT.get(text_of(line, "recipient"), ""),
    )


def _told(*facts: Fact) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.value)


def _day(members: Members, name: str) -> str:
    moment = moment_of(members, name)
    return text.day(moment) if moment else ""
