# SPDX-License-Identifier: Apache-2.0
"""``hallmark keys``, as a person types it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask

from keys.cabinet import Cabinet
from keys.cli import commands
from keys.private_key import PrivateKey
from service import terminal
from service.db import Database
from service.jobs import Jobs
from service.settings import Settings
from service.terminal import ExitCode
from tests.keys.samples import NOW, pem
from tests.keys.test_publish import ROOT_DID


@dataclass
class House:
    settings: Settings
    db: Database
    cabinet: Cabinet
    jobs: Jobs


@dataclass
class Roof:
    opened: House
    scopes: Sequence[str] = ()

    @contextmanager
    def house(self, settings: Settings) -> Iterator[House]:
        yield self.opened

    def web(self, settings: Settings) -> Flask:
        raise NotImplementedError

    def seed(self, house: terminal.House) -> Sequence[str]:
        raise NotImplementedError


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    settings: Settings, db: Database, cabinet: Cabinet, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    jobs = Jobs(settings.data)
    roof = Roof(House(settings, db, cabinet, jobs))
    cabinet.create_issuer("union", ROOT_DID, now=NOW)

    def run(*args: str) -> tuple[int, str, str]:
        group = click.Group(commands={command.name or "": command for command in commands})
        code = terminal.run(group, roof=roof, args=["keys", *args])
        return code, *capsys.readouterr()

    yield run
    jobs.close()


def listed(run: Run) -> list[dict[str, str]]:
    code, out, _ = run("list", "--json")
    assert code == ExitCode.YES
    keys: list[dict[str, str]] = json.loads(out)
    return keys


def test_new_makes_what_is_lacking(run: Run) -> None:
    code, out, _ = run("new")
    assert code == ExitCode.YES
    assert out.count(ROOT_DID) == 2
    assert [(key["algorithm"], key["state"], key["issuer"]) for key in listed(run)] == [
        ("Ed25519", "active", "union"),
        ("P-256", "active", "union"),
    ]
    code, out, err = run("new")
    assert (code, out) == (ExitCode.YES, "")
    assert "all the keys it needs" in err


def test_new_makes_one_kind_when_asked(run: Run) -> None:
    assert run("new", "--algorithm", "rsa", "--issuer", "union")[0] == ExitCode.YES
    assert [key["algorithm"] for key in listed(run)] == ["RSA"]
    assert run("new", "--algorithm", "RSA")[0] == ExitCode.NO


def test_new_and_rotate_take_a_key_from_a_file(run: Run, tmp_path: Path) -> None:
    secrets = [Ed25519PrivateKey.generate() for _ in range(2)]
    for command, secret in zip(("new", "rotate"), secrets, strict=True):
        (tmp_path / "key.pem").write_text(pem(secret))
        assert run(command, "--import", str(tmp_path / "key.pem"))[0] == ExitCode.YES
    active = [key["id"] for key in listed(run) if key["state"] == "active"]
    assert [key[8:] for key in active] == [PrivateKey(secrets[1]).public_key.thumbprint()[:16]]


def test_rotate_replaces_every_active_key_or_one_kind(run: Run) -> None:
    assert run("rotate")[0] == ExitCode.NO
    run("new")
    assert run("rotate", "--algorithm", "rsa")[0] == ExitCode.NO
    assert run("rotate")[1].count("active") == 2
    assert run("rotate", "--algorithm", "ed25519")[1].count("active") == 1
    states = [(key["algorithm"], key["state"]) for key in listed(run)]
    assert states.count(("Ed25519", "retired")) == 2
    assert states.count(("P-256", "retired")) == 1
    assert len(states) == 5


def test_retire_and_compromised_ask_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("new")
    key = listed(run)[0]["id"]
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda *_: "n")
    assert run("retire", key)[0] == ExitCode.NO
    assert run("compromised", key, "--since", "2026-02-27T10:00:00Z")[0] == ExitCode.NO
    assert listed(run)[0]["state"] == "active"
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda *_: "y")
    assert run("retire", key)[0] == ExitCode.YES
    assert listed(run)[0]["state"] == "retired"


def test_compromised_says_what_comes_next(run: Run) -> None:
    run("new")
    key = listed(run)[0]["id"]
    code, out, err = run("compromised", key, "--since", "2026-02-27T12:00:00+02:00", "--yes")
    assert code == ExitCode.YES
    assert "revoked since 2026-02-27T10:00:00Z" in out
    assert "hallmark keys rotate" in err
    assert run("rotate")[1].count("active") == 2
    assert [entry["state"] for entry in listed(run)].count("active") == 2
    assert listed(run)[0]["compromised_since"] == "2026-02-27T10:00:00Z"
    assert run("compromised", key, "--since", "2026-02-27T11:00:00Z", "--yes")[0] == ExitCode.NO


@pytest.mark.parametrize("since", ["yesterday", "2026-02-27", "2026-02-27T10:00:00"])
def test_a_moment_needs_its_zone(run: Run, since: str) -> None:
    run("new")
    assert run("compromised", listed(run)[0]["id"], "--since", since, "--yes")[0] == ExitCode.USAGE


def test_an_unknown_key_or_issuer_is_refused(run: Run) -> None:
    code, _, err = run("retire", "ed25519-none", "--yes")
    assert (code, "keys.no-such-key" in err) == (ExitCode.NO, True)
    code, _, err = run("list", "--issuer", "nobody")
    assert (code, "keys.no-such-issuer" in err) == (ExitCode.NO, True)


def test_with_several_issuers_one_must_be_named(run: Run, cabinet: Cabinet) -> None:
    cabinet.create_issuer("district", f"{ROOT_DID}:issuers:district", now=NOW)
    code, _, err = run("new")
    assert code == ExitCode.USAGE
    assert "district" in err
    assert run("new", "--issuer", "district")[0] == ExitCode.YES
    assert {key["issuer"] for key in listed(run)} == {"district"}
    assert "no keys yet" in run("list")[1]


def test_the_list_for_people_says_since_when(run: Run) -> None:
    run("new")
    key = listed(run)[0]["id"]
    assert "active since 20" in run("list")[1]
    run("rotate")
    assert "retired on 20" in run("list")[1]
    run("compromised", key, "--since", "2026-02-27T10:00:00Z", "--yes")
    assert "compromised since 2026-02-27T10:00:00Z" in run("list")[1]


@pytest.mark.parametrize("command", ["new", "list", "rotate", "retire", "compromised"])
def test_help_shows_examples(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == ExitCode.YES
    assert f"Examples:\n    hallmark keys {command}" in out


def test_without_issuers_the_list_says_how_to_begin(
    settings: Settings, db: Database, cabinet: Cabinet, capsys: pytest.CaptureFixture[str]
) -> None:
    group = click.Group(commands={"keys": commands[0]})
    roof = Roof(House(settings, db, cabinet, Jobs(settings.data)))
    assert terminal.run(group, roof=roof, args=["keys", "list"]) == ExitCode.YES
    assert "hallmark init" in capsys.readouterr().err


def test_help_says_where_the_passphrase_comes_from(run: Run) -> None:
    assert "HALLMARK_KEYS_PASSPHRASE_FILE" in run("--help")[1]
