# SPDX-License-Identifier: Apache-2.0
"""The twenty sentences of the domain rules (section 6), each a test with its number and its words.

Those about what is kept (16, 17, 18, 20) are tested here as far as a judgement goes; claims, ledger, plans
and the recheck hold them in their own files (``test_claims``, ``test_recheck``, ``test_plans``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from recognition.errors import UnitsMixedError
from recognition.judging.answer import Answer, Filled, Mark
from recognition.judging.award import award_key
from recognition.judging.facts import Attestation, Facts, Used
from recognition.rule.days import add_months, add_years
from recognition.rule.policy import Period, Policy
from recognition.rule.units import Amount, total
from tests.recognition.judging import (
    MA,
    NOW,
    UNION,
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


def test_01_an_award_is_in_at_most_one_group_per_purpose_and_stage() -> None:
    answer = ask("us-ma-renewal", awards(9, "SEL", "DEI"), facts(values=MA))
    used = [key for group in answer.groups for key in group.awards]
    assert len(used) == len(set(used)) == 8
    both = ask("us-pa-psea-act48", [award("SEL1")], _pennsylvania(attended("complete-submission", "SEL1")))
    assert {group.stage for group in both.groups} == {"complete-submission", "awarded"}


def test_02_related_is_data_area_rows_else_stacks_and_is_not_transitive() -> None:
    chain = [award("AB", "A", "B"), award("B", "B"), award("A", "A")]
    assert ask("us-ma-renewal", [chain[1], chain[2]], facts(values=MA)).granted == 0
    assert ask("us-ma-renewal", chain, facts(values=MA)).granted == 10
    rows = changed(
        "us-ma-renewal", ("[[grant]]", '[[area]]\nid = "whole"\nstacks = ["A"]\nitems = ["B"]\n\n[[grant]]')
    )
    assert ask(rows, [chain[1], chain[2]], facts(values=MA)).groups[0].area == "whole"
    assert ask(rows, [award("X", "C"), award("Y", "C")], facts(values=MA)).granted == 0


def test_03_three_related_awards_give_one_pair_and_one_unused_and_15_units_pro_rata() -> None:
    whole = ask("us-ma-renewal", awards(3, "SEL"), facts(values=MA))
    assert whole.granted == 10
    assert outcomes(whole) == ["granted", "granted", "unused"]
    parts = ask(
        changed("us-ma-renewal", ('leftover = "none"', 'leftover = "pro-rata"')),
        awards(3, "SEL"),
        facts(values=MA),
    )
    assert parts.granted == 15
    assert outcomes(parts) == ["granted"] * 3
    assert [group.pro_rata for group in parts.groups] == [False, True]


def test_04_all_units_of_a_group_go_into_one_bucket_never_5_and_5_unless_split() -> None:
    told = facts(
        values=MA,
        earned={
            each: Decimal(10) for each in ("content", "pedagogy", "english-learners", "special-education")
        },
    )
    answer = ask("us-ma-renewal", awards(2, "SEL"), told)
    assert [dict(group.buckets) for group in answer.groups] == [{"content": 10}]
    split = ask(_overlap("split"), awards(2, "SEL"), told)
    assert sorted(split.groups[0].buckets.values()) == [5, 5]


def test_05_needs_before_total_before_age_and_equal_choices_fall_the_same_way_whatever_the_order() -> None:
    brought = [
        award("A1", "A", on="2024-01-01"),
        award("A2", "A", "B", on="2024-01-02"),
        award("B1", "B", on="2024-01-03"),
        award("B2", "B", on="2024-01-04"),
        award("C1", "C", on="2024-01-05"),
    ]
    answers = [
        ask("us-ma-renewal", order, facts(values=MA))
        for order in (brought, brought[::-1], brought[2:] + brought[:2])
    ]
    assert answers[0] == answers[1] == answers[2]
    assert (
        answers[0].granted == 20
    )  # A1 with A2 and B1 with B2: first come, first served over B would lose one.
    three = ask(
        "us-ma-renewal",
        [*awards(3, "SEL", on="2024-03-01"), award("OLD", "SEL", on="2023-01-01")],
        facts(values=MA),
    )
    assert of(three, "OLD").outcome == "granted"


def test_06_needs_are_shortfalls_so_units_earned_elsewhere_keep_pairs_away_from_satisfied_areas() -> None:
    told = facts(values=MA, earned={"content": Decimal(15), "pedagogy": Decimal(15)})
    answer = ask("us-ma-renewal", awards(2, "SEL"), told)
    assert set(answer.groups[0].buckets) == {"english-learners"}
    earlier = Used(
        award="0" * 64, purpose="licence-renewal", bucket="content", units=Decimal(15), decision="d", group=1
    )
    same = facts(values=MA, used=(earlier, earlier))
    found = {each.bucket: each.earned for each in ask("us-ma-renewal", awards(2, "SEL"), same).needs}
    assert found["content"] == 15  # Two lines of one group are one group.


def test_07_the_cycle_is_tested_with_the_award_date() -> None:
    for on, outcome in (
        ("2021-12-31", "refused:outside-cycle"),
        ("2022-01-01", "granted"),
        ("2026-12-31", "granted"),
    ):
        answer = ask("us-tn-pdp", [award("A1", on=on)], facts(as_of=day("2026-12-31")))
        assert answer.outcome == outcome
    early = award("A1", awarded=NOW.replace(year=2022, month=1, day=1, hour=3))  # still December in Chicago
    assert ask("us-tn-pdp", [early], facts()).outcome == "refused:outside-cycle"


def test_07_the_version_is_chosen_by_basis_which_is_another_clock() -> None:
    by_award = changed(
        "us-tn-pdp", ('basis = "claimed"', 'basis = "awarded"'), ("from = 2019-01-01", "from = 2024-01-01")
    )
    by_claim = changed("us-tn-pdp", ("from = 2019-01-01", "from = 2024-01-01"))
    old, told = award("A1", on="2023-12-31"), facts(as_of=day("2024-01-01"))
    assert ask(by_award, [old], told).outcome == "refused:not-in-force"
    assert ask(by_claim, [old], told).outcome == "granted"
    mixed = ask(by_award, [old, award("A2", on="2024-01-01")], told)
    assert outcomes(mixed) == ["refused:not-in-force", "granted"]


def test_08_months_are_calendar_months_and_a_season_binds_the_units_never_the_award() -> None:
    assert add_months(day("2023-08-31"), 6) == day("2024-02-29")
    assert add_months(day("2024-08-31"), 6) == day("2025-02-28")
    assert add_years(day("2024-02-29"), 1) == day("2025-02-28")
    told = facts(
        values=WA, attestations=(*washington("DECC1"), attended("first-submitted", "DECC1", "2024-04-26"))
    )
    late = award("DECC1", on="2024-06-29", ended="2024-05-24")
    assert ask("us-wa-clock-hours", [late], told).outcome == "granted"
    assert (
        ask("us-wa-clock-hours", [award("DECC1", on="2024-06-29", ended="2024-05-25")], told).outcome
        == "refused:outside-window"
    )


def test_09_once_ever_attendance_serves_every_later_award_per_credential_only_its_own() -> None:
    brought = [award("DECC1", ended="2024-02-01"), award("NIEA1", ended="2024-02-01")]
    rows = (
        attended("orientation"),
        attended("workshop", "DECC1"),
        *washington("NIEA1", orientation=False)[1:],
        *washington("DECC1", orientation=False)[1:],
    )
    answer = ask("us-wa-clock-hours", brought, facts(values=WA, attestations=rows))
    assert of(answer, "DECC1").outcome == "granted"
    assert of(answer, "NIEA1").outcome == "pending:workshop"
    after = (
        attended("orientation"),
        attended("workshop", "DECC1", "2025-09-01"),
        attended("clock-hour-registration", "DECC1"),
    )
    assert ask("us-wa-clock-hours", brought[:1], facts(values=WA, attestations=after)).outcome == "granted"
    early = changed(
        "us-wa-clock-hours",
        (
            'event = "workshop"\ntimes = "per-credential"',
            'event = "workshop"\ntimes = "per-credential"\nbefore = "awarded"',
        ),
    )
    assert ask(early, brought[:1], facts(values=WA, attestations=after)).outcome == "pending:workshop"


def test_10_a_stage_grant_for_a_complete_submission_pays_without_a_pass() -> None:
    told = _pennsylvania(attended("complete-submission", "SEL1", "2024-02-01"))
    answer = ask("us-pa-psea-act48", [], told)
    assert answer.outcome == "granted"
    assert answer.granted == 15
    assert [(each.stage, each.outcome, each.awarded) for each in answer.judged] == [
        ("complete-submission", "granted", day("2024-02-01"))
    ]
    # A later revocation takes the stage of the award, and leaves the other to a person.
    revoked = ask("us-pa-psea-act48", [award("SEL1", verdict=Verdict.REVOKED)], told)
    assert revoked.granted == 15
    assert [each.outcome for each in revoked.judged] == ["granted", "refused:status:revoked"]


def test_11_caps_count_earlier_years_of_the_ledger() -> None:
    rule = changed(
        "us-il-kaneland-lane", ('per = "lane_group"\nvalues = ["bachelor", "master"]', 'per = "ever"')
    )
    earlier = tuple(
        Used(
            award=str(n),
            purpose="salary-lane",
            units=Decimal(1),
            cycle=Period(date(2015, 1, 1), date(2015, 12, 31)),
        )
        for n in range(11)
    )
    answer = ask(rule, [award("OLD", on="2023-01-01"), award("NEW", on="2024-01-01")], facts(used=earlier))
    assert [(each.item, each.outcome) for each in answer.judged] == [
        ("OLD", "granted"),
        ("NEW", "refused:cap-reached"),
    ]
    cycle = changed(
        "us-il-kaneland-lane", ('per = "lane_group"\nvalues = ["bachelor", "master"]', 'per = "cycle"')
    )
    assert ask(cycle, awards(2), facts(used=earlier)).granted == 2


def test_11_rounding_is_done_once_on_the_sum() -> None:
    one, three = ask("us-co-aurora-lane", awards(1)), ask("us-co-aurora-lane", awards(3))
    assert one.granted == 10
    assert one.converted == 0
    assert one.remainder == 10
    assert three.granted == 30
    assert three.converted == 2
    assert three.remainder == 0
    earlier = Used(award="x", purpose="salary-lane", units=Decimal(20))
    again = ask("us-co-aurora-lane", awards(1), facts(used=(earlier,)))
    assert again.granted == 10
    assert again.converted == 2
    assert again.remainder == 0
    lost = ask(changed("us-co-aurora-lane", ('remainder = "carry"', 'remainder = "lost"')), awards(1))
    assert lost.converted == 0
    assert lost.remainder == 0


def test_12_overlap_forbidden_allowed_split_and_unknown_give_four_answers_and_unknown_says_so() -> None:
    values = {**WA, "stem_endorsement": ("yes",)}
    told = facts(values=values, attestations=washington("CLIM1"))
    answers = {
        overlap: ask(
            changed("us-wa-clock-hours", ('overlap = "unknown"', f'overlap = "{overlap}"')),
            [award("CLIM1", ended="2024-02-01")],
            told,
        )
        for overlap in ("forbidden", "allowed", "split")
    } | {"unknown": ask("us-wa-clock-hours", [award("CLIM1", ended="2024-02-01")], told)}
    filled = {name: {each.bucket: each.granted for each in answer.needs} for name, answer in answers.items()}
    assert filled["forbidden"] == filled["unknown"] == {"equity": 15, "stem": 0}
    assert filled["allowed"] == {"equity": 15, "stem": 15}
    assert sum(filled["split"].values()) == 15
    assert {answer.granted for answer in answers.values()} == {18}
    assert "nobody has decided" in " ".join(answers["unknown"].notes)
    assert answers["forbidden"].notes == ()


def test_13_never_beats_everything_else_only_for_its_own_purpose_and_only_when_in_force() -> None:
    dated = changed(
        "us-ma-renewal",
        (
            'purpose = "licence-endorsement"\n',
            'purpose = "licence-endorsement"\nin_force = { from = 2024-01-01, until = 2024-12-31 }\n',
        ),
    )
    forged = award("SEL1", verdict=Verdict.INVALID)
    for brought in ([], [forged], awards(2, "SEL")):
        inside = ask(dated, brought, facts(as_of=day("2024-12-31"), purpose="licence-endorsement"))
        assert inside.outcome == "refused:never"
        outside = ask(dated, brought, facts(as_of=day("2025-01-01"), purpose="licence-endorsement"))
        assert outside.outcome == "unknown"
    renewal = ask(dated, awards(2, "SEL"), facts(as_of=day("2024-06-01"), values=MA))
    assert renewal.outcome == "granted"


def test_14_a_waiver_removes_a_total_without_granting_units() -> None:
    waived = facts(values={**WA, "holds": ("national-board-certificate",)}, attestations=washington("DECC1"))
    answer = ask("us-wa-clock-hours", [award("DECC1", ended="2024-02-01")], waived)
    assert answer.granted == 18
    assert answer.total == Filled("", Decimal(100), Decimal(0), Decimal(18), Decimal(0), waived=True)
    assert answer.surplus == 0
    nothing = ask("us-wa-clock-hours", [], waived)
    assert nothing.granted == 0
    assert nothing.outcome == "pending:award"


def test_14_a_conditional_need_without_its_fact_asks_for_the_fact() -> None:
    told = facts(values={"member_of": ("WEA",), "holds": ()}, attestations=washington("DECC1"))
    answer = ask("us-wa-clock-hours", [award("DECC1", ended="2024-02-01")], told)
    assert answer.asks == ("stem_endorsement",)
    assert {each.bucket: each.needs_fact for each in answer.needs} == {
        "equity": "",
        "stem": "stem_endorsement",
    }
    assert answer.granted == 18
    no = ask("us-wa-clock-hours", [], facts(values=WA))
    assert [each.bucket for each in no.needs] == ["equity"]
    assert no.asks == ()


def test_15_a_further_licence_or_endorsement_raises_the_needs_and_the_total() -> None:
    for count in (1, 2, 3):
        licences = tuple(f"licence-{number}" for number in range(count))
        answer = ask("us-ma-renewal", [], facts(values={**MA, "licences_held": licences}))
        assert answer.total is not None
        assert answer.total.need == 150 + 30 * (count - 1)
        assert answer.needs[0].need == 15 + 15 * (count - 1)
        answer = ask("us-nh-recertification", [], facts(values={"endorsements_held": licences}))
        assert answer.total is not None
        assert answer.total.need == 75 + 30 * (count - 1)
        assert [each.of for each in answer.needs] == [*licences, ""]


def test_16_the_same_award_for_the_same_purpose_is_refused_also_reissued_or_in_its_other_form() -> None:
    one = award("SEL1")
    assert one.award is not None
    key = one.award.key
    for line, outcome in (
        (Used(award=key, purpose="licence-renewal"), "refused:already-used"),
        (Used(award=one.credential_id, purpose="licence-renewal"), "refused:already-used"),
        (Used(credential_id=one.credential_id, purpose="licence-renewal"), "refused:already-used"),
        (
            Used(award=key, purpose="licence-renewal", cycle=Period(date(2010, 1, 1), date(2014, 12, 31))),
            "refused:already-used",
        ),
        (Used(award=key, purpose="salary-lane"), "granted"),
        (Used(award=key, purpose="licence-renewal", stage="complete-submission"), "granted"),
        (
            Used(
                award=award_key(UNION, "https://union.example/credentials/other"), purpose="licence-renewal"
            ),
            "granted",
        ),
    ):
        assert ask("us-tn-pdp", [one], facts(used=(line,))).outcome == outcome
    newer = award("SEL1-again", also=(key,))
    assert (
        ask("us-tn-pdp", [newer], facts(used=(Used(award=key, purpose="licence-renewal"),))).outcome
        == "refused:already-used"
    )
    # Issuer and id make the key, so that a JWT of the same credential is the same award.
    assert award_key(UNION, one.credential_id) == key
    twice = ask("us-tn-pdp", [one, award("SEL1", sha256="1" * 64), newer], facts())
    assert twice.granted == 6
    assert sorted(outcomes(twice)) == ["granted", "refused:already-used", "refused:already-used"]


def test_16_what_looks_like_a_copy_under_another_id_asks_a_person() -> None:
    one = award("SEL1", achievement_id="https://union.example/achievements/same")
    two = award("SEL1-b", achievement_id="https://union.example/achievements/same", code="SEL1")
    answer = ask("us-tn-pdp", [one, two], facts())
    assert answer.granted == 6
    assert answer.proposed == 6
    assert sorted(outcomes(answer)) == ["granted", "proposal"]
    assert "looks like a copy" in next(each.sentence for each in answer.judged if each.outcome == "proposal")
    line = Used(credential_id=one.credential_id, purpose="licence-renewal", suspected=True)
    suspected = ask("us-tn-pdp", [one], facts(used=(line,)))
    assert suspected.outcome == "proposal"
    assert suspected.granted == 0
    assert suspected.proposed == 6
    assert suspected.judged[0].steps[7].mark is Mark.OPEN


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Verdict.REVOKED, "refused:status:revoked"),
        (Verdict.SUSPENDED, "refused:status:suspended"),
        (Verdict.EXPIRED, "refused:status:expired"),
        (Verdict.NOT_YET_VALID, "refused:status:not-yet-valid"),
        (Verdict.INVALID, "refused:unverified"),
        (Verdict.UNSIGNED_CONTENT, "refused:unverified"),
        (Verdict.WRONG_RECIPIENT, "refused:unverified"),
        (Verdict.UNDETERMINED, "pending:verification"),
    ],
)
def test_17_what_fell_is_never_counted_and_takes_nothing_else_with_it(verdict: Verdict, outcome: str) -> None:
    answer = ask("us-ma-renewal", [*awards(2, "SEL"), award("BAD", "SEL", verdict=verdict)], facts(values=MA))
    assert answer.granted == 10
    assert sorted(outcomes(answer)) == sorted(["granted", "granted", outcome])


def test_18_facts_of_a_person_are_used_for_one_answer_and_are_no_part_of_it() -> None:
    told = facts(values={**MA, "role": ("a very unusual role",)}, identifiers={"PPID": "7654321"})
    answer = ask("us-ma-renewal", awards(2, "SEL"), told)
    assert "unusual" not in repr(answer)
    assert "7654321" not in repr(answer)
    assert ask("us-ma-renewal", awards(2, "SEL"), told) == answer  # Nothing was remembered.


def test_19_units_of_two_places_are_never_added_or_converted() -> None:
    massachusetts, tennessee = Amount(Decimal(10), "PDP-MA"), Amount(Decimal(6), "PDP-TN")
    assert total([massachusetts, massachusetts], "PDP-MA") == Amount(Decimal(20), "PDP-MA")
    with pytest.raises(UnitsMixedError):
        massachusetts + tennessee
    with pytest.raises(UnitsMixedError):
        total([massachusetts, tennessee], "PDP-MA")
    with pytest.raises(UnitsMixedError):
        ask(
            "us-ma-renewal", awards(2, "SEL"), facts(values=MA, earned={"content": Decimal(6)}, unit="PDP-TN")
        )
    line = Used(award="x", purpose="licence-renewal", bucket="content", units=Decimal(6), unit="PDP-TN")
    answer = ask("us-ma-renewal", awards(2, "SEL"), facts(values=MA, used=(line,)))
    assert answer.needs[0].earned == 0
    assert any("not added" in each for each in answer.notes)


def test_20_an_answer_carries_the_version_and_digest_of_its_policy() -> None:
    first: Answer = ask("us-tn-pdp", [award("A1")])
    newer: Policy = changed("us-tn-pdp", ('version = "1"', 'version = "2"'), ("amount = 6\n", "amount = 5\n"))
    second = ask(newer, [award("A1")])
    assert first.policy.version == "1"
    assert first.granted == 6
    assert second.policy.version == "2"
    assert second.granted == 5
    assert first.policy.sha256 != second.policy.sha256
    assert len(first.policy.sha256) == 64


def _pennsylvania(*rows: Attestation) -> Facts:
    return facts(values={"member_of": ("PSEA",)}, identifiers={"PPID": "1234567"}, attestations=rows)


def _overlap(how: str) -> Policy:
    return changed("us-ma-renewal", ('overlap = "forbidden"', f'overlap = "{how}"'))
