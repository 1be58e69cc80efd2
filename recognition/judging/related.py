# SPDX-License-Identifier: Apache-2.0
"""Which awards are related, and which buckets are open to them: data of the recognizer, never a guess.

"Related" means a common area. Areas are the policy's ``[[area]]`` rows; without any, an award's areas are its
stacks. It is not transitive: A with B and B with C do not make A with C. Lists are looked at on the day of
the award, so that an item that was taken off keeps its place for earlier awards. An item of a rule is the
code of a micro-credential or the id of its achievement.
"""

from __future__ import annotations

from collections.abc import Sequence

from recognition.grouping.group_problem import Fit
from recognition.judging.case import Entry
from recognition.judging.targets import Target, expanded
from recognition.rule.policy import Eligible, Grant, Policy


def is_item(entry: Entry, items: Sequence[str]) -> bool:
    """Tell whether one of ``items`` names the micro-credential of this entry."""
    named = {entry.item, entry.award.achievement_id if entry.award is not None else ""} - {""}
    return not named.isdisjoint(items)


def stacks_of(entry: Entry) -> frozenset[str]:
    """Return the stacks of an award; an event has none."""
    return frozenset(entry.award.stacks) if entry.award is not None else frozenset()


def lists_of(entry: Entry, policy: Policy) -> frozenset[str]:
    """Return the ids of the accepted lists that it stands on, on its day."""
    day = entry.day
    if day is None:
        return frozenset()
    return frozenset(
        each.id
        for each in policy.lists
        if any(day in item.on and is_item(entry, (item.code,)) for item in each.items)
    )


def areas(entry: Entry, grant: Grant, policy: Policy) -> frozenset[str]:
    """Return the areas by which ``grant`` relates this entry to others; none where it needs no relation."""
    if grant.related_by is None:
        return frozenset()
    if grant.related_by == "list":
        return lists_of(entry, policy)
    if grant.related_by == "stack" or not policy.areas:
        return stacks_of(entry)
    return frozenset(
        area.id
        for area in policy.areas
        if not stacks_of(entry).isdisjoint(area.stacks) or is_item(entry, area.items)
    )


def open_buckets(entry: Entry, grant: Grant, policy: Policy) -> tuple[str, ...]:
    """Return the buckets of ``grant`` that are open to this entry, in the policy's order."""
    return tuple(
        bucket
        for bucket in grant.into
        if bucket not in grant.eligible or _is_eligible(entry, grant.eligible[bucket], policy)
    )


def fit(entry: Entry, grant: Grant, policy: Policy, needs: Sequence[Target]) -> Fit | None:
    """Return what this entry is for ``grant``, or None if the grant is closed to it."""
    buckets = open_buckets(entry, grant, policy)
    if not buckets:
        return None
    names = frozenset(name for bucket in buckets for name in expanded(bucket, needs))
    return Fit(areas(entry, grant, policy), names)


def _is_eligible(entry: Entry, how: Eligible, policy: Policy) -> bool:
    return (
        not lists_of(entry, policy).isdisjoint(how.lists)
        or not stacks_of(entry).isdisjoint(how.stacks)
        or is_item(entry, how.items)
    )
