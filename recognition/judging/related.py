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
from recognition.judging.case import Case, Entry
from recognition.judging.targets import Target, by_name
from recognition.rule.policy import Eligible, Grant, Period


def named(entry: Entry) -> frozenset[str]:
    """Return what an item of a rule may call the micro-credential of this entry."""
    return frozenset({entry.item, entry.award.achievement_id if entry.award is not None else ""} - {""})


def is_item(entry: Entry, items: Sequence[str]) -> bool:
    """Tell whether one of ``items`` names the micro-credential of this entry."""
    return not named(entry).isdisjoint(items)


def stacks_of(entry: Entry) -> frozenset[str]:
    """Return the stacks of an award; an event has none."""
    return frozenset(entry.award.stacks) if entry.award is not None else frozenset()


def lists_of(entry: Entry, case: Case) -> frozenset[str]:
    """Return the ids of the accepted lists that it stands on, on its day."""
    day = entry.day
    if day is None:
        return frozenset()
    rows: dict[str, list[tuple[str, Period]]] | None = case.rules.get("lists")
    if rows is None:
        rows = case.rules["lists"] = {}
        for each in case.policy.lists:
            for item in each.items:
                rows.setdefault(item.code, []).append((each.id, item.on))
    return frozenset(id for name in named(entry) for id, on in rows.get(name, ()) if day in on)


def areas(entry: Entry, grant: Grant, case: Case) -> frozenset[str]:
    """Return the areas by which ``grant`` relates this entry to others; none where it needs no relation."""
    if grant.related_by is None:
        return frozenset()
    if grant.related_by == "list":
        return lists_of(entry, case)
    stacks, names = stacks_of(entry), named(entry)
    if grant.related_by == "stack" or not case.policy.areas:
        return stacks
    return frozenset(
        area.id
        for area in case.policy.areas
        if not stacks.isdisjoint(area.stacks) or not names.isdisjoint(area.items)
    )


def open_buckets(entry: Entry, grant: Grant, case: Case) -> tuple[str, ...]:
    """Return the buckets of ``grant`` that are open to this entry, in the policy's order."""
    if not grant.eligible:
        return grant.into
    return _fits(entry, grant, case)[1]


def fit(entry: Entry, grant: Grant, case: Case, needs: Sequence[Target]) -> Fit | None:
    """Return what this entry is for ``grant``, or None if the grant is closed to it."""
    own, buckets = _fits(entry, grant, case)
    if not buckets:
        return None
    key = ("buckets by name", buckets)
    if key not in case.known:
        if "names" not in case.known:
            case.known["names"] = by_name(needs)
        names = case.known["names"]
        case.known[key] = frozenset(name for bucket in buckets for name in names.get(bucket, (bucket,)))
    return Fit(own, case.known[key])


def _fits(entry: Entry, grant: Grant, case: Case) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return areas and open buckets, found once for everything that a rule cannot tell apart."""
    key = (grant.id, entry.day, named(entry), stacks_of(entry))
    found: tuple[frozenset[str], tuple[str, ...]] | None = case.rules.get(key)
    if found is None:
        about = (lists_of(entry, case), key[3], key[2])
        buckets = tuple(
            each for each in grant.into if each not in grant.eligible or _is_open(grant.eligible[each], about)
        )
        found = case.rules[key] = (areas(entry, grant, case), buckets)
    return found


def _is_open(how: Eligible, about: tuple[frozenset[str], frozenset[str], frozenset[str]]) -> bool:
    lists, stacks, names = about
    return not (lists.isdisjoint(how.lists) and stacks.isdisjoint(how.stacks) and names.isdisjoint(how.items))
