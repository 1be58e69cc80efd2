# SPDX-License-Identifier: Apache-2.0
"""Many at once: each thing gets its right row, whatever the others are, and nothing brought stays."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from service.db import Database
from service.files import FileStore
from service.settings import Settings
from tests.verifier import many
from tests.world import OWNER, START, World
from verifier import batch_work, batching, table
from verifier.asked import Asked
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.errors import BatchesFullError, BatchQuestionError, NoSuchBatchError, TooManyItemsError
from verifier.lines import Brought, Line, read_lines
from verifier.ports import KnownIssuer
from verifier.registry import IssuerList
from verifier.store import batch_work as batch_rows
from verifier.store.memory import ListMemory

NOW = START


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def bureau(tmp_path: Path, world: World, db: Database) -> Bureau:
    return opened(tmp_path, world, db)


def opened(folder: Path, world: World, db: Database, *, rung: list[str] | None = None) -> Bureau:
    """A bureau over a world; its list has the union on it."""
    network = many.SlowWorld(world)
    registry = IssuerList((KnownIssuer(did=world.issuer("union").id, name="The Union"),))
    return Bureau(
        desk=Desk(network=lambda: network, memory=ListMemory(db), registry=registry),
        db=db,
        files=FileStore(folder / "brought"),
        settings=Settings(data=folder),
        ring=(rung if rung is not None else []).append,
    )


def work(bureau: Bureau) -> None:
    """Work until nothing is left."""
    while batch_work.work(bureau, now=NOW):
        pass


def told(bureau: Bureau, id: str) -> list[tuple[str, str | None]]:
    return [(line.number, line.item.verdict) for line in batching.lines_of(bureau, id)]


def assert_right(bureau: Bureau, id: str, expected: list[many.Expected]) -> None:
    """Every row is what it must be, there are as many as there must be, and none is there twice."""
    rows: dict[int, list[str | None]] = {}
    for line in batching.lines_of(bureau, id):
        rows.setdefault(line.item.position // table.STEPS[0], []).append(line.item.verdict)
    assert len(rows) == len(expected)
    for number, each in enumerate(expected, start=1):
        assert tuple(rows[number]) == each.words, each.line.place


def test_a_hundred_and_twenty_mixed_things_get_their_right_rows(bureau: Bureau, world: World) -> None:
    expected = many.mixed(world, 120)
    id = batching.open(bureau, [each.line for each in expected], label="mixed", now=NOW)
    work(bureau)
    assert_right(bureau, id, expected)
    view = batching.view(bureau, id, now=NOW)
    total = sum(len(each.words) for each in expected)
    assert (view.batch.state, view.count.total, view.count.done) == ("done", total, total)
    needed = {(line.item.verdict, line.item.needs_you) for line in batching.lines_of(bureau, id)}
    assert ("valid", False) in needed
    assert {needs for verdict, needs in needed if verdict != "valid"} == {True}
    with bureau.db.reading() as session:
        kept = session.execute(
            text("SELECT count(*) FROM verifier_batch_items WHERE file IS NOT NULL OR recipient IS NOT NULL")
        ).scalar_one()
    assert kept == 0
    assert not [path for path in (bureau.settings.data / "brought").rglob("*") if path.is_file()]


def test_no_host_is_asked_by_more_than_two_at_once_and_a_silent_one_not_for_ever(
    bureau: Bureau, world: World
) -> None:
    network = many.SlowWorld(world)
    bureau = replace(bureau, desk=replace(bureau.desk, network=lambda: network))
    lines = [Line(f"line {n}", url=f"https://silent.example/{n}") for n in range(60)]
    lines += [Line(f"slow {n}", url=f"https://slow.example/{n}") for n in range(20)]
    id = batching.open(bureau, lines, label="slow", now=NOW)
    work(bureau)
    assert {verdict for _, verdict in told(bureau, id)[:60]} == {"undetermined"}
    assert max(network.most.values()) <= 2
    with bureau.db.reading() as session:
        tries = session.execute(text("SELECT max(tries) FROM verifier_batch_items")).scalar_one()
    assert tries == 1


def test_what_is_asked_about_each_is_asked_and_forgotten(bureau: Bureau, world: World) -> None:
    union = world.issuer("union")
    mine, theirs = union.mint(), union.mint()
    lines = [Line("a", raw=mine), Line("b", raw=theirs, recipient="else@school.example")]
    asked = Asked(recipient=OWNER, cycle_from=(NOW + timedelta(days=1)).date())
    id = batching.open(bureau, lines, asked=asked, label="two", now=NOW)
    work(bureau)
    first, second = batching.lines_of(bureau, id)
    assert (first.item.verdict, first.item.needs_you) == ("valid", True)  # it was earned before the cycle
    assert (second.item.verdict, second.item.asks_recipient) == ("wrong-recipient", True)
    assert OWNER not in json.dumps([dict(first.answer), dict(second.answer)])


def test_one_credential_is_not_compared_with_a_whole_directory(bureau: Bureau, world: World) -> None:
    badge = world.issuer("union").mint()
    lines = [Line(str(n), raw=badge, recipient=f"teacher.{n}@school.example") for n in range(14)]
    id = batching.open(bureau, [*lines, Line("last", raw=badge, recipient=OWNER)], label="x", now=NOW)
    work(bureau)
    words = [verdict for _, verdict in told(bureau, id)]
    assert words.count("wrong-recipient") + words.count("valid") <= 10
    assert words.count("undetermined") >= 5


def test_an_archive_and_what_is_in_it_are_rows_of_their_own(bureau: Bureau, world: World) -> None:
    import io
    import zipfile

    out = io.BytesIO()
    union = world.issuer("union")
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/good.json", union.mint())
        archive.writestr("b.zip", b"PK\x03\x04")
        archive.writestr("c.txt", "hello")
    id = batching.open(bureau, read_lines("", [Brought("all.zip", out.getvalue())]), label="x", now=NOW)
    work(bureau)
    found = [(line.number, line.item.place, line.item.verdict) for line in batching.lines_of(bureau, id)]
    assert found == [
        ("1.1", "a/good.json in all.zip", "valid"),
        ("1.2", "b.zip in all.zip", "no-credential"),
        ("1.3", "c.txt in all.zip", "no-credential"),
    ]


def test_more_than_fits_is_refused_and_nothing_is_kept(bureau: Bureau) -> None:
    lines = [Line(f"{n}", url=f"https://union.example/{n}") for n in range(501)]
    with pytest.raises(TooManyItemsError):
        batching.open(bureau, lines, label="many", now=NOW)
    for _ in range(10):
        batching.open(bureau, lines[:500], label="many", now=NOW)
    with pytest.raises(BatchesFullError):
        batching.open(bureau, lines[:1], label="one", now=NOW)


def test_a_batch_can_be_cancelled_and_deleted_and_ends(bureau: Bureau, world: World) -> None:
    lines = [Line("a", raw=world.issuer("union").mint(), recipient=OWNER)]
    first, second, third = (batching.open(bureau, lines, label="x", now=NOW) for _ in range(3))
    batching.cancel(bureau, first, now=NOW)
    batching.remove(bureau, second)
    work(bureau)
    assert (batching.view(bureau, first, now=NOW).batch.state, told(bureau, first)) == (
        "cancelled",
        [("1", None)],
    )
    with pytest.raises(NoSuchBatchError):
        batching.view(bureau, second, now=NOW)
    assert told(bureau, third) == [("1", "valid")]
    assert not [path for path in (bureau.settings.data / "brought").rglob("*") if path.is_file()]
    later = NOW + timedelta(days=bureau.settings.batch_days)
    with pytest.raises(NoSuchBatchError):
        batching.view(bureau, third, now=later)
    batching.tidy(bureau, now=later)
    with bureau.db.reading() as session:
        left = session.execute(text("SELECT count(*) FROM verifier_batch_items")).scalar_one()
    assert left == 0


def test_what_brings_a_worker_down_is_not_tried_for_ever(bureau: Bureau, world: World) -> None:
    id = batching.open(bureau, [Line("a", raw=world.issuer("union").mint())], label="x", now=NOW)
    with bureau.db.transaction() as session:
        session.execute(text("UPDATE verifier_batch_items SET tries = :tries"), {"tries": batch_work.TRIES})
    work(bureau)
    (line,) = batching.lines_of(bureau, id)
    assert (line.item.verdict, line.item.needs_you) == ("undetermined", True)


def test_a_mistake_of_ours_is_one_row_with_its_number(
    bureau: Bureau, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError("words of somebody")

    id = batching.open(bureau, [Line("a", raw=b"{}"), Line("b", raw=b"[]")], label="x", now=NOW)
    monkeypatch.setattr(batch_work, "unpack", stumble)
    work(bureau)
    for line in batching.lines_of(bureau, id):
        assert line.item.verdict == "undetermined"
        assert "Our mistake, number" in line.sentence
        assert "somebody" not in line.sentence


def test_a_row_that_somebody_else_has_taken_is_left_until_its_time_is_over(
    bureau: Bureau, world: World
) -> None:
    id = batching.open(bureau, [Line("a", raw=world.issuer("union").mint())], label="x", now=NOW)
    (line,) = batching.lines_of(bureau, id)
    until = NOW + timedelta(seconds=30)
    with bureau.db.transaction() as session:
        assert batch_rows.take(session, id, line.item, now=NOW, until=until)
        assert not batch_rows.take(session, id, line.item, now=NOW, until=until)
    assert batch_work.work(bureau, now=NOW) == 0
    assert batch_work.work(bureau, now=NOW + timedelta(seconds=31)) == 1
    assert told(bureau, id) == [("1", "valid")]


def test_a_report_is_made_once_and_when_everything_is_checked(bureau: Bureau, world: World) -> None:
    id = batching.open(bureau, [Line("a", raw=world.issuer("union").mint())], label="x", now=NOW)
    with pytest.raises(BatchQuestionError):
        batching.report(bureau, id, now=NOW)
    work(bureau)
    kept = batching.report(bureau, id, now=NOW)
    assert batching.report(bureau, id, now=NOW).id == kept.id
    assert kept.kind == "batch"


def test_a_small_batch_does_not_wait_for_a_large_one(bureau: Bureau, world: World) -> None:
    large = batching.open(
        bureau, [Line(f"{n}", url=f"https://union.example/{n}") for n in range(300)], label="large", now=NOW
    )
    small = batching.open(bureau, [Line("a", raw=b"{}")], label="small", now=NOW)
    done: list[int] = []

    def reached(step: str) -> None:
        if step == "written" and not done and batching.view(bureau, small, now=NOW).count.done:
            done.append(batching.view(bureau, large, now=NOW).count.done)

    batch_work.work(bureau, now=NOW, reached=reached)
    assert done
    assert done[0] < 50


@pytest.mark.parametrize(
    ("position", "number"),
    [(7_000_000, "7"), (7_010_000, "7.10"), (7_010_003, "7.10.3"), (500_000_000, "500")],
)
def test_numbers_of_rows_and_positions_are_the_same_thing(position: int, number: str) -> None:
    assert table.number_of(position) == number
    assert table.position_of(number) == position


@pytest.mark.parametrize("number", ["", "x", "7.0", "07", "7.", "1.2.3.4", "1000", "-1", "٧", "csv"])
def test_what_is_no_number_of_a_row_is_none(number: str) -> None:
    assert table.position_of(number) is None
