# SPDX-License-Identifier: Apache-2.0
"""Who stands before the doors in the authorisation matrix: two programmes' people, visitors, and tokens."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from service.accounts.people import Role

EDUCATION: Final = "example-education"
STATE: Final = "example-state"
WRITE: Final = "credentials:write"
DECIDE: Final = "status:write"
NONE: Final[Mapping[Role, str]] = MappingProxyType({})


class Who(Enum):
    """Everybody, each with the roles held (in which organisation) and the scopes of a good token."""

    VISITOR = ("nobody", NONE, ())
    ENDED = ("a session that was ended", NONE, ())
    ERASED = ("the browser of an erased account", NONE, ())
    GARBLED = ("a token that never was", NONE, ())
    EXPIRED = ("a token of yesterday", NONE, ())
    REVOKED = ("a token taken back", NONE, ())
    WRITER = ("a token that may issue", NONE, (WRITE,))
    DECIDER = ("a token that may revoke", NONE, (DECIDE,))
    BEARER = ("a token that may do both", NONE, (WRITE, DECIDE))
    OWNER = ("the educator whose work it is", NONE, ())
    STRANGER = ("an educator with other work", NONE, ())
    MEMBER = ("an educator in the owner's community", NONE, ())
    FORMER = ("somebody who had every role", NONE, ())
    REVIEWER = ("the reviewer who holds the work", {Role.REVIEWER: EDUCATION}, ())
    COLLEAGUE = ("another reviewer of the programme", {Role.REVIEWER: EDUCATION}, ())
    OUTSIDER = ("a reviewer of the other programme", {Role.REVIEWER: STATE}, ())
    MANAGER = ("the manager of the programme", {Role.MANAGER: EDUCATION}, ())
    STATE_MANAGER = ("the manager of the other programme", {Role.MANAGER: STATE}, ())
    OFFICER = ("an officer of the issuer", {Role.OFFICER: EDUCATION}, ())
    WA = ("the officer of one affiliate", {Role.AFFILIATE: "example-wa"}, ())
    VT = ("the officer of another affiliate", {Role.AFFILIATE: "example-vt"}, ())
    RECOGNIZER = ("somebody of a district", {Role.RECOGNIZER: "example-district"}, ())
    ADMINISTRATOR = ("the administrator of the programme", {Role.ADMINISTRATOR: EDUCATION}, ())
    WA_ADMINISTRATOR = ("the administrator of one affiliate", {Role.ADMINISTRATOR: "example-wa"}, ())

    def __init__(self, words: str, held: Mapping[Role, str], scopes: tuple[str, ...]) -> None:
        self.words = words
        self.held = held
        self.scopes = frozenset(scopes)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held now."""
        return frozenset(self.held)

    @property
    def email(self) -> str:
        """The address of the account."""
        return f"{self.name.casefold().replace('_', '.')}@matrix.example"

    def __str__(self) -> str:
        return f"{self.name} ({self.words})"


TOKENS: Final = (Who.GARBLED, Who.EXPIRED, Who.REVOKED, Who.WRITER, Who.DECIDER, Who.BEARER)
VISITORS: Final = frozenset((Who.VISITOR, Who.ENDED, Who.ERASED, *TOKENS))
SIGNED_IN: Final = frozenset(Who) - VISITORS
