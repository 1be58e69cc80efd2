# SPDX-License-Identifier: Apache-2.0
"""Passwords: kept as argon2id hashes (RFC 9106), and never more than a few being worked on at once.

- The cost is that of OWASP's "Password Storage Cheat Sheet": 19 MiB, two passes, one lane. A hash made at a
  lower cost is made anew when its owner signs in.
- Where there is no hash to compare with, the same work is done, so that time does not tell who has an account
  (threats W4).
- NIST SP 800-63B, section 5.1.1.2: length counts, composition rules do not; what everybody tries first, and
  one's own name, are refused. Spaces and every sign are allowed, in whichever way a keyboard composes them.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from service.errors import HashingBusyError, PasswordRefusedError

CHARS_MIN: Final = 12  # characters (threats, PASSWORD_CHARS)
CHARS_MAX: Final = 256  # characters; a longer one only costs us time
MEMORY_KIB: Final = 19_456  # 19 MiB
PASSES: Final = 2
AT_ONCE: Final = 4  # hashes; each holds its memory
WAIT_SECONDS: Final = 10.0  # how long a request waits for its turn before it ends with 503
OWN_CHARS: Final = 5  # characters that a password must have beside one's own name or address

# Of the passwords that are tried first, those of twelve characters and more, without spaces.
_TRIED_FIRST: Final = """
123456789012 1234567890123 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3edc4rfv qwertyuiop12 qwertyuiop123
qwertyuiopas qwertyuiopasdfgh qwertyuiop[] asdfghjkl123 zxcvbnm12345 qazwsxedcrfv q1w2e3r4t5y6
password1234 password12345 password123456 password2024 password2025 password2026 password1234!
passwordpassword mypassword12 mypassword123 newpassword1 newpassword123 changeme1234 changemenow1
letmeinletmein letmein12345 welcome12345 welcome123456 welcomewelcome iloveyou1234 iloveyouforever
iloveyousomuch administrator administrator1 admin1234567 adminadminadmin rootrootroot sunshine1234
football1234 baseball1234 basketball12 superman1234 princess1234 teacher12345 teacher123456
 teachers1234 iloveteaching iloveschool1 classroom123 classroom1234 student12345
school123456 springfield1 correcthorsebatterystaple trustno1trustno1
abcdefghijkl abcdefghijklm abc123abc123 abcd1234abcd monkeymonkey dragondragon hallmark1234
hallmarkhallmark microcredential microcredentials educator1234 thisismypassword thequickbrownfox
"""
_COMMON: Final = frozenset(_TRIED_FIRST.split())
_ROWS: Final = ("0123456789", "qwertyuiop", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a password fits, and the hash to keep from now on where the old one was too cheap."""

    fits: bool
    renewed: str | None = None


class Passwords:
    """Makes and compares hashes. One for each process, shared between threads."""

    def __init__(
        self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._wait_seconds = wait_seconds
        # The form of a hash at today's cost; that no password fits it does not make comparing cheaper.
        self._nobodys = f"$argon2id$v=19$m={memory_kib},t={passes},p=1${'A' * 22}${'A' * 43}"

    def hash(self, password: str) -> str:
        """Return what is kept of a password.

        Raises:
            HashingBusyError: Too many are being worked on.
        """
        with self._turn():
            return self._hasher.hash(_normal(password))

    def check(self, kept: str | None, password: str) -> Checked:
        """Tell whether ``kept`` was made of ``password``; of None nothing was, which costs the same.

        Raises:
            HashingBusyError: Too many are being worked on.
        """
        with self._turn():
            fits = self._fits(kept or self._nobodys, password) and kept is not None
            if fits and kept is not None and self._hasher.check_needs_rehash(kept):
                return Checked(fits=True, renewed=self._hasher.hash(_normal(password)))
        return Checked(fits=fits)

    def _fits(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, _normal(password[: CHARS_MAX + 1]))
        except (VerificationError, InvalidHashError):
            return False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self._wait_seconds):
            raise HashingBusyError("Many people are signing in at the moment. Please try again shortly.")
        try:
            yield
        finally:
            self._turns.release()


def refuse(password: str, *, email: str, name: str) -> None:
    """Refuse a new password that is too short, too long, or that others would try first.

    Raises:
        PasswordRefusedError: Says why, and what would do.
    """
    text = _normal(password)
    if len(text) < CHARS_MIN:
        raise PasswordRefusedError(
            f"Please take at least {CHARS_MIN} characters; a few words in a row are easy to keep in mind.",
            path="password",
        )
    if len(text) > CHARS_MAX:
        raise PasswordRefusedError(f"Please take at most {CHARS_MAX} characters.", path="password")
    plain = text.casefold().strip()
    if "".join(plain.split()) in _COMMON or _is_row(plain):
        raise PasswordRefusedError("This is one of the passwords that are tried first.", path="password")
    rest = plain
    for own in sorted({email, *email.split("@"), name, *name.split()}, key=len, reverse=True):
        if len(own) > 2:  # initials stand in every text
            rest = rest.replace(own.casefold(), "")
    if len(rest) < OWN_CHARS:
        raise PasswordRefusedError("Your own name or address is tried first.", path="password")


def _is_row(text: str) -> bool:
    """Tell whether it is one or two signs again and again, or keys that lie in a row."""
    if len(set(text)) <= 2:
        return True
    return any(text in row * 3 or text in row[::-1] * 3 for row in _ROWS)


def _normal(password: str) -> str:
    """Return the one form of a text that keyboards compose in different ways (NFKC, UAX #15)."""
    return unicodedata.normalize("NFKC", password)
