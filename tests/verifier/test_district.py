# SPDX-License-Identifier: Apache-2.0
"""The 13 rows: always all of them, in one order, without a total; nothing unproven is told as true."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import OWNER, START, Issuer, World, outcome_of
from verifier import explain
from verifier.asked import NOTHING, Asked
from verifier.district import STALE_AFTER, TITLES, rows
from verifier.explain import Sentence, say
from verifier.outcome import Check, Mark, Outcome, Row
from verifier.registry import NotLoaded
from verifier.report import Report
from verifier.verdict import AUTHENTICITY, Verdict, decide

YES, NO, YOU = Mark.YES, Mark.NO, Mark.YOU_DECIDE
ADDRESS = {
    "type": ["Address"],
    "streetAddress": "1 Sample Street",
    "addressLocality": "Springfield",
    "addressCountry": "US",
}


@pytest.fixture
def union(world: World) -> Issuer:
    found = world.issuer("union")
    world.recognise(found)
    return found


@pytest.fixture
def world() -> World:
    return World()


def row(report: Report, number: int) -> Row:
    found = report.rows[number - 1]
    assert found.number == number
    return found


def mark(report: Report, number: int) -> Mark:
    return row(report, number).mark


def badge(union: Issuer, *, subject: Any = None, achievement: Any = None, **members: Any) -> Report:
    draft = union.draft(**members)
    draft["credentialSubject"] |= subject or {}
    draft["credentialSubject"]["achievement"] |= achievement or {}
    return union.world.look(union.sign(draft))


def everything(world: World, union: Issuer) -> list[Report]:
    """One report of every verdict."""
    good = union.mint(suspension=True)
    found = [
        world.look(good),
        world.look(good, expected_recipient=OWNER),
        world.look(good, expected_recipient="eve@x.example"),
    ]
    union.suspend(good)
    found.append(world.look(good))
    union.revoke(good)
    found.append(world.look(good))
    found.append(world.look(good.replace(b"Teamwork", b"Leadership")))
    found.append(world.look(union.mint(validUntil="2026-03-01T12:00:00Z")))
    found.append(world.look(union.mint(validFrom="2027-01-01T00:00:00Z")))
    found.append(world.look(world.impostor_of("union").mint()))
    other = union.mint()
    world.go_offline("union")
    found.append(world.look(other))
    return found


def test_all_rows_always_stand_there_in_their_order(world: World, union: Issuer) -> None:
    reports = everything(world, union)
    assert {report.verdict for report in reports} >= set(Verdict) - {Verdict.UNSIGNED_CONTENT}
    for report in reports:
        assert [each.number for each in report.rows] == list(range(1, 14))
        assert tuple(each.title for each in report.rows) == TITLES
        for each in report.rows:
            assert each.sentence
            assert (each.mark is not YOU) or each.look_at


def test_a_good_award_answers_what_the_credential_can_answer(world: World, union: Issuer) -> None:
    report = world.look(union.mint(), expected_recipient=OWNER)
    assert [each.number for each in report.rows if each.mark is YES] == [1, 2, 3, 6, 11]
    assert [each.number for each in report.rows if each.mark is NO] == []


# -- row 1 ------------------------------------------------------------------------------------------------


def test_genuine_needs_signature_and_key(world: World, union: Issuer) -> None:
    good = union.mint()
    assert mark(world.look(good), 1) is YES
    assert mark(world.look(good.replace(b"Teamwork", b"Leadership")), 1) is NO
    assert mark(world.look(world.impostor_of("union").mint()), 1) is NO
    union.revoke(good)
    assert mark(world.look(good), 1) is YES  # It is genuine; that it was withdrawn is row 11.
    world.go_offline("union")
    assert mark(world.look(good), 1) is YOU


def test_an_issuer_that_is_not_on_the_list_is_for_the_reader_to_judge(world: World, union: Issuer) -> None:
    world.recognise(world.issuer("other"))
    assert mark(world.look(union.mint()), 1) is YOU
    world.recognise(union)
    assert mark(world.look(union.mint()), 1) is YES


def test_an_issuer_that_looks_like_another_is_pointed_out_in_row_1(world: World) -> None:
    world.recognise(world.issuer("union", title="The Union"))
    found = world.look(world.issuer("onion", title="The Uniоn").mint())
    assert (found.verdict, mark(found, 1)) == (Verdict.VALID, YOU)


def test_a_genuine_credential_of_an_issuer_that_nobody_knows_is_for_the_reader_to_judge(world: World) -> None:
    evil = world.issuer("evil", title="California Department of Education")
    found = world.look(evil.mint())
    assert (found.verdict, found.recognised_issuer, mark(found, 1)) == (Verdict.VALID, None, YOU)
    assert "evil.example" in row(found, 1).sentence
    assert "evil.example" in row(found, 1).look_at


def test_a_list_that_could_not_be_loaded_says_nothing_about_the_issuer(world: World, union: Issuer) -> None:
    found = world.look(union.mint(), registry=NotLoaded("The state’s list"))
    assert (found.verdict, found.recognised_issuer, mark(found, 1)) == (Verdict.VALID, None, YOU)
    assert "could not be loaded" in row(found, 1).sentence
    assert outcome_of(found, "lookalike") == "indeterminate"


OUTCOMES = st.sampled_from(list(Outcome))
SAID = st.fixed_dictionaries(dict.fromkeys(explain.TITLES, OUTCOMES))


@given(said=SAID, recognised=st.sampled_from([True, False, None]))
def test_row_1_is_yes_only_if_signature_and_issuer_pass(
    said: dict[str, Outcome], recognised: bool | None
) -> None:
    checks = tuple(say(Sentence(name, outcome, "It is so.")) for name, outcome in said.items())
    report = made(checks, recognised=recognised)
    for found in (rows(report, NOTHING), rows(report, Asked(recipient="x@y.example"))):
        if found[0].mark is YES:
            assert {said[name] for name in AUTHENTICITY} == {Outcome.PASS}
            assert recognised is True
        if {said[name] for name in AUTHENTICITY} != {Outcome.PASS}:
            assert YES not in {each.mark for each in found}
            assert "Canary" not in str(found)


def made(checks: tuple[Check, ...], *, recognised: bool | None = None) -> Report:
    world = World()
    union = world.issuer("union", title="The Canary")
    real = world.look(
        union.sign(
            {
                **union.draft(),
                "name": "Canary",
                "issuer": {**union.profile, "address": ADDRESS, "name": "Canary"},
            }
        )
    )
    verdict = decide(checks)
    sentence = explain.sentence_for(verdict, checks, issuer="The Canary", recognised=recognised)
    return replace(real, checks=checks, verdict=verdict, sentence=sentence, recognised_issuer=recognised)


# -- what is not proven -----------------------------------------------------------------------------------


def test_nothing_of_a_forged_credential_is_told(world: World, union: Issuer) -> None:
    forged = world.look(union.mint().replace(b"Teamwork in the classroom", b"Canary in the classroom"))
    assert forged.verdict is Verdict.INVALID
    assert "Canary" not in str(forged.rows)
    assert [each.number for each in forged.rows if each.mark is YOU] == [7, 8, 9, 10, 12]
    assert YES not in {each.mark for each in forged.rows}


def test_of_what_is_not_known_every_row_is_left_open(world: World, union: Issuer) -> None:
    unknown = union.mint()
    world.go_offline("union")
    report = world.look(unknown)
    assert report.verdict is Verdict.UNDETERMINED
    assert {each.mark for each in report.rows} == {YOU}
    assert "Teamwork" not in str(report.rows)


def test_a_statement_is_no_award(world: World, union: Issuer) -> None:
    statement = {
        "@context": union.draft()["@context"],
        "id": f"{union.site}/statements/1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "A statement",
        "issuer": union.profile,
        "validFrom": "2026-03-01T12:00:00Z",
        "credentialSubject": {
            "id": "https://union.example/x",
            "type": ["EndorsementSubject"],
            "endorsementComment": "So it is.",
        },
    }
    report = world.look(union.sign(statement))
    assert (mark(report, 1), {each.mark for each in report.rows[1:]}) == (YES, {YOU})


# -- rows 2 to 6 ------------------------------------------------------------------------------------------


def test_whose_it_is_needs_somebody_to_compare_with(world: World, union: Issuer) -> None:
    for asked, expected in ((None, YOU), (OWNER, YES), ("eve@school.example", NO), ("did:example:x", YOU)):
        assert mark(world.look(union.mint(), expected_recipient=asked), 2) is expected


def test_title_and_content_fit_the_job_or_not_by_the_readers_word(world: World, union: Issuer) -> None:
    assert row(badge(union), 3).look_at
    draft = union.draft()
    del draft["credentialSubject"]["result"]
    draft["credentialSubject"]["achievement"]["criteria"] = {"narrative": " "}
    assert mark(world.look(union.sign(draft)), 3) is YOU


WORK = ("2025-10-01T00:00:00Z", "2026-02-11T00:00:00Z")
CYCLE = Asked(cycle_from=date(2025, 7, 1), cycle_until=date(2026, 6, 30))


@pytest.mark.parametrize(
    ("awarded", "started", "ended", "asked", "expected"),
    [
        ("2026-02-27T09:30:00Z", *WORK, CYCLE, YES),
        ("2025-07-01T00:00:00Z", *WORK, CYCLE, YES),
        ("2026-06-30T23:59:59Z", *WORK, CYCLE, YES),
        ("2026-07-01T00:00:00Z", None, None, CYCLE, NO),
        ("2025-06-30T23:59:59Z", None, None, CYCLE, NO),
        # Of a moment with an offset the UTC day counts.
        ("2026-06-30T23:30:00-05:00", None, None, CYCLE, NO),
        ("2026-07-01T01:00:00+05:00", *WORK, CYCLE, YES),
        ("2026-02-27T09:30:00Z", "2025-05-01T00:00:00Z", "2026-02-11T00:00:00Z", CYCLE, YOU),
        ("2025-07-03T09:30:00Z", "2025-02-01T00:00:00Z", "2025-06-11T00:00:00Z", CYCLE, NO),
        ("2026-02-27T09:30:00Z", None, None, Asked(cycle_from=date(2026, 2, 27)), YOU),
        ("2026-02-27T09:30:00Z", None, None, Asked(cycle_from=date(2026, 2, 28)), NO),
        ("2026-02-27T09:30:00Z", None, None, Asked(cycle_until=date(2026, 2, 26)), NO),
        ("2026-02-27T09:30:00Z", *WORK, Asked(cycle_until=date(2026, 2, 27)), YES),
        ("2026-02-27T09:30:00Z", "2025-10-01T00:00:00Z", None, NOTHING, YOU),
        # One half of the row without the other is no yes.
        ("2026-02-27T09:30:00Z", None, None, CYCLE, YOU),
        ("2026-02-27T09:30:00Z", "2025-10-01T00:00:00Z", None, CYCLE, YOU),
        ("2026-02-27T09:30:00Z", None, "2026-02-11T00:00:00Z", CYCLE, YOU),
        # Days that have not come yet.
        ("2031-01-01T00:00:00Z", *WORK, Asked(cycle_from=date(2025, 7, 1)), YOU),
        ("2026-02-27T09:30:00Z", WORK[0], "2031-01-01T00:00:00Z", Asked(cycle_from=date(2025, 7, 1)), YOU),
    ],
)
def test_award_and_work_lie_in_the_cycle(
    union: Issuer, awarded: str, started: str | None, ended: str | None, *, asked: Asked, expected: Mark
) -> None:
    union.world.clock.advance(months=6)
    draft = union.draft(awardedDate=awarded, validFrom="2025-01-01T00:00:00Z")
    draft["credentialSubject"] |= {
        name: value
        for name, value in (("activityStartDate", started), ("activityEndDate", ended))
        if value is not None
    }
    assert mark(union.world.look(union.sign(draft), asked=asked), 4) is expected


@pytest.mark.parametrize(
    ("subject", "achievement", "expected"),
    [
        ({}, {}, YOU),
        ({}, {"creditsAvailable": 15}, YOU),
        ({"creditsEarned": 15}, {}, YES),
        ({"creditsEarned": 1.5}, {"creditsAvailable": 15}, YES),
        ({"creditsEarned": 0}, {}, YOU),
    ],
)
def test_hours_are_only_those_that_somebody_states(
    union: Issuer, subject: Any, achievement: Any, expected: Mark
) -> None:
    assert mark(badge(union, subject=subject, achievement=achievement), 5) is expected


@pytest.mark.parametrize(("level", "expected"), [(1, NO), (2, YES), (3, YES)])
def test_every_criterion_reaches_the_required_level(union: Issuer, level: int, expected: Mark) -> None:
    url = f"{union.site}/achievements/teamwork"
    result = {
        "type": ["Result"],
        "resultDescription": f"{url}#planning",
        "achievedLevel": f"{url}#level-{level}",
    }
    assert mark(badge(union, subject={"result": [result]}), 6) is expected


def several(union: Issuer, *, results: int, criteria: int = 5) -> Report:
    draft = union.draft()
    subject = draft["credentialSubject"]
    achievement, url = subject["achievement"], f"{union.site}/achievements/teamwork"
    one = achievement["resultDescription"][0]
    achievement["resultDescription"] = [
        {
            **one,
            "id": f"{url}#c{n}",
            "requiredLevel": f"{url}#c{n}-2",
            "rubricCriterionLevel": [
                {**level, "id": f"{url}#c{n}-{place}"}
                for place, level in enumerate(one["rubricCriterionLevel"], start=1)
            ],
        }
        for n in range(criteria)
    ]
    subject["result"] = [
        {"type": ["Result"], "resultDescription": f"{url}#c{n}", "achievedLevel": f"{url}#c{n}-2"}
        for n in range(results)
    ]
    if results == 1:
        subject["result"] = subject["result"][0]
    return union.world.look(union.sign(draft))


def test_a_required_criterion_without_a_result_is_not_reached(union: Issuer) -> None:
    assert mark(several(union, results=5), 6) is YES
    one = several(union, results=1)
    assert (one.verdict, mark(one, 6)) == (Verdict.VALID, YOU)
    assert "none for 4 required criteria" in row(one, 6).sentence


def test_results_that_are_not_looked_at_are_not_called_reached(union: Issuer) -> None:
    report = union.world.look(union.mint())
    assert report.summary is not None
    cut = replace(report, summary=replace(report.summary, results_left_out=3))
    assert rows(cut, NOTHING)[5].mark is YOU


def test_without_results_or_required_levels_competence_is_for_the_reader(world: World, union: Issuer) -> None:
    draft = union.draft()
    del draft["credentialSubject"]["achievement"]["resultDescription"][0]["requiredLevel"]
    assert mark(world.look(union.sign(draft)), 6) is YOU
    del draft["credentialSubject"]["result"]
    assert mark(world.look(union.sign(draft)), 6) is YOU


# -- rows 7 to 13 -----------------------------------------------------------------------------------------


def test_what_needs_a_rule_or_a_ledger_says_so(union: Issuer) -> None:
    report = badge(
        union,
        subject={"activityStartDate": "2026-01-05T00:00:00Z"},
        achievement={"tag": ["stack:SEL", "teamwork"]},
    )
    assert [mark(report, number) for number in (7, 8, 9, 10, 12)] == [YOU] * 5
    assert "SEL" in row(report, 7).sentence
    assert "teamwork" in row(report, 7).sentence
    assert "January 5, 2026" in row(report, 8).sentence
    assert "ledger" in row(report, 10).look_at


def test_what_was_taken_back_does_not_stand(world: World, union: Issuer) -> None:
    good = union.mint(suspension=True)
    assert mark(world.look(good), 11) is YES
    union.suspend(good)
    assert mark(world.look(good), 11) is NO
    union.revoke(good)
    assert mark(world.look(good), 11) is NO


def test_an_award_without_a_list_or_out_of_force_is_for_the_reader(world: World, union: Issuer) -> None:
    assert mark(world.look(union.mint(status=False)), 11) is YOU
    assert mark(world.look(union.mint(validUntil="2026-03-01T12:00:00Z")), 11) is YOU
    unread = union.mint()
    world.served[union.list_url()] = b"{}"
    report = world.look(unread)
    assert (report.verdict, mark(report, 1), mark(report, 11)) == (Verdict.UNDETERMINED, YES, YOU)


def with_entries(union: Issuer, *purposes: str) -> Report:
    entries = [union.entry(7, purpose).to_members() for purpose in purposes]
    return union.world.look(
        union.sign(union.draft(credentialStatus=entries if len(entries) > 1 else entries[0]))
    )


@pytest.mark.parametrize("purposes", [("message",), ("refresh",), ("message", "refresh"), ("colour",)])
def test_where_nothing_could_take_it_back_nothing_says_that_it_was_not(
    union: Issuer, purposes: tuple[str, ...]
) -> None:
    union.set_bits["colour"] = set()
    report = with_entries(union, *purposes)
    assert (report.verdict, mark(report, 11)) == (Verdict.UNDETERMINED, YOU)
    assert "Not withdrawn" not in row(report, 11).sentence
    assert "ot under review" not in row(report, 11).sentence


def test_what_can_only_be_put_under_review_is_not_called_not_withdrawn(union: Issuer) -> None:
    report = with_entries(union, "suspension")
    assert (report.verdict, mark(report, 11)) == (Verdict.VALID, YOU)
    assert row(report, 11).sentence.startswith("Not under review, as of")
    assert "Not withdrawn" not in row(report, 11).sentence


def test_what_can_only_be_withdrawn_is_not_called_not_under_review(union: Issuer) -> None:
    report = with_entries(union, "revocation")
    assert (report.verdict, mark(report, 11)) == (Verdict.VALID, YES)
    assert row(report, 11).sentence.startswith("Not withdrawn, as of")
    assert "not under review" not in row(report, 11).sentence
    both = with_entries(union, "revocation", "suspension")
    assert row(both, 11).sentence.startswith("Not withdrawn and not under review, as of")


def test_a_list_without_a_date_is_for_the_reader(world: World, union: Issuer) -> None:
    undated = replace(world.look(union.mint()), status_as_of=None)
    assert rows(undated, NOTHING)[10].mark is YOU


def test_a_list_that_is_older_than_a_month_is_for_the_reader(world: World, union: Issuer) -> None:
    for age, expected in ((STALE_AFTER, YES), (STALE_AFTER + timedelta(seconds=1), YOU)):
        found = world.look(union.mint())
        old = replace(found, status_as_of=found.verified_at - age)
        assert rows(old, NOTHING)[10].mark is expected


def test_the_file_needs_name_and_address_of_the_sponsor(world: World, union: Issuer) -> None:
    assert mark(world.look(union.mint()), 13) is YOU
    report = world.look(union.mint(issuer={**union.profile, "address": ADDRESS}))
    assert mark(report, 13) is YES
    assert "1 Sample Street, Springfield, US" in row(report, 13).sentence
    nameless = world.look(union.mint(issuer={"id": union.id, "type": ["Profile"], "address": ADDRESS}))
    assert mark(nameless, 13) is YOU


def test_days_are_utc_days(union: Issuer) -> None:
    report = badge(union, awardedDate="2026-02-27T23:30:00-05:00", validFrom="2026-01-01T00:00:00Z")
    assert "February 28, 2026" in row(report, 9).sentence
    assert datetime.now(UTC).tzinfo is START.tzinfo


def test_foreign_words_are_cut_and_cleaned(union: Issuer) -> None:
    hidden = "\u202egnp.live\u200b"
    report = badge(
        union, achievement={"name": hidden + "x" * 5_000, "tag": [f"{hidden}{n}" for n in range(50)]}
    )
    for each in report.rows:
        assert "\u202e" not in each.sentence + each.look_at
        assert len(each.sentence) < 1_000
