# SPDX-License-Identifier: Apache-2.0
"""``hallmark verify`` and ``hallmark canonicalize``, as a person types them."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from credentials.errors import HallmarkError
from issuer import artwork
from keys.errors import NoActiveKeyError
from service import terminal
from service.db import Database
from service.errors import DatabaseUnavailableError
from service.settings import Settings
from tests.running import tables
from tests.world import OWNER, START, World
from verifier import cli, table
from verifier.desk import Desk
from verifier.list_format import ListedIssuer, write_list
from verifier.ports import KnownIssuer
from verifier.registry import IssuerList

Run = Callable[..., tuple[int, str, str]]


@click.group()
def hallmark() -> None:
    """Offer the commands of this room."""


for command in cli.commands:
    hallmark.add_command(command)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    found = World()
    monkeypatch.setattr("service.clock.now", found.clock.now)
    return found


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def type_in(*words: str) -> tuple[int, str, str]:
        code = terminal.run(hallmark, roof=None, args=words)  # type: ignore[arg-type]
        out, err = capsys.readouterr()
        return int(code), out, err

    return type_in


@pytest.fixture
def offline(tmp_path: Path, world: World) -> tuple[str, str]:
    """The option that names a folder with everything of the world's one issuer."""
    union = world.issuer("union")
    public = tmp_path / "public"
    public.mkdir()
    (public / "map.json").write_text(json.dumps({union.id: "did.json", union.list_url(): "list.json"}))
    (public / "did.json").write_bytes(world(union.id, max_bytes=1_000_000).body)
    (public / "list.json").write_bytes(world(union.list_url(), max_bytes=1_000_000).body)
    return "--offline-documents", str(public)


def test_exit_codes_and_words(run: Run, offline: tuple[str, str], world: World, tmp_path: Path) -> None:
    union = world.issuer("union")
    badge, other = union.mint(), union.mint()
    union.revoke(other)
    (Path(offline[1]) / "list.json").write_bytes(world(union.list_url(), max_bytes=1_000_000).body)
    for name, raw in {
        "good.json": badge,
        "token.jwt": union.mint(jwt=True),
        "revoked.json": other,
        "forged.json": badge.replace(b"Teamwork", b"Leadership"),
        "open.json": world.did_key_issuer("academy").mint(),
        "data.json": b"{}",
    }.items():
        (tmp_path / name).write_bytes(raw)
    code, out, _ = run("verify", *offline, "good.json")
    assert code == 0
    assert all(word in out for word in ("Valid", "did:web:union.example", "March 1, 2026"))
    for sources, expected in (
        (("token.jwt",), 0),
        (("revoked.json",), 1),
        (("forged.json",), 1),
        (("data.json",), 1),
        (("open.json",), 2),
        (("good.json", "open.json"), 2),
        (("open.json", "revoked.json", "good.json"), 1),
        (("missing.json",), 64),
        (("good.json", "missing.json"), 2),
        (("missing.json", "revoked.json"), 1),
        ((), 64),
    ):
        assert run("verify", *offline, *sources)[0] == expected, sources
    assert run("verify", "--offline-documents", "nowhere", "good.json")[0] == 64
    assert "There is no file missing.json" in run("verify", *offline, "missing.json")[2]
    assert "cannot be read" in run("verify", *offline, ".")[2]


def test_a_wrong_path_among_several_is_a_row_that_could_not_be_read(
    run: Run, offline: tuple[str, str], tmp_path: Path, world: World
) -> None:
    (tmp_path / "good.json").write_bytes(world.issuer("union").mint())
    (tmp_path / "folder").mkdir()
    sources = ("good.json", "missing.json", "folder", "good.json/x")
    code, out, _ = run("verify", *offline, *sources)
    assert code == 2
    words = ("Valid", "There is no file missing.json.", "folder cannot be read: ", "json/x cannot be read: ")
    assert [word for word in words if word not in out] == []
    code, out, _ = run("verify", *offline, "--json", *sources)
    answers = [json.loads(line) for line in out.splitlines()]
    assert (code, [answer["verdict"] for answer in answers]) == (2, ["valid", *["undetermined"] * 3])
    code, out, _ = run("verify", *offline, "--csv", *sources)
    rows = list(csv.DictReader(io.StringIO(out.lstrip("\ufeff"))))
    assert (code, [row["place"] for row in rows]) == (2, list(sources))
    assert [row["needs_you"] for row in rows[1:]] == ["yes"] * 3


def test_what_is_no_credential_is_not_called_a_false_one(
    run: Run, offline: tuple[str, str], tmp_path: Path
) -> None:
    for name, raw in {
        "picture.png": artwork.png("SEL1", stack="SEL"),
        "file.pdf": b"%PDF-1.7",
        "words.txt": b"hello",
        "data.json": b"{}",
    }.items():
        (tmp_path / name).write_bytes(raw)
        code, out, _ = run("verify", *offline, name)
        assert (code, "No credential in it" in out) == (1, True), name
        assert "Not genuine" not in out
        assert "check" not in out
    code, out, _ = run("verify", *offline, "https://union.example/nothing")
    assert (code, "No credential in it" in out) == (1, True)
    assert "There is nothing at this address." in out
    (tmp_path / "damaged.json").write_bytes(b'{"a": ')
    code, out, _ = run("verify", *offline, "damaged.json", "file.pdf")
    assert (code, "No credential that we can read" in out) == (1, True)


def test_a_link_without_https_is_told_apart(run: Run) -> None:
    code, out, _ = run("verify", "http://badges.union.example/credentials/1")
    assert (code, "Not opened" in out) == (2, True)
    assert "This link begins with http://" in out


def test_a_link_to_a_house_on_this_machine_names_the_option_for_it(run: Run) -> None:
    code, out, _ = run("verify", "http://127.0.0.1:8080/credentials/1")
    assert (code, "hallmark verify --data" in out, "https://" in out) == (2, True, False)


def test_checks_are_counted_in_words(
    run: Run, offline: tuple[str, str], world: World, tmp_path: Path
) -> None:
    badge = world.issuer("union").mint()
    (tmp_path / "good.json").write_bytes(badge)
    (tmp_path / "forged.json").write_bytes(badge.replace(b"Teamwork", b"Leadership"))
    assert re.search(r"\d+ checks: \d+ passed, \d+ not needed", run("verify", *offline, "good.json")[1])
    assert re.search(r"\d+ checks: 1 failed, \d+ passed", run("verify", *offline, "forged.json")[1])


def test_our_own_trouble_is_no_verdict(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def trouble(_raw: bytes, **_options: object) -> None:
        raise DatabaseUnavailableError("The database does not answer at the moment.")

    monkeypatch.setattr("verifier.intake.read", trouble)
    (tmp_path / "x.json").write_bytes(b"{}")
    code, out, _ = run("verify", "--json", "x.json")
    assert (code, json.loads(out)["verdict"]) == (2, "undetermined")
    assert "Not determined" in run("verify", "x.json")[1]


@pytest.mark.parametrize("error", [DatabaseUnavailableError("Silent."), NoActiveKeyError("There is none.")])
def test_a_house_that_does_not_open_is_no_verdict(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: HallmarkError
) -> None:
    def closed(_settings: Settings) -> bool:
        raise error

    monkeypatch.setattr("service.terminal.is_made", closed)
    (tmp_path / "x.json").write_bytes(b"{}")
    code, out, err = run("verify", "x.json")
    assert (code, out, error.message in err) == (2, "", True)


def test_a_garbage_database_is_no_verdict(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hallmark.sqlite3").write_bytes(b"no database" * 999)
    (tmp_path / "x.json").write_bytes(b"{}")
    code, out, err = run("verify", "--data", ".", "x.json")
    assert (code, out, "database" in err) == (2, "", True)


@pytest.mark.parametrize("text", [None, "", "[]", '{"a": 7}', '{"a": "../x.json"}', '{"a": "x\\u0000"}'])
def test_a_bad_offline_map_is_a_usage_error(run: Run, tmp_path: Path, text: str | None) -> None:
    (tmp_path / "x.json").write_bytes(b"{}")
    (tmp_path / "docs").mkdir()
    if text is not None:
        (tmp_path / "docs" / "map.json").write_text(text)
    code, out, err = run("verify", "--offline-documents", "docs", "x.json")
    assert (code, out, "map.json" in err) == (64, "", True)


def test_an_empty_database_is_no_house(run: Run, tmp_path: Path) -> None:
    (tmp_path / "hallmark.sqlite3").write_bytes(b"")
    (tmp_path / "x.json").write_bytes(b"{}")
    assert run("verify", "--data", ".", "x.json")[0] == 1


@pytest.mark.parametrize("command", ["verify", "canonicalize"])
def test_help_shows_each_example_on_its_own_line(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert (code, "\\b" in out, "\b" in out) == (0, False, False)
    assert re.search(rf"Examples:\n +hallmark {command} .*\n", out)


def test_recipient(run: Run, offline: tuple[str, str], world: World, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(world.issuer("union").mint())
    assert run("verify", *offline, "--recipient", OWNER, "x.json")[0] == 0
    assert run("verify", *offline, "--recipient", "eve@x.example", "x.json")[0] == 1
    for nobody in ("", " "):
        assert run("verify", *offline, "--recipient", nobody, "x.json")[0] == 0
    assert run("verify", *offline, "--recipient", "\udcff@x.example", "x.json")[0] == 64


def test_json_is_the_answer_of_the_api_one_line_each(
    run: Run, offline: tuple[str, str], world: World, tmp_path: Path
) -> None:
    (tmp_path / "x.json").write_bytes(world.issuer("union").mint())
    (tmp_path / "y.json").write_bytes(b"not json")
    code, out, err = run("verify", "--json", *offline, "x.json", "y.json")
    answers = [json.loads(line) for line in out.splitlines()]
    assert (code, [answer["verdict"] for answer in answers]) == (1, ["valid", "invalid"])
    assert answers[0]["verified_at"] == START.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert err == ""


def test_standard_input(
    run: Run, offline: tuple[str, str], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(world.issuer("union").mint())))
    assert run("verify", *offline, "-")[0] == 0


def test_a_link_is_looked_up_in_the_folder_only(run: Run, offline: tuple[str, str], world: World) -> None:
    public = Path(offline[1])
    url = "https://union.example/credentials/1"
    files = json.loads((public / "map.json").read_text()) | {url: "badge.json"}
    (public / "map.json").write_text(json.dumps(files))
    (public / "badge.json").write_bytes(world.issuer("union").mint())
    assert run("verify", *offline, url)[0] == 0
    assert run("verify", *offline, "https://union.example/credentials/2")[0] == 1


def test_foreign_text_does_not_steer_the_terminal(
    run: Run, offline: tuple[str, str], world: World, tmp_path: Path
) -> None:
    union = world.issuer("union")
    draft = union.draft()
    draft["credentialSubject"]["achievement"]["name"] = "Red\x1b[31m\u202eDER"
    (tmp_path / "x.jwt").write_bytes(union.sign(draft, jwt=True))
    out = run("verify", *offline, "x.jwt")[1]
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_a_house_lends_its_desk_and_is_closed_again(
    offline: tuple[str, str], world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hallmark.sqlite3'}")
    tables(database)
    database.close()
    (tmp_path / "x.json").write_bytes(world.issuer("union").mint())
    events: list[str] = []

    class Roof:
        @contextmanager
        def house(self, settings: Settings) -> Iterator[Any]:
            events.append(f"opened {settings.data.name}")
            yield SimpleNamespace(
                desk=Desk(registry=IssuerList((KnownIssuer(world.issuer("union").id, "U"),)))
            )
            events.append("closed")

    words = ("verify", "--json", *offline, "--data", str(tmp_path), str(tmp_path / "x.json"))
    assert terminal.run(hallmark, roof=Roof(), args=words) == 0  # type: ignore[arg-type]
    assert json.loads(capsys.readouterr().out)["recognised_issuer"] is True
    assert events == [f"opened {tmp_path.name}", "closed"]


def test_canonicalize_prints_what_is_signed(run: Run, world: World, tmp_path: Path) -> None:
    union = world.issuer("union")
    draft = union.draft()
    for name, members in {
        "draft.json": draft,
        "bad.json": {**draft, "x": 1},
        "odd.json": {**draft, "@context": [*draft["@context"], "https://e.example/"]},
    }.items():
        (tmp_path / name).write_text(json.dumps(members))
    (tmp_path / "signed.json").write_bytes(union.sign(draft))
    code, out, _ = run("canonicalize", "draft.json")
    assert (code, out[:1], out[-3:]) == (0, "<", " .\n")
    assert run("canonicalize", "signed.json")[1] == out
    assert run("canonicalize", "--data", "nowhere", "draft.json")[1] == out
    assert run("canonicalize", "bad.json")[0] == 1
    assert run("canonicalize", "odd.json")[0] == 2
    assert run("canonicalize", "missing.json")[0] == 64


def test_what_the_reader_has_to_judge_is_not_counted_as_failed(
    offline: tuple[str, str], world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'hallmark.sqlite3'}")
    tables(database)
    database.close()
    (tmp_path / "x.json").write_bytes(world.issuer("union").mint())

    class Roof:
        @contextmanager
        def house(self, settings: Settings) -> Iterator[Any]:
            yield SimpleNamespace(
                desk=Desk(registry=IssuerList((KnownIssuer("did:web:other.example", "O"),)))
            )

    words = ("verify", *offline, "--data", str(tmp_path), str(tmp_path / "x.json"))
    assert terminal.run(hallmark, roof=Roof(), args=words) == 0  # type: ignore[arg-type]
    out = capsys.readouterr().out
    assert "1 for you to judge" in out
    assert "failed" not in out


# -- many at once -----------------------------------------------------------------------------------------


def test_a_table_has_a_row_for_each_and_no_formula(
    run: Run, offline: tuple[str, str], world: World, tmp_path: Path
) -> None:
    union = world.issuer("union")
    badge = union.mint()
    (tmp_path / "=1+1.json").write_bytes(badge)
    (tmp_path / "forged.json").write_bytes(badge.replace(b"Teamwork", b"Leadership"))
    (tmp_path / "claims.csv").write_text("link;id\nhttps://union.example/none;=HYPERLINK(1)\n;8\n")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a/good.json", union.mint())
        archive.writestr("b/words.txt", "hello")
    code, out, _ = run("verify", *offline, "--csv", "=1+1.json", "forged.json", "claims.csv", "all.zip")
    head, *rows = csv.reader(io.StringIO(out))
    assert tuple(head) == table.HEAD
    told = [(row[0], row[1], row[2], row[3], row[table.HEAD.index("confirmed")]) for row in rows]
    assert told == [
        ("1", "'=1+1.json", "", "valid", "yes"),
        ("2", "forged.json", "", "invalid", "no"),
        ("3", "row 2 of claims.csv", "'=HYPERLINK(1)", "no-credential", "no"),
        ("4", "row 3 of claims.csv", "8", "no-credential", "no"),
        ("5", "a/good.json in all.zip", "", "valid", "yes"),
        ("6", "b/words.txt in all.zip", "", "no-credential", "no"),
    ]
    assert code == 1
    assert run("verify", *offline, "--csv", "--json", "forged.json")[0] == 64


def test_several_claims_in_one_file_are_told_one_by_one_with_a_sum(
    run: Run, offline: tuple[str, str], world: World, tmp_path: Path
) -> None:
    union = world.issuer("union")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for number in range(25):
            archive.writestr(f"{number}.json", union.mint())
    code, out, _ = run("verify", *offline, "all.zip")
    assert code == 0
    assert "24.json in all.zip" in out
    assert "25 things checked: 25 valid; 25 need you" in out
    lines = run("verify", *offline, "--json", "all.zip")[1].splitlines()
    assert [json.loads(line)["verdict"] for line in lines] == ["valid"] * 25


def test_a_list_in_a_file_says_who_is_recognised(
    run: Run, offline: tuple[str, str], world: World, tmp_path: Path
) -> None:
    union = world.issuer("union")
    (tmp_path / "good.json").write_bytes(union.mint())
    on_list = [ListedIssuer(did=union.id, name="The Union")]
    for name, issuers, recognised in (("ours", on_list, True), ("empty", [], False)):
        (tmp_path / name).write_bytes(
            write_list(tuple(issuers), title="Ours", about="", url="", version=1, updated=START)
        )
        code, out, _ = run("verify", *offline, "--json", "--list", name, "good.json")
        assert (code, json.loads(out)["recognised_issuer"]) == (0, recognised)
        needs_you = next(
            csv.DictReader(io.StringIO(run("verify", *offline, "--csv", "--list", name, "good.json")[1]))
        )
        assert needs_you["needs_you"] == ("no" if recognised else "yes")
    (tmp_path / "damaged.json").write_bytes(b"{}")
    assert run("verify", *offline, "--list", "damaged.json", "good.json")[0] == 64
    code, _, err = run("verify", *offline, "--list", "nobody", "good.json")
    assert (code, "neither a list nor a file nobody" in err) == (64, True)
