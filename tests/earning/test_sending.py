# SPDX-License-Identifier: Apache-2.0
"""Applying, writing, sending in, coming back: the steps behind the pages."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import timedelta

import pytest

from earning.errors import (
    ApplicationRefusedError,
    IncompleteError,
    TimeOverError,
    TransitionError,
    UploadQuotaError,
    WorkChangedError,
    WorkFieldError,
    WorkUnknownError,
)
from earning.programme import Programme
from earning.review import review
from earning.scrub import Scrubbed, scrub
from earning.store import artefacts as artefact_rows
from earning.store import work as rows
from earning.work import applying, deadlines, drafting, evidence, feedback, keeping, sending
from earning.work.applications import State
from earning.work.board import board, next_thing
from earning.work.drafting import Conflict, Written
from earning.work.evidence import About
from earning.work.submissions import Statements, SubmissionState, gaps, words
from earning.work.work import submission, workplace
from service import mail
from tests.earning import reviewing
from tests.earning.house import NOW, somebody
from tests.earning.working import ANSWERS, TEXT, apply, fresh, put, said, season, send, sent_in, upload, write


def letters(programme: Programme, person: str) -> list[str]:
    with programme.db.reading() as session:
        return [each.kind for each in mail.listing(session, limit=99, person=person)]


# -- applying ---------------------------------------------------------------------------------------------


def test_e8_an_application_pins_version_zone_and_due_date(programme: Programme) -> None:
    alex = somebody(programme)
    made = apply(programme, alex, zone="Pacific/Honolulu")
    assert (made.version, made.zone, made.state) == ("SEL1-v1", "Pacific/Honolulu", State.DRAFT)
    assert made.due_at == deadlines.due(NOW, "Pacific/Honolulu")
    assert said(programme, made) == ["application.made"]
    assert letters(programme, alex.id) == ["applied"]
    assert apply(programme, alex) == made
    assert letters(programme, alex.id) == ["applied"]


def test_the_mail_carries_the_dates_as_a_file_and_names_nobody_else(programme: Programme) -> None:
    alex = somebody(programme, state="WA")
    spring = season(programme, last=NOW.date() + timedelta(days=80))
    apply(programme, alex, season=spring.id)
    with programme.db.reading() as session:
        found = mail.listing(session, limit=1, person=alex.id)[0]
        content = mail.content(session, found.id)
    assert content is not None
    assert [(each.name, each.media_type) for each in content.attachments] == [("dates.ics", "text/calendar")]
    assert content.attachments[0].body.count(b"BEGIN:VEVENT") == 3
    assert "because it comes first" in content.text
    assert "finish by" in found.subject


def test_all_or_none_are_applied_for(programme: Programme) -> None:
    alex = somebody(programme, job="teachers")
    with pytest.raises(ApplicationRefusedError):
        apply(programme, alex, "SEL1", "PGC1")
    with programme.db.reading() as session:
        assert rows.of_person(session, alex.id) == ()
    with pytest.raises(WorkFieldError):
        apply(programme, alex, *(f"X{number}" for number in range(11)))


# -- writing ----------------------------------------------------------------------------------------------


def test_a_text_is_saved_in_one_form_and_counted_in_revisions(programme: Programme) -> None:
    application = apply(programme, somebody(programme))
    sent = Written("Caf\u0065\u0301\r\nnext\x00 line  \n\n", 0)
    answer = drafting.save_one(
        programme, application.id, "part-1/context", sent, person=application.person, now=NOW
    )
    assert not isinstance(answer, Conflict)
    assert (answer.text, answer.revision) == ("Café\nnext line", 1)
    again = drafting.save_one(
        programme,
        application.id,
        "part-1/context",
        Written("Café\nnext line", 0),
        person=application.person,
        now=NOW,
    )
    assert again == answer  # the same text is no change, whatever the page had shown


def test_words_are_counted_as_people_count() -> None:
    assert words("Don’t rush well-being — it's 3 o'clock.") == 6
    assert words("  \n ") == 0


def test_a_draft_of_somebody_else_is_not_there(programme: Programme) -> None:
    application = apply(programme, somebody(programme))
    bea = somebody(programme, "Bea Educator")
    with pytest.raises(WorkUnknownError):
        drafting.save(programme, application.id, person=bea.id, written={}, now=NOW)


def test_a_word_guide_is_advice_and_never_a_gate(programme: Programme) -> None:
    application = apply(programme, somebody(programme))
    work = write(programme, application, dict.fromkeys(ANSWERS, "One."))
    assert work.gaps == ()


def test_e13_every_gap_is_named(programme: Programme) -> None:
    application = apply(programme, somebody(programme))
    work = workplace(programme, application.id, person=application.person)
    assert [gap.place for gap in work.gaps] == list(ANSWERS)
    upload(programme, application)
    work = workplace(programme, application.id, person=application.person)
    assert "part-2/journal" not in [gap.place for gap in work.gaps]
    assert gaps(work.assignment, work.draft, unanswered=["context"])[-1].place != "reply/none"


# -- sending ----------------------------------------------------------------------------------------------


def test_e19_what_was_sent_is_stored_whole_and_stays(programme: Programme) -> None:
    alex = somebody(programme)
    application = apply(programme, alex)
    write(programme, application)
    piece = upload(programme, application, about=About(description="My notes", made_on="2026-01-02"))
    sent = send(programme, application, alex)
    assert (sent.number, sent.attempt, sent.state) == (1, 1, SubmissionState.WAITING)
    assert sent.expected_by == NOW + timedelta(days=programme.settings.review_days)
    read = submission(programme, sent.id)
    assert dict(read.answers) == ANSWERS
    assert read.artefacts[0].id == piece.id
    assert read.artefacts[0].salt == piece.salt
    assert letters(programme, alex.id) == ["received", "applied"]
    assert said(programme, application)[-1] == "application.submitted"
    with pytest.raises(TransitionError):
        evidence.remove(programme, application.id, piece.id, person=alex.id, now=NOW)


def leased_once(programme: Programme, submission: str) -> None:
    """A reviewer has it for a moment, and gives it back."""
    reader = reviewing.reviewer(programme, "Ray Reviewer")
    leased = review.lease(programme, reader, now=NOW, submission=submission)
    review.release(programme, reader, leased.id, now=NOW)


def test_what_was_sent_keeps_its_file_when_the_draft_drops_it(programme: Programme) -> None:
    alex = somebody(programme)
    application = apply(programme, alex)
    write(programme, application)
    piece = upload(programme, application)
    sent = send(programme, application, alex)
    leased_once(programme, sent.id)
    sending.take_back(programme, application.id, person=alex.id, now=NOW)
    evidence.remove(programme, application.id, piece.id, person=alex.id, now=NOW)
    assert piece.file is not None
    assert programme.files.exists(piece.file)
    found, body = evidence.read(programme, application.id, piece.id, person=alex.id)
    assert (found.id, body[:4]) == (piece.id, b"What")


def test_what_no_reviewer_ever_had_is_deleted_with_its_place_in_the_draft(programme: Programme) -> None:
    alex = somebody(programme)
    application = apply(programme, alex)
    write(programme, application)
    piece = upload(programme, application)
    for _ in range(3):
        send(programme, application, alex)
        sending.take_back(programme, application.id, person=alex.id, now=NOW)
        old, piece = piece, upload(programme, application, instead_of=piece.id)
        assert old.file is not None
        assert not programme.files.exists(old.file)
    with programme.db.reading() as session:
        assert len(rows.files(session, application.id)) == 1


def test_files_that_are_kept_count_although_they_left_the_draft(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    alex = somebody(programme)
    application = apply(programme, alex)
    write(programme, application)
    monkeypatch.setattr(keeping, "UPLOAD_QUOTA", 2 * len(TEXT))
    piece = upload(programme, application)
    leased_once(programme, send(programme, application, alex).id)
    sending.take_back(programme, application.id, person=alex.id, now=NOW)
    piece = upload(programme, application, instead_of=piece.id)
    upload(programme, application, instead_of=piece.id)
    with pytest.raises(UploadQuotaError, match="also those that were sent before"):
        upload(programme, application)


def test_of_two_files_cleaned_at_once_only_one_is_kept_if_both_do_not_fit(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    application = apply(programme, somebody(programme))
    monkeypatch.setattr(keeping, "UPLOAD_QUOTA", 2 * len(TEXT) - 1)
    others: list[str] = []

    def meanwhile(data: bytes, *, claimed_name: str) -> Scrubbed:
        monkeypatch.setattr(evidence, "clean", scrub)
        monkeypatch.setattr(evidence, "one_at_a_time", lambda _person: nullcontext())
        others.append(upload(programme, application).id)
        return scrub(data, claimed_name=claimed_name)

    monkeypatch.setattr(evidence, "clean", meanwhile)
    monkeypatch.setattr(evidence, "one_at_a_time", lambda _person: nullcontext())
    with pytest.raises(UploadQuotaError):
        upload(programme, application)
    work = workplace(programme, application.id, person=application.person)
    assert [each.id for each in work.artefacts] == others
    with programme.db.reading() as session:
        known = artefact_rows.known_files(session)
    assert not tuple(programme.files.orphans(known, before=NOW + timedelta(days=99_999)))


def test_sending_with_a_gap_or_without_a_statement_is_refused(programme: Programme) -> None:
    alex = somebody(programme)
    application = apply(programme, alex)
    with pytest.raises(IncompleteError):
        send(programme, application, alex)
    write(programme, application)
    with pytest.raises(IncompleteError):
        sending.submit(
            programme, application.id, Statements(), person=alex, revision=1, shows_name=False, now=NOW
        )
    with pytest.raises(WorkChangedError):
        send(programme, application, alex, revision=7)
    assert fresh(programme, application).state is State.DRAFT


def test_e9_the_last_second_is_accepted_and_the_next_is_not(programme: Programme) -> None:
    alex = somebody(programme)
    application = apply(programme, alex)
    write(programme, application)
    with pytest.raises(TimeOverError):
        send(programme, application, alex, now=application.due_at + timedelta(seconds=1))
    send(programme, application, alex, now=application.due_at)
    assert fresh(programme, application).state is State.SUBMITTED


def test_taken_back_counts_as_never_sent(programme: Programme) -> None:
    alex, application, sent = sent_in(programme)
    sending.take_back(programme, application.id, person=alex.id, now=NOW)
    back = fresh(programme, application)
    assert (back.state, back.submitted_at) == (State.DRAFT, None)
    assert submission(programme, sent.id).state is SubmissionState.WITHDRAWN
    again = send(programme, application, alex)
    assert (again.number, again.attempt) == (2, 1)


def test_nothing_is_taken_back_that_is_read_or_could_not_be_sent_again(programme: Programme) -> None:
    alex, application, _ = sent_in(programme)
    with pytest.raises(TransitionError):
        sending.take_back(
            programme, application.id, person=alex.id, now=application.due_at + timedelta(days=1)
        )
    put(programme, application, state=State.IN_REVIEW)
    with pytest.raises(TransitionError):
        sending.take_back(programme, application.id, person=alex.id, now=NOW)


def test_withdrawing_takes_what_waits_from_the_reviewers(programme: Programme) -> None:
    _, application, sent = sent_in(programme)
    applying.withdraw(programme, fresh(programme, application), typed="SEL1", now=NOW)
    assert fresh(programme, application).state is State.WITHDRAWN
    assert submission(programme, sent.id).state is SubmissionState.WITHDRAWN


# -- what comes back --------------------------------------------------------------------------------------


def told(met: dict[str, bool], words: str = "") -> str:
    criteria = {
        name: {"level": "Basic", "met": each, "comment": "" if each else "More."}
        for name, each in met.items()
    }
    return json.dumps({"outcome": "returned", "words": words, "criteria": criteria})


def test_e24_a_criterion_that_was_met_stays_met() -> None:
    first = (1, "returned", told({"a": True, "b": False}), NOW)
    second = (2, "returned", told({"a": False, "b": False}), NOW)
    read = feedback.read([first, second])
    assert read[0].open_criteria == ("b",)
    assert read[1].criteria["a"].is_met
    assert read[1].open_criteria == ("b",)


def test_e25_help_is_offered_after_the_third_round_and_nothing_ends() -> None:
    rounds = [(number, "returned", told({"a": False}), NOW) for number in range(1, 21)]
    read = feedback.read(rounds)
    assert len(read) == 20
    assert not feedback.offers_help(read[:2])
    assert feedback.offers_help(read[:3])


# -- my work ----------------------------------------------------------------------------------------------


def test_the_next_date_and_the_one_thing_to_do_come_first(programme: Programme) -> None:
    alex = somebody(programme)
    later = apply(programme, alex, "SEL1")
    soon = put(programme, apply(programme, alex, "SEL2"), due_at=NOW + timedelta(days=5))
    found = board(programme, alex.id, now=NOW)
    assert [each.application.id for each in found.under_way] == [soon.id, later.id]
    assert found.first is not None
    assert found.first.application.id == soon.id
    assert found.first.next.label == "Begin"
    assert found.first.days in {4, 5}


def test_each_state_says_what_to_do_next(programme: Programme) -> None:
    alex = somebody(programme)
    application = apply(programme, alex)
    seen = []
    write(programme, application, {"part-1/context": "x"})
    for state in State:
        put(programme, application, state=state, ended_at=None)
        if state in {State.SUBMITTED, State.IN_REVIEW}:
            continue
        work = workplace(programme, application.id, person=alex.id)
        seen.append(next_thing(work, now=NOW).sentence)
    assert all(sentence.endswith(".") for sentence in seen)
    assert not any(word in " ".join(seen).casefold() for word in ("failed", "last attempt"))


# -- what is signed ---------------------------------------------------------------------------------------


def test_nothing_that_was_typed_is_in_the_evidence_of_an_award(programme: Programme) -> None:
    alex = somebody(programme)
    application = apply(programme, alex)
    write(programme, application)
    upload(programme, application, about=About(description="With Jo Parker of 7b"))
    evidence.add_link(
        programme,
        application.id,
        "part-2/plan",
        person=alex.id,
        url="https://video.example/jo-parker",
        name="Jo at the board",
        about=About(),
        now=NOW,
    )
    sent = send(programme, application, alex)
    pieces = evidence.evidence(programme, sent)
    assert [piece.genre for piece in pieces] == ["File", "Link", "Text"]
    assert all(piece.url is None and len(piece.salt) == 16 for piece in pieces)
    assert len({piece.salt for piece in pieces}) == 3
    everything = " ".join(f"{piece.name} {piece.description} {piece.narrative}" for piece in pieces)
    assert "parker" not in everything.casefold()
    assert "board" not in everything
    assert "evidence-1" not in everything
    assert evidence.evidence(programme, sent) == pieces
