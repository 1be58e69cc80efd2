# SPDX-License-Identifier: Apache-2.0
"""The programme's own cases, and the sanity figures of the domain rules (section 10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from recognition.judging.answer import Mark
from recognition.judging.facts import Used
from recognition.rule.policy import Period
from tests.recognition.judging import (
    MA,
    STRANGER,
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

AREAS = ("content", "pedagogy", "english-learners", "special-education")


# -- Massachusetts -----------------------------------------------------------------------------------------


def test_two_related_badges_are_ten_points_and_a_third_is_left_over_with_its_reason() -> None:
    brought = [
        award("SEL1", "SEL", on="2024-01-05"),
        award("SEL2", "SEL", on="2024-02-05"),
        award("SEL3", "SEL", on="2024-03-05"),
    ]
    answer = ask("us-ma-renewal", brought, facts(values=MA))
    assert answer.outcome == "granted"
    assert answer.granted == 10
    assert outcomes(answer) == ["granted", "granted", "unused"]
    third = of(answer, "SEL3")
    assert "One more micro-credential in SEL completes it" in third.sentence
    assert [(each.kind, each.what, each.units) for each in third.changes] == [("award", "SEL", Decimal(20))]
    assert [each.awards for each in answer.groups] == [tuple(each.key for each in answer.judged[:2])]
    assert "MTA" in third.sources[0].ref
    assert "give 10" in third.rule
    assert answer.label.startswith("Example rule")


def test_two_badges_of_different_stacks_are_not_related() -> None:
    answer = ask("us-ma-renewal", [award("SEL1", "SEL"), award("DEI1", "DEI")], facts(values=MA))
    assert outcomes(answer) == ["unused", "unused"]
    assert answer.granted == 0


@pytest.mark.parametrize("level", ["initial", "provisional"])
def test_holders_of_an_initial_or_provisional_licence_read_learning_only(level: str) -> None:
    answer = ask("us-ma-renewal", awards(2, "SEL"), facts(values={"licence_level": (level,)}))
    assert answer.outcome == "learning-only"
    assert outcomes(answer) == ["learning-only"] * 2
    assert "not required to earn PDPs" in answer.sentence
    assert answer.needs == ()
    assert answer.total is None


def test_the_sei_endorsement_is_always_refused_with_its_sentence_and_needs_no_credential() -> None:
    for brought in ([], [award("SEL1", "SEL")], awards(2, "SEL")):
        answer = ask("us-ma-renewal", brought, facts(purpose="licence-endorsement", values=MA))
        assert answer.outcome == "refused:never"
        assert answer.sentence.startswith("Micro-credentials may NOT be used to satisfy the requirements")
        assert "SEI Endorsement" in answer.sentence
        assert outcomes(answer) == ["refused:never"] * len(brought)
        assert answer.granted == 0


def test_a_further_licence_field_is_documented_without_units() -> None:
    answer = ask("us-ma-renewal", [award("SEL1", "SEL")], facts(purpose="add-licence"))
    assert answer.outcome == "supporting-document"
    assert "subject matter knowledge" in answer.sentence


def test_paraprofessionals_are_pointed_to_their_agreement() -> None:
    answer = ask("us-ma-renewal", [award("SEL1", "SEL")], facts(values={"role": ("paraprofessional",)}))
    assert answer.outcome == "ask-local"
    assert "Title I" in answer.sentence


def test_nobody_who_need_not_renew_is_told_of_points() -> None:
    told = facts(values={"licence_level": ("professional",), "renewing": ("no",)})
    assert ask("us-ma-renewal", [award("SEL1", "SEL")], told).outcome == "learning-only"


@pytest.mark.parametrize(("count", "missing"), [(15, 5), (16, 0)])
def test_sixteen_badges_fill_the_four_areas_and_fifteen_do_not(count: int, missing: int) -> None:
    answer = ask("us-ma-renewal", awards(count, "SEL"), facts(values=MA))
    assert sum(each.missing for each in answer.needs) == missing
    assert {each.bucket for each in answer.needs} == set(AREAS)


@pytest.mark.parametrize(("count", "granted"), [(29, 140), (30, 150)])
def test_thirty_badges_are_a_whole_renewal(count: int, granted: int) -> None:
    answer = ask("us-ma-renewal", awards(count, "SEL"), facts(values=MA))
    assert answer.granted == granted
    assert answer.total is not None
    assert answer.total.missing == 150 - granted


# -- Vermont -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "years", "count"), [("level-1", 3, 3), ("level-2", 5, 6)])
def test_vermont_takes_three_or_six_fifteen_hour_certificates(level: str, years: int, count: int) -> None:
    cycle = Period(day("2024-01-01"), day(f"{2024 + years - 1}-12-31"))
    values = {"licence_level": (level,), "endorsements_held": ("elementary",)}
    for number, is_enough in ((count - 1, False), (count, True)):
        answer = ask("us-vt-relicensing", awards(number, on="2024-06-01"), facts(values=values, cycle=cycle))
        assert answer.granted == 15 * number
        assert answer.converted == number
        assert answer.total is not None
        assert (answer.total.missing == 0) is is_enough
        assert answer.needs[0].missing == 0
        assert answer.needs[0].of == "elementary"
        assert answer.groups[0].buckets.keys() == {"endorsement-specific:elementary"}


# -- Washington --------------------------------------------------------------------------------------------


def test_six_awards_with_workshops_and_one_orientation_are_a_hundred_and_a_half_hours() -> None:
    codes = [f"A{number}" for number in range(6)]
    brought = [award(code, "SEL", ended="2024-02-01") for code in codes]
    answer = ask("us-wa-clock-hours", brought, facts(values=WA, attestations=washington(*codes)))
    assert answer.granted == Decimal("100.5")
    assert answer.surplus == Decimal("0.5")
    assert sum(each.units for each in answer.attended) == Decimal("10.5")


def test_washington_waits_for_orientation_workshop_and_registration_each() -> None:
    brought = [award("DECC1", "DEI", ended="2024-02-01")]
    rows = washington("DECC1")
    for event in ("orientation", "workshop", "clock-hour-registration"):
        some = tuple(each for each in rows if each.event != event)
        answer = ask("us-wa-clock-hours", brought, facts(values=WA, attestations=some))
        assert answer.outcome == f"pending:{event}"
        assert answer.granted == 0
        assert [(each.kind, each.what, each.units) for each in answer.changes] == [
            ("attestation", event, Decimal(18))
        ]
    answer = ask("us-wa-clock-hours", brought, facts(values=WA, attestations=rows))
    assert answer.outcome == "granted"
    assert answer.granted == 18


def test_everything_that_is_missing_is_named_where_no_single_thing_helps() -> None:
    answer = ask("us-wa-clock-hours", [award("DECC1", ended="2024-02-01")], facts(values=WA))
    assert answer.outcome == "pending:orientation"
    assert [each.what for each in answer.changes] == ["orientation, workshop, clock-hour-registration"]


def test_stem_and_equity_have_lists_and_a_removed_item_keeps_its_place_for_earlier_awards() -> None:
    values = {**WA, "stem_endorsement": ("yes",)}
    told = facts(values=values, attestations=washington("DECC1", "CLIM2"))
    brought = [award("DECC1", ended="2024-02-01"), award("CLIM2", ended="2024-02-01")]
    answer = ask("us-wa-clock-hours", brought, told)
    assert {each.bucket: each.missing for each in answer.needs} == {"equity": 0, "stem": 0}
    removed = changed(
        "us-wa-clock-hours",
        (
            '{ code = "DECC1", from = 2023-07-01 }',
            '{ code = "DECC1", from = 2023-07-01, until = 2024-02-28 }',
        ),
    )
    for on, missing in (("2024-02-28", 0), ("2024-02-29", 15)):
        answer = ask(removed, [award("DECC1", on=on, ended="2024-02-01")], told)
        assert answer.needs[0].missing == missing
        assert answer.granted == 18


def test_the_teacher_leadership_pathway_earns_no_clock_hours() -> None:
    told = facts(values=WA, attestations=washington("TLAP1"))
    answer = ask("us-wa-clock-hours", [award("TLAP1", "TLAP", ended="2024-02-01")], told)
    assert answer.outcome == "refused:stack-excluded"
    assert "TLAP" in answer.sentence
    assert answer.attended == ()


SEASON: list[tuple[dict[str, Any], str | None, str]] = [
    ({"ended": "2024-04-26"}, None, "granted"),
    ({"ended": "2024-04-27"}, None, "pending:first-submitted"),
    ({"ended": "2024-05-24"}, "2024-04-26", "granted"),
    ({"ended": "2024-05-24"}, "2024-04-27", "refused:outside-window"),
    ({"ended": "2024-05-25"}, "2024-04-20", "refused:outside-window"),
    ({"ended": "2024-07-01"}, "2024-04-20", "pending:season-dates"),
    ({"on": "2024-04-26"}, None, "granted"),
    ({"on": "2024-05-20"}, None, "pending:first-submitted"),
    ({"on": "2024-05-20"}, "2024-04-26", "granted"),
    ({"on": "2024-06-20"}, "2024-04-26", "pending:season-dates"),
]


@pytest.mark.parametrize(("dates", "first", "outcome"), SEASON)
def test_the_season_of_2023_24_decides_by_its_two_last_days(
    dates: dict[str, Any], first: str | None, outcome: str
) -> None:
    given = {"on": "2024-06-20", **dates}
    rows = washington("DECC1") + ((attended("first-submitted", "DECC1", first),) if first else ())
    told = facts(values=WA, attestations=rows)
    answer = ask("us-wa-clock-hours", [award("DECC1", **given)], told)
    assert answer.outcome == outcome


def test_washington_never_says_that_it_is_a_state_endorsement() -> None:
    for purpose in ("licence-endorsement", "paraeducator-fundamental-course-of-study"):
        assert ask("us-wa-clock-hours", [], facts(purpose=purpose)).outcome == "refused:never"


# -- New Hampshire, Tennessee, Pennsylvania, Kentucky ------------------------------------------------------


def test_new_hampshire_is_always_a_proposal_whose_number_a_person_sets() -> None:
    values = {"endorsements_held": ("mathematics", "physics")}
    answer = ask("us-nh-recertification", awards(2), facts(values=values))
    assert answer.outcome == "proposal"
    assert outcomes(answer) == ["proposal"] * 2
    assert answer.proposed is None
    assert answer.granted == 0
    assert {each.units for each in answer.groups} == {None}
    assert [(each.of, each.need) for each in answer.needs] == [
        ("mathematics", Decimal(30)),
        ("physics", Decimal(30)),
        ("", Decimal(45)),
    ]
    assert answer.total is not None
    assert answer.total.need == 105


@pytest.mark.parametrize(("count", "missing"), [(9, 6), (10, 0)])
def test_tennessee_takes_ten(count: int, missing: int) -> None:
    answer = ask("us-tn-pdp", awards(count), facts())
    assert answer.total is not None
    assert answer.granted == 6 * count
    assert answer.total.missing == missing


def test_tennessee_takes_any_issuer_of_the_list_and_nobody_else() -> None:
    answer = ask("us-tn-pdp", [award("A1", issuer_id=STRANGER)], facts())
    assert answer.outcome == "refused:issuer"
    assert answer.sentence == "Genuine, but not from an issuer this rule accepts."


def test_pennsylvania_pays_in_two_stages() -> None:
    told = {"values": {"member_of": ("PSEA",)}, "identifiers": {"PPID": "1234567"}}
    submitted = (attended("complete-submission", "SEL1", "2024-02-01"),)
    both = ask("us-pa-psea-act48", [award("SEL1")], facts(**told, attestations=submitted))
    assert both.granted == 20
    assert [(each.stage, each.units) for each in both.groups] == [
        ("complete-submission", Decimal(15)),
        ("awarded", Decimal(5)),
    ]
    passed = ask("us-pa-psea-act48", [award("SEL1")], facts(**told))
    assert passed.granted == 5
    assert of(passed, "SEL1", stage="complete-submission").outcome == "pending:complete-submission"
    assert passed.changes[0].units == 20


@pytest.mark.parametrize("number", [None, "123456", "12345678", "12345 7", "１２３４５６７"])
def test_pennsylvania_needs_the_seven_digits(number: str | None) -> None:
    given = {"PPID": number} if number is not None else {}
    told = facts(values={"member_of": ("PSEA",)}, identifiers=given)
    answer = ask("us-pa-psea-act48", [award("SEL1")], told)
    assert answer.outcome == "needs-fact:PPID"
    assert answer.asks == ("PPID",)


@pytest.mark.parametrize(("count", "granted"), [(10, 1), (9, 0)])
def test_kentucky_is_all_or_nothing(count: int, granted: int) -> None:
    rows = (attended("graduate-course"), attended("capstone"))
    meetings = tuple(attended("virtual-meeting", on=f"2024-02-{number:02}") for number in range(1, 11))
    told = facts(as_of=day("2026-01-10"), attestations=rows + meetings)
    answer = ask("us-ky-kea-rank", awards(count), told)
    assert answer.granted == granted
    assert set(outcomes(answer)) == {"granted" if granted else "unused"}
    nine = facts(as_of=day("2026-01-10"), attestations=rows + meetings[:9])
    assert ask("us-ky-kea-rank", awards(10), nine).outcome == "pending:virtual-meeting"


# -- districts ---------------------------------------------------------------------------------------------


def test_aurora_makes_two_credits_of_three_awards() -> None:
    for count, credits, carried in ((1, 0, 10), (2, 1, 5), (3, 2, 0)):
        answer = ask("us-co-aurora-lane", awards(count), facts(values={}))
        assert answer.converted == credits
        assert answer.remainder == carried


def test_troy_wants_approval_before_enrolment_the_rubric_and_ninety_days() -> None:
    given: dict[str, Any] = {"started": "2023-10-02", "on": "2024-03-01"}
    approved = (attended("prior-written-approval", "SEL1", "2023-10-01"),)
    told = {"as_of": day("2024-05-30"), "values": {"lane_group": ("bachelor",)}}
    granted = ask("us-il-troy30c-lane", [award("SEL1", **given)], facts(**told, attestations=approved))
    assert granted.outcome == "granted"
    assert granted.granted == 1
    assert granted.total is not None
    assert granted.total.need == 36
    late = ask(
        "us-il-troy30c-lane",
        [award("SEL1", **given)],
        facts(**told | {"as_of": day("2024-05-31")}, attestations=approved),
    )
    assert late.outcome == "refused:claimed-too-late"
    after = (attended("prior-written-approval", "SEL1", "2023-10-02"),)
    answer = ask("us-il-troy30c-lane", [award("SEL1", **given)], facts(**told, attestations=after))
    assert answer.outcome == "pending:prior-written-approval"
    assert "not before enrolment" in answer.sentence
    bare = award("SEL1", **given, has_scored_rubric=False)
    answer = ask("us-il-troy30c-lane", [bare], facts(**told, attestations=approved))
    assert answer.outcome == "pending:scored-rubric"


def test_troy_cannot_compare_with_an_enrolment_that_the_award_does_not_state() -> None:
    approved = (attended("prior-written-approval", "SEL1", "2023-10-01"),)
    answer = ask("us-il-troy30c-lane", [award("SEL1")], facts(as_of=day("2024-05-01"), attestations=approved))
    assert answer.outcome == "pending:enrolment-date"


def test_kaneland_counts_twelve_in_each_lane_group() -> None:
    for lane in ("bachelor", "master"):
        answer = ask("us-il-kaneland-lane", awards(14), facts(values={"lane_group": (lane,)}))
        assert answer.granted == 12
        assert outcomes(answer).count("refused:cap-reached") == 2
    earlier = tuple(
        Used(award=f"old{number}", purpose="salary-lane", units=Decimal(1), value="bachelor")
        for number in range(11)
    )
    for lane, granted in (("bachelor", 1), ("master", 3)):
        told = facts(values={"lane_group": (lane,)}, used=earlier)
        assert ask("us-il-kaneland-lane", awards(3), told).granted == granted
    assert ask("us-il-kaneland-lane", awards(3)).outcome == "needs-fact:lane_group"


# -- everywhere --------------------------------------------------------------------------------------------


def test_every_answer_lists_all_fifteen_steps_with_a_sentence_each() -> None:
    answer = ask("us-ma-renewal", [award("SEL1", "SEL"), award("SEL2", "SEL")], facts(values=MA))
    for judged in answer.judged:
        assert [step.number for step in judged.steps] == list(range(1, 16))
        assert all(step.title and step.sentence for step in judged.steps)
        assert judged.rule
        assert judged.sources
    refused = ask("us-ma-renewal", [award("SEL1", "SEL")], facts(purpose="licence-endorsement")).judged[0]
    assert refused.steps[0].mark is Mark.NO
    assert refused.steps[4].mark is Mark.YES  # The checks behind the first reason are still listed.


def test_no_policy_for_the_purpose_makes_no_claim_of_any_kind() -> None:
    answer = ask("us-ma-renewal", [award("SEL1", "SEL")], facts(purpose="rank-change", values=MA))
    assert answer.outcome == "unknown"
    assert answer.granted == 0
    assert answer.total is None
