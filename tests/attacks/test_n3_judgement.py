# SPDX-License-Identifier: Apache-2.0
"""N3: a judgement that grows without end. One budget of work for an answer.

Trials that do not fit into it are dropped. Work is counted and never timed, so that the same question always
has the same answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from recognition.errors import PolicyError
from recognition.grouping.allocation import STATES
from recognition.grouping.group_fallback import MATCHING_LOOKS
from recognition.grouping.matching import greatest_matching
from recognition.judging import changes, screen
from recognition.judging.answer import Answer
from recognition.judging.edits import edits as edits_of
from recognition.judging.facts import Attestation, Facts, Used
from recognition.judging.judge import judge
from recognition.judging.trust import Trust
from recognition.judging.weighing import weigh as weigh_all
from recognition.rule import policy_reader
from recognition.rule.policy import Period, Policy

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST = date(2000, 1, 1)
HEAD = """format = "recognition-policy/1"
id = "x"
version = "1"
title = "t"
status = "draft"
purpose = "licence-renewal"
jurisdiction = "US-PA"
recognizer = "r"
timezone = "America/New_York"
in_force = { from = 2000-01-01 }
basis = "claimed"
unit = { id = "H", name = "h" }
sources = [{ ref = "x", kind = "programme", says = "x" }]
unverified = []
[accept]
issuers = ["*"]
kinds = ["MicroCredential"]
"""


def bomb(awards: int, take: int, overlap: str, *, lists: int = 10, buckets: int = 8) -> Policy:
    """Return a rule by which every award has another mixture of areas and buckets."""
    chance = random.Random(1)  # noqa: S311 (examples, no secret)
    members: list[list[int]] = [[] for _ in range(lists)]
    for award in range(awards):
        for place in chance.sample(range(lists), 3):
            members[place].append(award)
    rows = "".join(
        f'[[list]]\nid = "L{place}"\ntitle = "l"\nitems = ['
        + ",".join(f'{{ code = "I{award}", from = 1990-01-01 }}' for award in own)
        + "]\n"
        for place, own in enumerate(members)
    )
    names = ", ".join(f'"b{place}"' for place in range(buckets))
    eligible = ", ".join(
        f'b{place} = {{ lists = ["L{place % lists}", "L{(place + 1) % lists}"] }}' for place in range(buckets)
    )
    grant = f"""[[grant]]
id = "g"
take = {take}
amount = 7
into = [{names}]
stage = "complete-submission"
related_by = "list"
overlap = "{overlap}"
eligible = {{ {eligible} }}
"""
    needs = "".join(f'[[need]]\nbucket = "b{n}"\namount = {13 + 3 * n}\n' for n in range(buckets))
    return policy_reader.read((HEAD + rows + grant + needs).encode())


def submitted(awards: int) -> Facts:
    rows = tuple(
        Attestation("complete-submission", FIRST + timedelta(days=number), f"I{number}")
        for number in range(awards)
    )
    return Facts(as_of=date(2026, 11, 22), attestations=rows)


def judged(policy: Policy, facts: Facts) -> Answer:
    return judge(policy, (), facts, trust=Trust(frozenset(), {}), now=NOW)


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count the entries that trials screen, and the work of their groupings."""
    counted = [0, 0]
    weigh, look = weigh_all, screen.screen

    def weighing(*given: object, **named: object) -> object:
        found = weigh(*given, **named)  # type: ignore[arg-type]
        counted[1] += found.work
        return found

    def looking(*given: object) -> object:
        counted[0] += 1
        return look(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(changes, "weigh", weighing)
    monkeypatch.setattr(changes, "screen", looking)
    yield counted


@pytest.mark.parametrize(
    ("awards", "take", "overlap"),
    [(300, 7, "split"), (300, 7, "forbidden"), (500, 12, "split"), (500, 30, "allowed"), (300, 3, "split")],
)
def test_grouping_and_all_trials_share_one_budget_of_work(
    awards: int, take: int, overlap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counting(monkeypatch) as counted:
        answer = judged(bomb(awards, take, overlap), submitted(awards))
    assert len(answer.judged) == awards
    screened, grouped = counted
    whole = STATES + STATES // 4
    assert answer.work <= STATES + STATES // 10, "what no budget can save is small"
    assert answer.work + grouped + changes.SCREENING * screened <= whole + STATES // 10
    if not answer.optimal:
        assert any("better grouping" in note for note in answer.notes)


def test_trials_that_cannot_be_made_are_dropped_and_the_answer_says_so() -> None:
    answer = judged(bomb(500, 12, "split"), submitted(500))
    assert answer.granted > 0
    assert any("Not everything that would change this was tried" in note for note in answer.notes)
    assert judged(bomb(500, 12, "split"), submitted(500)) == answer, "counted, and never timed"


def test_awards_of_several_edits_are_told_apart_whatever_the_grouping_left_over() -> None:
    chance = random.Random(5)  # noqa: S311 (examples, no secret)
    for _ in range(60):
        awards, take = chance.randint(4, 14), chance.randint(2, 6)
        policy = bomb(awards, take, chance.choice(["split", "allowed", "forbidden"]), lists=4, buckets=4)
        assert len(judged(policy, submitted(awards)).judged) == awards


def test_an_event_that_is_wanted_a_hundred_times_makes_no_answer_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = ("workshop", "virtual-meeting", "capstone", "orientation", "graduate-course")
    rows = "".join(f'[[require]]\nevent = "{each}"\ntimes = 100\n' for each in events)
    grant = '[[grant]]\nid = "g"\ntake = 1\namount = 5\ninto = ["b"]\nstage = "complete-submission"\n'
    policy = policy_reader.read((HEAD + rows + grant).encode())
    made = 0
    edits = edits_of

    def counted(*given: object) -> Iterator[object]:
        nonlocal made
        for each in edits(*given):  # type: ignore[arg-type]
            made += each.size
            yield each

    monkeypatch.setattr(changes, "edits", counted)
    assert len(judged(policy, submitted(500)).judged) == 500
    assert made <= changes.ROWS * (STATES + STATES // 4) + 1_000


def test_a_matching_stops_where_it_has_looked_at_enough() -> None:
    hubs, spokes = 20, 400
    near = [list(range(hubs, hubs + spokes)) for _ in range(hubs)] + [list(range(hubs))] * spokes
    whole = greatest_matching(near)
    assert sum(mate >= 0 for mate in whole) == 2 * hubs
    assert greatest_matching(near, most=MATCHING_LOOKS) == whole
    assert sum(mate >= 0 for mate in greatest_matching(near, most=1)) == 2


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("".join(f'[[grant]]\nid = "g{n}"\ntake = 1\namount = 1\ninto = ["b"]\n' for n in range(21)), "20"),
        (f'[[grant]]\nid = "g"\ntake = 1\namount = 1\ninto = {[f"b{n}" for n in range(41)]}\n', "40 buckets"),
    ],
)
def test_a_rule_with_more_grants_or_buckets_than_any_has_is_refused(table: str, sentence: str) -> None:
    with pytest.raises(PolicyError, match=sentence):
        policy_reader.read((HEAD + table).encode())


def test_attendance_alone_stays_below_an_upper_limit() -> None:
    tables = """[[grant]]
id = "g"
take = 1
amount = 5
into = ["b", "att"]
stage = "complete-submission"
[[require]]
event = "orientation"
times = "once-ever"
grants = { amount = 3, into = "att", count = "each" }
[[cap]]
bucket = "att"
amount = 6
per = "ever"
[[need]]
bucket = "b"
amount = 5
"""
    facts = submitted(1)
    days = tuple(Attestation("orientation", FIRST + timedelta(days=n)) for n in range(4))
    told = Facts(as_of=facts.as_of, attestations=facts.attestations + days)
    answer = judged(policy_reader.read((HEAD + tables).encode()), told)
    assert answer.granted == Decimal(11)
    assert [each.on for each in answer.attended] == [FIRST, FIRST + timedelta(days=1)]
    assert any("beyond an upper limit" in note for note in answer.notes)


@pytest.mark.parametrize(("remainder", "credits"), [("carry", 1), ("lost", 0)])
def test_what_an_earlier_cycle_carried_arrives_in_this_one(remainder: str, credits: int) -> None:
    grant = '[[grant]]\nid = "g"\ntake = 1\namount = 5\ninto = ["b"]\nstage = "complete-submission"\n'
    convert = f'[convert]\nto = "credit"\nper = 15\nrounding = "down"\nremainder = "{remainder}"\n'
    before = Used(
        award="urn:x:1", cycle=Period(date(1990, 1, 1), date(1994, 12, 31)), bucket="b", units=Decimal(10)
    )
    told = replace(submitted(1), cycle=Period(FIRST, date(2004, 12, 31)), used=(before,))
    answer = judged(policy_reader.read((HEAD + grant + convert).encode()), told)
    assert answer.granted == 5
    assert answer.converted == credits
