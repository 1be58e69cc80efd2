# SPDX-License-Identifier: Apache-2.0
"""The commands ``hallmark people`` and ``hallmark organisations``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from service import terminal
from service.accounts import cli, people
from service.accounts.people import Role
from service.db import Database
from service.settings import Settings
from service.terminal import ExitCode


class _Roof:
    """A roof with a database and nothing else."""

    scopes = ()

    @contextmanager
    def house(self, settings: Settings) -> Iterator[Any]:
        db = Database(settings.database_url)
        yield SimpleNamespace(settings=settings, db=db)
        db.close()


def run(*args: str, data: Path) -> int:
    group = click.Group("hallmark", commands={str(each.name): each for each in cli.commands})
    roof: Any = _Roof()
    return terminal.run(group, roof=roof, args=[*args, "--data", str(data)])


def test_people_get_roles_on_the_terminal(
    db: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    data = settings.data
    added = run("organisations", "add", "example-wa", "Example WA", "--kind", "affiliate", data=data)
    assert added == ExitCode.YES
    email = "ada@teachers.example"
    assert run("people", "add", email, "--name", "Ada Example", "--state", "WA", data=data) == ExitCode.YES
    assert run("people", "grant", email.upper(), "administrator", "example-wa", data=data) == ExitCode.YES
    with db.reading() as session:
        found = people.find_by_email(session, email)
    assert found is not None
    assert found.has(Role.ADMINISTRATOR, "example-wa")
    assert found.confirmed_at is None
    capsys.readouterr()
    assert run("people", "list", "--json", data=data) == ExitCode.YES
    listed = json.loads(capsys.readouterr().out)
    assert listed == [{"id": found.id, "email": email, "roles": ["administrator:example-wa"]}]
    assert run("people", "list", "--search", "ada", data=data) == ExitCode.YES
    assert run("organisations", "list", data=data) == ExitCode.YES
    out = capsys.readouterr().out
    assert "Ada Example" in out
    assert "Example WA" in out
    assert run("people", "withdraw", email, "administrator", "example-wa", data=data) == ExitCode.YES
    with db.reading() as session:
        assert people.get(session, found.id).memberships == ()


def test_what_does_not_exist_is_said(
    db: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    data = settings.data
    assert run("people", "grant", "nobody@x.example", "reviewer", "nowhere", data=data) == ExitCode.NO
    assert run("people", "grant", "nobody@x.example", "educator", "nowhere", data=data) == ExitCode.USAGE
    assert run("people", "add", "nonsense", "--name", "X", data=data) == ExitCode.NO
    assert "[account.field]" in capsys.readouterr().err
    assert run("people", "list", data=data) == ExitCode.YES
    assert run("organisations", "list", "--json", data=data) == ExitCode.YES
    assert capsys.readouterr().out.strip() == "[]"
