# SPDX-License-Identifier: Apache-2.0
"""The commands of service/, and what all commands share."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy
from flask import Flask

from credentials.errors import BrokenError, MalformedError, RefusedError, UnknownError, WrongError
from service import server, starting, terminal
from service.cli import commands
from service.db import Database
from service.errors import SettingsError
from service.jobs import Jobs
from service.post_office import PostOffice
from service.problems import Problems
from service.settings import Settings, load
from service.terminal import ExitCode, House
from service.web import create_flask

Run = Callable[..., int]


@dataclass
class SmallHouse:
    settings: Settings
    db: Database
    jobs: Jobs


def _jobs(db: Database, settings: Settings) -> Jobs:
    jobs = Jobs(settings.data)
    jobs.register("mail", PostOffice(db, settings).deliver)
    return jobs


class SmallRoof:
    """A roof over service/ alone."""

    scopes = ("a:b", "c:d")

    def __init__(self) -> None:
        self.seeded = 0

    @contextmanager
    def house(self, settings: Settings) -> Iterator[SmallHouse]:
        db = Database(settings.database_url)
        jobs = _jobs(db, settings)
        yield SmallHouse(settings, db, jobs)
        jobs.close()
        db.close()

    def web(self, settings: Settings) -> Flask:
        problems, db = Problems(public_url=settings.public_url), Database(settings.database_url)
        return create_flask(
            settings, problems=problems, db=db, blueprints=(), extensions={"jobs": _jobs(db, settings)}
        )

    def seed(self, house: House) -> Sequence[str]:
        house.db.ping()
        self.seeded += 1
        return [f"Seeded {house.settings.title}"]


@pytest.fixture
def roof() -> SmallRoof:
    return SmallRoof()


@pytest.fixture
def run(roof: SmallRoof, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("HALLMARK_DATA", raising=False)
    monkeypatch.setattr("service.log.configure", lambda *_, **__: None)
    cli = click.Group(commands=commands)

    def start(*args: str) -> int:
        return terminal.run(cli, roof=roof, args=args)

    return start


@pytest.fixture
def house(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """A made house; the fixture is the name of its folder."""
    folder = tmp_path / "house"
    assert run("init", "--data", str(folder)) == 0
    capsys.readouterr()
    return str(folder)


def test_init_makes_a_house(
    run: Run, roof: SmallRoof, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "house"
    public_url = "https://badges.example.org"
    assert run("init", "--data", str(folder), "--public-url", public_url, "--title", "Öur house") == 0
    settings = load(folder, {})
    assert (settings.public_url, settings.title) == (public_url, "Öur house")
    assert settings.did_host == "badges.example.org"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "hallmark.toml").stat().st_mode) == 0o600
    Database(settings.database_url).require_current()
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Seeded Öur house" in captured.err
    assert roof.seeded == 1


def test_init_again_changes_no_settings(run: Run, house: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = (Path(house) / "hallmark.toml").read_text()
    assert run("init", "--data", house) == 0
    assert run("init", "--data", house, "--public-url", "http://127.0.0.1:8080/", "--title", "Hallmark") == 0
    capsys.readouterr()
    assert run("init", "--data", house, "--title", "Other") == ExitCode.NO
    said = capsys.readouterr().err
    assert f"There is already a house in {house} (http://127.0.0.1:8080, “Hallmark”)" in said
    assert "hallmark init --data my-house" in said
    assert (Path(house) / "hallmark.toml").read_text() == before


def test_init_refuses_a_public_host_without_https(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "house"
    public_url = "http://badges.example.org:8080"
    assert run("init", "--data", str(folder), "--public-url", public_url) == ExitCode.SETTINGS
    assert "--public-url https://badges.example.org." in capsys.readouterr().err
    assert not folder.exists()
    for number, private in enumerate(("http://localhost:8080", "http://10.0.0.7", "http://badges.local")):
        assert run("init", "--data", str(tmp_path / str(number)), "--public-url", private) == 0


def test_wrong_settings_end_every_command(run: Run, house: str, capsys: pytest.CaptureFixture[str]) -> None:
    (Path(house) / "hallmark.toml").write_text("port = 'x'")
    for command in (["init"], ["serve"], ["db", "upgrade"], ["tokens", "list"], ["audit", "check"]):
        assert run(*command, "--data", house) == ExitCode.SETTINGS
        assert "port in" in capsys.readouterr().err


def test_serve_hands_settings_and_service_to_the_server(
    run: Run,
    house: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen: list[tuple[Flask, Settings]] = []

    def serve(app: Flask, settings: Settings, *, ready: Callable[[str], None], listening: None) -> None:
        assert listening is None
        ready("http://127.0.0.1:1234")
        seen.append((app, settings))

    monkeypatch.setattr(server, "run", serve)
    options = ["--port", "0", "--host", "localhost", "--offline-documents", str(tmp_path)]
    assert run("serve", "--data", house, *options) == 0
    ((app, settings),) = seen
    assert (settings.host, settings.port, settings.offline_documents) == ("localhost", 0, tmp_path)
    assert "Serving http://127.0.0.1:8080 on http://127.0.0.1:1234" in capsys.readouterr().err
    assert app.test_client().get("/healthz").status_code == 200


@pytest.mark.parametrize("name", ["keys_passphrase_file", "mail_password_file", "mail_ca_file"])
@pytest.mark.parametrize("command", ["serve", "work"])
def test_the_service_does_not_start_without_a_file_that_a_setting_names(
    run: Run, house: str, capsys: pytest.CaptureFixture[str], name: str, command: str
) -> None:
    with (Path(house) / "hallmark.toml").open("a") as settings:
        settings.write(f'{name} = "{house}/elsewhere/nothing"\n')
    assert run(command, "--data", house) == ExitCode.SETTINGS
    said = capsys.readouterr().err
    assert name in said
    assert f"is not there: {house}/elsewhere/nothing" in said


def test_a_passphrase_that_will_be_made_with_the_first_key_may_be_missing(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    starting.require_files(settings, {})
    settings.keys_folder.mkdir()
    starting.require_files(settings, {})
    (settings.keys_folder / "union.key").touch()
    with pytest.raises(SettingsError, match="keys_passphrase_file"):
        starting.require_files(settings, {})
    starting.require_files(settings, {"HALLMARK_KEYS_PASSPHRASE": "words"})
    settings.keys_passphrase_file.mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        starting.require_files(settings, {})


def test_a_passphrase_file_that_the_environment_names_is_never_made(tmp_path: Path) -> None:
    named = {"HALLMARK_KEYS_PASSPHRASE_FILE": f"{tmp_path}/keys-passphrase"}
    with pytest.raises(SettingsError, match="keys_passphrase_file"):
        starting.require_files(load(tmp_path, named), named)


@pytest.mark.sqlite("no file is made by looking; test_postgresql has its twin")
@pytest.mark.parametrize("command", [("serve",), ("tokens", "list"), ("audit", "check")])
def test_a_command_that_needs_a_house_says_how_to_make_one(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    for folder in (tmp_path / "nowhere", tmp_path):
        assert run(*command, "--data", str(folder)) == ExitCode.SETTINGS
        assert (
            f"There is no Hallmark data in {folder}. Make it with `hallmark init`" in capsys.readouterr().err
        )
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "hallmark.sqlite3").write_bytes(b"")
    assert run(*command, "--data", str(tmp_path)) == ExitCode.SETTINGS
    assert "settings.no-house" in capsys.readouterr().err


def test_a_house_of_another_version_is_not_worked_in(
    run: Run, house: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(load(Path(house), {}).database_url)
    with database.transaction() as session:
        session.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '0001'"))
    database.close()
    assert run("tokens", "list", "--data", house) == ExitCode.MISTAKE
    assert "hallmark db upgrade" in capsys.readouterr().err


def test_a_port_in_use_is_named_with_another_one(
    run: Run, house: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run("serve", "--data", house, "--port", str(port)) == ExitCode.USAGE
        assert f"Something else is using port {port}. Choose another: --port" in capsys.readouterr().err
    assert server.obstacle("127.0.0.1", port) is None
    assert "cannot listen on 192.0.2.1" in (server.obstacle("192.0.2.1", 0) or "")


def test_tables_can_be_made_before_the_house(run: Run, tmp_path: Path) -> None:
    assert run("db", "upgrade", "--data", str(tmp_path)) == 0
    Database(load(tmp_path, {}).database_url).require_current()


def test_a_token_is_shown_once_and_can_be_revoked(
    run: Run, house: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", house]
    assert run("tokens", "new", "--label", "platform", "--scope", "a:b", "--scope", "c:d", *data) == 0
    captured = capsys.readouterr()
    presented = captured.out.strip()
    assert presented.startswith("hm_")
    assert presented not in captured.err
    assert run("tokens", "list", "--json", *data) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["label"], listed["scopes"], listed["state"]) == ("platform", ["a:b", "c:d"], "active")
    assert listed["id"] in presented
    assert run("tokens", "revoke", listed["id"], *data) == 0
    assert run("tokens", "list", *data) == 0
    assert "revoked" in capsys.readouterr().out
    assert run("tokens", "revoke", "nothing", *data) == ExitCode.NO


def test_a_token_is_only_made_for_what_there_is(
    run: Run, house: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--data", house]
    assert run("tokens", "new", "--label", "x", "--scope", "everything", *data) == ExitCode.USAGE
    assert 'There is no scope "everything". Scopes: a:b, c:d' in capsys.readouterr().err
    assert run("tokens", "new", "--label", "x", *data) == ExitCode.USAGE
    assert run("tokens", "new", "--help") == 0
    assert "a:b, c:d" in " ".join(capsys.readouterr().out.split())


def test_the_audit_log_is_checked_by_one_command(
    run: Run, house: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("tokens", "new", "--label", "x", "--scope", "a:b", "--data", house)
    capsys.readouterr()
    assert run("audit", "check", "--data", house) == 0
    head = capsys.readouterr().out.strip()
    assert run("audit", "check", "--known", head, "--data", house) == 0
    assert run("audit", "check", "--known", "1:" + "0" * 64, "--data", house) == ExitCode.NO
    assert run("audit", "check", "--known", "2:" + "0" * 64, "--data", house) == ExitCode.NO
    assert run("audit", "check", "--known", "x", "--data", house) == ExitCode.USAGE


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WrongError("x"), 1),
        (RefusedError("x"), 1),
        (MalformedError("x"), 1),
        (UnknownError("x"), 2),
        (BrokenError("x"), 70),
        (click.UsageError("x"), 64),
        (click.Abort(), 1),
        (BrokenPipeError(), 0),
    ],
)
def test_a_command_ends_with_the_code_of_whose_move_it_is(
    roof: SmallRoof, error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def fail() -> None:
        raise error

    with capsys.disabled():
        pass
    assert terminal.run(click.Group(commands=[fail]), roof=roof, args=["fail"]) == code


@pytest.mark.parametrize(("returned", "code"), [(None, 0), (2, 2), (ExitCode.NO, 1), ("words", 0)])
def test_a_command_may_return_its_code(roof: SmallRoof, returned: Any, code: int) -> None:
    @click.command()
    def answer() -> Any:
        return returned

    assert terminal.run(click.Group(commands=[answer]), roof=roof, args=["answer"]) == code


def test_a_mistake_goes_on_to_whoever_called(roof: SmallRoof, capsys: pytest.CaptureFixture[str]) -> None:
    @click.command()
    def fail() -> None:
        raise KeyError("somebody's words")

    with pytest.raises(KeyError) as caught:
        terminal.run(click.Group(commands=[fail]), roof=roof, args=["fail"])
    assert terminal.mistake(caught.value, number="7") == ExitCode.MISTAKE
    assert "Our mistake, number 7." in capsys.readouterr().err


def test_every_command_has_help_and_an_example(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    def leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if isinstance(command, click.Group):
            for name, child in command.commands.items():
                yield from leaves(child, (*path, name))
        else:
            yield path

    for command in commands:
        for path in leaves(command, (str(command.name),)):
            assert run(*path, "--help") == 0
            assert f"Example: hallmark {' '.join(path)}" in " ".join(capsys.readouterr().out.split())


def test_foreign_text_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.show("a\x1b[2Jb\x07c\u202ed\re\u00a0f\nä")
    assert capsys.readouterr().out == "a\ufffd[2Jb\ufffdc\ufffdd e f\nä\n"


def test_signs_are_plain_where_the_terminal_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        encoding = "ascii"

    monkeypatch.setattr("sys.stdout", Old())
    assert terminal.symbol("yes") == "[ok]"
    assert terminal.plain("ä✓") == "\\xe4\\u2713"
