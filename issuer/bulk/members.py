# SPDX-License-Identifier: Apache-2.0
"""One award of a file, strictly read: the members of the API's ``NewAward``; all its faults at once.

Beside what the API takes, a day is taken for a moment (its beginning in UTC, since days of credentials are
UTC days), and the SHA-256 of a piece of evidence in hexadecimal, as every computer shows it.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Final

from credentials.dates import parse_datetime
from credentials.document import Json
from credentials.errors import DateError, HallmarkError
from credentials.multibase import encode_base64url
from issuer.award import EVIDENCE_MAX, SALT_BYTES, Evidence, evidence_of
from issuer.bulk.faults import FAULTS, LEVELS, TOO_MANY_LEVELS

AWARD: Final = (
    "achievement",
    "recipient",
    "results",
    "evidence",
    "narrative",
    "activity",
    "awarded_date",
    "submission",
)
RECIPIENT: Final = ("email", "name")
ACTIVITY: Final = ("start", "end")
WORDS_OF_EVIDENCE: Final = ("name", "description", "narrative", "genre", "audience", "url")
BYTES_OF_EVIDENCE: Final = ("content", "text", "digest_multibase", "sha256")
EXAMPLE_DAY: Final = "2026-05-04"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHA256: Final = re.compile(r"[0-9a-fA-F]{64}")
_MULTIHASH: Final = b"\x12\x20"  # SHA-256, 32 bytes (CID 1.0, "Multihash")


@dataclass(frozen=True, slots=True)
class Members:
    """What an award says, as far as it could be read."""

    achievement: str = ""
    email: str = ""
    name: str | None = None
    submission: str | None = None
    awarded_at: datetime | None = None
    levels: tuple[tuple[str, str], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    narrative: str | None = None
    activity_start: datetime | None = None
    activity_end: datetime | None = None


@dataclass(slots=True)
class Reader:
    """Reads one award, and gathers what is wrong with it.

    Attributes:
        members: The award as it came.
        headings: What the file calls a place; without one it is told as a JSON Pointer.
        spoken: Whether places are told as headings of columns.
    """

    members: Mapping[str, Any]
    headings: Mapping[str, str] = field(default_factory=dict)
    spoken: bool = False
    faults: list[str] = field(default_factory=list)

    def said(self, place: str) -> str:
        """Return a text of the award as it came, "" where there is none."""
        value: Any = self.members
        for step in place.split("/")[1:]:
            value = value.get(step) if isinstance(value, Mapping) else None
        return value if isinstance(value, str) else ""

    def tell(self, error: HallmarkError) -> None:
        """Note what is wrong, with its place."""
        self.fault(error.path or "", error.message)

    def fault(self, place: str, sentence: str) -> None:
        """Note what is wrong at a place."""
        if not place:
            self.faults.append(sentence)
        elif self.spoken:
            self.faults.append(f"“{self._heading(place)}”: {sentence}")
        else:
            self.faults.append(f"{place}: {sentence}")

    def read(self) -> Members:
        """Return the award; look at ``faults`` before it is used."""
        self._known(self.members, AWARD, "")
        recipient = self._object("/recipient", RECIPIENT)
        activity = self._object("/activity", ACTIVITY)
        return Members(
            achievement=self._needed("/achievement", self.members.get("achievement")),
            email=self._needed("/recipient/email", recipient.get("email")),
            name=self._text("/recipient/name", recipient.get("name")),
            submission=self._text("/submission", self.members.get("submission")),
            awarded_at=self._moment("/awarded_date", self.members.get("awarded_date")),
            levels=self._levels(),
            evidence=self._pieces(),
            narrative=self._text("/narrative", self.members.get("narrative")),
            activity_start=self._moment("/activity/start", activity.get("start")),
            activity_end=self._moment("/activity/end", activity.get("end")),
        )

    def _heading(self, place: str) -> str:
        while place and place not in self.headings:
            near = next((name for name in self.headings if name.startswith(f"{place}/")), None)
            if near is not None:
                return self.headings[near]
            place = place.rpartition("/")[0]
        return self.headings.get(place, "row")

    def _known(self, value: Mapping[str, Any], names: tuple[str, ...], place: str) -> None:
        unknown = [name for name in value if name not in names]
        for name in unknown[:FAULTS]:
            close = get_close_matches(name[:60], names, n=1)
            hint = f" Did you mean “{close[0]}”?" if close else f" There are {', '.join(names)}."
            self.fault(place, f"There is no member “{name[:60]}”.{hint}")
        if len(unknown) > FAULTS:
            self.fault(place, f"There are {len(unknown) - FAULTS:,} more members that we do not know.")

    def _object(self, place: str, names: tuple[str, ...]) -> Mapping[str, Any]:
        value = self.members.get(place[1:])
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.fault(place, "This must be an object.")
            return {}
        self._known(value, names, place)
        return value

    def _needed(self, place: str, value: Any) -> str:
        text = self._text(place, value)
        if value is None or (isinstance(value, str) and not value.strip()):
            self.fault(place, "This is missing.")
        return text or ""

    def _text(self, place: str, value: Any, *, exact: bool = False) -> str | None:
        if value is None:
            return None
        if isinstance(value, str) and (exact or "\x00" not in value):
            return (value if exact else value.strip()) or None
        if isinstance(value, str):
            self.fault(place, "It holds U+0000, which no text may have.")
            return None
        self.fault(place, "This must be a text.")
        return None

    def _moment(self, place: str, value: Any) -> datetime | None:
        text = self._text(place, value)
        if text is None:
            return None
        try:
            if _DAY.fullmatch(text):
                return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
            return parse_datetime(text)
        except (DateError, ValueError):
            self.fault(
                place, f"“{text[:40]}” is no date that we can read. Write {EXAMPLE_DAY} (year-month-day)."
            )
            return None

    def _levels(self) -> tuple[tuple[str, str], ...]:
        value = self.members.get("results")
        if value is None:
            return ()
        if not isinstance(value, Mapping):
            self.fault("/results", "This must be an object: criterion to level.")
            return ()
        if len(value) > LEVELS:
            self.fault("/results", TOO_MANY_LEVELS)
            return ()
        pairs = []
        for criterion, level in value.items():
            text = self._text(f"/results/{criterion}", level)
            if text is not None:
                pairs.append((criterion, text))
        return tuple(pairs)

    def _pieces(self) -> tuple[Evidence, ...]:
        value = self.members.get("evidence")
        if value is None:
            return ()
        if not isinstance(value, list):
            self.fault("/evidence", "This must be a list.")
            return ()
        if len(value) > EVIDENCE_MAX:
            self.fault("/evidence", f"There are more than {EVIDENCE_MAX} pieces of evidence.")
            return ()
        found = (self._piece(f"/evidence/{index}", each) for index, each in enumerate(value))
        return tuple(each for each in found if each is not None)

    def _piece(self, place: str, value: Json) -> Evidence | None:
        if not isinstance(value, Mapping):
            self.fault(place, "This must be an object.")
            return None
        before = len(self.faults)
        self._known(value, (*WORDS_OF_EVIDENCE, *BYTES_OF_EVIDENCE), place)
        words: dict[str, Any] = {
            name: self._text(f"{place}/{name}", value.get(name)) for name in WORDS_OF_EVIDENCE
        }
        given = {
            name: text
            for name in BYTES_OF_EVIDENCE
            if (text := self._text(f"{place}/{name}", value.get(name), exact=True)) is not None
        }
        if words["name"] is None:
            self.fault(place, "A piece of evidence needs a name.")
        if len(given) != 1:
            self.fault(
                place,
                "A piece of evidence needs exactly one of its text, its SHA-256 (sha256) and a digest made "
                "elsewhere: what is signed is a digest of it, so that it cannot be swapped.",
            )
        if len(self.faults) > before:
            return None
        (name, text), *_ = given.items()
        return self._with_digest(place, words, name, text)

    def _with_digest(self, place: str, words: dict[str, Any], name: str, text: str) -> Evidence | None:
        if name == "digest_multibase":
            return Evidence(**words, digest=text)
        if name == "sha256":
            if not _SHA256.fullmatch(text):
                self.fault(f"{place}/sha256", "A SHA-256 has 64 digits and letters from a to f.")
                return None
            return Evidence(**words, digest=encode_base64url(_MULTIHASH + bytes.fromhex(text)))
        data = text.encode("utf-8", "surrogatepass")
        if name == "content":
            try:
                data = base64.b64decode(text, validate=True)
            except ValueError:
                self.fault(f"{place}/content", "The content is not base64.")
                return None
        return evidence_of(data, salt=secrets.token_bytes(SALT_BYTES), **words)
