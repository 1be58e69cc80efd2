# SPDX-License-Identifier: Apache-2.0
"""The issuing cycle for chunks of a bulk: nothing lost, nothing twice, each signature good (goals R1, F1)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from credentials.document import parse, write
from credentials.errors import BrokenError, HallmarkError
from credentials.proofs import data_integrity
from credentials.verification_method import KeyAlgorithm
from issuer import issuance, profiles, retention, revocation
from issuer.award import AwardRequest, AwardState
from issuer.bulk import content, engine
from issuer.bulk.bulk import LEASE, Bulk, BulkState, Row, RowState
from issuer.bulk.chunk import Worker
from issuer.bulk.signing import Bench
from issuer.errors import AwardRequestError, ConflictingRowsError, LintError, SelfCheckError
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from issuer.store import bulk_drafts, bulk_work, bulks, credentials, outlines, status
from issuer.store import profiles as profile_rows
from issuer.store.credentials import StoredCredential
from issuer.store.tables import AwardRow, BulkItemRow, CredentialRow, OutlineRow
from keys.errors import KeyStateError, NoActiveKeyError
from service import audit
from tests.issuer.house import NOW, issued, request, verdict

STEPS = ("taken", "intended", "signed", "stored")


class StoppedError(Exception):
    """Stands for the end of the process."""


def begun(mint: Mint, asked: Sequence[AwardRequest]) -> str:
    """Keep a bulk that runs, and return its id."""
    id = str(uuid.uuid4())
    made = Bulk(id, "A year", BulkState.TRIAL, len(asked), sends_mail=False, made_by="cli", made_at=NOW)
    with mint.db.transaction() as session:
        bulks.add(
            session, made, [(number, content.write(each)) for number, each in enumerate(asked, start=2)]
        )
        bulks.step(session, id, before=BulkState.TRIAL, after=BulkState.RUNNING, now=NOW)
    return id


def many(number: int, *, achievement: str = "SEL1-v1") -> list[AwardRequest]:
    return [
        request(achievement=achievement, email=f"person{each}@teachers.example", submission=f"s{each}")
        for each in range(number)
    ]


def rows_of(mint: Mint, id: str) -> tuple[Row, ...]:
    with mint.db.reading() as session:
        return bulks.rows(session, id, limit=10_000)


def credential(mint: Mint, row: Row) -> StoredCredential:
    assert row.award is not None
    with mint.db.reading() as session:
        return credentials.get(session, row.award)


def finish(mint: Mint, id: str) -> None:
    worker = Worker(mint)
    while worker.work(id, now=NOW):
        pass


def test_every_row_becomes_one_credential_that_verifies(mint: Mint) -> None:
    id = begun(mint, many(12))
    finish(mint, id)
    found = rows_of(mint, id)
    assert {row.state for row in found} == {RowState.ISSUED}
    signed = [credential(mint, row) for row in found]
    assert len({each.credential_id for each in signed}) == 12
    assert all(verdict(mint, each.signed_json) == "valid" for each in signed)
    with mint.db.reading() as session:
        done = bulks.get(session, id)
    assert done is not None
    assert done.state is BulkState.DONE


def test_the_bytes_are_those_that_signing_alone_would_give(mint: Mint) -> None:
    id = begun(mint, many(3))
    finish(mint, id)
    signer = mint.cabinet.signer("example-education", KeyAlgorithm.ED25519)
    for row in rows_of(mint, id):
        raw = credential(mint, row).signed_json
        assert raw is not None
        members = {name: value for name, value in parse(raw).members.items() if name != "proof"}
        assert raw == write(
            data_integrity.add_proof(members, signer=signer, created=NOW.replace(microsecond=0))
        )


def test_places_are_random_and_each_is_given_once(mint: Mint) -> None:
    id = begun(mint, many(40))
    finish(mint, id)
    with mint.db.reading() as session:
        given = [status.places(session, row.award or "")[0] for row in rows_of(mint, id)]
    indices = [place.position for place in given]
    assert len(set(indices)) == 40
    assert indices != sorted(indices)


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_another_worker_finishes_and_nothing_is_lost_or_twice(mint: Mint, step: str) -> None:
    id = begun(mint, many(5))

    def reached(name: str) -> None:
        if name == step:
            raise StoppedError(step)

    with pytest.raises(StoppedError):
        Worker(replace(mint, reached=reached)).work(id, now=NOW)
    other, later = Worker(mint), NOW + LEASE
    while other.work(id, now=later):
        pass
    found = rows_of(mint, id)
    assert {row.state for row in found} == {RowState.ISSUED}
    assert len({row.award for row in found}) == 5
    with mint.db.reading() as session:
        assert len(credentials.every(session)) == 5
        assert credentials.unfinished(session) == ()
    assert all(verdict(mint, credential(mint, row).signed_json) == "valid" for row in found)


def test_rows_in_somebody_s_hands_are_left_alone_until_the_lease_ends(mint: Mint) -> None:
    id = begun(mint, many(3))

    def reached(name: str) -> None:
        raise StoppedError(name)

    with pytest.raises(StoppedError):
        Worker(replace(mint, reached=reached)).work(id, now=NOW)
    assert Worker(mint).work(id, now=NOW + LEASE - timedelta(seconds=1)) == 0
    assert Worker(mint).work(id, now=NOW + LEASE) == 3


def test_a_submission_that_was_awarded_before_is_refused_with_the_reason(mint: Mint) -> None:
    asked = many(3)
    issuance.award(mint, asked[1], now=NOW)
    id = begun(mint, asked)
    finish(mint, id)
    states = [(row.state, row.reason) for row in rows_of(mint, id)]
    assert [state for state, _ in states] == [RowState.ISSUED, RowState.REFUSED, RowState.ISSUED]
    assert "awarded already" in states[1][1]


def test_several_rows_of_a_chunk_are_refused_together_each_with_its_reason(mint: Mint) -> None:
    asked = many(4)
    for each in asked[1:3]:
        issuance.award(mint, each, now=NOW)
    below = replace(asked[3], levels=(("no-such-criterion", "Passing"),))
    id = begun(mint, [*asked[:3], below])
    finish(mint, id)
    found = rows_of(mint, id)
    assert [row.state for row in found] == [RowState.ISSUED, *(RowState.REFUSED,) * 3]
    assert ["awarded already" in row.reason for row in found] == [False, True, True, False]
    assert "no-such-criterion" in found[3].reason


def test_what_is_intended_is_the_exact_bytes_though_what_all_share_is_kept_once(mint: Mint) -> None:
    id = begun(mint, many(3))

    def reached(name: str) -> None:
        if name == "intended":
            raise StoppedError(name)

    with pytest.raises(StoppedError):
        Worker(replace(mint, reached=reached)).work(id, now=NOW)
    with mint.db.reading() as session:
        kept = session.scalars(select(CredentialRow.intended)).all()
        assert session.scalar(select(func.count()).select_from(OutlineRow)) == 1
    meant = [credential(mint, row).intended for row in rows_of(mint, id)]
    assert all(len(each or b"") < 2_000 for each in kept)
    assert Worker(mint).work(id, now=NOW + LEASE) == 3
    for row, intended in zip(rows_of(mint, id), meant, strict=True):
        raw = credential(mint, row).signed_json
        assert raw is not None
        assert intended is not None
        members = {name: value for name, value in parse(raw).members.items() if name != "proof"}
        assert write(members) == intended.document


def test_a_document_whose_outline_is_gone_is_not_made_up(mint: Mint) -> None:
    id = begun(mint, many(2))

    def reached(name: str) -> None:
        if name == "intended":
            raise StoppedError(name)

    with pytest.raises(StoppedError):
        Worker(replace(mint, reached=reached)).work(id, now=NOW)
    with mint.db.transaction() as session:
        session.execute(update(OutlineRow).values(body=b"{}"))
    with pytest.raises(BrokenError, match="outline"):
        Worker(mint).work(id, now=NOW + LEASE)


def test_what_is_signed_is_kept_once_for_all_and_is_the_same_bytes(mint: Mint) -> None:
    id = begun(mint, many(4))
    finish(mint, id)
    alone = issued(mint, submission="alone")
    with mint.db.reading() as session:
        kept = {each.key: each.signed_json for each in session.scalars(select(CredentialRow))}
    assert kept[alone.key] == alone.signed_json
    for row in rows_of(mint, id):
        raw = credential(mint, row).signed_json
        assert raw is not None
        assert len(kept[row.award or ""] or raw) < len(raw) / 5
        assert write(dict(parse(raw).members)) == raw


@pytest.mark.parametrize("body", [b"{}", None])
def test_a_credential_whose_outline_is_gone_is_an_error_and_never_other_bytes(
    mint: Mint, body: bytes | None
) -> None:
    id = begun(mint, many(2))
    finish(mint, id)
    with mint.db.transaction() as session:
        session.execute(delete(OutlineRow) if body is None else update(OutlineRow).values(body=body))
    for row in rows_of(mint, id):
        with pytest.raises(BrokenError, match="outline"):
            credential(mint, row)


def test_a_value_that_was_changed_where_it_is_kept_is_never_valid(mint: Mint) -> None:
    id = begun(mint, many(1))
    finish(mint, id)
    (row,) = rows_of(mint, id)
    salt = salt_of(mint, row).encode()
    with mint.db.transaction() as session:
        found = session.scalars(select(CredentialRow)).one()
        assert found.signed_json is not None
        assert salt in found.signed_json
        found.signed_json = found.signed_json.replace(salt, salt[::-1])
    raw = credential(mint, row).signed_json
    assert raw is not None
    assert verdict(mint, raw) == "invalid"


def salt_of(mint: Mint, row: Row) -> str:
    """The salt of a row's award."""
    with mint.db.reading() as session:
        return session.scalars(select(AwardRow.salt).where(AwardRow.key == row.award)).one()


def test_what_would_not_come_back_as_it_was_signed_is_not_stored(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = begun(mint, many(2))
    filled = outlines.fill
    monkeypatch.setattr(outlines, "fill", lambda body, kept: filled(body, kept) + b" ")
    with pytest.raises(SelfCheckError, match="stored"):
        Worker(mint).work(id, now=NOW)
    monkeypatch.undo()
    assert [credential(mint, row).signed_json for row in rows_of(mint, id)] == [None, None]


def test_a_profile_that_changes_under_a_worker_is_in_what_it_signs_next(mint: Mint) -> None:
    id, worker = begun(mint, many(2)), Worker(mint)
    assert worker.work(id, now=NOW) == 2
    with mint.db.reading() as session:
        stored = profile_rows.get(session, "example-education")
    assert stored is not None
    name = profiles.get(mint, "example-education").profile.name
    changed = stored.source.replace(name.encode(), f"{name} Renamed".encode())
    profiles.register(mint, changed, name="example-education.toml", now=NOW)
    other = begun(mint, [request(email="later@teachers.example", submission="later")])
    assert worker.work(other, now=NOW) == 1
    found = []
    for bulk in (id, other):
        raw = credential(mint, rows_of(mint, bulk)[0]).signed_json
        assert verdict(mint, raw) == "valid"
        issuer = parse(raw or b"").members["issuer"]
        assert isinstance(issuer, dict)
        found.append(issuer["name"])
    assert found == [name, f"{name} Renamed"]


def test_the_same_award_in_two_rows_is_issued_once(mint: Mint) -> None:
    asked = many(2)
    id = begun(mint, [asked[0], asked[1], asked[0]])
    finish(mint, id)
    assert [row.state for row in rows_of(mint, id)] == [RowState.ISSUED, RowState.ISSUED, RowState.REFUSED]


def test_a_row_below_the_required_level_is_refused_and_the_others_go_on(mint: Mint) -> None:
    asked = many(3)
    below = replace(asked[1], levels=(("no-such-criterion", "Passing"),))
    id = begun(mint, [asked[0], below, asked[2]])
    finish(mint, id)
    assert [row.state for row in rows_of(mint, id)] == [RowState.ISSUED, RowState.REFUSED, RowState.ISSUED]


def test_two_workers_that_want_the_same_rows_each_take_others(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issuer.bulk.chunk.CHUNK", 2)
    id = begun(mint, many(6))
    first, second = Worker(mint), Worker(mint)
    assert [first.work(id, now=NOW), second.work(id, now=NOW), first.work(id, now=NOW)] == [2, 2, 2]
    assert {row.state for row in rows_of(mint, id)} == {RowState.ISSUED}


def test_rows_that_conflict_all_the_time_are_awarded_one_by_one(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def conflict(*_args: object, **_kwargs: object) -> None:
        raise ConflictingRowsError("somebody else")

    monkeypatch.setattr(bulk_drafts, "intend", conflict)
    id = begun(mint, many(3))
    finish(mint, id)
    assert {row.state for row in rows_of(mint, id)} == {RowState.ISSUED}


def test_a_key_that_was_retired_meanwhile_signs_nothing_that_becomes_known(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(mint)  # so that the status lists are published
    id = begun(mint, many(2))

    def refuse(_self: object, _key: object) -> None:
        raise KeyStateError("This key has been taken out of use and signs nothing more.")

    with monkeypatch.context() as patched:
        patched.setattr(type(mint.cabinet), "require_active", refuse)
        assert Worker(mint).work(id, now=NOW) == 2
        assert Worker(mint).work(id, now=NOW) == 0, "what cannot be done now is not tried again at once"
    with mint.db.reading() as session:
        assert len(credentials.every(session)) == 1
    Worker(mint).work(id, now=NOW + LEASE)
    assert {row.state for row in rows_of(mint, id)} == {RowState.ISSUED}


def test_what_is_withdrawn_before_it_is_signed_is_not_signed(mint: Mint) -> None:
    id = begun(mint, many(3))

    def reached(name: str) -> None:
        if name == "signed":
            row = rows_of(mint, id)[1]
            assert row.award is not None
            revocation.decide(mint, row.award, Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR), now=NOW)

    Worker(replace(mint, reached=reached)).work(id, now=NOW)
    states = [row.state for row in rows_of(mint, id)]
    assert states == [RowState.ISSUED, RowState.REFUSED, RowState.ISSUED]


def test_a_cancelled_bulk_is_not_worked_on(mint: Mint) -> None:
    id = begun(mint, many(3))
    with mint.db.transaction() as session:
        bulks.step(session, id, before=BulkState.RUNNING, after=BulkState.CANCELLED, now=NOW)
        assert bulks.cancel_waiting(session, id) == 3
    assert Worker(mint).work(id, now=NOW) == 0


def test_a_text_that_others_would_sign_differently_halts_its_row_alone(mint: Mint) -> None:
    """A private-use character and an emoji in one document may sort differently elsewhere: each is linted."""
    asked = many(2)
    odd = replace(asked[1], narrative="\ue000 and 😀 in one story")
    id = begun(mint, [asked[0], odd])
    finish(mint, id)
    states = [row.state for row in rows_of(mint, id)]
    assert states[0] is RowState.ISSUED
    assert states[1] in (RowState.ISSUED, RowState.REFUSED)


def test_each_chunk_leaves_an_audit_line_for_each_step(mint: Mint) -> None:
    id = begun(mint, many(3))
    finish(mint, id)
    with mint.db.reading() as session:
        lines = audit.lines(session, subject=f"bulk:{id}")
        assert audit.check(session) is None
    assert [line.action for line in lines] == ["bulk.intended", "bulk.issued", "bulk.done"]
    assert all(line.detail.get("count", 3) == 3 for line in lines)


def test_rows_that_go_one_by_one_stop_when_the_bulk_is_cancelled(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = begun(mint, many(6))
    awarded: list[str] = []

    def odd(*_: object) -> None:
        raise AwardRequestError("It cannot be written down with the others.")

    def award(given: Mint, asked: AwardRequest, **words: Any) -> issuance.Written:
        written = real(given, asked, **words)
        awarded.append(written.award.key)
        return written

    def alone(self: Bench, row: Row, *, now: datetime) -> None:
        if row.number == 2:
            engine.cancel(mint, id, now=now, actor="person:other")
        finishes(self, row, now=now)

    real, finishes = issuance.award, Bench.alone
    monkeypatch.setattr("issuer.bulk.papers.Press.prepare", odd)
    monkeypatch.setattr(issuance, "award", award)
    monkeypatch.setattr(Bench, "alone", alone)
    Worker(mint).work(id, now=NOW)
    found = rows_of(mint, id)
    assert [row.state for row in found] == [RowState.ISSUED, *[RowState.CANCELLED] * 5]
    assert awarded == [found[0].award]


def test_a_row_in_other_hands_is_not_awarded_one_by_one(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    id = begun(mint, many(3))
    others: list[Worker] = []

    def slow(*_: object) -> None:
        if not others:  # the lease lapses while the first looks at its rows, and another takes them
            others.append(Worker(mint))
            others[0]._take(id, now=NOW + LEASE)
        raise AwardRequestError("It cannot be written down with the others.")

    with monkeypatch.context() as patch:
        patch.setattr("issuer.bulk.papers.Press.prepare", slow)
        Worker(mint).work(id, now=NOW)
    assert {row.state for row in rows_of(mint, id)} == {RowState.WAITING}
    Worker(mint).work(id, now=NOW + 2 * LEASE)
    assert {row.state for row in rows_of(mint, id)} == {RowState.ISSUED}


@pytest.mark.parametrize(
    "trouble",
    [
        NoActiveKeyError("There is no active key."),
        LintError("The list is from the future.", got="undetermined"),
    ],
)
def test_what_cannot_be_done_at_the_moment_is_tried_again_and_refuses_no_row(
    mint: Mint, monkeypatch: pytest.MonkeyPatch, trouble: HallmarkError
) -> None:
    id = begun(mint, many(2))

    def fails(*_: object, **__: object) -> None:
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr("issuer.bulk.papers.Press.prepare", fails)
        patch.setattr("issuer.self_check.lint", fails)
        Worker(mint).work(id, now=NOW)
    assert {row.state for row in rows_of(mint, id)} == {RowState.BEGUN}
    Worker(mint).work(id, now=NOW + LEASE)
    assert {row.state for row in rows_of(mint, id)} == {RowState.ISSUED}


def test_what_is_signed_is_issued_whatever_the_row_said(mint: Mint) -> None:
    id = begun(mint, many(1))
    finish(mint, id)
    with mint.db.transaction() as session:
        session.execute(update(BulkItemRow).values(state=RowState.CANCELLED))
        bulk_work.finish(session, id, [2])
    assert [row.state for row in rows_of(mint, id)] == [RowState.ISSUED]


def test_somebody_forgotten_while_their_award_is_signed_is_forgotten_in_it_too(mint: Mint) -> None:
    id = begun(mint, many(2))

    def reached(step: str) -> None:
        if step == "intended":
            retention.erase_addresses(mint, ["Person1@teachers.example"], now=NOW, actor="person:1")

    Worker(replace(mint, reached=reached)).work(id, now=NOW)
    found = rows_of(mint, id)
    assert {row.state for row in found} == {RowState.ISSUED}
    with mint.db.reading() as session:
        awards = [credentials.award(session, row.award or "") for row in found]
    addresses = [each.request.email for each in awards if each is not None]
    assert addresses == ["person0@teachers.example", retention.NOBODY]
