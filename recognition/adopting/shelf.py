# SPDX-License-Identifier: Apache-2.0
"""The shelf of policies: versions that were published, and who decides by which of them.

A published version never changes: another byte is another version. An id belongs to whoever published it
first. The house brings the ten examples, which anybody may read and try, and by which nobody decides. Here
it is read; ``publishing`` changes it. What short names of issuers mean is kept by ``issuer_names``; the
signed form of a version by ``policy_statement``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from recognition.adopting import issuer_names
from recognition.judging.trust import Trust
from recognition.office import Office
from recognition.rule import policy_reader
from recognition.rule.policy import Policy, Status
from recognition.store import policies as rows
from recognition.store.policies import Stored
from service.settings import Settings

HOUSE: Final = ""  # publishes the examples
_READ: Final = 256  # policies that are kept as values, some 50 KB each
_RANK: Final = {Status.IN_FORCE: 0, Status.EXAMPLE: 1, Status.DRAFT: 2, Status.RETIRED: 3}


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """One published version.

    Attributes:
        policy: What it says; its status is ``retired`` once the version was retired.
        organisation: Who published it; "" is the house.
        signed: The credential about it, if it was made.
    """

    policy: Policy
    organisation: str
    signed: bytes | None
    added_at: datetime
    added_by: str
    retired_at: datetime | None

    @property
    def path(self) -> str:
        """Its page; with ``.toml`` its exact text, with ``.json`` its signed form."""
        return f"/policies/{self.policy.id}/{self.policy.version}"


@dataclass(frozen=True, slots=True)
class Adopted:
    """A policy by which an organisation decides, with the version that rules on the day asked for.

    Attributes:
        waiting: Versions of another publisher that count only once they are accepted, the latest first.
    """

    policy: Policy
    stored: StoredPolicy
    adopted_at: datetime
    adopted_by: str
    waiting: tuple[StoredPolicy, ...] = ()


# -- reading ------------------------------------------------------------------------------------------------


def published(office: Office, id: str, version: str) -> StoredPolicy | None:
    """Return one version, or None."""
    with office.db.reading() as session:
        found = rows.get(session, id, version)
    return None if found is None else _stored(found)


def versions(office: Office, id: str) -> tuple[StoredPolicy, ...]:
    """Return every version of a policy, the one that was published last first; empty: there is none."""
    with office.db.reading() as session:
        found = rows.versions(session, id)
    return tuple(_stored(each) for each in found)


def newest(office: Office, id: str, *, on: date) -> StoredPolicy | None:
    """Return the version to show for the day ``on``: one that rules then, else the one published last.

    Of several that rule, one in force comes before an example or a draft, and the later published before the
    earlier. None: there is no such policy.
    """
    return _best(versions(office, id), on)


def every(office: Office, *, on: date) -> tuple[StoredPolicy, ...]:
    """Return the version to show of every policy, by place, purpose and title."""
    with office.db.reading() as session:
        found = rows.every(session)
    by_id: dict[str, list[StoredPolicy]] = {}
    for each in found:
        by_id.setdefault(each.id, []).append(_stored(each))
    shown = [best for each in by_id.values() if (best := _best(each, on)) is not None]
    return tuple(
        sorted(shown, key=lambda each: (each.policy.jurisdiction, each.policy.purpose, each.policy.title))
    )


def version_for(
    office: Office, id: str, *, awarded: date, claimed: date, organisation: str | None = None
) -> StoredPolicy | None:
    """Return the version that rules for an award of this day, claimed on that day, or None.

    Each version says by ``basis`` which of the two days selects it. Retired ones select nothing: what was
    decided by them keeps them. Days are days in the policy's time zone. For an ``organisation`` only those
    count that are its own, or that it has accepted.
    """
    found = versions(office, id)
    if organisation is not None:
        with office.db.reading() as session:
            adoption = rows.adoption(session, organisation, id)
        found = tuple(each for each in found if adoption is not None and _counts(adoption, each))
    usable = [each for each in found if each.policy.status is not Status.RETIRED]
    ruling = [
        each
        for each in usable
        if (awarded if each.policy.basis == "awarded" else claimed) in each.policy.in_force
    ]
    return min(ruling, key=_rank, default=None)


def adopted(office: Office, organisation: str, *, on: date | None = None) -> tuple[Adopted, ...]:
    """Return by what an organisation decides, by place and purpose.

    Args:
        office: The opened room.
        organisation: Its slug.
        on: The day for which the version is chosen; None: the version that was published last.
    """
    with office.db.reading() as session:
        found = rows.adoptions(session, organisation)
        texts = {each.policy: rows.versions(session, each.policy) for each in found}
    made = []
    for each in found:
        every = [_stored(text) for text in texts[each.policy]]
        stored = [version for version in every if _counts(each, version)]
        waiting = tuple(
            version
            for version in every
            if not _counts(each, version) and version.policy.status is not Status.RETIRED
        )
        best = _best(stored, on) if on is not None else min(stored, key=_rank, default=None)
        if best is not None:
            made.append(Adopted(best.policy, best, each.adopted_at, each.adopted_by, waiting))
    return tuple(
        sorted(made, key=lambda each: (each.policy.jurisdiction, each.policy.purpose, each.policy.id))
    )


def adopters(office: Office, id: str) -> tuple[str, ...]:
    """Return the slugs of the organisations that decide by a policy."""
    with office.db.reading() as session:
        return rows.adopters(session, id)


def trust(office: Office, organisation: str) -> Trust:
    """Return on which issuers an organisation relies, and what its short names mean; "" is the house."""
    return issuer_names.trust(office, organisation)


def may_approve(policy: Policy, settings: Settings) -> bool:
    """Tell whether a decision by ``policy`` may be an approval: in force; an example in a demonstration."""
    return policy.status is Status.IN_FORCE or (settings.demo and policy.status is Status.EXAMPLE)


def difference(old: Policy, new: Policy) -> tuple[str, ...]:
    """Return what another version says otherwise, line by line, as ``diff`` writes it."""
    before, after = (each.source.decode("utf-8", "replace").splitlines() for each in (old, new))
    made = difflib.unified_diff(
        before, after, f"version {old.version}", f"version {new.version}", lineterm="", n=1
    )
    return tuple(made)


def _counts(adoption: rows.Adoption, version: StoredPolicy) -> bool:
    """Tell whether a version is the organisation's own, or one that it accepted, byte for byte."""
    is_own = version.organisation == adoption.organisation
    return is_own or adoption.accepted.get(version.policy.version) == version.policy.sha256


def _best(stored: Iterable[StoredPolicy], on: date) -> StoredPolicy | None:
    found = list(stored)
    ruling = [
        each for each in found if on in each.policy.in_force and each.policy.status is not Status.RETIRED
    ]
    return min(ruling or found, key=_rank, default=None)


def _rank(stored: StoredPolicy) -> tuple[int, float, str]:
    """Order versions of one day: in force first, then those published last; labels only settle ties."""
    return _RANK[stored.policy.status], -stored.added_at.timestamp(), stored.policy.version


@lru_cache(maxsize=_READ)
def _read(source: bytes) -> Policy:
    return policy_reader.read(source)


def _stored(row: Stored) -> StoredPolicy:
    policy = _read(row.source)
    if row.retired_at is not None:
        policy = replace(policy, status=Status.RETIRED)
    return StoredPolicy(policy, row.organisation, row.signed, row.added_at, row.added_by, row.retired_at)
