# SPDX-License-Identifier: Apache-2.0
"""Many at once, bounded: what it may keep, how long it waits, and what one batch may do to another."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from service.db import Database
from service.errors import NoTimeLeftError, TimedOutError
from tests.verifier.bringing import archive
from tests.verifier.test_batching import NOW, opened
from tests.world import OWNER, World
from verifier import batch_room, batch_work, batching, unpack
from verifier.bureau import Bureau
from verifier.errors import BatchesFullError, BatchQuestionError
from verifier.lines import Line
from verifier.patience import STRIKES
from verifier.ports import Fetched
from verifier.receipt_view import batch_view
from verifier.store import batches
from verifier.store.batch_work import due, take


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def bureau(tmp_path: Path, world: World, db: Database) -> Bureau:
    return opened(tmp_path, world, db)


def brought(bureau: Bureau) -> list[Path]:
    return [path for path in (bureau.settings.data / "brought").rglob("*") if path.is_file()]


def test_cancelling_while_an_archive_is_opened_leaves_no_address_and_no_file(
    bureau: Bureau, world: World
) -> None:
    """Whoever has the link can cancel at any moment; what was typed must not outlive that."""
    packed = archive({f"{n}.json": world.issuer("union").mint() for n in range(3)})
    lines = [Line("a.zip", raw=packed, recipient="secret.person@district.example")]
    id = batching.open(bureau, lines, label="x", now=NOW)

    def reached(step: str) -> None:
        if step == "examined":
            batching.cancel(bureau, id, now=NOW)

    batch_work.work(bureau, now=NOW, reached=reached)
    with bureau.db.reading() as session:
        items = batches.items(session, id)
    assert [(item.file, item.recipient) for item in items] == [(None, None)]
    assert not brought(bureau)


def test_the_daily_job_forgets_what_a_closed_batch_still_holds(bureau: Bureau, world: World) -> None:
    lines = [Line("a", raw=world.issuer("union").mint(), recipient=OWNER)]
    id = batching.open(bureau, lines, label="x", now=NOW)
    with bureau.db.transaction() as session:
        session.execute(text("UPDATE verifier_batches SET state = 'cancelled'"))
    batching.tidy(bureau, now=NOW)
    with bureau.db.reading() as session:
        (item,) = batches.items(session, id)
    assert (item.file, item.recipient) == (None, None)
    assert not brought(bureau)


def test_the_report_of_a_batch_that_was_stopped_has_every_row_under_its_number(
    bureau: Bureau, world: World
) -> None:
    """Whoever has the link can stop it; a revoked thing must not vanish from what is signed."""
    union = world.issuer("union")
    revoked = union.mint()
    union.revoke(revoked)
    packed = archive({f"{n}.json": union.mint() for n in range(2)})
    lines = [
        Line("a.zip", raw=packed),
        Line("mine.json", raw=union.mint(), recipient=OWNER),
        Line("revoked.json", raw=revoked, recipient=OWNER),
        Line("last.json", raw=b"{}"),
    ]
    id = batching.open(bureau, lines, label="claims", now=NOW)
    hold(bureau, id, 3_000_000)
    while batch_work.work(bureau, now=NOW):
        pass
    with pytest.raises(BatchQuestionError):
        batching.report(bureau, id, now=NOW)
    batching.cancel(bureau, id, now=NOW)
    told = batching.report(bureau, id, now=NOW)
    members = json.loads(told.record)
    assert [(each["row"], each["outcome"], each["recipient"]) for each in members["lines"]] == [
        ("1.1", "valid", "not-asked"),
        ("1.2", "valid", "not-asked"),
        ("2", "valid", "matched"),
        ("3", "not-checked", "not-checked"),
        ("4", "no-credential", "not-asked"),
    ]
    assert (members["state"], members["checked"], members["count"]) == ("cancelled", 4, 5)
    assert members["recipient"] == "asked-of-some"
    view = batch_view(told)
    assert (view.extent, view.is_whole) == (
        "4 of 5 things were checked; the batch was stopped before the end.",
        False,
    )
    assert view.lines[3].sentence == batching.NOT_CHECKED


def hold(bureau: Bureau, id: str, position: int) -> None:
    """Take a row, as somebody else who works on it."""
    with bureau.db.transaction() as session:
        item = batches.item(session, id, position)
        assert item is not None
        assert take(session, id, item, now=NOW, until=NOW + timedelta(seconds=60))


def test_an_archive_keeps_no_more_bytes_than_a_batch_and_the_house_have_room_for(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some hundred kilobytes of archive must not fill the disk."""
    picture = b"\x89PNG\r\n\x1a\n" + bytes(1_000_000)
    packed = archive({f"{n}.png": picture for n in range(6)})
    monkeypatch.setattr(batch_room, "BATCH_BYTES", 3_500_000)
    most: list[int] = []

    def reached(step: str) -> None:
        most.append(sum(path.stat().st_size for path in brought(bureau)))

    id = batching.open(bureau, [Line(f"{n}.zip", raw=packed) for n in range(2)], label="x", now=NOW)
    while batch_work.work(bureau, now=NOW, reached=reached):
        pass
    assert max(most) < 3_600_000
    said = [line.sentence for line in batching.lines_of(bureau, id)]
    assert len(said) == 12
    assert sum("would wait to be looked at, so this file was left out" in each for each in said) >= 6
    assert not brought(bureau)
    monkeypatch.setattr(batch_room, "HOUSE_BYTES", 1_500_000)
    id = batching.open(bureau, [Line("a.zip", raw=packed)], label="x", now=NOW)
    while batch_work.work(bureau, now=NOW):
        pass
    said = [line.sentence for line in batching.lines_of(bureau, id)]
    assert sum("So much waits" in each for each in said) == 5
    with pytest.raises(BatchesFullError):
        batching.open(bureau, [Line("a.png", raw=picture), Line("b.png", raw=picture)], label="x", now=NOW)
    assert not brought(bureau)


def test_members_come_one_by_one_while_the_place_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = archive({f"{n}.json": b"{}" for n in range(3)})
    members = unpack.split(packed)
    assert next(members).content == b"{}"
    held = unpack._cell._places._value
    rest = list(members)
    assert len(rest) == 2
    assert unpack._cell._places._value == held + 1


def test_many_batches_of_silent_hosts_do_not_keep_a_later_one_waiting(bureau: Bureau, world: World) -> None:
    for number in range(20):
        lines = [Line(f"{n}", url=f"https://silent{number}.example/{n}") for n in range(40)]
        batching.open(bureau, lines, label="slow", now=NOW)
    last = batching.open(bureau, [Line("a", raw=world.issuer("union").mint())], label="last", now=NOW)
    with bureau.db.reading() as session:
        found = due(session, now=NOW, together=2_000, least=16)
    assert len(found) == 21
    assert last in {batch.id for batch in found}
    assert min(len(rows) for rows in found.values() if len(rows) > 1) == 40


def test_a_host_that_got_no_time_has_no_strike_and_its_row_another_try(bureau: Bureau, world: World) -> None:
    """A slow host in one thing must not make the issuer of a good one look silent."""
    good = world.issuer("union").mint()
    asked: list[str] = []

    def network(url: str, *, max_bytes: int, accept: str) -> Fetched:
        asked.append(url)
        if len(asked) <= 5:
            raise NoTimeLeftError("union.example did not answer in time.", got="union.example")
        return world.network(url, max_bytes=max_bytes, accept=accept)

    bureau = replace(bureau, desk=replace(bureau.desk, network=lambda: network))
    lines = [Line(f"{n}.json", raw=good) for n in range(5)]
    id = batching.open(bureau, lines, label="x", now=NOW)
    while batch_work.work(bureau, now=NOW):
        pass
    verdicts = [line.item.verdict for line in batching.lines_of(bureau, id)]
    assert verdicts.count("valid") >= 4
    assert not [line for line in batching.lines_of(bureau, id) if "not asked again" in line.sentence]


def test_what_one_batch_finds_silent_is_asked_again_for_another(bureau: Bureau, world: World) -> None:
    good = world.issuer("union").mint()
    world.served["https://silent.example/good"] = good
    down = [True] * STRIKES
    other: list[str] = []

    def network(url: str, *, max_bytes: int, accept: str) -> Fetched:
        if "silent" in url and down:
            down.pop()
            raise TimedOutError("silent.example did not answer in time.", got="silent.example")
        return world.network(url, max_bytes=max_bytes, accept=accept)

    def reached(step: str) -> None:
        if step == "written" and not down and not other:
            line = Line("a", url="https://silent.example/good")
            other.append(batching.open(bureau, [line], label="y", now=NOW))

    bureau = replace(bureau, desk=replace(bureau.desk, network=lambda: network))
    lines = [Line(f"{n}", url=f"https://silent.example/{n}") for n in range(12)]
    batching.open(bureau, lines, label="x", now=NOW)
    while batch_work.work(bureau, now=NOW, reached=reached):
        pass
    (line,) = batching.lines_of(bureau, other[0])
    assert line.item.verdict == "valid"
