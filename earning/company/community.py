# SPDX-License-Identifier: Apache-2.0
"""What a learning community is, and what its members see of each other. Rules only.

Rules kept here (promises E15 to E17):

- Nobody sees what another writes, uploads, is told or has earned: no text, no state of a person, not even
  with that person's name. What is shared is the people who agreed to be named, dates, and counts.
- Two counts for each micro-credential: how many members work on it, and how many of those have submitted it
  for the first time. Being returned, passing and the award are counted nowhere. Mentors are not counted.
- A count is shown from FEWEST members on who work on that micro-credential; below it, one person's step could
  be read from it. Everybody is told this before joining.
- A mentor is a member who sees dates and counts like the others, and no drafts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from earning.errors import CommunityFieldError

FEWEST: Final = 3  # members who work on a micro-credential, from which on they are counted
NAME_CHARS: Final = 120  # characters
ABOUT_CHARS: Final = 2_000  # characters
CONTACT_CHARS: Final = 255  # characters
MEMBERS_MAX: Final = 200
DATES_MAX: Final = 50
INVITED_AT_ONCE: Final = 20  # addresses
INVITED_A_DAY: Final = 60  # addresses
INVITATION_LASTS: Final = timedelta(days=30)
DATES_AHEAD: Final = timedelta(days=3 * 366)  # how far away a shared date may be
_SEPARATORS = re.compile(r"[\s,;]+")


class MemberRole(StrEnum):
    """What somebody is in a community."""

    LEAD = "lead"
    MEMBER = "member"
    MENTOR = "mentor"


@dataclass(frozen=True, slots=True)
class Fields:
    """What its lead says about a community.

    Attributes:
        contact: Where to ask; shown to whoever finds it.
        is_listed: Whether it can be found.
    """

    name: str
    about: str
    portal: str | None
    local: str
    contact: str
    is_listed: bool


@dataclass(frozen=True, slots=True)
class Community:
    """One community."""

    id: str
    name: str
    about: str
    portal: str | None
    local: str
    contact: str
    is_listed: bool
    started_at: datetime
    ended_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.ended_at is not None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in it. ``name`` is "" unless they agreed to be named."""

    person: str
    name: str
    role: MemberRole
    shows_name: bool
    wants_mail: bool
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class SharedDate:
    """A day that a community has set itself; ``code`` names a micro-credential, if it is about one."""

    id: str
    code: str | None
    title: str
    day: date


@dataclass(frozen=True, slots=True)
class Progress:
    """How many members work on a micro-credential, and how many of those have submitted it once."""

    code: str
    title: str
    working: int
    submitted: int


def shown(progress: Iterable[Progress]) -> tuple[Progress, ...]:
    """Return the counts that tell about no single person."""
    return tuple(each for each in progress if each.working >= FEWEST)


def read(
    *, name: str, about: str, portal: str, local: str, contact: str, is_listed: bool, portals: Iterable[str]
) -> Fields:
    """Return what was typed as the fields of a community.

    Raises:
        CommunityFieldError: A field does not fit; ``path`` names it.
    """
    fields = Fields(
        name=one_line(name, "name", NAME_CHARS, required=True),
        about=_text(about, "about", ABOUT_CHARS),
        portal=portal or None,
        local=one_line(local, "local", NAME_CHARS),
        contact=one_line(contact, "contact", CONTACT_CHARS),
        is_listed=is_listed,
    )
    if fields.portal is not None and fields.portal not in set(portals):
        raise CommunityFieldError("Choose a state from the list.", path="portal")
    if fields.is_listed and not fields.contact:
        raise CommunityFieldError(
            "Write how to reach you, such as an e-mail address, so that people who find it can ask.",
            path="contact",
        )
    return fields


def read_day(text: str, *, today: date) -> date:
    """Return a day to come.

    Raises:
        CommunityFieldError: It is none, is past, or too far away.
    """
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise CommunityFieldError("Write a day, like 2027-04-26.", path="day", got=text[:20]) from None
    if not today <= day <= today + DATES_AHEAD:
        raise CommunityFieldError("Choose a day from today to three years from now.", path="day")
    return day


def read_addresses(text: str) -> tuple[str, ...]:
    """Return the addresses of a field, each once, however they are separated.

    Raises:
        CommunityFieldError: None, or too many.
    """
    found = tuple(dict.fromkeys(each for each in _SEPARATORS.split(text.strip()) if each))
    if not found:
        raise CommunityFieldError("Write at least one e-mail address.", path="emails")
    if len(found) > INVITED_AT_ONCE:
        raise CommunityFieldError(f"Write up to {INVITED_AT_ONCE} addresses at once.", path="emails")
    return found


def matches(community: Community, words: str) -> bool:
    """Tell whether every word stands in name, local, state or text of a community, whatever its case."""
    text = " ".join((community.name, community.local, community.portal or "", community.about)).casefold()
    return all(word in text for word in words.casefold().split()[:8])


def one_line(text: str, path: str, most: int, *, required: bool = False) -> str:
    """Return a text of one line.

    Raises:
        CommunityFieldError: It is empty and must not be, too long, or holds signs that cannot be shown.
    """
    tidy = " ".join(text.split())
    if required and not tidy:
        raise CommunityFieldError("This must not be empty.", path=path)
    if len(tidy) > most or not tidy.isprintable():
        raise CommunityFieldError(f"Write up to {most} characters in one line.", path=path)
    return tidy


def _text(text: str, path: str, most: int) -> str:
    tidy = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()
    if len(tidy) > most or not all(sign.isprintable() or sign == "\n" for sign in tidy):
        raise CommunityFieldError(f"Write up to {most:,} characters.", path=path)
    return tidy
