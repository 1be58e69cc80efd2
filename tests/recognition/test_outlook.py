# SPDX-License-Identifier: Apache-2.0
"""The outlook: what awards held and planned would be worth, and what one more would change."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from recognition.judging.answer import Answer
from recognition.judging.trust import Trust
from recognition.plan.imagined import START, Imagined, imagine, is_imagined
from recognition.plan.plan_view import PlanView
from recognition.plan.prospect import Outlook
from recognition.rule.policy_reader import sample, samples
from tests.recognition.judging import NOW, TODAY, award
from tests.recognition.planning_scene import CATALOGUE, MA, VT, WA, Earnable, line, listed, look
from verifier.verdict import Verdict

ROOM = Path(__file__).resolve().parent.parent.parent / "recognition"
NO_STATE_ENDORSEMENT = "not a state endorsement or certificate to teach a specific subject"


# -- the programme's own cases ------------------------------------------------------------------------------


def test_two_related_ones_give_ten_points_and_the_third_is_left_over_with_its_reason() -> None:
    found = look("us-ma-renewal", MA, "SEL1", "SEL2", "SEL3")
    assert found.best.units == 10
    assert found.units == "10 professional development points (Massachusetts)"
    assert sorted(each.outcome for each in found.lines) == ["granted", "granted", "unused"]
    assert "left over" in found.sentence
    assert "10 professional development points (Massachusetts)" in found.sentence


def test_one_more_related_one_gives_ten_points_and_names_such_as_are_related() -> None:
    found = look("us-ma-renewal", MA, "SEL1")
    (suggestion,) = found.suggestions
    assert (suggestion.take, suggestion.units) == (1, Decimal(10))
    assert {each.code for each in suggestion.items} == {"SEL2", "SEL3", "SEL4"}
    assert "One more related micro-credential gives 10" in suggestion.sentence


def test_before_anything_is_chosen_a_pair_is_suggested() -> None:
    found = look("us-ma-renewal", MA)
    assert found.sentence.startswith("Two related micro-credentials give 10")
    (suggestion,) = found.suggestions
    assert (suggestion.take, suggestion.units) == (2, Decimal(10))
    first, second = suggestion.items[:2]
    assert set(first.stacks) & set(second.stacks)


def test_holders_of_an_initial_licence_read_learning_and_three_uses_and_never_a_zero() -> None:
    found = look("us-ma-renewal", {"fact-licence_level": "initial"}, "SEL1", "SEL2")
    assert found.outcome == "learning-only"
    assert not found.has_units
    assert found.units == ""
    assert [each.title for each in found.uses] == [
        "For learning",
        "For a further licence",
        "In a learning community",
    ]
    assert not any("0" in text for text in (found.sentence, *(each.sentence for each in found.lines)))
    assert found.changes == ()  # Nobody is told to be somebody else.


def test_paraprofessionals_get_the_checklist_of_their_agreement() -> None:
    found = look("us-ma-renewal", {"fact-role": "paraprofessional"}, "SEL1")
    assert found.outcome == "ask-local"
    assert found.checklist == (
        "salary advancement",
        "paraprofessional training points (PTPs)",
        "job qualifications",
        "Title I employment requirements",
    )
    assert found.suggestions == ()


def test_a_licence_endorsement_is_refused_with_its_sentence_whatever_is_brought() -> None:
    for codes in ((), ("SEL1", "SEL2")):
        found = look("us-ma-renewal", {**MA, "purpose": "licence-endorsement"}, *codes)
        assert found.outcome == "refused:never"
        assert "may NOT be used" in found.sentence.replace("MAY", "may")
        assert not found.has_units


def test_a_further_licence_gets_a_supporting_document_without_units() -> None:
    found = look("us-ma-renewal", {**MA, "purpose": "add-licence"}, "SEL1")
    assert found.outcome == "supporting-document"
    assert found.units == ""


def test_vermont_gives_fifteen_hours_each_and_counts_credits() -> None:
    found = look("us-vt-relicensing", VT, "SEL1", "SEL2")
    assert found.best.units == 30
    assert found.best.converted == 2


def test_washington_waits_for_orientation_workshop_registration_and_the_season() -> None:
    found = look("us-wa-clock-hours", WA, "CLIM1", "SEL1")
    assert found.now.amount == 0
    assert found.done is not None
    assert found.done.amount == Decimal("34.5")  # 2 × 15, orientation once, a workshop each
    assert [(each.event, each.times) for each in found.todo] == [
        ("orientation", 1),
        ("workshop", 2),
        ("clock-hour-registration", 2),
    ]
    assert "34.5 clock hours (Washington)" in found.sentence


def test_what_was_done_already_is_not_to_be_done_again() -> None:
    found = look("us-wa-clock-hours", {**WA, "done-orientation": "yes"}, "SEL1")
    assert [each.event for each in found.todo] == ["workshop", "clock-hour-registration"]


def test_every_washington_answer_says_that_it_is_no_state_permission_to_teach() -> None:
    for fields in ({}, WA, {**WA, "purpose": "paraeducator-fundamental-course-of-study"}):
        for codes in ((), ("SEL1",), ("TLAP1",)):
            assert any(
                NO_STATE_ENDORSEMENT in each for each in look("us-wa-clock-hours", fields, *codes).never
            )


def test_an_excluded_stack_is_refused_and_never_suggested() -> None:
    found = look("us-wa-clock-hours", WA, "TLAP1", "SEL1")
    assert line(found, "TLAP1").outcome == "refused:stack-excluded"
    assert not any(each.code.startswith("TLAP") for one in found.suggestions for each in one.items)


def test_what_fills_an_open_need_is_suggested_first() -> None:
    found = look("us-wa-clock-hours", WA, "SEL1")
    assert found.suggestions[0].filled > 0
    assert {each.code for each in found.suggestions[0].items} <= {"DECC1", "CLIM1", "CLIM2"}


def test_new_hampshire_is_a_proposal_without_a_number() -> None:
    found = look("us-nh-recertification", {"fact-endorsements_held": "Mathematics", **MA}, "SEL1")
    assert line(found, "SEL1").outcome == "proposal"
    assert found.units == ""
    assert found.best.proposals == 1
    assert "decided by a person" in found.sentence


def test_both_stages_of_pennsylvania_count_once_the_submission_is_recorded() -> None:
    found = look("us-pa-psea-act48", {"fact-member_of-PSEA": "yes", **MA}, "SEL1")
    assert (found.now.units, found.best.units) == (Decimal(5), Decimal(20))
    assert [each.event for each in found.todo] == ["complete-submission"]


def test_a_plan_never_asks_for_the_number_that_a_claim_carries() -> None:
    found = look("us-pa-psea-act48", {"fact-member_of-PSEA": "yes", **MA}, "SEL1")
    assert "PPID" not in found.asks


def test_all_ten_rules_answer_an_empty_form_and_a_full_catalogue_without_a_number_out_of_nothing() -> None:
    for policy in samples():
        for codes in ((), tuple(each.code for each in CATALOGUE)):
            found = look(policy, {}, *codes)
            assert found.sentence
            if not found.has_units:
                assert found.units == "" or found.outcome.startswith(("needs-fact", "refused"))


# -- what is not known --------------------------------------------------------------------------------------


def test_a_missing_fact_is_asked_for_and_is_no_no() -> None:
    found = look("us-ma-renewal", {}, "SEL1", "SEL2")
    assert found.outcome.startswith("needs-fact:")
    assert "licence_level" in found.asks
    assert not found.has_units
    assert found.suggestions == ()


def test_a_fact_that_only_moves_the_sum_keeps_no_number_back() -> None:
    without = {name: value for name, value in MA.items() if name != "fact-licences_held"}
    found = look("us-ma-renewal", without, "SEL1", "SEL2")
    assert found.asks == ("licences_held",)
    assert found.best.units == 10


def test_an_issuer_that_the_rule_does_not_accept_is_told_in_words_for_what_is_planned() -> None:
    found = look("us-ma-renewal", MA, "SEL1", "SEL2", trust=Trust())
    assert {each.outcome for each in found.lines} == {"refused:issuer"}
    assert "enuine" not in found.sentence


# -- held and planned together ------------------------------------------------------------------------------


def test_a_planned_one_makes_a_pair_with_one_that_is_held() -> None:
    found = look("us-ma-renewal", MA, "SEL2", held=[award("SEL1", "SEL", on="2025-03-01")])
    assert found.best.units == 10
    assert (line(found, "SEL1").is_planned, line(found, "SEL2").is_planned) == (False, True)


@pytest.mark.parametrize(
    "verdict", [Verdict.REVOKED, Verdict.SUSPENDED, Verdict.UNDETERMINED, Verdict.INVALID]
)
def test_what_is_held_and_does_not_stand_gives_nothing_even_when_everything_is_done(verdict: Verdict) -> None:
    found = look("us-vt-relicensing", VT, held=[award("SEL1", "SEL", on="2025-03-01", verdict=verdict)])
    assert found.best.amount == 0
    assert not found.lines[0].is_planned
    assert found.lines[0].outcome.startswith(("refused:", "pending:verification"))


def test_a_season_that_is_listed_and_over_stays_over() -> None:
    late = award("SEL1", "SEL", on="2024-06-10", started="2024-01-10", ended="2024-06-01")
    found = look("us-wa-clock-hours", WA, held=[late])
    assert line(found, "SEL1").outcome == "refused:outside-window"
    assert line(found, "SEL1").when_done == ""


# -- an outlook is no answer --------------------------------------------------------------------------------


def test_an_outlook_is_no_answer_and_an_imagined_award_has_neither_link_nor_digest() -> None:
    found = look("us-ma-renewal", MA, "SEL1", "SEL2")
    assert type(found) is Outlook
    assert not issubclass(Outlook, Answer)
    made = imagine(CATALOGUE[0], TODAY, now=NOW).award
    assert isinstance(made, Imagined)
    assert made.sha256 == ""
    assert made.credential_id.startswith("https://planned.invalid/")
    assert is_imagined(made.key)
    assert made.key.startswith(START)


def test_nothing_that_decides_knows_of_imagined_awards() -> None:
    allowed = {"imagined", "outlook", "what_if", "foreseen", "worths"}
    for path in ROOM.rglob("*.py"):
        names = {
            name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom)
            for name in (node.module or "", *(f"{node.module}.{each.name}" for each in node.names))
        }
        if path.stem not in allowed:
            assert "recognition.plan.imagined" not in names, path


def test_the_same_plan_gives_the_same_answer() -> None:
    assert look("us-ma-renewal", MA, "SEL1", "SEL2", "PGC1") == look(
        "us-ma-renewal", MA, "SEL1", "SEL2", "PGC1"
    )


def test_a_catalogue_of_many_stacks_is_tried_within_bounds() -> None:
    many = listed(*(f"S{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(60)), each=3)
    found = look("us-ma-renewal", MA, many[0].code, catalogue=many)
    assert {each.code for each in found.suggestions[0].items} == {many[1].code, many[2].code}


def test_a_planned_award_lies_on_its_day_in_every_zone_of_the_rules() -> None:
    for policy in samples():
        earned = Earnable("SEL1", "SEL1", ("SEL",))
        made = imagine(earned, date(2026, 12, 31), now=NOW).award
        assert made is not None
        assert made.awarded.date() == date(2026, 12, 31), policy.id


def test_a_rule_in_force_carries_no_caveat() -> None:
    policy = sample("us-ma-renewal")
    assert look(policy, MA, "SEL1").label
    assert look(replace(policy, status=type(policy.status)("in-force")), MA, "SEL1").label == ""


def test_everything_that_is_open_is_asked_for_at_once() -> None:
    found = look("us-ma-renewal", {}, "SEL1", "SEL2")
    assert set(found.asks) == {"licence_level", "renewing", "cycle", "licences_held"}
    told = " ".join(each.sentence for each in found.changes)
    assert "If your licence is professional and you renew in this cycle and your cycle includes" in told
    assert "_" not in told


def test_what_is_held_is_told_apart_from_what_is_planned() -> None:
    held = [award("SEL1", "SEL", on="2025-03-01"), award("SEL2", "SEL", on="2025-03-02")]
    found = look("us-ma-renewal", MA, "PGC1", "PGC2", held=held)
    assert (found.held, found.best.amount) == (Decimal(10), Decimal(20))
    words = PlanView(found.policy, TODAY)
    assert words.held_words(found).startswith("The 2 that you hold give 10 professional development points")
    alone = look("us-ma-renewal", MA, "SEL3", held=held[:1])
    assert words.held_words(alone) == (
        "The one that you hold gives nothing of it without those that are planned."
    )
    more = look("us-ma-renewal", MA, "PGC1", held=held)
    assert words.held_words(more) == "The 2 that you hold give all of it; what is planned adds no units."
    assert words.held_words(look("us-ma-renewal", MA, held=held)) == ""
    assert words.held_words(look("us-ma-renewal", MA, "SEL1", "SEL2")) == ""


def test_a_set_names_where_else_it_may_go_and_only_where_it_fits() -> None:
    (pair,) = look("us-ma-renewal", MA, "SEL1", "SEL2").best.sets
    assert pair.buckets == ("content",)
    assert pair.elsewhere == ("pedagogy", "english-learners", "special-education", "elective")
    (one,) = look("us-wa-clock-hours", WA, "SEL1").best.sets
    assert (one.buckets, one.elsewhere) == (("general",), ())  # on neither list
    (listed,) = look("us-wa-clock-hours", WA, "CLIM2").best.sets
    assert set(listed.buckets + listed.elsewhere) == {"general", "stem"}
