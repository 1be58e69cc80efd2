# SPDX-License-Identifier: Apache-2.0
"""Properties of the judgement: it never raises, no order matters, and nothing unverified is ever counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.judging.answer import GRANTED, PROPOSAL
from recognition.judging.answer_json import to_json
from recognition.judging.award import Brought, award_key
from recognition.judging.facts import EVENTS, FACTS, Attestation, Facts, Used
from recognition.judging.trust import Trust
from recognition.rule.policy import Period, Policy
from recognition.rule.policy_reader import samples
from tests.recognition.judging import (
    MA,
    NOW,
    STRANGER,
    TRUST,
    UNION,
    WA,
    ask,
    award,
    awards,
    facts,
    washington,
)
from verifier.verdict import Verdict

ITEMS = ("DECC1", "CLIM1", "CLIM2", "SEL1", "")
DAYS = st.dates(date(2019, 1, 1), date(2027, 12, 31))
ANY_DAYS = st.one_of(DAYS, st.sampled_from((date.min, date.max, date(2024, 2, 29))))
AMOUNTS = st.sampled_from((Decimal(0), Decimal("0.5"), Decimal(10), Decimal(15), Decimal(1_000_000)))
VALUES = st.sampled_from(
    ("professional", "initial", "level-1", "yes", "no", "WEA", "PSEA", "bachelor", "master", "x", "")
)
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
PURPOSES = st.sampled_from(
    (None, "licence-renewal", "salary-lane", "rank-change", "add-licence", "licence-endorsement")
)


@st.composite
def things(draw: st.DrawFn) -> Brought:
    """Something that was brought: any verdict, any dates, sometimes the same award as another one."""
    code = draw(st.sampled_from(ITEMS))
    stacks = draw(st.lists(st.sampled_from(("SEL", "DEI", "TLAP")), max_size=2))
    moments = st.one_of(st.none(), MOMENTS)
    return award(
        code or "NONE",
        *stacks,
        verdict=draw(st.sampled_from(Verdict)),
        code=code,
        credential_id=f"https://union.example/credentials/{draw(st.integers(0, 6))}",
        achievement_id=f"https://union.example/achievements/{draw(st.integers(0, 3))}",
        awarded=draw(MOMENTS),
        activity_start=draw(moments),
        activity_end=draw(moments),
        issuer_id=draw(st.sampled_from((UNION, UNION, STRANGER))),
        kind=draw(st.sampled_from(("MicroCredential", "MicroCredential", "Badge"))),
        has_scored_rubric=draw(st.booleans()),
        also=draw(st.sampled_from(((), ("a" * 64,)))),
    )


@st.composite
def persons(draw: st.DrawFn) -> Facts:
    """Facts as a reader could give them, and odder ones."""
    names = draw(st.lists(st.sampled_from(FACTS), unique=True))
    attestation = st.builds(Attestation, st.sampled_from(EVENTS), ANY_DAYS, st.sampled_from(ITEMS))
    first, last = sorted((draw(ANY_DAYS), draw(ANY_DAYS)))
    cycle = draw(st.sampled_from((None, Period(first, last), Period(first))))
    used = st.builds(
        Used,
        award=st.sampled_from(("", "a" * 64)),
        credential_id=st.sampled_from(("", "https://union.example/credentials/1")),
        purpose=st.sampled_from(("", "licence-renewal")),
        stage=st.sampled_from(("awarded", "complete-submission", "attendance:workshop")),
        cycle=st.sampled_from((None, Period(first, last))),
        bucket=st.sampled_from(("content", "general", "")),
        units=AMOUNTS,
        on=st.one_of(st.none(), ANY_DAYS),
        value=st.sampled_from(("", "bachelor")),
        suspected=st.booleans(),
        item=st.sampled_from(ITEMS),
        unit=st.sampled_from(("", "PDP-MA", "PDP-TN")),
        group=st.integers(0, 2),
        decision=st.sampled_from(("", "d")),
    )
    return Facts(
        as_of=draw(ANY_DAYS),
        purpose=draw(PURPOSES),
        values={name: tuple(draw(st.lists(VALUES, max_size=3))) for name in names},
        identifiers=draw(st.dictionaries(st.just("PPID"), st.sampled_from(("1234567", "x", "")))),
        cycle=cycle,
        earned=draw(
            st.dictionaries(st.sampled_from(("content", "general", "endorsement:x", "nowhere")), AMOUNTS)
        ),
        attestations=tuple(draw(st.lists(attestation, max_size=6))),
        used=tuple(draw(st.lists(used, max_size=4))),
    )


@settings(max_examples=200)
@given(
    st.sampled_from(samples()), st.lists(things(), max_size=6), persons(), st.randoms(use_true_random=False)
)
def test_it_never_raises_and_no_order_matters_and_only_verified_awards_count(
    policy: Policy, brought: list[Brought], person: Facts, random: object
) -> None:
    answer = ask(policy, brought, person, budget=300)
    shuffle = getattr(random, "shuffle")  # noqa: B009  the type of hypothesis' random is not public
    others, rows, lines = list(brought), list(person.attestations), list(person.used)
    for each in (others, rows, lines):
        shuffle(each)
    again = ask(policy, others, replace(person, attestations=tuple(rows), used=tuple(lines)), budget=300)
    assert to_json(again) == to_json(answer)
    verified = {each.award.key for each in brought if each.award is not None}
    for group in answer.groups:
        if group.stage == "awarded":
            assert set(group.awards) <= verified
    for judged in answer.judged:
        assert [step.number for step in judged.steps] == list(range(1, 16))
        if judged.outcome in (GRANTED, PROPOSAL) and judged.stage == "awarded":
            assert judged.key in verified
    if not any(group.outcome == GRANTED for group in answer.groups):
        assert answer.granted == sum(each.units for each in answer.attended)
    if not answer.groups:
        assert answer.granted == 0


def test_everything_dated_in_the_last_days_of_the_calendar_is_judged_like_anything_else() -> None:
    late = award(
        "A1", awarded=datetime(9999, 12, 30, tzinfo=UTC), activity_start=datetime(9999, 12, 1, tzinfo=UTC)
    )
    told = Facts(as_of=date.max, cycle=Period(date(9999, 1, 1)))
    for policy in samples():
        assert ask(policy, [late], told).judged


def test_five_hundred_are_judged_and_what_is_beyond_is_said_to_be_left_out() -> None:
    answer = ask("us-tn-pdp", awards(501), facts(), changes=False)
    assert len(answer.judged) == 500
    assert answer.granted == 3000
    assert any("500 oldest of 501" in each for each in answer.notes)


def test_beyond_the_budget_it_says_that_there_may_be_a_better_grouping() -> None:
    mixed = [
        award(f"A{n}", *("ABCDE"[n % 5], "ABCDE"[n * 3 % 5]), on=f"2024-03-{n % 28 + 1:02}")
        for n in range(40)
    ]
    answer = ask("us-ma-renewal", mixed, facts(values=MA), budget=2)
    assert not answer.optimal
    assert any("better grouping" in each for each in answer.notes)
    assert ask("us-ma-renewal", mixed, facts(values=MA), budget=2) == answer


def test_an_empty_trust_list_trusts_nobody_and_names_never_match() -> None:
    for trust in (Trust(), Trust(names={"national-programme": frozenset({"The Union"})})):
        answer = ask("us-ma-renewal", awards(2, "SEL"), facts(values=MA), trust=trust)
        assert {each.outcome for each in answer.judged} == {"refused:issuer"}


def test_attendance_pays_once_or_each_time_and_never_what_the_ledger_has_paid() -> None:
    brought = [award("DECC1", ended="2024-02-01")]
    rows = washington("DECC1")
    more = (
        *rows,
        Attestation("workshop", date(2024, 2, 9), "DECC1"),
        Attestation("orientation", date(2024, 2, 9)),
    )
    answer = ask("us-wa-clock-hours", brought, facts(values=WA, attestations=more + rows))
    assert sorted(each.event for each in answer.attended) == ["orientation", "workshop", "workshop"]
    assert answer.granted == Decimal("19.5")
    paid = (
        Used(stage="attendance:orientation", purpose="licence-renewal", award="k1"),
        Used(
            stage="attendance:workshop",
            purpose="licence-renewal",
            award="k2",
            item="DECC1",
            on=date(2024, 2, 9),
        ),
    )
    answer = ask("us-wa-clock-hours", brought, facts(values=WA, attestations=more, used=paid))
    assert [each.event for each in answer.attended] == ["workshop"]
    assert answer.granted == Decimal("16.5")


def test_attendance_outside_the_cycle_serves_the_requirement_and_gives_no_units() -> None:
    rows = (Attestation("orientation", date(2021, 5, 1)), *washington("DECC1", orientation=False))
    answer = ask(
        "us-wa-clock-hours", [award("DECC1", ended="2024-02-01")], facts(values=WA, attestations=rows)
    )
    assert answer.outcome == "granted"
    assert answer.granted == Decimal("16.5")


def test_what_has_not_happened_yet_does_not_count_as_having_happened() -> None:
    rows = (*washington("DECC1")[1:], Attestation("orientation", date(2026, 11, 23)))
    brought = [award("DECC1", ended="2024-02-01")]
    answer = ask("us-wa-clock-hours", brought, facts(values=WA, attestations=rows))
    assert answer.outcome == "pending:orientation"
    planned = facts(values=WA, attestations=rows, as_of=date(2026, 11, 23))
    assert ask("us-wa-clock-hours", brought, planned).outcome == "granted"
    # What is recorded after the claim date, and has happened by now, counts.
    later = (*washington("DECC1")[1:], Attestation("orientation", NOW.date()))
    assert ask("us-wa-clock-hours", brought, facts(values=WA, attestations=later)).outcome == "granted"


def test_the_smallest_change_that_helps_is_named() -> None:
    kentucky = ask("us-ky-kea-rank", awards(7), facts(as_of=date(2026, 1, 1)))
    assert kentucky.changes[0].what == "graduate-course, virtual-meeting, capstone, all-or-nothing"
    assert "3 more micro-credentials" in kentucky.changes[0].sentence
    nobody = ask("us-ma-renewal", awards(2, "SEL"), Facts(as_of=date(2024, 5, 1)))
    assert nobody.changes[0].what == "licence_level, renewing, cycle"
    assert nobody.changes[0].units == 10
    one = ask("us-ma-renewal", awards(2, "SEL"), facts(values={"renewing": ("yes",)}))
    assert [(each.what, each.outcome) for each in one.changes] == [("licence_level", "granted")]
    held = ask("us-tn-pdp", [award("A1", verdict=Verdict.SUSPENDED)], facts())
    assert [each.kind for each in held.changes] == ["time"]
    assert ask("us-tn-pdp", [award("A1", verdict=Verdict.REVOKED)], facts()).changes == ()


def test_trust_of_anybody_is_the_list_and_not_the_world() -> None:
    assert TRUST.accepts(("*",), UNION)
    assert not TRUST.accepts(("*",), STRANGER)


def test_what_is_not_verified_supports_no_application_and_the_answer_says_so() -> None:
    forged = award("SEL1", verdict=Verdict.INVALID)
    answer = ask("us-ma-renewal", [forged, award("SEL2")], facts(purpose="add-licence"))
    assert answer.outcome == "supporting-document"
    assert any("could not be verified" in each for each in answer.notes)
    assert ask("us-ma-renewal", [award("SEL2")], facts(purpose="add-licence")).notes == ()


def test_a_cycle_that_is_longer_than_the_rules_is_pointed_out() -> None:
    long = facts(cycle=Period(date(2016, 1, 1), date(2026, 12, 31)))
    assert any("longer than the 6 years" in each for each in ask("us-tn-pdp", awards(1), long).notes)
    whole = facts(cycle=Period(date(2021, 1, 1), date(2026, 12, 31)))
    assert ask("us-tn-pdp", awards(1), whole).notes == ()
    open_end = facts(cycle=Period(date(2018, 3, 1)))
    assert ask("us-tn-pdp", [award("A1", on="2024-02-29")], open_end).outcome == "granted"
    assert ask("us-tn-pdp", [award("A1", on="2024-03-01")], open_end).outcome == "refused:outside-cycle"


def test_a_line_of_facts_that_names_another_issue_of_the_award_is_a_line_of_it() -> None:
    older = award_key(UNION, "https://union.example/credentials/older")
    line = Used(award="https://union.example/credentials/older", purpose="licence-renewal")
    answer = ask("us-tn-pdp", [award("A1", also=(older,))], facts(used=(line,)))
    assert answer.outcome == "refused:already-used"
