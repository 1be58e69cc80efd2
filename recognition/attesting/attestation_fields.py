# SPDX-License-Identifier: Apache-2.0
"""The fields of an attestation, as people and files write them: address, day, hours, code, award, a line.

Each reader raises ``RecognitionFieldError``, whose ``path`` names the field.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from recognition.errors import RecognitionFieldError
from service.accounts import fields
from service.errors import AccountFieldError

EARLIEST: Final = date(1990, 1, 1)  # an older day is a slip of the hand
HOURS_MAX: Final = Decimal(999)
ITEM_CHARS: Final = 80  # characters
AWARD_CHARS: Final = 512  # characters

_HOURS: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?\Z", re.ASCII)
_ITEM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z", re.ASCII)
_US_DAY: Final = re.compile(r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})\Z", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)


def person_key(email: str) -> str:
    """Return the form in which a person is kept.

    Raises:
        RecognitionFieldError: It is no e-mail address.
    """
    try:
        return fields.email_key(fields.checked("email", email))
    except AccountFieldError as error:
        raise RecognitionFieldError(error.message, path="email") from error


def addresses(typed: str) -> tuple[str, ...]:
    """Return the addresses that were typed one to a line (or between commas), each once, as they stand."""
    found = (each.strip() for each in re.split(r"[\n,;]", typed.replace("\r", "\n")))
    return tuple(dict.fromkeys(each for each in found if each))


def day(typed: str, today: date) -> date:
    """Return a day as it was typed."""
    typed = typed.strip()
    american = _US_DAY.match(typed)
    if american:
        typed = f"{american['year']}-{int(american['month']):02}-{int(american['day']):02}"
    try:
        found = date.fromisoformat(typed if _DAY.match(typed) else "")
    except ValueError as error:
        raise RecognitionFieldError(
            f"Write the day as {today.isoformat()} or as {today.month}/{today.day}/{today.year}.",
            path="on",
            got=typed[:40],
        ) from error
    if found > today:
        raise RecognitionFieldError("This day is still to come. Record it once it has happened.", path="on")
    if found < EARLIEST:
        raise RecognitionFieldError(f"This day is before {EARLIEST.year}. Look at the year.", path="on")
    return found


def hours(typed: str) -> Decimal | None:
    """Return hours as they were typed, None for none."""
    typed = typed.strip()
    if not typed:
        return None
    try:
        found = Decimal(typed) if _HOURS.match(typed) else Decimal(-1)
    except InvalidOperation:
        found = Decimal(-1)
    if not 0 < found <= HOURS_MAX:
        raise RecognitionFieldError(
            f"Write hours as a number up to {HOURS_MAX}, like 1.5, or leave it empty.", path="hours"
        )
    return found.normalize() if found != found.to_integral() else found.quantize(Decimal(1))


def item(typed: str, codes: Sequence[str]) -> str:
    """Return a code as it was typed, or as it is written in ``codes``; "" for none."""
    typed = typed.strip()
    if len(typed) > ITEM_CHARS or (typed and not _ITEM.match(typed)):
        raise RecognitionFieldError("A code has letters, digits, hyphens and dots, like SEL1.", path="item")
    return next((each for each in codes if each.casefold() == typed.casefold()), typed)


def award(typed: str) -> str:
    """Return the id of a credential as it was typed; "" for none."""
    typed = typed.strip()
    plain = typed.isascii() and typed.isprintable() and " " not in typed
    if typed and not (
        plain and len(typed) <= AWARD_CHARS and typed.startswith(("https://", "http://", "urn:"))
    ):
        raise RecognitionFieldError("Write the award's link, which begins with https://.", path="award")
    return typed


def line(typed: str, name: str, most: int) -> str:
    """Return one line of at most ``most`` characters, without white space around it."""
    text = " ".join(typed.split())
    if len(text) > most or not text.isprintable():
        raise RecognitionFieldError(f"Write up to {most} characters.", path=name)
    return text
