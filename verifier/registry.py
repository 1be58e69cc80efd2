# SPDX-License-Identifier: Apache-2.0
"""Lists of recognised issuers: "genuine" and "on your list" are two statements.

An empty list recognises nobody; no list at all makes no statement. Names never match, only identifiers.
Where lists are kept is told in ``verifier.issuer_lists``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from verifier.errors import ListNotLoadedError
from verifier.list_format import read_list
from verifier.ports import KnownIssuer, Registry


@dataclass(frozen=True, slots=True)
class IssuerList:
    """A list of issuers that somebody relies on.

    Attributes:
        issuers: Who stands on it.
        title: What it is called; "" for a list without a name.
        others: Issuers that are known but not recognised by this list, for comparing names.
    """

    issuers: tuple[KnownIssuer, ...]
    title: str | None = ""
    others: tuple[KnownIssuer, ...] = ()

    def recognises(self, issuer_id: str) -> bool | None:
        """Tell whether ``issuer_id`` is on the list, compared exactly."""
        return any(known.did == issuer_id for known in self.issuers)

    def known(self) -> Sequence[KnownIssuer]:
        """Return all issuers of the list, and the others."""
        return (*self.issuers, *self.others) if self.others else self.issuers


@dataclass(frozen=True, slots=True)
class OwnIssuers:
    """A house that has no list yet knows its own issuers and says nothing about others.

    Attributes:
        issuers: Reads them anew, since issuers may be added while the house is open.
    """

    issuers: Callable[[], Sequence[KnownIssuer]]
    title: None = None

    def recognises(self, issuer_id: str) -> bool | None:
        """Return True for an issuer of this house, and None for everybody else."""
        return True if any(known.did == issuer_id for known in self.issuers()) else None

    def known(self) -> Sequence[KnownIssuer]:
        """Return the issuers of this house."""
        return self.issuers()


def settled(registry: Registry) -> Registry:
    """Return ``registry`` as it stands now, for one examination that asks it several times."""
    if not isinstance(registry, OwnIssuers):
        return registry
    found = registry.issuers()
    return replace(registry, issuers=lambda: found)


@dataclass(frozen=True, slots=True)
class NotLoaded:
    """A list that could not be loaded: neither yes nor no can be said."""

    title: str | None

    def recognises(self, issuer_id: str) -> bool | None:
        """Say that nothing can be said.

        Raises:
            ListNotLoadedError: Always.
        """
        raise ListNotLoadedError("The list could not be loaded.", got=issuer_id[:120])

    def known(self) -> Sequence[KnownIssuer]:
        """Return nobody."""
        return ()


class NoList:
    """The reader uses no list."""

    title: None = None

    def recognises(self, issuer_id: str) -> bool | None:
        """Make no statement about ``issuer_id``."""
        del issuer_id
        return None

    def known(self) -> Sequence[KnownIssuer]:
        """Return nobody."""
        return ()


def read_issuer_list(raw: bytes) -> IssuerList:
    """Return a published list in a file as one to compare with.

    Raises:
        IssuerListError: It is none; its faults name the places.
    """
    found = read_list(raw)
    issuers = tuple(KnownIssuer(did=each.did, name=each.name) for each in found.issuers)
    return IssuerList(issuers, title=found.title)
