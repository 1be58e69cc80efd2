# SPDX-License-Identifier: Apache-2.0
"""I3: mass award by mistake, or by one stolen account: dry run, typed count, second person, with real limits.

The rules one by one are tested in ``tests/issuer/test_bulk_desk.py``, the pages and the fresh sign-in in
``tests/issuer/test_bulk_web.py``; here somebody has stolen one officer's account and tries everything.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from credentials.errors import HallmarkError
from issuer.bulk import desk, looking, trial
from issuer.bulk.bulk import ALONE, JOB, BulkState
from issuer.bulk.chunk import Worker
from issuer.bulk.desk import Brought, Key
from issuer.bulk.reading import Kind
from issuer.errors import BulkStateError, SecondPersonError
from issuer.mint import Mint
from issuer.store import credentials
from tests.issuer.house import NOW, make_house, open_mint
from tests.issuer.taking_back import FIRST, SECOND, officers

STOLEN, OTHER = FIRST, SECOND


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_house(tmp_path_factory.mktemp("i3") / "house")


@pytest.fixture
def rung() -> list[str]:
    return []


@pytest.fixture
def mint(template: Path, tmp_path: Path, rung: list[str]) -> Iterator[Mint]:
    opened = open_mint(Path(shutil.copytree(template, tmp_path / "data")))
    officers(opened)
    yield replace(opened, ring=rung.append)
    opened.db.close()


def bring(mint: Mint, number: int, *, start: int = 0, key: Key | None = None) -> str:
    rows = "".join(f"SEL1,p{each}@b.example\n" for each in range(start, start + number))
    data = ("achievement,email\n" + rows).encode()
    id, _ = desk.propose(
        mint,
        Brought(Kind.CSV, data, "many.csv"),
        issuer="example-education",
        sends_mail=False,
        actor=STOLEN,
        now=NOW,
        key=key,
    )
    return id


def signed(mint: Mint) -> int:
    with mint.db.reading() as session:
        return len(credentials.every(session))


def test_one_account_alone_issues_no_more_than_the_limit_however_it_is_cut(
    mint: Mint, rung: list[str]
) -> None:
    """One file over the limit, and small files that are over it together."""
    many = bring(mint, ALONE + 1)
    desk.confirm(mint, many, count=ALONE + 1, leaves_out=False, actor=STOLEN, now=NOW)
    for actor in (STOLEN, "token:stolen", "system"):
        with pytest.raises(SecondPersonError):
            desk.approve(mint, many, count=ALONE + 1, actor=actor, now=NOW)
    with pytest.raises(BulkStateError):  # confirming again is no approval
        desk.confirm(mint, many, count=ALONE + 1, leaves_out=False, actor=STOLEN, now=NOW)
    assert rung == ["mail"]  # to the other officers
    states = []
    for start in (0, ALONE - 1, ALONE):
        id = bring(mint, ALONE - 1 if not start else 1, start=10_000 + start)
        count = looking.view(mint, id, now=NOW).bulk.rows
        later = NOW + timedelta(hours=23)
        states.append(desk.confirm(mint, id, count=count, leaves_out=False, actor=STOLEN, now=later).state)
    assert states == [BulkState.RUNNING, BulkState.RUNNING, BulkState.PROPOSED]
    assert rung == ["mail", JOB, JOB, "mail"]
    assert Worker(mint).work(many, now=NOW) == 0
    assert signed(mint) == 0


def test_a_decision_is_not_replayed_and_its_file_is_not_exchanged(mint: Mint) -> None:
    """What the second person looked at is what is issued: rows of a bulk never change."""
    id = bring(mint, ALONE + 1, key=Key("k", "first"))
    with pytest.raises(HallmarkError):
        bring(mint, 2, key=Key("k", "second"))
    desk.confirm(mint, id, count=ALONE + 1, leaves_out=False, actor=STOLEN, now=NOW)
    assert trial.try_file(mint, id, now=NOW + timedelta(days=1)) == 0
    assert bring(mint, ALONE + 1, key=Key("k", "first")) == id
    desk.approve(mint, id, count=ALONE + 1, actor=OTHER, now=NOW)
    with pytest.raises(BulkStateError):
        desk.approve(mint, id, count=ALONE + 1, actor=OTHER, now=NOW)
    desk.cancel(mint, id, actor=OTHER, now=NOW)
    with pytest.raises(BulkStateError):
        desk.approve(mint, id, count=ALONE + 1, actor=OTHER, now=NOW)
    assert signed(mint) == 0
