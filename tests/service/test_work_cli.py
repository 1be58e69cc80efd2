# SPDX-License-Identifier: Apache-2.0
"""The commands about mails and jobs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service import mail_queue
from service.db import Database
from service.mail import MailState
from service.post_office import FOLDER
from service.settings import load
from service.terminal import ExitCode
from tests.service.letters import ADA, NOW, find, post
from tests.service.test_cli import Run, house, roof, run

__all__ = ["house", "roof", "run"]  # fixtures


@pytest.fixture
def rows(house: str) -> Database:
    return Database(load(Path(house)).database_url)


def test_a_job_is_done_by_hand(
    run: Run, house: str, rows: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    post(rows)
    assert run("jobs", "run", "mail", "--data", house) == 0
    assert "mail: 1 thing done." in capsys.readouterr().err
    assert find(rows).state is MailState.SENT


def test_a_job_that_there_is_not_is_refused(run: Run, house: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("jobs", "run", "nothing", "--data", house) == 1
    assert "Jobs: mail." in capsys.readouterr().err


def test_mails_are_listed_with_what_became_of_them(
    run: Run, house: str, rows: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    found = post(rows)
    post(rows, key="k2", to="ben@teachers.example")
    with rows.transaction() as session:
        mail_queue.give_up(session, found.id, reason="refused-550", now=NOW)
    assert run("mail", "list", "--data", house) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["2", "waiting"],
        ["1", "given-up"],
    ]
    assert run("mail", "list", "--data", house, "--state", "given-up", "--json") == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["id"], row["address"], row["reason"]) == (1, ADA, "refused-550")
    assert run("mail", "list", "--data", house, "--to", "nobody@") == 0
    assert "There are no such mails." in capsys.readouterr().err


def test_a_mail_that_was_given_up_is_tried_again(
    run: Run, house: str, rows: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    found = post(rows)
    with rows.transaction() as session:
        mail_queue.give_up(session, found.id, reason="refused-550", now=NOW)
    assert run("mail", "retry", str(found.id), "--data", house) == 0
    assert find(rows).state is MailState.WAITING
    assert run("mail", "retry", "99", "--data", house) == 1
    assert run("mail", "retry", "--all", "--data", house) == 0
    assert run("mail", "retry", "--data", house) == 64
    assert run("mail", "retry", "1", "--all", "--data", house) == 64


@pytest.mark.parametrize("number", ["0", "2147483648", "9223372036854775808"])
def test_a_number_that_no_mail_can_have_is_refused(run: Run, house: str, number: str) -> None:
    assert run("mail", "retry", number, "--data", house) == ExitCode.USAGE


def test_a_mail_on_trial_tells_what_became_of_it(
    run: Run, house: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("mail", "try", "you@school.example", "--data", house) == 0
    assert "Sent: it is in the outbox." in capsys.readouterr().err
    assert len(list((Path(house) / FOLDER).glob("*-trial.eml"))) == 1
    assert run("mail", "try", "you@localhost", "--data", house) == 1


def test_a_mail_on_trial_that_does_not_leave_says_why(
    run: Run, house: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(house) / FOLDER).write_text("in the way")
    assert run("mail", "try", "you@school.example", "--data", house) == 2
    assert "Not sent: disk." in capsys.readouterr().err
