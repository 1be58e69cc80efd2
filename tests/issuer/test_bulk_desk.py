# SPDX-License-Identifier: Apache-2.0
"""Who starts many awards, and when: typed numbers, a second person, a line for each (threats I3)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from credentials.document import Json
from issuer.bulk import bulk as states
from issuer.bulk import desk, guards, looking, results
from issuer.bulk.bulk import Bulk, BulkState, RowState
from issuer.bulk.chunk import Worker
from issuer.bulk.desk import Brought, Key
from issuer.bulk.reading import Kind
from issuer.bulk.trial import FILE_BYTES
from issuer.bulk.trial import JOB as TRIAL_JOB
from issuer.errors import (
    BulkCountError,
    BulkFileError,
    BulkRowsBadError,
    BulkStateError,
    NoSuchBulkError,
    SecondPersonError,
)
from issuer.mint import Mint
from issuer.profiles import Issuer
from issuer.retention import NOBODY, erase, erase_addresses
from issuer.store import bulks
from issuer.store.tables import BulkRow
from service import audit, tokens
from service.accounts import people
from service.accounts.people import Role
from service.errors import IdempotencyKeyReusedError
from tests.issuer.house import NOW, open_mint
from tests.issuer.taking_back import FIRST, SECOND, officers, program

EDUCATION, STATE = "example-education", "example-state"
ANN, BEN = FIRST, SECOND
TOKEN = "token:0123456789abcdef"
_NUMBERS = count()


@pytest.fixture(scope="module")
def opened(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mint]:
    """One house for all: each test brings people of its own."""
    mint = open_mint(Path(shutil.copytree(template, tmp_path_factory.mktemp("desk") / "data")))
    officers(mint)
    program(mint, TOKEN)
    yield mint
    mint.db.close()


@pytest.fixture
def rung() -> list[str]:
    """The jobs that were rung."""
    return []


@pytest.fixture
def mint(opened: Mint, rung: list[str], monkeypatch: pytest.MonkeyPatch) -> Mint:
    """With a limit of three awards that one person may start alone, and nobody at work."""
    for module in (desk, looking, states):
        monkeypatch.setattr(module, "ALONE", 3)
    return replace(opened, ring=rung.append)


def bring(
    mint: Mint,
    good: int,
    *,
    bad: int = 0,
    actor: str = ANN,
    key: Key | None = None,
    data: bytes | None = None,
) -> str:
    """Bring a file with so many good and bad rows."""
    mark = next(_NUMBERS)
    rows = [f"SEL1,p{each}-{mark}@b.example\n" for each in range(good)] + [f"SEL1,bad{mark}\n"] * bad
    data = data or ("achievement,email\n" + "".join(rows)).encode()
    id, _ = desk.propose(
        mint,
        Brought(Kind.CSV, data, "a.csv"),
        issuer=EDUCATION,
        sends_mail=False,
        actor=actor,
        now=NOW,
        key=key,
    )
    return id


def state(mint: Mint, id: str) -> BulkState:
    return looking.view(mint, id, now=NOW).bulk.state


def actions(mint: Mint, id: str) -> list[tuple[str, str]]:
    with mint.db.reading() as session:
        return [(line.action, line.actor) for line in audit.lines(session, subject=f"bulk:{id}")]


def forget_alone(mint: Mint) -> None:
    """Let what was started before be longer ago than a day."""
    with mint.db.transaction() as session:
        session.execute(update(BulkRow).values(started_at=NOW - timedelta(days=2)))


@pytest.fixture(autouse=True)
def another_day(opened: Mint) -> Iterator[None]:
    yield
    forget_alone(opened)


# -- few ----------------------------------------------------------------------------------------------------


def test_few_awards_are_started_by_whoever_types_their_number(mint: Mint, rung: list[str]) -> None:
    id = bring(mint, 3)
    started = desk.confirm(mint, id, count=3, leaves_out=False, actor=ANN, now=NOW)
    assert (started.state, started.approved_by, started.started_at) == (BulkState.RUNNING, ANN, NOW)
    assert rung == [states.JOB]
    assert actions(mint, id)[-1] == ("bulk.started", ANN)


@pytest.mark.parametrize("typed", [0, 2, 4, -1])
def test_another_number_does_nothing(mint: Mint, rung: list[str], typed: int) -> None:
    id = bring(mint, 3)
    before = actions(mint, id)
    with pytest.raises(BulkCountError):
        desk.confirm(mint, id, count=typed, leaves_out=False, actor=ANN, now=NOW)
    assert (state(mint, id), rung, actions(mint, id)) == (BulkState.TRIAL, [], before)


def test_bad_rows_are_left_out_only_if_that_is_said(mint: Mint) -> None:
    id = bring(mint, 2, bad=2)
    with pytest.raises(BulkRowsBadError):
        desk.confirm(mint, id, count=2, leaves_out=False, actor=ANN, now=NOW)
    desk.confirm(mint, id, count=2, leaves_out=True, actor=ANN, now=NOW)
    while Worker(mint).work(id, now=NOW):
        pass
    found = looking.view(mint, id, now=NOW)
    assert (found.bulk.state, found.issued, found.count[RowState.BAD]) == (BulkState.DONE, 2, 2)
    assert (found.done, found.total, found.trial.leaves_out) == (2, 2, True)
    assert [each.word for each in results.lines(mint, found.bulk, show="bad", limit=9)] == ["left out"] * 2
    issued = results.lines(mint, found.bulk, show="issued", limit=9)
    assert all(each.link and each.word == "issued" for each in issued)


def test_a_file_without_a_good_row_is_not_started(mint: Mint) -> None:
    id = bring(mint, 0, bad=2)
    with pytest.raises(BulkStateError):
        desk.confirm(mint, id, count=0, leaves_out=True, actor=ANN, now=NOW)


def test_a_file_that_is_not_tried_yet_is_not_started(mint: Mint, rung: list[str]) -> None:
    data = b"achievement,email\nSEL1,late@b.example\n"
    id, _ = desk.propose(
        mint,
        Brought(Kind.CSV, data, "a.csv"),
        issuer=EDUCATION,
        sends_mail=False,
        actor=ANN,
        now=NOW,
        at_once=False,
    )
    assert rung == [TRIAL_JOB]
    with pytest.raises(BulkStateError):
        desk.confirm(mint, id, count=1, leaves_out=False, actor=ANN, now=NOW)


def test_twice_is_once(mint: Mint, rung: list[str]) -> None:
    id = bring(mint, 1)
    desk.confirm(mint, id, count=1, leaves_out=False, actor=ANN, now=NOW)
    with pytest.raises(BulkStateError):
        desk.confirm(mint, id, count=1, leaves_out=False, actor=ANN, now=NOW)
    assert len(rung) == 1


def test_only_whoever_brought_it_decides_first(mint: Mint) -> None:
    id = bring(mint, 1)
    with pytest.raises(SecondPersonError):
        desk.confirm(mint, id, count=1, leaves_out=False, actor=BEN, now=NOW)


# -- many ---------------------------------------------------------------------------------------------------


def test_many_awards_wait_for_a_second_person_who_types_the_number_too(mint: Mint, rung: list[str]) -> None:
    id = bring(mint, 4)
    assert looking.view(mint, id, now=NOW).needs_second
    proposed = desk.confirm(mint, id, count=4, leaves_out=False, actor=ANN, now=NOW)
    assert (proposed.state, proposed.approved_by, proposed.started_at) == (BulkState.PROPOSED, None, None)
    assert rung == ["mail"]  # to those who could be the second person
    assert Worker(mint).work(id, now=NOW) == 0
    with pytest.raises(BulkCountError):
        desk.approve(mint, id, count=3, actor=BEN, now=NOW)
    started = desk.approve(mint, id, count=4, actor=BEN, now=NOW)
    assert (started.state, started.approved_by) == (BulkState.RUNNING, BEN)
    assert rung == ["mail", states.JOB]
    assert actions(mint, id)[-2:] == [("bulk.proposed", ANN), ("bulk.approved", BEN)]


@pytest.mark.parametrize(
    ("maker", "second"), [(ANN, ANN), (TOKEN, TOKEN), (ANN, TOKEN), (TOKEN, "token:0"), ("cli", "cli")]
)
def test_neither_the_same_person_nor_a_program_is_the_second_one(mint: Mint, maker: str, second: str) -> None:
    id = bring(mint, 4, actor=maker)
    desk.confirm(mint, id, count=4, leaves_out=False, actor=maker, now=NOW)
    with pytest.raises(SecondPersonError):
        desk.approve(mint, id, count=4, actor=second, now=NOW)
    assert state(mint, id) is BulkState.PROPOSED


@pytest.mark.parametrize(("maker", "second"), [(TOKEN, ANN), ("cli", ANN), (ANN, "cli"), (TOKEN, "cli")])
def test_an_officer_approves_for_others_and_the_operator_does(mint: Mint, maker: str, second: str) -> None:
    id = bring(mint, 4, actor=maker)
    desk.confirm(mint, id, count=4, leaves_out=False, actor=maker, now=NOW)
    assert desk.approve(mint, id, count=4, actor=second, now=NOW).state is BulkState.RUNNING


def test_the_database_refuses_a_proposer_who_approves(mint: Mint) -> None:
    """Were the rule forgotten in the code, the constraint is still there."""
    id = bring(mint, 1)
    with pytest.raises(IntegrityError), mint.db.transaction() as session:
        session.execute(update(BulkRow).where(BulkRow.id == id).values(rows=501, approved_by=ANN))


def test_several_small_files_of_a_day_are_counted_together(mint: Mint) -> None:
    """In the organisation, by whomever: one person may hold an account and several tokens."""

    def confirmed(actor: str) -> BulkState:
        id = bring(mint, 1, actor=actor)
        return desk.confirm(mint, id, count=1, leaves_out=False, actor=actor, now=NOW).state

    assert [confirmed(each) for each in (ANN, BEN, TOKEN)] == [BulkState.RUNNING] * 3
    assert [confirmed(each) for each in (ANN, BEN, TOKEN)] == [BulkState.PROPOSED] * 3
    later = bring(mint, 1)
    forget_alone(mint)
    assert desk.confirm(mint, later, count=1, leaves_out=False, actor=ANN, now=NOW).state is BulkState.RUNNING


def test_what_was_not_proposed_cannot_be_approved(mint: Mint) -> None:
    id = bring(mint, 4)
    with pytest.raises(BulkStateError):
        desk.approve(mint, id, count=4, actor=BEN, now=NOW)


# -- ends ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("proposes", [False, True])
def test_before_it_runs_it_is_cancelled_by_anybody_who_sees_it(mint: Mint, proposes: bool) -> None:
    id = bring(mint, 4, bad=1)
    if proposes:
        desk.confirm(mint, id, count=4, leaves_out=True, actor=ANN, now=NOW)
    assert desk.cancel(mint, id, actor=BEN, now=NOW).state is BulkState.CANCELLED
    found = looking.view(mint, id, now=NOW)
    assert (found.count[RowState.CANCELLED], found.count[RowState.BAD]) == (4, 1)
    assert actions(mint, id)[-1] == ("bulk.cancelled", BEN)
    with pytest.raises(BulkStateError):
        desk.confirm(mint, id, count=4, leaves_out=True, actor=ANN, now=NOW)
    with pytest.raises(BulkStateError):
        desk.approve(mint, id, count=4, actor=BEN, now=NOW)
    assert desk.cancel(mint, id, actor=BEN, now=NOW).state is BulkState.CANCELLED


def test_cancelled_while_it_runs_nothing_more_is_begun(mint: Mint) -> None:
    id = bring(mint, 2)
    desk.confirm(mint, id, count=2, leaves_out=False, actor=ANN, now=NOW)
    assert desk.cancel(mint, id, actor=ANN, now=NOW).state is BulkState.CANCELLED
    assert Worker(mint).work(id, now=NOW) == 0
    assert looking.view(mint, id, now=NOW).count[RowState.CANCELLED] == 2


def test_the_same_file_again_is_told(mint: Mint) -> None:
    data = b"achievement,email\nSEL1,same@b.example\n"
    first = bring(mint, 0, data=data)
    again = bring(mint, 0, data=data, actor=BEN)
    assert [each.id for each in looking.view(mint, again, now=NOW).same_file] == [first]
    desk.cancel(mint, first, actor=ANN, now=NOW)
    assert looking.view(mint, again, now=NOW).same_file == ()


def test_the_same_key_gives_the_same_bulk_and_another_file_is_refused(mint: Mint) -> None:
    first = bring(mint, 1, key=Key("k", "digest"))
    assert bring(mint, 1, key=Key("k", "digest")) == first
    assert bring(mint, 1, key=Key("k", "digest"), actor=BEN) != first
    with pytest.raises(IdempotencyKeyReusedError):
        bring(mint, 1, key=Key("k", "other"))


def test_a_file_that_cannot_be_meant_leaves_nothing_behind(mint: Mint) -> None:
    before = looking.listed(mint, limit=1_000)
    for data in (b"\xff\xfe", b"x" * (FILE_BYTES + 1), b"name\nx\n"):
        with pytest.raises(BulkFileError):
            bring(mint, 0, data=data)
    assert looking.listed(mint, limit=1_000) == before


def test_others_do_not_see_it(mint: Mint) -> None:
    id = bring(mint, 1)
    assert looking.view(mint, id, now=NOW, issuers=(EDUCATION,)).bulk.id == id
    assert looking.view(mint, id, now=NOW, made_by=ANN).bulk.id == id
    for whose in ({"issuers": (STATE,)}, {"issuers": ()}, {"made_by": BEN}):
        with pytest.raises(NoSuchBulkError):
            looking.view(mint, id, now=NOW, **whose)


def test_lists_are_by_organisation_or_maker_and_go_on_behind_a_bulk(mint: Mint) -> None:
    ids = [bring(mint, 0, bad=1, actor="person:lister") for _ in range(3)]
    found = looking.listed(mint, made_by="person:lister", limit=2)
    then = looking.listed(mint, made_by="person:lister", after=found[-1][0].id, limit=2)
    assert {bulk.id for bulk, _ in (*found, *then)} == set(ids)
    assert looking.listed(mint, issuers=(STATE,), limit=9) == ()


# -- what is kept -------------------------------------------------------------------------------------------


def issue(mint: Mint, *, bad: int = 0) -> Bulk:
    id = bring(mint, 1, bad=bad)
    desk.confirm(mint, id, count=1, leaves_out=True, actor=ANN, now=NOW)
    while Worker(mint).work(id, now=NOW):
        pass
    return looking.view(mint, id, now=NOW).bulk


def contents(mint: Mint, id: str) -> list[bool]:
    with mint.db.reading() as session:
        return [bool(row.content) for row in bulks.rows(session, id, limit=99)]


def test_what_a_file_said_is_forgotten_and_the_result_stays(mint: Mint) -> None:
    bulk = issue(mint, bad=1)
    desk.tidy(mint, now=NOW)
    assert contents(mint, bulk.id) == [False, True]
    desk.tidy(mint, now=NOW + desk.KEPT + timedelta(days=1))
    assert contents(mint, bulk.id) == [False, False]
    issued, left = results.lines(mint, bulk, limit=9)
    assert issued.email.endswith("@b.example")
    assert issued.link is not None
    assert (left.email, left.word) == ("", "left out")


def test_what_nobody_decides_about_is_forgotten(mint: Mint) -> None:
    id = bring(mint, 1)
    desk.tidy(mint, now=NOW + desk.UNDECIDED - timedelta(days=1))
    assert state(mint, id) is BulkState.TRIAL
    desk.tidy(mint, now=NOW + desk.UNDECIDED + timedelta(days=1))
    with pytest.raises(NoSuchBulkError):
        state(mint, id)


def test_a_person_who_was_forgotten_is_in_no_result(mint: Mint) -> None:
    bulk = issue(mint)
    (line,) = results.lines(mint, bulk, limit=9)
    key = (line.link or "").rpartition("/")[2]
    erase(mint, [key], now=NOW, actor="test")
    (after,) = results.lines(mint, bulk, limit=9)
    assert (after.email, after.name, after.link) == ("", "", line.link)
    table = b"".join(results.table(mint, bulk))
    assert line.email.encode() not in table
    assert NOBODY.encode() not in table
    assert contents(mint, bulk.id) == [False]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("312", 312),
        (" 1,234 ", 1234),
        ("1 234", 1234),
        ("1.234", 1234),
        ("", -1),
        ("x", -1),
        ("-3", -1),
        ("9" * 12, -1),
    ],
)
def test_numbers_are_read_as_people_type_them(typed: str, number: int) -> None:
    assert desk.number(typed) == number


# -- what has changed since ---------------------------------------------------------------------------------


def test_what_somebody_proposed_who_is_no_officer_any_more_is_not_approved(mint: Mint) -> None:
    id = bring(mint, 4)
    desk.confirm(mint, id, count=4, leaves_out=False, actor=ANN, now=NOW)
    person = ANN.removeprefix("person:")
    with mint.db.transaction() as session:
        people.withdraw(session, person, Role.OFFICER, EDUCATION, actor="test", now=NOW)
    try:
        with pytest.raises(BulkStateError, match="not an officer"):
            desk.approve(mint, id, count=4, actor=BEN, now=NOW)
    finally:
        with mint.db.transaction() as session:
            people.grant(session, person, Role.OFFICER, EDUCATION, actor="test", now=NOW)
    assert state(mint, id) is BulkState.PROPOSED


def test_what_a_revoked_token_proposed_is_not_approved(mint: Mint) -> None:
    actor = "token:00000000000000aa"
    program(mint, actor)
    id = bring(mint, 4, actor=actor)
    desk.confirm(mint, id, count=4, leaves_out=False, actor=actor, now=NOW)
    with mint.db.transaction() as session:
        tokens.revoke(session, actor.removeprefix("token:"), actor="cli", now=NOW)
    with pytest.raises(BulkStateError, match="revoked"):
        desk.approve(mint, id, count=4, actor=BEN, now=NOW)


@pytest.mark.parametrize("number", [2, 4])
def test_what_is_signed_with_each_row_must_be_what_was_tried(
    mint: Mint, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    id = bring(mint, number)
    if number > 3:
        desk.confirm(mint, id, count=number, leaves_out=False, actor=ANN, now=NOW)
    known = Issuer.members

    def decide() -> None:
        if number > 3:
            desk.approve(mint, id, count=number, actor=BEN, now=NOW)
        else:
            desk.confirm(mint, id, count=number, leaves_out=False, actor=ANN, now=NOW)

    def renamed(self: Issuer, *, public_url: str) -> dict[str, Json]:
        return {**known(self, public_url=public_url), "name": "Another Name"}

    with monkeypatch.context() as patch:
        patch.setattr(Issuer, "members", renamed)
        with pytest.raises(BulkStateError, match="the profile of the organisation changed"):
            decide()


def test_files_of_one_maker_that_wait_are_bounded(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    actor = "token:00000000000000bb"
    monkeypatch.setattr(guards, "UNDECIDED_MAX", 2)
    first, _ = bring(mint, 1, actor=actor), bring(mint, 1, actor=actor)
    with pytest.raises(BulkStateError, match="wait for a decision"):
        bring(mint, 1, actor=actor)
    desk.cancel(mint, first, actor=actor, now=NOW)
    bring(mint, 1, actor=actor)


@pytest.mark.parametrize("starts", [False, True])
def test_somebody_who_is_forgotten_while_their_row_waits_gets_no_award(mint: Mint, starts: bool) -> None:
    mark = next(_NUMBERS)
    gone = f"Gone{mark}@B.example"
    id = bring(
        mint, 0, data=f"achievement,email\nSEL1,gone{mark}@b.example\nSEL1,stays{mark}@b.example\n".encode()
    )
    if starts:
        desk.confirm(mint, id, count=2, leaves_out=False, actor=ANN, now=NOW)
    erase_addresses(mint, [gone], now=NOW, actor="person:gone")
    erase_addresses(mint, [gone], now=NOW, actor="person:gone")
    if not starts:
        desk.confirm(mint, id, count=1, leaves_out=True, actor=ANN, now=NOW)
    while Worker(mint).work(id, now=NOW):
        pass
    found = looking.view(mint, id, now=NOW)
    ended = RowState.REFUSED if starts else RowState.BAD
    assert (found.bulk.state, found.issued, found.count[ended]) == (BulkState.DONE, 1, 1)
    assert gone.casefold() not in b"".join(results.table(mint, found.bulk)).decode().casefold()
    assert actions(mint, id).count(("bulk.person-forgotten", "person:gone")) == 1
