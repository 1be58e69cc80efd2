# SPDX-License-Identifier: Apache-2.0
"""Leaving: everything is handed out, and everything is erased; an award stays true without the person."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from earning.programme import Programme
from earning.store import pool
from earning.store import work as rows
from earning.work.applications import State
from earning.work.evidence import About
from earning.work.personal import EarningData
from earning.work.submissions import SubmissionState
from earning.work.work import assignment
from service.accounts import people, personal
from tests.earning.house import NOW, somebody
from tests.earning.reviewing import reviewer
from tests.earning.working import apply, fresh, put, sent_in, upload, write

SECRET = "a sentence that only I have written"


def test_the_export_has_everything_and_nothing_of_others(programme: Programme) -> None:
    alex, bea = somebody(programme), somebody(programme, "Bea Educator")
    application = apply(programme, alex)
    write(programme, application, {"part-1/context": SECRET})
    upload(programme, application, data=b"My own notes.\n", about=About(description="Described."))
    write(programme, apply(programme, bea), {"part-1/context": "Of somebody else."})
    target = io.BytesIO()
    with programme.db.reading() as session:
        personal.write_export(target, session, (EarningData(programme),), alex, now=NOW)
    with zipfile.ZipFile(target) as archive:
        told = json.loads(archive.read("earning.json"))
        files = [archive.read(name) for name in archive.namelist() if name.startswith("earning/")]
    text = json.dumps(told)
    assert SECRET in text
    assert "Described." in text
    assert "Of somebody else." not in text
    assert files == [b"My own notes.\n"]


def test_erasure_deletes_words_and_files_and_ends_what_is_open(programme: Programme) -> None:
    alex, application, sent = sent_in(programme)
    other = apply(programme, alex, "SEL2")
    piece = upload(programme, other, place="part-2/" + _place(programme, other.version))
    with programme.db.transaction() as session:
        rows.put_goals(session, alex.id, SECRET, now=NOW)
        EarningData(programme).erase(session, alex, NOW)
        assert piece.file is not None
        assert programme.files.exists(piece.file)  # not before it is committed
    assert not programme.files.exists(piece.file)
    assert fresh(programme, application).state is State.WITHDRAWN
    with programme.db.reading() as session:
        assert rows.goals(session, alex.id) == ""
        assert rows.answers(session, application.id) == {}
        empty = rows.any_submission(session, sent.id)
    assert empty is not None
    assert (dict(empty.answers), empty.artefacts, empty.state) == ({}, (), SubmissionState.WITHDRAWN)


def test_schools_and_locals_that_are_kept_are_handed_out_and_erased(programme: Programme) -> None:
    alex, _, _ = sent_in(programme)
    robin = reviewer(programme, "Robin Reviewer", school="Lake Elementary", local="Lake Local")
    with programme.db.transaction() as session:
        people.change(session, robin.id, school="Hill High", now=NOW)
        told = EarningData(programme).export(session, robin)["places"]
        assert told == {
            "schools": ["Lake Elementary"],
            "locals": ["Lake Local"],
        }
        for person in (alex, robin):
            EarningData(programme).erase(session, person, NOW)
            assert pool.kept_places(session, person.id) == pool.Places()


def test_an_award_keeps_its_key(programme: Programme) -> None:
    alex = somebody(programme)
    key = "00000000-0000-4000-8000-000000000000"
    application = put(programme, apply(programme, alex), state=State.AWARDED, award=key, ended_at=NOW)
    with programme.db.transaction() as session:
        EarningData(programme).erase(session, alex, NOW + timedelta(days=1))
    assert fresh(programme, application).award == key
    assert fresh(programme, application).state is State.AWARDED


def test_an_erasure_that_is_given_up_deletes_no_file(programme: Programme) -> None:
    alex = somebody(programme)
    piece = upload(programme, apply(programme, alex))

    def give_up() -> None:
        with programme.db.transaction() as session:
            EarningData(programme).erase(session, alex, NOW)
            with session.begin_nested():
                rows.put_goals(session, alex.id, "x", now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    assert piece.file is not None
    assert programme.files.exists(piece.file)


def test_the_house_knows_that_earning_keeps_personal_data(client: FlaskClient, folder: Path) -> None:
    rooms = client.application.extensions["hallmark"].accounts.rooms
    assert "earning" in [room.name for room in rooms]
    assert folder.exists()


def _place(programme: Programme, version: str) -> str:
    """An artefact of part 2 that takes files."""
    part = next(each for each in assignment(programme, version).parts if each.id == "part-2")
    return next(each.id for each in part.artefacts if "file" in each.kinds)
