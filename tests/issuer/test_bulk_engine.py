# SPDX-License-Identifier: Apache-2.0
"""Bulks are driven to their end by processes that may die, and what follows their last row (goals R1, F1)."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from multiprocessing import Pipe
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app
from credentials.stencil import part
from issuer import achievements, issuance, programme
from issuer.award import Award, AwardRequest, AwardState, evidence_of
from issuer.bulk import crew as crew_module
from issuer.bulk import engine, mails
from issuer.bulk.bulk import LEASE, RowState
from issuer.bulk.chunk import Worker
from issuer.bulk.crew import Clock, Crew, Task
from issuer.bulk.drafting import Drafting, Wanted
from issuer.bulk.forms import Former
from issuer.errors import NoSuchBulkError
from issuer.mint import Mint
from issuer.publish import published
from issuer.store import bulk_follow, credentials
from issuer.store.status import Place
from service import audit, mail
from service.errors import DatabaseUnavailableError
from service.settings import Settings
from tests.issuer.house import NOW, issued, request, verdict
from tests.issuer.test_bulk_chunk import begun, credential, many, rows_of


def slow_opener(given: Settings) -> Mint:
    """Open the room in a worker that dies by its own hand when it has intended something."""

    def reached(step: str) -> None:
        if step == "intended":
            os.kill(os.getpid(), signal.SIGKILL)

    return replace(app.open_mint(given), reached=reached)


def test_processes_issue_every_row_and_make_both_forms(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    issued(mint)
    monkeypatch.setattr(engine, "FEW", 0)
    monkeypatch.setattr(engine, "CHUNK", 10)
    monkeypatch.setattr("issuer.bulk.chunk.CHUNK", 10)
    id = begun(mint, many(40))
    told: list[engine.Progress] = []
    done = engine.run(mint, id, now=NOW, processes=2, progress=told.append)
    assert done == engine.Progress(waiting=0, begun=0, issued=40, refused=0, cancelled=0)
    assert done.is_finished
    assert all(each.total == 40 for each in told)
    found = [credential(mint, row) for row in rows_of(mint, id)]
    assert len({each.key for each in found}) == 40
    assert all(verdict(mint, each.signed_json) == "valid" for each in found[::10])
    assert all(verdict(mint, each.signed_jwt) == "valid" for each in found[::10])


def test_a_worker_that_dies_is_noticed_and_what_it_held_is_free_at_once(mint: Mint) -> None:
    issued(mint)
    id = begun(mint, many(5))
    crew = Crew(mint, slow_opener, Task())
    crew.start(1, now=NOW)
    while crew.watch(0.2):
        pass
    assert engine.progress(mint, id).begun == 5
    assert Worker(mint).work(id, now=NOW) == 5, "the lease has not lapsed, and yet they are free"
    assert engine.progress(mint, id).issued == 5
    crew.end()


def test_workers_that_die_all_the_time_are_not_started_for_ever(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "FEW", 0)
    id = begun(mint, many(3))
    dying = replace(mint, opener=_dead)
    assert not engine.run(dying, id, now=NOW, processes=1).is_finished
    assert engine.run(mint, id, now=NOW, processes=1).is_finished, "what they left is done by others"


def _dead(_settings: Settings) -> Mint:
    os._exit(9)


def test_a_worker_that_begins_while_the_database_is_away_ends_without_a_mistake(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("issuer.bulk.crew.log.configure", lambda _: None)
    ours, theirs = Pipe()
    orders = crew_module._Orders(_away, mint.settings, Task(), "name", Clock.begin(NOW))
    with ours, theirs, pytest.raises(SystemExit, match="1"):
        crew_module._serve(orders, theirs, ())


def _away(_settings: Settings) -> Mint:
    raise DatabaseUnavailableError("The database cannot be reached.")


def test_workers_end_when_they_are_told(mint: Mint) -> None:
    begun(mint, many(3))
    assert mint.opener is not None
    crew = Crew(mint, mint.opener, Task())
    crew.start(1, now=NOW)
    (pid,) = crew.pids
    crew.end()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_thread_of_a_service_works_on_few_rows_itself_and_lets_others_have_their_turn(mint: Mint) -> None:
    id = begun(mint, many(4))
    done: list[int] = []
    driver = engine.Engine(mint)
    thread = threading.Thread(target=lambda: done.append(driver.work(now=NOW)))
    thread.start()
    thread.join()
    assert engine.progress(mint, id).issued == 4
    assert done == [8], "rows, and forms"
    assert driver.work(now=NOW) == 0


def test_what_was_begun_is_finished_when_a_bulk_is_cancelled_and_the_rest_is_not_begun(mint: Mint) -> None:
    id = begun(mint, many(4))

    class StoppedError(Exception):
        pass

    def reached(step: str) -> None:
        if step == "intended":
            raise StoppedError

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("issuer.bulk.chunk.CHUNK", 2)
        with pytest.raises(StoppedError):
            Worker(replace(mint, reached=reached)).work(id, now=NOW)
    assert engine.cancel(mint, id, now=NOW, actor="cli") == 2
    assert engine.cancel(mint, id, now=NOW, actor="cli") == 0
    engine.work_all(mint, now=NOW + LEASE)
    found = engine.progress(mint, id)
    assert (found.issued, found.cancelled, found.is_finished) == (2, 2, True)


def test_rows_that_are_cancelled_while_a_worker_holds_them_are_not_awarded(mint: Mint) -> None:
    id = begun(mint, many(3))

    def reached(step: str) -> None:
        if step == "taken":
            engine.cancel(mint, id, now=NOW, actor="cli")

    Worker(replace(mint, reached=reached)).work(id, now=NOW)
    assert {row.state for row in rows_of(mint, id)} == {RowState.CANCELLED}
    with mint.db.reading() as session:
        assert credentials.every(session) == ()


def test_an_award_whose_worker_died_before_it_was_noted_beside_its_row_is_that_row_s(mint: Mint) -> None:
    id = begun(mint, many(2))
    row = rows_of(mint, id)[0]
    asked = replace(many(1)[0], idempotency_key=row.idempotency_key)
    written = issuance.award(mint, asked, now=NOW)
    engine.work_all(mint, now=NOW)
    found = rows_of(mint, id)
    assert found[0].award == written.award.key
    assert {row.state for row in found} == {RowState.ISSUED}


def test_there_is_no_progress_of_what_does_not_exist(mint: Mint) -> None:
    with pytest.raises(NoSuchBulkError):
        engine.progress(mint, "nothing")
    with pytest.raises(NoSuchBulkError):
        engine.cancel(mint, "nothing", now=NOW, actor="cli")


def test_until_its_form_is_made_a_credential_is_offered_in_the_other(mint: Mint) -> None:
    id = begun(mint, many(2))
    worker = Worker(mint)
    while worker.work(id, now=NOW):
        pass
    key = rows_of(mint, id)[0].award
    base = f"{mint.public_url}/credentials/{key}"
    assert published(mint, base, now=NOW) is not None
    assert published(mint, f"{base}.png", now=NOW) is not None
    client = app.create_app(mint.settings).test_client()
    missing = client.get(f"/credentials/{key}.jwt")
    assert missing.status_code == 404
    assert missing.headers["Retry-After"] == "30"
    assert client.get(f"/credentials/{key}", headers={"Accept": "text/html"}).status_code == 200
    assert client.get(f"/credentials/{key}", headers={"Accept": "image/png"}).status_code == 200
    assert engine.work_all(mint, now=NOW) == 2
    assert client.get(f"/credentials/{key}.jwt").status_code == 200
    with mint.db.reading() as session:
        assert bulk_follow.formless_bulks(session) == ()
        actions = [line.action for line in audit.lines(session, subject=f"bulk:{id}")]
    assert actions == ["bulk.intended", "bulk.issued", "bulk.done", "bulk.formed"]


def test_two_that_make_the_same_forms_leave_the_first(mint: Mint) -> None:
    id = begun(mint, many(1))
    worker = Worker(mint)
    while worker.work(id, now=NOW):
        pass

    def reached(step: str) -> None:
        if step == "formed":
            assert Former(mint, "other").work(id, now=NOW + LEASE) == 1

    Former(replace(mint, reached=reached), "slow").work(id, now=NOW)
    found = credential(mint, rows_of(mint, id)[0])
    assert verdict(mint, found.signed_jwt) == "valid"


def _told(mint: Mint) -> list[mail.Mail]:
    with mint.db.reading() as session:
        return [each for each in mail.listing(session, limit=100) if each.kind == "bulk-awarded"]


def test_each_earner_gets_one_mail_with_all_links_and_none_twice(mint: Mint) -> None:
    asked = [*many(2), request(email="person0@teachers.example", submission="another")]
    id = begun(mint, asked)
    with mint.db.transaction() as session:
        session.connection().exec_driver_sql("UPDATE issuer_bulks SET sends_mail = true")
    assert mails.write_mails(mint, now=NOW) == 0, "not before everything is there"
    engine.work_all(mint, now=NOW)
    assert mails.write_mails(mint, now=NOW) == 2
    assert mails.write_mails(mint, now=NOW) == 0
    assert sorted(each.address for each in _told(mint)) == [
        "person0@teachers.example",
        "person1@teachers.example",
    ]
    with mint.db.reading() as session:
        contents = {each.address: mail.content(session, each.id) for each in _told(mint)}
    words = contents["person0@teachers.example"]
    assert words is not None
    for row in (rows_of(mint, id)[0], rows_of(mint, id)[2]):
        assert f"/credentials/{row.award}" in words.text
        assert f"/credentials/{row.award}" in words.html


def test_a_bulk_that_writes_to_nobody_writes_to_nobody(mint: Mint) -> None:
    begun(mint, many(1))
    engine.work_all(mint, now=NOW)
    assert mails.write_mails(mint, now=NOW) == 0


_TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=20).filter(str.strip)
_PIECES = st.builds(
    lambda name, description, narrative, genre, url: evidence_of(
        b"x", name=name, salt=bytes(16), description=description, narrative=narrative, genre=genre, url=url
    ),
    _TEXT,
    st.none() | _TEXT,
    st.none() | _TEXT,
    st.none() | _TEXT,
    st.none() | st.just("https://example.org/evidence"),
)


@pytest.fixture(scope="module")
def drafting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drafting]:
    mint = app.open_mint(Settings(data=tmp_path_factory.mktemp("sketch")))
    mint.db.upgrade()
    programme.seed(mint, now=NOW - timedelta(days=1))
    yield Drafting(mint, NOW, {})
    mint.db.close()


@settings(max_examples=int(os.environ.get("EXAMPLES", "60")), deadline=None)
@given(
    name=st.none() | _TEXT,
    hides_name=st.booleans(),
    narrative=st.none() | _TEXT,
    start=st.booleans(),
    end=st.booleans(),
    evidence=st.lists(_PIECES, max_size=3),
    purposes=st.sampled_from([("revocation",), ("revocation", "suspension")]),
)
def test_the_values_that_are_written_down_are_those_that_parting_the_document_gives(
    drafting: Drafting, purposes: tuple[str, ...], **asked_for: Any
) -> None:
    start, end = asked_for.pop("start"), asked_for.pop("end")
    asked = AwardRequest(
        "SEL1-v1",
        "Some.One@Teachers.Example",
        "s",
        NOW,
        activity_start=NOW - timedelta(days=9) if start else None,
        activity_end=NOW - timedelta(days=2) if end else None,
        evidence=tuple(asked_for.pop("evidence")),
        **asked_for,
    )
    award = Award("k", "example-education", asked, "5a" * 16, AwardState.AWARDED)
    achievement = achievements.get(drafting.mint, asked.achievement)
    wanted = Wanted(2, award, "Some.One@teachers.example", "https://example.org/c/1", achievement)
    drafting._check(asked.achievement, asked.levels, achievement)
    places = tuple(Place("ab" * 16, number + 7, each, is_set=False) for number, each in enumerate(purposes))
    assert drafting.values(wanted, places) == part(drafting.compose(wanted, places))[1]


def test_every_process_of_a_machine_counts_time_alike() -> None:
    clock = Clock.begin(NOW)
    assert NOW <= clock() < NOW + timedelta(minutes=1)


def test_a_thread_of_a_service_has_its_workers_from_a_process_made_for_that(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued(mint)
    monkeypatch.setattr(engine, "FEW", 0)
    monkeypatch.setattr(engine, "SLICE", 600)
    id = begun(mint, many(30))
    service = engine.Engine(mint)
    thread = threading.Thread(target=lambda: service.work(now=NOW))
    thread.start()
    thread.join(timeout=120)
    assert not thread.is_alive()
    service.close()
    found = [credential(mint, row) for row in rows_of(mint, id)]
    assert engine.progress(mint, id).issued == 30
    assert all(each.signed_jwt is not None for each in found)
