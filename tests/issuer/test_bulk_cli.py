# SPDX-License-Identifier: Apache-2.0
"""Bulk issuing at the terminal: exit codes, typed numbers, links that verify, and who may start many."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import hallmark
from issuer import publish
from issuer.bulk import bulk as states
from issuer.bulk import desk, guards, looking
from issuer.bulk.desk import Brought
from issuer.bulk.reading import Kind
from service import clock, terminal
from tests.issuer.house import open_mint, verdict
from tests.issuer.taking_back import FIRST, officers


class Terminal:
    """Runs ``hallmark bulk …`` in one data folder."""

    def __init__(self, data: Path, work: Path) -> None:
        self.data, self.work, self.said = data, work, ""

    def __call__(self, *args: str, code: int = 0) -> str:
        runner = CliRunner()
        with runner.isolation() as (out, err, _both):
            ended = terminal.run(
                hallmark.cli, roof=hallmark.HallmarkRoof(), args=["bulk", *args, "--data", str(self.data)]
            )
        printed, self.said = out.getvalue().decode(), err.getvalue().decode()
        assert ended == code, (printed, self.said)
        return printed.strip()

    def file(self, good: int, bad: int = 0, *, name: str = "awards.csv") -> str:
        rows = [f"SEL1,p{each}@b.example,Person {each}\n" for each in range(good)]
        path = self.work / name
        path.write_text("achievement,email,name\n" + "".join(rows + ["SEL1,bad,\n"] * bad), encoding="utf-8")
        return str(path)


@pytest.fixture
def bulk(folder: Path, tmp_path: Path) -> Terminal:
    return Terminal(folder, tmp_path)


def test_a_file_is_tried_issued_and_its_links_verify(bulk: Terminal) -> None:
    shown = bulk("try", bulk.file(3))
    id = shown.split()[0]
    assert "3  SEL1-v1" in shown
    assert f"hallmark bulk issue {id} --yes 3" in bulk.said
    told = json.loads(bulk("issue", id, "--yes", "3", "--json"))
    assert (told["state"], told["issued"], told["id"]) == ("done", 3, id)
    rows = list(csv.DictReader(io.StringIO(bulk("result", id).lstrip("\ufeff"))))
    assert [row["state"] for row in rows] == ["issued"] * 3
    mint = open_mint(bulk.data)
    for row in rows:
        found = publish.find(mint, row["link"].rpartition("/")[2])
        assert verdict(mint, found.signed_json, now=clock.now()) == "valid"
    mint.db.close()
    assert id in bulk("list")
    assert "3  issued" in bulk("show", id)


def test_bad_rows_end_with_one_and_are_left_out_only_when_said(bulk: Terminal) -> None:
    file = bulk.file(2, bad=1)
    assert "Row 4: “email”: This is not an e-mail address." in bulk("try", file, code=1)
    assert "--yes 2 --leave-out-bad-rows" in bulk.said
    assert bulk("issue", file, "--yes", "2", code=1) == ""
    assert "1 row cannot become awards: correct the file, or add --leave-out-bad-rows." in bulk.said
    assert "2  issued" in bulk("issue", file, "--yes", "2", "--leave-out-bad-rows", "--no-mails")
    assert "The same file was brought before" in bulk.said


def test_issuing_the_very_file_that_was_tried_goes_on_with_that_trial(bulk: Terminal) -> None:
    file = bulk.file(2)
    id = bulk("try", file).split()[0]
    told = json.loads(bulk("issue", file, "--yes", "2", "--json"))
    assert (told["id"], told["issued"]) == (id, 2)
    assert f"going on with {id}" in bulk.said
    assert [each["id"] for each in json.loads(bulk("list", "--json"))] == [id]
    again = json.loads(bulk("issue", file, "--yes", "2", "--json", code=1))
    assert (again["bad"], again["id"] != id) == (2, True)  # decided about: the file is looked at anew


def test_what_changed_since_the_trial_is_tried_anew(bulk: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    file = bulk.file(2)
    id = bulk("try", file).split()[0]
    monkeypatch.setattr(guards, "changed", lambda *_: ("the profile",))
    bulk("issue", file, "--yes", "3", code=1)
    assert "going on" not in bulk.said
    assert id in bulk.said or len(json.loads(bulk("list", "--json"))) == 2


def test_many_rows_with_one_fault_are_one_line_of_the_terminal(bulk: Terminal) -> None:
    shown = bulk("try", bulk.file(1, bad=60), code=1)
    assert "60 rows: “email”: This is not an e-mail address." in shown
    assert "Rows 3–62." in shown
    assert len(shown.splitlines()) < 10


def test_without_a_terminal_the_number_stands_in_the_command(bulk: Terminal) -> None:
    bulk("issue", bulk.file(2), code=1)
    assert "--yes 2" in bulk.said
    bulk("issue", bulk.file(2), "--yes", "3", code=1)
    assert "bulk.count" in bulk.said


@pytest.mark.parametrize(
    ("text", "code"), [("name\nx\n", 1), ("achievement,email\n", 0), ('achievement,email\n"x', 1)]
)
def test_files_that_cannot_be_used(bulk: Terminal, text: str, code: int) -> None:
    path = bulk.work / "odd.csv"
    path.write_text(text, encoding="utf-8")
    bulk("try", str(path), code=code)


def test_what_is_neither_a_file_nor_a_number_is_usage(bulk: Terminal) -> None:
    bulk("issue", "nowhere.csv", code=64)
    bulk("show", "00000000-0000-4000-8000-000000000000", code=1)


def test_many_awards_of_the_terminal_wait_for_an_officer(
    bulk: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (desk, looking, states):
        monkeypatch.setattr(module, "ALONE", 2)
    shown = bulk("issue", bulk.file(3), "--yes", "3", code=2)
    id = shown.split()[0]
    assert f"/issuing/{id}" in bulk.said
    bulk("approve", id, "--yes", "3", code=1)
    assert "bulk.second-person" in bulk.said
    bulk("cancel", id)
    assert "cancelled" in bulk("show", id)


def test_the_operator_is_the_second_person_for_an_officer(
    bulk: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (desk, looking, states):
        monkeypatch.setattr(module, "ALONE", 2)
    mint = open_mint(bulk.data)
    officers(mint)
    data = Path(bulk.file(3)).read_bytes()
    id, _ = desk.propose(
        mint,
        Brought(Kind.CSV, data, "a.csv"),
        issuer="example-education",
        sends_mail=False,
        actor=FIRST,
        now=clock.now(),
    )
    desk.confirm(mint, id, count=3, leaves_out=False, actor=FIRST, now=clock.now())
    mint.db.close()
    assert "3  issued" in bulk("approve", id, "--yes", "3", "--processes", "1")
