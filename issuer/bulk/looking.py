# SPDX-License-Identifier: Apache-2.0
"""A bulk as it is now, for whoever may see it: an organisation's officers, its maker, the operator."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from issuer import profiles
from issuer.bulk import alike
from issuer.bulk.alike import Group
from issuer.bulk.bulk import ALONE, DAY, Bulk, BulkState, RowState
from issuer.errors import NoSuchBulkError
from issuer.mint import Mint
from issuer.profiles import Issuer
from issuer.store import bulk_decisions, bulks
from issuer.store import bulk_trials as rows
from issuer.store.bulk_trials import Trial


@dataclass(frozen=True, slots=True)
class View:
    """A bulk as it is now.

    Attributes:
        count: How many rows are in each state.
        needs_second: Whether a second person has to start it.
        same_file: Other bulks of the same file.
        issuer: The name of the organisation, once it is known.
    """

    bulk: Bulk
    trial: Trial
    count: Mapping[RowState, int]
    needs_second: bool
    same_file: tuple[Bulk, ...]
    issuer: str

    @property
    def is_tried(self) -> bool:
        """Whether all of the file was looked at."""
        return self.trial.tried_at is not None

    @property
    def faults(self) -> tuple[Group, ...]:
        """What stands against bad rows, each kind once."""
        return alike.groups(self.trial.summary.get("faults", ()))

    @property
    def warnings(self) -> tuple[Group, ...]:
        """What is worth a look of good rows, each kind once."""
        return alike.groups(self.trial.summary.get("warnings", ()))

    @property
    def was_started(self) -> bool:
        """Whether somebody decided that it is issued."""
        return self.bulk.started_at is not None

    @property
    def done(self) -> int:
        """How many rows were tried, or issued."""
        if not self.was_started:
            return self.trial.tried
        ended = (RowState.ISSUED, RowState.REFUSED, RowState.CANCELLED)
        return sum(self.count[state] for state in ended)

    @property
    def total(self) -> int:
        """How many rows there are to try, or to issue."""
        return self.bulk.rows if self.was_started else max(self.trial.total, self.trial.tried)

    @property
    def issued(self) -> int:
        """How many awards were issued."""
        return self.count[RowState.ISSUED]

    @property
    def refused(self) -> int:
        """How many good rows could not be issued after all."""
        return self.count[RowState.REFUSED]

    @property
    def is_open(self) -> bool:
        """Whether something goes on by itself."""
        state = self.bulk.state
        left = self.count[RowState.BEGUN] and state is BulkState.CANCELLED
        return bool(state is BulkState.RUNNING or left or (state is BulkState.TRIAL and not self.is_tried))


def awarding(mint: Mint, slugs: Collection[str] | None = None) -> tuple[Issuer, ...]:
    """Return the organisations that award something here, of ``slugs`` or all."""
    return tuple(
        each
        for each in profiles.every(mint)
        if not each.profile.recognizer and (slugs is None or each.slug in slugs)
    )


def view(
    mint: Mint,
    id: str,
    *,
    now: datetime,
    issuers: Collection[str] | None = None,
    made_by: str | None = None,
) -> View:
    """Return a bulk as it is now.

    Args:
        mint: The opened room.
        id: Which.
        now: This moment.
        issuers: Whose it must be; None: anybody's.
        made_by: Who must have brought it; None: anybody. With both, one of them is enough.

    Raises:
        NoSuchBulkError: There is none, or it is somebody else's.
    """
    with mint.db.reading() as session:
        found = rows.get(session, id)
        if found is None or not _may_see(*found, issuers=issuers, made_by=made_by):
            raise NoSuchBulkError("There is no bulk here with this number.", got=id[:64])
        bulk, tried = found
        count = bulks.count(session, id)
        same = bulk_decisions.same_file(session, tried)
        needs = bulk.rows + bulk_decisions.alone(session, tried.issuer, since=now - DAY) > ALONE
    if bulk.started_at is not None:
        needs = bulk.approved_by != bulk.made_by
    names = {each.slug: each.profile.name for each in profiles.every(mint)}
    return View(bulk, tried, count, needs, same, names.get(tried.issuer or "", ""))


def listed(
    mint: Mint,
    *,
    issuers: Collection[str] | None = None,
    made_by: str | None = None,
    after: str | None = None,
    limit: int,
) -> tuple[tuple[Bulk, Trial], ...]:
    """Return bulks, newest first, behind the one named ``after``."""
    with mint.db.reading() as session:
        return rows.listed(session, issuers=issuers, made_by=made_by, after=after, limit=limit)


def _may_see(bulk: Bulk, tried: Trial, *, issuers: Collection[str] | None, made_by: str | None) -> bool:
    if issuers is None and made_by is None:
        return True
    return bulk.made_by == made_by or (issuers is not None and tried.issuer in issuers)
