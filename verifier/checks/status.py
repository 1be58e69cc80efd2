# SPDX-License-Identifier: Apache-2.0
"""Has the issuer taken it back, or put it under review?

Bitstring Status List 1.0, "Validate Algorithm"; Open Badges 3.0, "CredentialStatus". Every entry is read,
of every type that we know; one set entry is enough, whatever the others say. Only a proven zero bit is
clear, and only of its own purpose: "not withdrawn" and "not under review" are each said only where such a
bit was read. Entries of other purposes alone leave it undetermined, since the check does not apply only
where there is no ``credentialStatus``; ``refresh`` and ``message`` never take anything back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from credentials.document import Json, pointer
from credentials.errors import HallmarkError, StatusTypeError
from credentials.legacy_status import (
    REVOCATION_LIST,
    STATUS_LIST_2021_ENTRY,
    read_entry_2021,
    revocation_list_address,
)
from credentials.status_list import (
    INFORMATIVE_PURPOSES,
    REVOCATION,
    SUSPENSION,
    read_entry,
)
from service import text
from verifier import explain
from verifier.errors import ANSWERS
from verifier.opened import Opened, in_words
from verifier.outcome import Check
from verifier.status_source import Reading, StatusLists

STATUS_ENTRIES = 4  # of one credential; each may name a list of its own

# What takes a credential back, the worst first.
_TAKEN_BACK: Final = {REVOCATION: explain.STATUS_REVOKED, SUSPENSION: explain.STATUS_SUSPENDED}
# Only what was read is said: (a clear bit for withdrawal, one for reviews) → the sentence.
_CLEAR: Final = {
    (True, True): explain.STATUS_CLEAR,
    (True, False): explain.STATUS_NOT_WITHDRAWN,
    (False, True): explain.STATUS_NOT_REVIEWED,
}


@dataclass(frozen=True, slots=True)
class EntryAnswer:
    """What one entry says: its purpose and reading, or why it could not be read.

    ``url`` and ``index`` are the list that it names and the place in it; "" and None where it names none.
    """

    path: str
    purpose: str = ""
    reading: Reading | None = None
    error: HallmarkError | None = None
    warnings: tuple[str, ...] = ()
    url: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The check, how new the list is that it rests on, and what each entry says.

    Taken back, it rests on the list that says so; otherwise on all, and ``as_of`` is that of the oldest.
    """

    check: Check
    as_of: datetime | None = None
    entries: tuple[EntryAnswer, ...] = ()


def check_status(opened: Opened, *, lists: StatusLists) -> StatusAnswer:
    """Read every status entry of the credential."""
    if "credentialStatus" not in opened.members:
        return StatusAnswer(explain.say(explain.STATUS_NONE))
    value = opened.members["credentialStatus"]
    entries = value if isinstance(value, list) else [value]
    if not entries or len(entries) > STATUS_ENTRIES:
        reason = "There is no entry, or there are too many."
        return StatusAnswer(explain.say(explain.STATUS_UNKNOWN, path="/credentialStatus", reason=reason))
    answers = [
        _read(
            entry,
            pointer("credentialStatus", index) if isinstance(value, list) else "/credentialStatus",
            opened,
            lists=lists,
        )
        for index, entry in enumerate(entries)
    ]
    return StatusAnswer(_combine(answers), _as_of(answers), tuple(answers))


def _read(entry: Json, path: str, opened: Opened, *, lists: StatusLists) -> EntryAnswer:
    purpose, url, index = "", "", None
    try:
        if not isinstance(entry, dict):
            raise StatusTypeError("A status entry is not an object.")
        kinds = entry.get("type")
        issuer_id = opened.issuer_id or ""
        if kinds in (REVOCATION_LIST, [REVOCATION_LIST]):
            purpose, url = REVOCATION, revocation_list_address(entry)
            reading = lists.read_revocation_list(url, credential_id=opened.id or "", issuer_id=issuer_id)
            return EntryAnswer(path, REVOCATION, reading, url=url)
        is_2021 = kinds in (STATUS_LIST_2021_ENTRY, [STATUS_LIST_2021_ENTRY])
        read = (read_entry_2021 if is_2021 else read_entry)(entry)
        purpose, url, index = read.status_purpose, read.status_list_credential, read.status_list_index
        if purpose in INFORMATIVE_PURPOSES:
            # Nothing that it could say would change the answer, so its list is not asked for.
            return EntryAnswer(path, purpose, url=url, index=index)
        bit = lists.read_bit(read, issuer_id=issuer_id)
        return EntryAnswer(path, purpose, bit, warnings=read.warnings, url=url, index=index)
    except ANSWERS as error:
        return EntryAnswer(path, purpose, error=error, url=url, index=index)


def _combine(answers: list[EntryAnswer]) -> Check:
    taken_back = _taken_back(answers)
    if taken_back is not None:
        reason = taken_back.reading.reason if taken_back.reading is not None else None
        hint = f"Reason: {reason}" if reason else ""
        return explain.say(_TAKEN_BACK[taken_back.purpose], path=taken_back.path, hint=hint)
    for answer in answers:
        if answer.error is not None:
            return explain.say(explain.STATUS_UNKNOWN, path=answer.path, reason=in_words(answer.error))
        if answer.reading is not None and answer.reading.is_set:
            return explain.say(explain.STATUS_MARKED, path=answer.path, purpose=answer.purpose)
    said = {answer.purpose for answer in answers if answer.reading is not None}
    if not said & _TAKEN_BACK.keys():
        purposes = ", ".join(
            sorted({f"“{explain.shown(answer.purpose, max_chars=40)}”" for answer in answers})
        )
        return explain.say(explain.STATUS_OTHER, path="/credentialStatus", purposes=purposes)
    hints = [warning for answer in answers for warning in answer.warnings]
    if any(answer.reading is None for answer in answers):
        hints.append("It may also carry messages of the issuer, which change nothing.")
    oldest = _oldest(answers)
    age = text.time(oldest) if oldest is not None else "a list that bears no date"
    return explain.say(_CLEAR[REVOCATION in said, SUSPENSION in said], age=age, hint=" ".join(hints))


def _taken_back(answers: list[EntryAnswer]) -> EntryAnswer | None:
    """Return the entry that takes the credential back, the worst first."""
    for purpose in _TAKEN_BACK:
        for answer in answers:
            if answer.purpose == purpose and answer.reading is not None and answer.reading.is_set:
                return answer
    return None


def _as_of(answers: list[EntryAnswer]) -> datetime | None:
    """Return how new the list is that decided."""
    taken_back = _taken_back(answers)
    return _oldest(answers if taken_back is None else [taken_back])


def _oldest(answers: list[EntryAnswer]) -> datetime | None:
    """Return how new the oldest list is that was read; None where one of them bears no date."""
    dates = [answer.reading.as_of for answer in answers if answer.reading is not None]
    return None if None in dates else min((each for each in dates if each is not None), default=None)
