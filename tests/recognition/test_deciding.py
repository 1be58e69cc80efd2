# SPDX-License-Identifier: Apache-2.0
"""Claims are decided by a person, on fresh checks, as they were shown; the ledger says what was done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from recognition.adopting import publishing
from recognition.attesting import attestations
from recognition.claiming import claim_form, claims, deciding, ledger, settling, shown_digest, writing_out
from recognition.claiming.claim_states import MESSAGES, ClaimState
from recognition.claiming.decision import from_record
from recognition.claiming.ledger_line import Asked
from recognition.claiming.settling import Addition, Adjustments, GroupChange
from recognition.errors import (
    AlreadyUsedError,
    ClaimChangedError,
    ClaimStateError,
    NoSuchClaimError,
    PolicyNotInForceError,
    RecognitionFieldError,
)
from recognition.judging.answer import Attended, Filled
from recognition.store import decisions as decision_rows
from service import mail
from tests.issuer.house import NOW
from tests.recognition import desk_scene
from tests.recognition.desk_scene import DISTRICT, NH, Scene


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return desk_scene.make(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def scene(made: Path, tmp_path: Path) -> Iterator[Scene]:
    with desk_scene.copied(made, tmp_path / "house") as scene:
        yield scene


def test_an_approval_writes_decision_ledger_and_state_at_once(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"), scene.award("SEL3"))
    decision = scene.approve(claim)
    assert (decision.units, decision.unit, decision.outcome) == (Decimal(10), "PDP-MA", "granted")
    assert decision.is_example
    after = claims.of(scene.office, DISTRICT, claim.id)
    assert (after.state, after.decision) == (ClaimState.USED, decision.id)
    lines = ledger.of_decision(scene.office, decision.id)
    assert len(lines) == 2
    assert {each.award_key for each in lines} == set(decision.groups[0].awards)
    assert ledger.sums(lines) == (("PDP-MA", Decimal(10)),)
    left = [each for each in decision.awards if each.group is None]
    assert [each.outcome for each in left] == ["unused"]


def test_a_decision_is_read_back_as_it_was_written(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    decision = scene.approve(claim)
    with scene.house.db.reading() as session:
        stored = decision_rows.get(session, decision.id)
    assert stored is not None
    assert from_record(stored.record) == decision
    public = json.loads(stored.document)
    assert public["amount"] == "10"
    said = stored.document.decode()
    for secret in ("zoe.teacher", "licence_level", *(each.key for each in decision.awards)):
        assert secret not in said.lower()


def test_what_has_changed_since_it_was_shown_is_not_decided(scene: Scene) -> None:
    first, second = scene.award("SEL1"), scene.award("SEL2")
    claim = scene.submit(first, second)
    shown = scene.propose(claim).digest
    scene.revoke(second)
    with pytest.raises(ClaimChangedError):
        scene.approve(claim, shown=shown, now=NOW + timedelta(minutes=20))
    assert claims.of(scene.office, DISTRICT, claim.id).state is ClaimState.SUBMITTED
    assert ledger.view(scene.office, DISTRICT, Asked()).lines == ()


def test_the_same_answer_a_minute_later_is_the_same_answer(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    assert scene.propose(claim).digest == scene.propose(claim, now=NOW + timedelta(minutes=1)).digest


def test_changing_the_number_needs_a_reason_and_stands_in_the_decision(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    wanted = Adjustments((GroupChange(1, units=Decimal("7.5"), bucket="elective"),))
    with pytest.raises(RecognitionFieldError) as refused:
        scene.approve(claim, adjustments=wanted)
    assert refused.value.path == "reason"
    decision = scene.approve(claim, adjustments=wanted, reason="Agreed with the union.")
    assert decision.units == Decimal("7.5")
    assert decision.groups[0].adjusted
    assert dict(decision.groups[0].buckets) == {"elective": Decimal("7.5")}
    assert len(decision.adjustments) == 2
    (line, _) = ledger.of_decision(scene.office, decision.id)
    assert (line.bucket, line.units) == ("elective", Decimal("7.5"))


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (GroupChange(1, units=Decimal(0)), "group-1-units"),
        (GroupChange(1, units=Decimal("NaN")), "group-1-units"),
        (GroupChange(1, units=Decimal("1.2345")), "group-1-units"),
        (GroupChange(1, units=Decimal(100_000)), "group-1-units"),
        (GroupChange(1, bucket="nothing"), "group-1-bucket"),
        (GroupChange(1, bucket="content:Zoë Teacher, zoe.teacher@school.example"), "group-1-bucket"),
        (GroupChange(1, bucket="content: approved\n\u202eby the state"), "group-1-bucket"),
        (GroupChange(9, units=Decimal(1)), "group-9"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(scene: Scene, change: GroupChange, path: str) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    with pytest.raises(RecognitionFieldError) as refused:
        scene.approve(claim, adjustments=Adjustments((change,)), reason="Why")
    assert refused.value.path == path


def test_what_is_outside_the_cycle_may_be_counted_with_a_reason(scene: Scene) -> None:
    old = NOW - timedelta(days=1200)
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"), scene.award("SEL3", awarded=old))
    proposal = scene.propose(claim)
    at = next(i for i, each in enumerate(proposal.answer.judged) if each.outcome == "refused:outside-cycle")
    wanted = Adjustments(additions=(Addition(at, Decimal(5), "elective"),))
    decision = scene.approve(claim, adjustments=wanted, reason="The cycle was prolonged.")
    assert decision.units == Decimal(15)
    assert len(ledger.of_decision(scene.office, decision.id)) == 3


def test_what_was_withdrawn_counts_for_no_reason(scene: Scene) -> None:
    gone = scene.award("SEL3")
    scene.revoke(gone)
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"), gone)
    proposal = scene.propose(claim, now=NOW + timedelta(minutes=20))
    at = next(i for i, each in enumerate(proposal.answer.judged) if each.outcome == "refused:status:revoked")
    with pytest.raises(RecognitionFieldError):
        scene.approve(
            claim,
            now=NOW + timedelta(minutes=20),
            adjustments=Adjustments(additions=(Addition(at, Decimal(5), "elective"),)),
            reason="Please",
        )


def test_a_further_award_counts_for_nothing_that_the_rule_does_not_name(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"), scene.award("SEL3"))
    at = next(i for i, each in enumerate(scene.propose(claim).answer.judged) if each.outcome == "unused")
    wanted = Adjustments(additions=(Addition(at, Decimal(5), "elective: by the state"),))
    with pytest.raises(RecognitionFieldError) as refused:
        scene.approve(claim, adjustments=wanted, reason="Why")
    assert refused.value.path == f"add-{at}-bucket"


@pytest.mark.parametrize("said", ["turned \u202eround", "a bell \x07", "half \ud800", "a line\u2028break"])
def test_words_hold_nothing_that_cannot_be_seen(scene: Scene, said: str) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    with pytest.raises(RecognitionFieldError) as refused:
        deciding.refuse(scene.office, DISTRICT, claim.id, reason=said, actor="ren", now=NOW)
    assert refused.value.path == "reason"
    with pytest.raises(RecognitionFieldError):
        scene.approve(claim, adjustments=Adjustments((GroupChange(1, units=Decimal(9)),)), reason=said)
    with pytest.raises(RecognitionFieldError):
        deciding.ask_for_more(scene.office, DISTRICT, claim.id, message=said, actor="ren", now=NOW)
    deciding.ask_for_more(
        scene.office, DISTRICT, claim.id, message="Two\nlines \U0001f469\u200d\U0001f3eb", actor="r", now=NOW
    )
    with pytest.raises(RecognitionFieldError):
        claims.answer(scene.office, claim.id, person=scene.person(), message=said, now=NOW)


def test_what_nobody_could_read_is_not_published(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    with scene.house.db.transaction() as session:
        session.execute(
            text("UPDATE organisations SET name = :name WHERE slug = :slug"),
            {"name": "Exampleton\u202e", "slug": DISTRICT},
        )
    with pytest.raises(RecognitionFieldError):
        scene.approve(claim)
    assert ledger.view(scene.office, DISTRICT, Asked()).lines == ()


def test_a_sum_that_has_changed_since_it_was_shown_is_not_decided(scene: Scene) -> None:
    first = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    second = scene.submit(scene.award("SEL3"))
    shown = scene.propose(second).digest
    scene.approve(first)
    # The groups of the second are as before; what the person needs before and after is another.
    with pytest.raises(ClaimChangedError):
        scene.approve(second, shown=shown)
    assert claims.of(scene.office, DISTRICT, second.id).state is ClaimState.SUBMITTED


def test_the_digest_of_what_was_shown_covers_all_that_the_decision_says(scene: Scene) -> None:
    found = scene.propose(scene.submit(scene.award("SEL1"), scene.award("SEL2")))
    answer, brought = found.answer, found.brought
    filled = Filled("elective", Decimal(9), Decimal(1), Decimal(2), Decimal(6))
    assert brought[0].award is not None
    bytes_changed = replace(brought[0], award=replace(brought[0].award, sha256="0" * 64))
    others = [
        shown_digest.shown(replace(answer, converted=Decimal(1)), brought),
        shown_digest.shown(replace(answer, remainder=Decimal(5)), brought),
        shown_digest.shown(replace(answer, surplus=Decimal(5)), brought),
        shown_digest.shown(replace(answer, needs=(*answer.needs, filled)), brought),
        shown_digest.shown(replace(answer, total=filled), brought),
        shown_digest.shown(replace(answer, label="In force"), brought),
        shown_digest.shown(replace(answer, sentence="Something else."), brought),
        shown_digest.shown(answer, (bytes_changed, *brought[1:])),
    ]
    assert len({found.digest, *others}) == 9


def test_attendance_is_paid_beside_awards_and_never_alone(scene: Scene) -> None:
    found = scene.propose(scene.submit(scene.award("SEL1"), scene.award("SEL2")))
    days = (NOW.date(), NOW.date() - timedelta(days=1))
    attended = tuple(Attended("orientation", "", day, Decimal(3), "elective") for day in days)
    answer = replace(found.answer, attended=attended)

    def settled(*without: int, leave_out: bool = False) -> settling.Settled:
        wanted = Adjustments((GroupChange(1, leave_out=leave_out),), not_attended=frozenset(without))
        return settling.settle(answer, found.brought, wanted)

    assert settling.total(settled()) == Decimal(16)
    one = settled(1)
    assert (one.attended, settling.total(one), len(one.changes)) == (attended[:1], Decimal(13), 1)
    nothing = settled(leave_out=True)
    assert (nothing.groups, nothing.attended) == ((), ())
    with pytest.raises(RecognitionFieldError):
        settling.outcome_of(answer, nothing)
    with pytest.raises(RecognitionFieldError) as refused:
        settled(2)
    assert refused.value.path == "attended-2-leave"
    assert claim_form.adjustments({"attended-1-leave": "yes"}).not_attended == {1}


def test_the_day_of_an_award_that_has_expired_is_one_in_the_recognizers_zone(scene: Scene) -> None:
    found = scene.propose(scene.submit(scene.award("SEL1"), scene.award("SEL2")))
    first = found.brought[0]
    assert first.report is not None
    assert first.report.summary is not None
    night = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # still March 1 in Massachusetts
    summary = replace(first.report.summary, awarded_on=night)
    expired = replace(first, award=None, report=replace(first.report, summary=summary))
    judged = tuple(replace(each, awarded=None) for each in found.answer.judged)
    found = replace(found, brought=(expired, *found.brought[1:]), answer=replace(found.answer, judged=judged))
    made = writing_out.decision_of(
        found, settling.Settled((), ()), "refused", recognizer="x", reason="y", actor="ren", now=NOW
    )
    its = next(each for each in made.awards if each.credential_id == first.credential_id)
    assert its.awarded == date(2026, 3, 1)


def test_a_proposal_has_the_number_that_a_person_sets(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), policy=NH, values={"role": ("teacher",)})
    proposal = scene.propose(claim)
    assert proposal.answer.outcome == "proposal"
    group = proposal.answer.groups[0]
    with pytest.raises(RecognitionFieldError) as refused:
        scene.approve(claim)
    assert refused.value.path == f"group-{group.number}-units"
    bucket = next(iter(group.buckets))
    wanted = Adjustments((GroupChange(group.number, units=Decimal(12), bucket=bucket),))
    decision = scene.approve(claim, adjustments=wanted)
    assert (decision.units, decision.unit) == (Decimal(12), proposal.policy.unit.id)


def test_a_refusal_is_a_decision_with_its_reason_and_counts_nothing(scene: Scene) -> None:
    first, second = scene.award("SEL1"), scene.award("SEL2")
    claim = scene.submit(first, second)
    with pytest.raises(RecognitionFieldError):
        deciding.refuse(scene.office, DISTRICT, claim.id, reason=" ", actor="ren", now=NOW)
    decision = deciding.refuse(scene.office, DISTRICT, claim.id, reason="Too late.", actor="ren", now=NOW)
    assert (decision.outcome, decision.units, decision.reason) == ("refused", Decimal(0), "Too late.")
    assert ledger.of_decision(scene.office, decision.id) == ()
    with scene.house.db.reading() as session:
        stored = decision_rows.get(session, decision.id)
    assert stored is not None
    assert stored.document == b""
    # The awards are free for another claim.
    assert scene.approve(scene.submit(first, second)).units == Decimal(10)


def test_what_was_only_reserved_cannot_be_decided(scene: Scene) -> None:
    claim = scene.reserve(scene.award("SEL1"), scene.award("SEL2"))
    with pytest.raises(NoSuchClaimError):
        deciding.approve(scene.office, DISTRICT, claim.id, shown="", actor="ren", now=NOW)


def test_nobody_decides_twice(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    shown = scene.propose(claim).digest
    scene.approve(claim, shown=shown)
    with pytest.raises((ClaimChangedError, AlreadyUsedError, RecognitionFieldError)):
        scene.approve(claim, shown=shown)
    assert len(claims.decisions(scene.office, claims.of(scene.office, DISTRICT, claim.id))) == 1


def test_a_correction_names_the_old_decision_and_replaces_its_lines(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    first = scene.approve(claim)
    wanted = Adjustments((GroupChange(1, bucket="pedagogy"),))
    with pytest.raises(RecognitionFieldError):
        scene.approve(claim)  # a correction says why
    second = scene.approve(claim, adjustments=wanted, reason="It was meant for pedagogy.")
    assert second.corrects == first.id
    assert all(not each.stands for each in ledger.of_decision(scene.office, first.id))
    assert all(each.stands for each in ledger.of_decision(scene.office, second.id))
    found = claims.decisions(scene.office, claims.of(scene.office, DISTRICT, claim.id))
    assert [each.id for each in found] == [second.id, first.id]
    assert found[1] == first


def test_a_refusal_that_is_corrected_is_not_named_in_public(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    refused = deciding.refuse(scene.office, DISTRICT, claim.id, reason="A slip.", actor="ren", now=NOW)
    decision = scene.approve(claim, reason="It was a slip.")
    assert decision.corrects == refused.id
    with scene.house.db.reading() as session:
        stored = decision_rows.get(session, decision.id)
    assert stored is not None
    assert refused.id not in stored.document.decode()


def test_a_stored_decision_keeps_its_policy_version_and_digest(scene: Scene) -> None:
    """Sentence 20: a new version of the policy leaves it unchanged."""
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    decision = scene.approve(claim)
    source = (
        scene.propose(claim)
        .policy.source.replace(b'id = "us-ma-renewal"', b'id = "own-renewal"')
        .replace(b"amount = 10", b"amount = 12")
    )
    publishing.publish(scene.office, DISTRICT, source, actor="test", now=NOW)
    with scene.house.db.reading() as session:
        stored = decision_rows.get(session, decision.id)
    assert stored is not None
    assert stored.decision == decision
    assert (stored.policy_version, stored.policy_sha256) == (decision.policy_version, decision.policy_sha256)


def test_by_an_example_nothing_is_approved_outside_a_demonstration(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    real = replace(scene.office, settings=replace(scene.office.settings, demo=False))
    shown = scene.propose(claim).digest
    with pytest.raises(PolicyNotInForceError):
        deciding.approve(real, DISTRICT, claim.id, shown=shown, actor="ren", now=NOW)
    refused = deciding.refuse(real, DISTRICT, claim.id, reason="No rule yet.", actor="ren", now=NOW)
    assert refused.outcome == "refused"


def test_an_attestation_joins_the_claim(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    entry = attestations.read(
        email=claim.person_key, event="orientation", on=NOW.date().isoformat(), today=NOW.date()
    )
    attestations.record(scene.office, DISTRICT, [entry], how="hand", actor="test", now=NOW)
    assert [each.event for each in scene.propose(claim).facts.attestations] == ["orientation"]


def test_a_supporting_document_is_accepted_without_a_number(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), purpose="add-licence")
    decision = scene.approve(claim)
    assert (decision.outcome, decision.units) == ("supporting-document", Decimal(0))
    (line,) = ledger.of_decision(scene.office, decision.id)
    assert (line.purpose, line.units, line.bucket) == ("add-licence", Decimal(0), "")


def test_what_is_for_learning_alone_grants_nothing(scene: Scene) -> None:
    claim = scene.submit(
        scene.award("SEL1"), scene.award("SEL2"), values={"licence_level": ("initial",), "renewing": ("no",)}
    )
    assert scene.propose(claim).answer.outcome == "learning-only"
    with pytest.raises(RecognitionFieldError):
        scene.approve(claim)


def test_the_letters_carry_the_outcome_and_a_link_and_nothing_that_was_said(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"), scene.award("SEL2"))
    deciding.ask_for_more(
        scene.office, DISTRICT, claim.id, message="A secret question.", actor="ren", now=NOW
    )
    claims.answer(scene.office, claim.id, person=scene.person(), message="A secret answer.", now=NOW)
    nine = Adjustments((GroupChange(1, units=Decimal(9)),))
    scene.approve(claim, adjustments=nine, reason="A secret reason.")
    with scene.house.db.reading() as session:
        found = mail.listing(session, limit=50)
        words = {each.kind: mail.content(session, each.id) for each in found}
    subjects = {each.kind: each.subject for each in found}
    assert (
        subjects["claim-answered"]
        == "Exampleton School District answered: 9 professional development points (Massachusetts) granted"
    )
    assert {"claim-received", "claim-needs-more", "claim-answered"} <= set(words)
    for content in words.values():
        assert content is not None
        told = (content.text + content.html).lower()
        assert "secret" not in told
        assert "professional" not in told.replace("professional development point", "")  # the unit's name
    to_desk = words["claim-received"]
    assert to_desk is not None
    assert "zo\u00eb" not in to_desk.text.lower()
    assert f"/recognizer/{DISTRICT}/claims/{claim.id}" in to_desk.text


def test_too_many_words_to_and_fro_end(scene: Scene) -> None:
    claim = scene.submit(scene.award("SEL1"))
    for number in range(MESSAGES // 2):
        deciding.ask_for_more(
            scene.office, DISTRICT, claim.id, message=f"Question {number}", actor="ren", now=NOW
        )
        claims.answer(scene.office, claim.id, person=scene.person(), message="Answer", now=NOW)
    with pytest.raises(ClaimStateError):
        deciding.ask_for_more(scene.office, DISTRICT, claim.id, message="More", actor="ren", now=NOW)
