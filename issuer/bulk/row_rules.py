# SPDX-License-Identifier: Apache-2.0
"""What stands against a row of a file before it is composed: all of it, since a file is corrected once.

The rules that awarding itself has (``award.results``, unique submissions) are asked here, and some more that
only a file needs: dates that lie ahead, one award twice, people's private data where everybody reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from typing import Final

from credentials.errors import BrokenError, HallmarkError
from credentials.identity import EMAIL_ADDRESS, normalised
from issuer import achievements
from issuer.achievement import Achievement
from issuer.award import AwardRequest, results
from issuer.bulk.reading import ONCE, Asked
from issuer.errors import AwardRequestError, NotEarnedError
from issuer.mint import Mint
from issuer.store import bulk_trials as rows
from service import mailbox
from service.errors import MailAddressError

OLDEST: Final = 1990  # year; what is older is a slip of the finger, no micro-credential
NAMES: Final = 2_000  # names of micro-credentials that are remembered, also unknown ones
_ADDRESS: Final = re.compile(r"[^\s@<>()\"']{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")
_SECURITY_NUMBER: Final = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_PHONE: Final = re.compile(r"(?<![\w-])(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w-])")

_Heading = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with what stands against it, and what somebody should look at."""

    asked: Asked
    request: AwardRequest | None
    achievement: Achievement | None
    faults: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class RowRules:
    """Judges rows of one file, one after the other.

    Attributes:
        issuer: Whose awards the file may hold; None: those of the first award in it.
        headings: What the file calls a place in an award.
    """

    mint: Mint
    issuer: str | None
    headings: Mapping[str, str]
    now: datetime
    _names: dict[str, Achievement | str] = field(default_factory=dict, repr=False)
    _codes: dict[str, str] = field(default_factory=dict, repr=False)  # of every version
    _seen: dict[bytes, int] = field(default_factory=dict, repr=False)
    _people: dict[bytes, int] = field(default_factory=dict, repr=False)

    def judge(self, some: Sequence[Asked]) -> Iterator[Judged]:
        """Yield rows as judged; what is awarded already is asked once for all of them."""
        looked = [self._alone(each) for each in some]
        known, had = self._awarded(looked)
        for each in looked:
            if each.request is None or each.achievement is None or each.asked.faults:
                yield each
                continue
            faults, warnings = list(each.faults), list(each.warnings)
            request, code = each.request, each.achievement.micro_credential.code
            person = normalised(request.email, EMAIL_ADDRESS)
            mark = (request.achievement, person, request.submission)
            # Capitals in one file are a slip and no other person, and so is a letter written in two ways.
            alike = unicodedata.normalize("NFKC", person).casefold()
            first = self._seen.setdefault(
                _digest(request.achievement, alike, request.submission), each.asked.number
            )
            before = self._people.setdefault(_digest(code, alike), each.asked.number)
            if mark in known:
                faults.append(f"This is awarded already: {self._link(known[mark])}. {self._advice(request)}")
            elif (code, person) in had:
                warnings.append(f"This person has {code} already: {self._link(had[code, person])}.")
            if first != each.asked.number:
                faults.append(f"It is the same award as in row {first}. {self._advice(request)}")
            elif before != each.asked.number:
                warnings.append(f"Row {before} gives {code} to the same person.")
            yield replace(each, faults=tuple(faults), warnings=tuple(warnings))

    def _alone(self, asked: Asked) -> Judged:
        """Judge what a row says by itself."""
        faults = list(asked.faults)
        found = self._find(asked.achievement) if asked.achievement else None
        if isinstance(found, str):
            faults.append(found)
        request, achievement = asked.request, found if isinstance(found, Achievement) else None
        warnings: list[str] = []
        if achievement is not None and request is not None:
            self.issuer = self.issuer or achievement.issuer
            if achievement.issuer != self.issuer:
                name = achievement.micro_credential.key
                faults.append(f"{name} is not awarded by {self.issuer}. Bring it in a file of its own.")
            request = replace(
                request, achievement=achievement.micro_credential.key, levels=_spelt(achievement, request)
            )
            faults += _levels(achievement, request)
            warnings += self._older(achievement)
        if request is not None:
            faults += self._dates(request)
            faults += self._unseen(request)
            warnings += self._unmailable(request)
            faults += _private(request, self._heading)
            warnings += _phones(request, self._heading)
        return Judged(asked, request, achievement, tuple(faults), tuple(warnings))

    def _find(self, name: str) -> Achievement | str:
        """Return the version that a row means, or a sentence."""
        found = self._names.get(name)
        if found is None:
            try:
                found = achievements.find(self.mint, name)
            except BrokenError:
                raise  # what we cannot do at the moment is no fault of the row
            except HallmarkError as error:
                found = f"{self._heading('/achievement')}{error.message}"
            if len(self._names) < NAMES:
                self._names[name] = found
        return found

    def _older(self, achievement: Achievement) -> list[str]:
        code, key = achievement.micro_credential.code, achievement.micro_credential.key
        newest = self._find(code)
        if isinstance(newest, str) or newest.micro_credential.key == key:
            return []
        return [f"{key} is not the newest version; that is {newest.micro_credential.key}."]

    def _dates(self, request: AwardRequest) -> Iterator[str]:
        for place, moment in (
            ("/awarded_date", request.awarded_at),
            ("/activity/start", request.activity_start),
            ("/activity/end", request.activity_end),
        ):
            if moment is not None and moment > self.now:
                yield f"{self._heading(place)}The date lies ahead (days begin at midnight UTC)."
            elif moment is not None and moment.year < OLDEST:
                yield f"{self._heading(place)}The year {moment.year} cannot be meant."

    def _unseen(self, request: AwardRequest) -> Iterator[str]:
        """Yield a fault for an address that shows as another one than it is."""
        odd = next((sign for sign in request.email if not sign.isprintable()), None)
        if odd is not None:
            at = self._heading("/recipient/email")
            yield f"{at}It holds a sign that cannot be seen (U+{ord(odd):04X})."

    def _unmailable(self, request: AwardRequest) -> Iterator[str]:
        """Yield a warning for an address that we write to nobody at; nobody signs in with it either."""
        try:
            mailbox.read_address(request.email)
        except MailAddressError:
            yield f"{self._heading('/recipient/email')}No mail can be sent from here to this address."

    def _awarded(
        self, looked: Sequence[Judged]
    ) -> tuple[dict[tuple[str, str, str], str], dict[tuple[str, str], str]]:
        """Return what is awarded already: by submission, and by micro-credential and person."""
        codes = {each.achievement.micro_credential.code for each in looked if each.achievement is not None}
        people = {
            normalised(each.request.email, EMAIL_ADDRESS)
            for each in looked
            if each.request is not None and not each.asked.faults
        }
        if self.issuer is None or not codes:
            return {}, {}
        if not self._codes:
            known = (each.micro_credential for each in achievements.every(self.mint))
            self._codes = {each.key: each.code for each in known}
        versions = {key: code for key, code in self._codes.items() if code in codes}
        with self.mint.db.reading() as session:
            found = rows.known(session, self.issuer, sorted(versions), sorted(people))
        return (
            {(achievement, person, submission): key for achievement, person, submission, key in found},
            {(versions[achievement], person): key for achievement, person, _, key in found},
        )

    def _link(self, key: str) -> str:
        return f"{self.mint.public_url}/credentials/{key}"

    def _advice(self, request: AwardRequest) -> str:
        """Return what to do about an award that is there already."""
        heading = self.headings.get("/submission", "submission")
        if request.submission != ONCE:
            return f"Remove the row. If it is other work, give it another word in “{heading}”."
        where = (
            f"fill in the column “{heading}”"
            if "/submission" in self.headings
            else "add a column “submission”"
        )
        if not self.headings:
            where = "give it a “submission”"
        return f"Remove the row. If it is other work, {where} with a word of yours for it."

    def _heading(self, place: str) -> str:
        """Return what the file calls a place, before a sentence about it."""
        if not self.headings:
            return f"{place}: "
        while place and place not in self.headings:
            place = place.rpartition("/")[0]
        return f"“{self.headings[place]}”: " if place else ""


def _spelt(achievement: Achievement, request: AwardRequest) -> tuple[tuple[str, str], ...]:
    """Return the levels as the rubric spells them; what it does not have stays as it is."""
    criteria = {each.id.casefold(): each for each in achievement.micro_credential.criteria}
    made = []
    for criterion, level in request.levels:
        found = criteria.get(criterion.casefold())
        names = {} if found is None else {name.casefold(): name for name, _ in found.levels}
        made.append((criterion if found is None else found.id, names.get(level.casefold(), level)))
    return tuple(made)


def _levels(achievement: Achievement, request: AwardRequest) -> Iterator[str]:
    """Yield everything that is wrong with the levels."""
    try:
        results(achievement.micro_credential, request.levels)
    except (AwardRequestError, NotEarnedError):
        for pair in request.levels:
            try:
                results(achievement.micro_credential, (pair,))
            except (AwardRequestError, NotEarnedError) as error:
                yield error.message
        named = Counter(criterion for criterion, _ in request.levels)
        yield from (f"The criterion “{each}” is named twice." for each, often in named.items() if often > 1)


def _texts(request: AwardRequest) -> Iterator[tuple[str, str]]:
    """Yield everything that people can read in a credential, with its place."""
    for place, text in (("/recipient/name", request.name), ("/narrative", request.narrative)):
        if text:
            yield place, text
    for number, piece in enumerate(request.evidence):
        for member in ("name", "description", "narrative", "genre", "audience", "url"):
            text = getattr(piece, member)
            if text:
                yield f"/evidence/{number}/{member}", text


def _private(request: AwardRequest, heading: _Heading) -> Iterator[str]:
    for place, text in _texts(request):
        if "@" in text and _ADDRESS.search(text):
            yield f"{heading(place)}It holds an e-mail address, and what is signed here is public for ever."
        if _SECURITY_NUMBER.search(text):
            yield f"{heading(place)}It holds what looks like a social security number."


def _phones(request: AwardRequest, heading: _Heading) -> Iterator[str]:
    for place, text in _texts(request):
        if _PHONE.search(text):
            yield f"{heading(place)}It holds what looks like a telephone number; it would be public."


def _digest(*words: str) -> bytes:
    """Return a short name for words: 100,000 awards are remembered in a few MiB."""
    return blake2b("\n".join(words).encode("utf-8", "surrogatepass"), digest_size=16).digest()
