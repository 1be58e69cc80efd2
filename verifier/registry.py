# SPDX-License-Identifier: Apache-2.0
"""Lists of recognised issuers: "genuine" and "on your list" are two statements.

An empty list recognises nobody; no list at all makes no statement. Names never match, only identifiers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verifier.ports import KnownIssuer


@dataclass(frozen=True, slots=True)
class IssuerList:
    """A list of issuers that somebody relies on."""

    issuers: tuple[KnownIssuer, ...]

    def recognises(self, issuer_id: str) -> bool | None:
        """Tell whether ``issuer_id`` is on the list, compared exactly."""
        return any(known.did == issuer_id for known in self.issuers)

    def known(self) -> Sequence[KnownIssuer]:
        """Return all issuers of the list."""
        return self.issuers


class NoList:
    """The reader uses no list."""

    def recognises(self, issuer_id: str) -> bool | None:
        """Make no statement about ``issuer_id``."""
        del issuer_id
        return None

    def known(self) -> Sequence[KnownIssuer]:
        """Return nobody."""
        return ()
