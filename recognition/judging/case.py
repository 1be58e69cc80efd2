# SPDX-License-Identifier: Apache-2.0
"""What one judgement is about: the case (a policy and a person) and its entries (an award, or an event).

An *entry* is one thing at one stage. At the stage ``awarded`` it is what was brought; at a stage before the
award it is the person's attested submission of one micro-credential, keyed by person and item, and the day of
the attestation stands wherever a rule says "awarded".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from recognition.judging.award import Award, Brought, item_key
from recognition.judging.facts import Attestation, Facts
from recognition.judging.trust import Trust
from recognition.rule.days import day_of
from recognition.rule.policy import AWARDED_STAGE, Policy

FIRST_DAY: Final = date.min  # where no day is known; only for order


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A policy and a person.

    Attributes:
        purpose: What is asked for.
        today: The last day on which something can have happened: of the claim or of the judgement, whichever
            is later.
        attestations: Each once, oldest first; those dated after ``today`` are left out.
        known: What was found out about the person in this case, each by who found it: looked up once.
        rules: The same of the policy alone; cases of other facts share it.
    """

    policy: Policy
    facts: Facts
    trust: Trust
    purpose: str
    today: date
    attestations: tuple[Attestation, ...]
    known: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)
    rules: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def told(self, facts: Facts) -> Case:
        """Return the case with other facts."""
        if facts is self.facts:
            return self
        there = self.attestations
        if facts.attestations is not self.facts.attestations:
            there = _distinct(facts.attestations, self.today)
        return replace(self, facts=facts, attestations=there, known={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing at one stage.

    Attributes:
        key: As in ``answer.Judged``.
        day: The award's day in the policy's zone, or the attestation's; None: it was not verified.
        started: The day on which its educator enrolled, if the award says so.
        ended: The day on which the last submission was sent, if it is known.
        attestation: What a stage before the award rests on; None there: only the award lets us know of it.
        is_again: Whether the same award was brought before.
        copy_of: Title of another award that was brought and looks like a copy, or "".
    """

    key: str
    place: str
    credential_id: str
    title: str
    item: str
    stage: str
    day: date | None = None
    started: date | None = None
    ended: date | None = None
    award: Award | None = None
    brought: Brought | None = None
    attestation: Attestation | None = None
    is_again: bool = False
    copy_of: str = ""

    @property
    def order(self) -> tuple[date, str, str]:
        """The place among others: oldest first, then by key."""
        return self.day or FIRST_DAY, self.key, self.place

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return f"“{self.title}”" if self.title else self.item or "this one"


def open_case(policy: Policy, facts: Facts, trust: Trust, now: datetime) -> Case:
    """Return the case of one person under one policy."""
    today = max(facts.as_of, day_of(now, policy.timezone))
    return Case(
        policy=policy,
        facts=replace(facts, used=tuple(sorted(facts.used, key=repr))),
        trust=trust,
        purpose=facts.purpose or policy.purpose,
        today=today,
        attestations=_distinct(facts.attestations, today),
    )


def entries(case: Case, brought: Sequence[Brought]) -> tuple[Entry, ...]:
    """Return what is to be judged, stage by stage in the policy's order, oldest first."""
    awards = tuple(_of_awards(case, brought))
    found: list[Entry] = []
    for stage in case.policy.stages if AWARDED_STAGE in case.policy.stages else (AWARDED_STAGE,):
        found += awards if stage == AWARDED_STAGE else _of_items(case, stage, awards)
    if AWARDED_STAGE not in case.policy.stages:
        for stage in case.policy.stages:
            found += _of_items(case, stage, awards)
    return tuple(found)


def _distinct(attestations: Iterable[Attestation], today: date) -> tuple[Attestation, ...]:
    """Return each attestation once: the same row twice is one."""
    seen: dict[tuple[str, date, str, str], Attestation] = {}
    for each in sorted(attestations, key=lambda one: (one.on, one.event, one.item, one.award, one.by)):
        if each.on <= today:
            seen.setdefault((each.event, each.on, each.item, each.award), each)
    return tuple(seen.values())


def _of_awards(case: Case, brought: Sequence[Brought]) -> Iterator[Entry]:
    """Yield an entry for each thing brought; what is the same award, or looks so, is marked."""
    seen: set[str] = set()
    alike: dict[tuple[str, str, date], str] = {}
    for entry in sorted((_entry(case, each) for each in brought), key=_full_order):
        award = entry.award
        if award is None or entry.day is None:
            yield entry
            continue
        keys = {award.key, *award.also}
        same = (award.issuer_id, award.achievement_id, entry.day)
        is_again = bool(keys & seen)
        copy_of = "" if is_again else alike.get(same, "")
        seen |= keys
        alike.setdefault(same, entry.name)
        yield replace(entry, is_again=is_again, copy_of=copy_of)


def _full_order(entry: Entry) -> tuple[date, str, str, str]:
    """Order things by everything that is known of them, so that the order of bringing never matters."""
    brought = entry.brought
    known = entry.award or ((brought.verdict, brought.sentence, brought.title) if brought is not None else "")
    return *entry.order, repr(known)


def _entry(case: Case, brought: Brought) -> Entry:
    award, zone = brought.award, case.policy.timezone
    if award is None:
        # What is not shown to be its issuer's own word is not called as it calls itself.
        is_shown = brought.report is None or brought.report.is_authentic
        return Entry(
            key="",
            place=brought.place,
            credential_id=brought.credential_id,
            title=brought.title if is_shown else "",
            item="",
            stage=AWARDED_STAGE,
            brought=brought,
        )
    return Entry(
        key=award.key,
        place=brought.place,
        credential_id=award.credential_id,
        title=award.title,
        item=award.code,
        stage=AWARDED_STAGE,
        day=day_of(award.awarded, zone),
        started=day_of(award.activity_start, zone) if award.activity_start is not None else None,
        ended=day_of(award.activity_end, zone) if award.activity_end is not None else None,
        award=award,
        brought=brought,
    )


def _of_items(case: Case, stage: str, awards: Sequence[Entry]) -> list[Entry]:
    """Return the entries of a stage before the award: attested ones, and those that an award hints at."""
    found: dict[str, Entry] = {}
    codes = {entry.credential_id: entry.item for entry in reversed(awards) if entry.credential_id}
    titles = {entry.item: entry for entry in reversed(awards) if entry.item and not entry.is_again}
    for each in case.attestations:
        if each.event == stage and (item := each.item or codes.get(each.award, "")) and item not in found:
            known = titles.get(item)
            found[item] = _submitted(stage, item, each, title=known.title if known else "")
    for item, entry in titles.items():
        if item not in found:
            found[item] = _submitted(stage, item, None, title=entry.title)
    return sorted(found.values(), key=lambda entry: entry.order)


def _submitted(stage: str, item: str, attestation: Attestation | None, *, title: str) -> Entry:
    on = attestation.on if attestation is not None else None
    return Entry(
        key=item_key(stage, item),
        place=(f"attested by {attestation.by}" if attestation.by else "attested") if attestation else "",
        credential_id="",
        title=title,
        item=item,
        stage=stage,
        day=on,
        ended=on,
        attestation=attestation,
    )
