# SPDX-License-Identifier: Apache-2.0
"""What this room needs from the other wing, as shapes; ``app.py`` hands the functions in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from credentials.document import Json


class Sign(Protocol):
    """Signs in the name of one of our issuers: the issuer's whole cycle, never a bare signature."""

    def issuer(self, slug: str, /) -> Mapping[str, Json] | None:
        """Return the OB 3.0 Profile of the organisation ``slug``; None: it has no key here."""

    def __call__(self, members: Mapping[str, Json], *, slug: str, now: datetime) -> bytes:
        """Return ``members`` (unsigned OB 3.0) signed by ``slug``, with a place in its status lists.

        The same document again gives the same bytes, so a killed job can ask again.
        """

    def withdraw(
        self, credential_id: str, *, slug: str, public_reason: str, now: datetime, actor: str
    ) -> None:
        """Revoke what was signed under ``credential_id``; done twice, it is done once."""


class Held(Protocol):
    """An award that somebody holds here."""

    @property
    def url(self) -> str:
        """Its link, which is its id."""

    @property
    def code(self) -> str:
        """Code of the micro-credential."""

    @property
    def title(self) -> str:
        """Of the micro-credential."""

    @property
    def stacks(self) -> tuple[str, ...]:
        """Codes of its stacks."""

    @property
    def kind(self) -> str:
        """``achievementType``."""

    @property
    def issuer(self) -> str:
        """DID of its issuer."""

    @property
    def awarded(self) -> datetime:
        """When it was awarded."""

    @property
    def state(self) -> str:
        """``issued``, ``suspended`` or ``revoked``."""

    @property
    def enrolled(self) -> datetime:
        """When the person applied."""

    @property
    def portal(self) -> str:
        """Short name of the portal that was applied at, such as ``wa``; "" for none."""


class Holdings(Protocol):
    """Which awards somebody holds here, newest first; what is begun and not earned is not among them."""

    def __call__(self, person: str, /) -> Sequence[Held]:
        """Return the awards of the person with this id."""


class Item(Protocol):
    """A micro-credential that one can earn here."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def title(self) -> str:
        """Its title."""

    @property
    def stacks(self) -> tuple[str, ...]:
        """Codes of its stacks."""

    @property
    def kind(self) -> str:
        """``achievementType``."""

    @property
    def issuer(self) -> str:
        """DID of whoever would award it."""

    @property
    def hours(self) -> tuple[int, int]:
        """The estimated effort, from and to; never an amount that is granted."""

    @property
    def path(self) -> str:
        """Its page."""


class Catalogue(Protocol):
    """What one can earn here."""

    def __call__(self) -> Sequence[Item]:
        """Return every micro-credential that is listed."""


class SameAward(Protocol):
    """Which credential ids of this house are issues of the same award."""

    def __call__(self, credential_id: str, /) -> Sequence[str]:
        """Return the ids of all issues of the award, itself included; empty for a foreign one."""


class Owner(Protocol):
    """Whose award a credential of this house is."""

    def __call__(self, credential_id: str, /) -> str | None:
        """Return the id of the person who earned it here, or None."""


class Season(Protocol):
    """A season of the programme where a rule is at home: it decides about the award, never about units."""

    @property
    def portal(self) -> str:
        """Title of the portal whose it is."""

    @property
    def path(self) -> str:
        """Its page."""

    @property
    def name(self) -> str:
        """Such as ``2026-27``."""

    @property
    def last_submission(self) -> date:
        """The last day of a first submission."""

    @property
    def last_revision(self) -> date:
        """The last day of a revision."""


class Seasons(Protocol):
    """The programme's seasons by place."""

    def __call__(self, jurisdiction: str, /, *, today: date) -> Sequence[Season]:
        """Return the running and coming seasons for ``jurisdiction`` (ISO 3166-2), the nearest first."""
