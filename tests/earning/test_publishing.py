# SPDX-License-Identifier: Apache-2.0
"""Public evidence: chosen piece by piece, signed, shown, closed and opened again; and what is never shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from credentials import digests
from earning.errors import (
    DisclosureError,
    EvidenceUnknownError,
    IncompleteError,
    WorkFieldError,
    WorkUnknownError,
)
from earning.programme import Programme
from earning.review import awarding, cases, review
from earning.sharing import evidence as publishing
from earning.sharing.evidence import AwardPiece
from earning.store import reviews as review_rows
from earning.store import work as rows
from earning.work import disclosure, evidence, sending
from earning.work.applications import Application, State
from earning.work.disclosure import Standing, is_shown, standing
from earning.work.evidence import About
from earning.work.personal import EarningData
from earning.work.submissions import (
    PRIVATE,
    PUBLIC,
    Artefact,
    Draft,
    Submission,
    content,
    emptied_content,
    read_content,
    statement_gaps,
)
from earning.work.work import workplace
from issuer import publish, revocation
from issuer.award import AwardState
from service import audit
from service.accounts.people import Person
from tests.earning import reviewing as it
from tests.earning import working
from tests.earning.house import NOW, somebody
from tests.earning.uploads import jpeg
from verifier.checks.evidence import check_evidence
from verifier.intake import read
from verifier.opened import open_credential
from verifier.outcome import Outcome

LATER = NOW + timedelta(minutes=1)
LINK = "https://video.example/lesson?of=me"
CONFIRMED = replace(working.STATED, publish=True)
NOBODY = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Work:
    """Somebody's work with two files and a link."""

    person: Person
    application: Application
    text: Artefact
    picture: Artefact
    link: Artefact

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all pieces."""
        return (self.text.id, self.picture.id, self.link.id)


@pytest.fixture
def programme(programme: Programme) -> Programme:
    """The room, where nothing is read twice by the sample."""
    return replace(programme, settings=replace(programme.settings, second_reading_percent=0))


@pytest.fixture
def work(programme: Programme) -> Work:
    """Complete work that was not sent yet."""
    return complete(programme)


def complete(programme: Programme, name: str = "Alex Educator") -> Work:
    person = somebody(programme, name, school=f"School of {name}", local=f"Local of {name}")
    application = working.apply(programme, person)
    working.write(programme, application)
    text = working.upload(programme, application)
    picture = working.upload(programme, application, data=jpeg(), name="class.jpg")
    link = evidence.add_link(
        programme,
        application.id,
        "part-2/plan",
        person=person.id,
        url=LINK,
        name="Me at the board",
        about=About(),
        now=NOW,
    )
    return Work(person, application, text, picture, link)


def send(programme: Programme, work: Work, *public: str, statements: Any = CONFIRMED) -> Submission:
    return sending.submit(
        programme,
        work.application.id,
        statements,
        person=work.person,
        revision=working.fresh(programme, work.application).revision,
        shows_name=False,
        public=public,
        now=NOW,
    )


def awarded(programme: Programme, work: Work, *public: str) -> str:
    """Send, read, pass and award; return the key of the credential."""
    send(programme, work, *public)
    it.read(programme, it.reviewer(programme, f"Robin of {work.person.name}"))
    assert awarding.award(programme, now=LATER) == 1
    key = working.fresh(programme, work.application).award
    assert key is not None
    return key


def signed(programme: Programme, key: str) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(publish.find(programme.mint, key).signed_json or b"")
    return members


def pieces(programme: Programme, work: Work) -> Mapping[str, AwardPiece]:
    found = publishing.of_award(programme, working.fresh(programme, work.application))
    return {each.id: each for each in found}


def change(programme: Programme, work: Work, piece: str, *, is_open: bool, confirmed: bool = True) -> None:
    publishing.change(
        programme,
        work.application.id,
        piece,
        person=work.person.id,
        disclosure=PUBLIC if is_open else PRIVATE,
        confirmed=confirmed,
        now=LATER,
    )


def is_there(programme: Programme, id: str) -> bool:
    try:
        publishing.read(programme, id)
    except EvidenceUnknownError:
        return False
    return True


# -- rules ------------------------------------------------------------------------------------------------


def test_a_piece_is_private_unless_its_educator_says_otherwise() -> None:
    piece = Artefact(id="1", place="part-1/a", kind="file", name="evidence-1.txt")
    assert not piece.is_public
    assert standing(piece, replace(piece, disclosure=PUBLIC)) is Standing.PRIVATE


def test_only_an_open_piece_of_a_credential_that_stands_is_shown() -> None:
    for found in Standing:
        for award in (None, *AwardState):
            expected = found is Standing.OPEN and award in (AwardState.ISSUED, AwardState.SUPERSEDED)
            assert is_shown(found, award) is expected


@pytest.mark.parametrize("state", ["quarantined", "removed"])
def test_what_was_set_aside_or_removed_is_never_open(state: str) -> None:
    piece = Artefact(id="1", place="part-1/a", kind="file", name="evidence-1.txt", disclosure=PUBLIC)
    assert standing(piece, piece) is Standing.OPEN
    assert standing(piece, replace(piece, state=state)) is Standing.SET_ASIDE
    assert standing(piece, None) is Standing.SET_ASIDE


def test_the_snapshot_says_what_is_public_and_an_erased_one_nothing() -> None:
    piece = Artefact(id="1", place="part-1/a", kind="file", name="evidence-1.txt", disclosure=PUBLIC)
    written = content("SEL1-v1", Draft(artefacts=(piece,)))
    assert read_content(written)[3][0].is_public
    assert read_content(emptied_content(written))[3] == ()


def test_the_second_confirmation_is_asked_for_only_if_something_is_public() -> None:
    assert statement_gaps(working.STATED) == ()
    assert [each.place for each in statement_gaps(working.STATED, publishes=True)] == ["statement/publish"]
    assert statement_gaps(CONFIRMED, publishes=True) == ()


# -- choosing ---------------------------------------------------------------------------------------------


def test_public_without_the_second_confirmation_is_not_sent(programme: Programme, work: Work) -> None:
    with pytest.raises(IncompleteError):
        send(programme, work, work.text.id, statements=working.STATED)
    current = workplace(programme, work.application.id, person=work.person.id)
    assert current.submissions == ()
    assert not any(piece.is_public for piece in current.artefacts)


def test_what_was_sent_settles_it(programme: Programme, work: Work) -> None:
    sent = send(programme, work, work.text.id, NOBODY)
    assert [piece.id for piece in sent.artefacts if piece.is_public] == [work.text.id]
    assert sent.statements.publish
    sending.take_back(programme, work.application.id, person=work.person.id, now=NOW)
    again = send(programme, work)
    assert not any(piece.is_public for piece in again.artefacts)
    assert not again.statements.publish  # it was about nothing
    with programme.db.reading() as session:
        first = rows.any_submission(session, sent.id)
    assert first is not None
    assert [piece.id for piece in first.artefacts if piece.is_public] == [work.text.id]


def test_the_second_confirmation_is_made_anew_each_time(programme: Programme, work: Work) -> None:
    send(programme, work, work.text.id)
    sending.take_back(programme, work.application.id, person=work.person.id, now=NOW)
    current = workplace(programme, work.application.id, person=work.person.id)
    assert not sending.last_statements(current).publish
    assert [piece.id for piece in current.artefacts if piece.is_public] == [
        work.text.id
    ]  # the choice is kept


def test_a_piece_that_takes_the_place_of_a_public_one_is_private(programme: Programme, work: Work) -> None:
    send(programme, work, work.text.id)
    sending.take_back(programme, work.application.id, person=work.person.id, now=NOW)
    fresh = working.upload(programme, work.application, data=b"Other words.\n", instead_of=work.text.id)
    assert not fresh.is_public


# -- what is signed ---------------------------------------------------------------------------------------


def test_the_award_verifies_and_its_public_digests_are_those_of_the_served_bytes(
    programme: Programme, work: Work
) -> None:
    key = awarded(programme, work, work.picture.id, work.link.id)
    document = publish.find(programme.mint, key).signed_json or b""
    assert str(programme.mint.examine(document, now=LATER).verdict) == "valid"
    told = {each.get("id"): each for each in signed(programme, key)["evidence"]}
    served = {}
    for piece in (work.picture, work.link):
        address = disclosure.address(programme.public_url, piece.id)
        body = served[address] = publishing.read(programme, piece.id).body
        assert digests.matches(body, told[address]["digestMultibase"])
    assert served[disclosure.address(programme.public_url, work.link.id)] == LINK.encode()
    opened = open_credential(read(document))
    assert check_evidence(opened, pieces=served).outcome is not Outcome.FAIL
    swapped = dict.fromkeys(served, b"something else")
    assert check_evidence(opened, pieces=swapped).outcome is Outcome.FAIL


def test_private_pieces_stay_salted_and_without_address(programme: Programme, work: Work) -> None:
    key = awarded(programme, work, work.picture.id)
    told = signed(programme, key)["evidence"]
    assert len(told) == 4  # with the written answers
    assert sum("id" in each for each in told) == 1
    plain = {digests.digest_multibase(working.TEXT), digests.digest_multibase(LINK.encode())}
    assert not plain & {each["digestMultibase"] for each in told}
    assert not is_there(programme, work.text.id)
    assert not is_there(programme, work.link.id)


def test_nothing_typed_is_signed_of_a_public_piece_either(programme: Programme, work: Work) -> None:
    key = awarded(programme, work, *work.ids)
    text = json.dumps(signed(programme, key))
    for typed in ("video.example", "at the board", "class.jpg", "evidence-1"):
        assert typed not in text


# -- shown, closed, opened --------------------------------------------------------------------------------


def test_nothing_is_shown_before_the_award(programme: Programme, work: Work) -> None:
    send(programme, work, *work.ids)
    assert not any(is_there(programme, id) for id in work.ids)
    it.read(programme, it.reviewer(programme, "Robin Reviewer"))
    assert it.state(programme, work.application.id) is State.PASSED
    assert not any(is_there(programme, id) for id in work.ids)
    assert {each.standing for each in pieces(programme, work).values()} == {Standing.OPEN}
    assert not any(each.is_shown for each in pieces(programme, work).values())
    awarding.award(programme, now=LATER)
    assert all(is_there(programme, id) for id in work.ids)
    assert all(each.is_shown for each in pieces(programme, work).values())


def test_a_public_piece_is_closed_at_once_and_opened_again(programme: Programme, work: Work) -> None:
    key = awarded(programme, work, work.picture.id, work.link.id)
    before = publish.find(programme.mint, key).signed_json
    for _ in range(2):  # the second time changes nothing, and is not written down
        change(programme, work, work.picture.id, is_open=False)
    assert not is_there(programme, work.picture.id)
    assert is_there(programme, work.link.id)
    assert pieces(programme, work)[work.picture.id].standing is Standing.CLOSED
    change(programme, work, work.picture.id, is_open=True)
    assert is_there(programme, work.picture.id)
    assert publish.find(programme.mint, key).signed_json == before
    said = working.said(programme, work.application)
    assert sorted(each for each in said if each in ("artefact.closed", "artefact.opened")) == [
        "artefact.closed",
        "artefact.opened",
    ]


def test_the_audit_line_names_the_piece_and_nothing_else(programme: Programme, work: Work) -> None:
    awarded(programme, work, work.picture.id)
    change(programme, work, work.picture.id, is_open=False)
    with programme.db.reading() as session:
        lines = audit.lines(session, subject=f"application:{work.application.id}")
    (line,) = [each for each in lines if each.action == "artefact.closed"]
    assert (line.actor, line.detail) == (f"person:{work.person.id}", {"artefact": work.picture.id})


def test_a_piece_may_be_closed_before_the_award_is_signed(programme: Programme, work: Work) -> None:
    send(programme, work, work.picture.id)
    it.read(programme, it.reviewer(programme, "Robin Reviewer"))
    change(programme, work, work.picture.id, is_open=False)
    awarding.award(programme, now=LATER)
    assert not is_there(programme, work.picture.id)
    change(programme, work, work.picture.id, is_open=True)
    assert is_there(programme, work.picture.id)


def test_what_was_signed_as_private_cannot_be_opened(programme: Programme, work: Work) -> None:
    awarded(programme, work, work.picture.id)
    with pytest.raises(DisclosureError):
        change(programme, work, work.text.id, is_open=True)
    assert not is_there(programme, work.text.id)
    change(programme, work, work.text.id, is_open=False)  # closing what is closed is no fault


def test_opening_again_is_confirmed_again(programme: Programme, work: Work) -> None:
    awarded(programme, work, work.picture.id)
    change(programme, work, work.picture.id, is_open=False, confirmed=False)
    with pytest.raises(WorkFieldError):
        change(programme, work, work.picture.id, is_open=True, confirmed=False)
    assert not is_there(programme, work.picture.id)


def test_only_its_educator_opens_and_closes(programme: Programme, work: Work) -> None:
    awarded(programme, work, work.picture.id)
    other = complete(programme, "Bea Educator")
    awarded(programme, other, other.picture.id)
    for application, person in ((work, other), (other, other), (other, work)):
        with pytest.raises(WorkUnknownError):
            publishing.change(
                programme,
                application.application.id,
                work.picture.id,
                person=person.person.id,
                disclosure=PRIVATE,
                now=LATER,
            )
    assert is_there(programme, work.picture.id)


@pytest.mark.parametrize("state", [each for each in State if each not in (State.PASSED, State.AWARDED)])
def test_in_no_other_state_is_there_anything_to_see_or_change(
    programme: Programme, work: Work, state: State
) -> None:
    awarded(programme, work, *work.ids)
    working.put(programme, work.application, state=state)
    assert not any(is_there(programme, id) for id in work.ids)
    assert pieces(programme, work) == {}
    with pytest.raises(WorkUnknownError):
        change(programme, work, work.picture.id, is_open=True)


# -- what is never shown ----------------------------------------------------------------------------------


def test_a_piece_that_was_set_aside_is_not_shown_and_not_opened(programme: Programme, work: Work) -> None:
    awarded(programme, work, work.picture.id, work.link.id)
    with programme.db.transaction() as session:
        review_rows.set_artefacts(session, [work.picture.id], "quarantined")
    assert not is_there(programme, work.picture.id)
    assert is_there(programme, work.link.id)
    assert pieces(programme, work)[work.picture.id].standing is Standing.SET_ASIDE
    with pytest.raises(DisclosureError):
        change(programme, work, work.picture.id, is_open=True)


def test_student_data_that_a_reviewer_saw_never_becomes_public(programme: Programme, work: Work) -> None:
    robin = it.reviewer(programme, "Robin Reviewer")
    send(programme, work, *work.ids)
    leased = review.lease(programme, robin, now=NOW)
    cases.flag_student_data(programme, robin, leased.id, artefact=work.picture.id, text="A face.", now=NOW)
    with pytest.raises(IncompleteError):
        send(programme, work, *work.ids)
    evidence.remove(programme, work.application.id, work.picture.id, person=work.person.id, now=NOW)
    assert awarded(programme, work, *work.ids)
    assert not is_there(programme, work.picture.id)
    assert is_there(programme, work.text.id)
    assert work.picture.id not in pieces(programme, work)


@pytest.mark.parametrize("wanted", [AwardState.SUSPENDED, AwardState.REVOKED])
def test_without_a_credential_that_stands_nothing_is_shown(
    programme: Programme, work: Work, wanted: AwardState
) -> None:
    key = awarded(programme, work, work.picture.id)
    revocation.decide(programme.mint, key, revocation.decision(wanted, revocation.Reason.EVIDENCE), now=LATER)
    assert not is_there(programme, work.picture.id)
    if wanted is AwardState.SUSPENDED:
        lifted = revocation.decision(AwardState.ISSUED, "It was an error.")
        revocation.decide(programme.mint, key, lifted, now=LATER)
        assert is_there(programme, work.picture.id)


def test_erasure_deletes_what_was_public(programme: Programme, work: Work) -> None:
    key = awarded(programme, work, *work.ids)
    with programme.db.transaction() as session:
        EarningData(programme).erase(session, work.person, LATER)
    assert not any(is_there(programme, id) for id in work.ids)
    assert work.picture.file is not None
    assert not programme.files.exists(work.picture.file)
    assert pieces(programme, work) == {}
    document = publish.find(programme.mint, key).signed_json or b""
    assert str(programme.mint.examine(document, now=LATER).verdict) == "valid"
    with pytest.raises(WorkUnknownError):
        change(programme, work, work.picture.id, is_open=True)


def test_a_file_that_is_gone_is_answered_like_nothing(programme: Programme, work: Work) -> None:
    awarded(programme, work, work.picture.id)
    assert work.picture.file is not None
    programme.files.delete(work.picture.file)
    assert not is_there(programme, work.picture.id)


def test_everything_that_is_not_shown_is_told_in_the_same_words(programme: Programme, work: Work) -> None:
    awarded(programme, work, work.picture.id, work.link.id)
    change(programme, work, work.picture.id, is_open=False)
    draft = complete(programme, "Bea Educator")
    told = set()
    for id in (NOBODY, work.text.id, work.picture.id, draft.picture.id, work.application.id):
        with pytest.raises(EvidenceUnknownError) as caught:
            publishing.read(programme, id)
        told.add((caught.value.code, caught.value.message, caught.value.path, caught.value.got))
    assert len(told) == 1
