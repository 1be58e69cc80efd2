# SPDX-License-Identifier: Apache-2.0
"""What no source states, and the default chosen (domain rules, section 11): each is a test.

That a decision document may be gone is tested where documents are read (``test_spoken``).
"""

from __future__ import annotations

from decimal import Decimal

from recognition.judging.facts import Used
from recognition.rule.policy import Period
from tests.recognition.judging import (
    MA,
    WA,
    ask,
    attended,
    award,
    awards,
    changed,
    day,
    facts,
    of,
    outcomes,
    washington,
)
from verifier.verdict import Verdict


def test_the_formula_of_massachusetts_is_an_example_and_every_answer_says_so() -> None:
    answer = ask("us-ma-renewal", awards(2, "SEL"), facts(values=MA))
    assert answer.policy.status == "example"
    assert answer.label.startswith("Example rule")


def test_massachusetts_counts_pairs_of_one_stack_and_not_a_rate() -> None:
    assert ask("us-ma-renewal", awards(1, "SEL"), facts(values=MA)).granted == 0
    assert ask("us-ma-renewal", awards(3, "SEL"), facts(values=MA)).granted == 10


def test_washington_gives_fifteen_hours_and_lists_them_as_unverified() -> None:
    answer = ask(
        "us-wa-clock-hours",
        [award("DECC1", ended="2024-02-01")],
        facts(values=WA, attestations=washington("DECC1")),
    )
    assert answer.groups[0].units == 15
    assert "grant[0].amount" in answer.policy.unverified


def test_one_award_fills_equity_or_stem_and_not_both() -> None:
    values = {**WA, "stem_endorsement": ("yes",)}
    told = facts(values=values, attestations=washington("CLIM1"))
    answer = ask("us-wa-clock-hours", [award("CLIM1", ended="2024-02-01")], told)
    assert [each.missing for each in answer.needs] == [0, 15]
    assert answer.notes


def test_an_award_outside_every_listed_season_waits_for_the_dates() -> None:
    told = facts(values=WA, attestations=washington("DECC1"))
    answer = ask("us-wa-clock-hours", [award("DECC1", on="2025-02-01", ended="2025-01-15")], told)
    assert answer.outcome == "pending:season-dates"


def test_a_revision_after_the_last_day_is_refused_and_a_person_may_adjust() -> None:
    told = facts(values=WA, attestations=washington("DECC1"))
    answer = ask("us-wa-clock-hours", [award("DECC1", on="2024-06-20", ended="2024-05-25")], told)
    assert answer.outcome == "refused:outside-window"


def test_the_last_submission_settles_when_it_was_submitted_else_an_attestation_does() -> None:
    late = award("DECC1", on="2024-06-20", ended="2024-05-20")
    told = facts(values=WA, attestations=washington("DECC1"))
    answer = ask("us-wa-clock-hours", [late], told)
    assert answer.outcome == "pending:first-submitted"
    assert [each.what for each in answer.changes] == ["first-submitted"]
    rows = (*washington("DECC1"), attended("first-submitted", "DECC1", "2024-04-26"))
    assert ask("us-wa-clock-hours", [late], facts(values=WA, attestations=rows)).outcome == "granted"


def test_a_national_board_certificate_waives_the_total_only() -> None:
    answer = ask("us-wa-clock-hours", [], facts(values={**WA, "holds": ("national-board-certificate",)}))
    assert answer.total is not None
    assert answer.total.waived
    assert [(each.bucket, each.missing) for each in answer.needs] == [("equity", Decimal(15))]


def test_vermonts_total_is_not_per_endorsement_and_its_specific_hours_are() -> None:
    values = {"licence_level": ("level-2",), "endorsements_held": ("art", "music")}
    answer = ask("us-vt-relicensing", awards(4), facts(values=values))
    assert answer.total is not None
    assert answer.total.need == 90
    assert [(each.of, each.missing) for each in answer.needs] == [("art", Decimal(0)), ("music", Decimal(0))]


def test_new_hampshire_proposes_no_number() -> None:
    answer = ask("us-nh-recertification", awards(1), facts(values={"endorsements_held": ("art",)}))
    assert answer.groups[0].units is None
    assert answer.proposed is None


def test_pennsylvanias_first_stage_stands_when_the_award_falls() -> None:
    rows = (attended("complete-submission", "SEL1"),)
    told = facts(values={"member_of": ("PSEA",)}, identifiers={"PPID": "1234567"}, attestations=rows)
    answer = ask("us-pa-psea-act48", [award("SEL1", verdict=Verdict.REVOKED)], told)
    assert answer.granted == 15


def test_an_award_counts_once_per_purpose_also_in_a_later_cycle() -> None:
    one = award("SEL1")
    line = Used(
        credential_id=one.credential_id,
        purpose="licence-renewal",
        cycle=Period(day("2012-01-01"), day("2016-12-31")),
    )
    assert ask("us-tn-pdp", [one], facts(used=(line,))).outcome == "refused:already-used"


def test_units_beyond_the_total_are_counted_and_shown_as_surplus() -> None:
    answer = ask("us-tn-pdp", awards(12), facts())
    assert answer.granted == 72
    assert answer.surplus == 12


def test_above_a_cap_a_group_counts_whole_or_not_at_all_and_the_newest_goes_first() -> None:
    rule = changed("us-ma-renewal", ("[[never]]", '[[cap]]\namount = 15\nper = "cycle"\n\n[[never]]'))
    brought = [award(f"A{n}", "SEL", on=f"2024-01-{n:02}") for n in range(1, 5)]
    answer = ask(rule, brought, facts(values=MA))
    assert answer.granted == 10
    assert outcomes(answer) == ["granted", "granted", "refused:cap-reached", "refused:cap-reached"]
    assert "whole or not at all" in of(answer, "A3").sentence


def test_an_expired_credential_is_refused_although_it_was_awarded_in_the_cycle() -> None:
    answer = ask("us-tn-pdp", [award("SEL1", verdict=Verdict.EXPIRED)], facts())
    assert answer.outcome == "refused:status:expired"
