# SPDX-License-Identifier: Apache-2.0
"""``hallmark policy``: faults with their places and the exit code of a script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import app
import hallmark
from recognition.adopting import publishing
from recognition.rule import policy_reader
from service import terminal
from service.settings import Settings
from tests.earning.house import NOW, make_house
from tests.recognition.policy_scene import own_text


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    """Run one command; return its exit code and what it shows."""
    code = terminal.run(hallmark.cli, roof=hallmark.HallmarkRoof(), args=["policy", *args])
    return code, capsys.readouterr().out


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "district-lane.toml").write_bytes(own_text())
    (tmp_path / "bad.toml").write_bytes(own_text().replace(b"amount = 10", b"ammount = 10"))
    (tmp_path / "renamed.toml").write_bytes(own_text())
    (tmp_path / "large.toml").write_bytes(b"#" * 100_000)
    return tmp_path


def test_a_policy_as_agreed_ends_with_0(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "check", str(files / "district-lane.toml"))
    assert code == terminal.ExitCode.YES
    assert "as agreed, in force, version 1" in said


def test_each_fault_is_told_with_its_place_and_the_command_ends_with_1(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(capsys, "check", *(str(each) for each in sorted(files.glob("*.toml"))))
    assert code == terminal.ExitCode.NO
    assert "bad.toml: grant[0].ammount: unknown key" in said
    assert "renamed.toml: id: must be the file name" in said
    assert "large.toml: A policy has at most 65,536 bytes" in said
    assert "district-lane.toml: as agreed" in said


def test_faults_are_also_data(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "check", "--json", str(files / "bad.toml"), str(files / "district-lane.toml"))
    bad, good = json.loads(said)
    assert code == terminal.ExitCode.NO
    assert {"place": "grant[0].ammount", "sentence": "unknown key"} in bad["faults"]
    assert good["ok"]
    assert good["sha256"] == policy_reader.read(own_text()).sha256


def test_a_policy_is_shown_in_plain_words(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "show", str(files / "district-lane.toml"))
    assert code == terminal.ExitCode.YES
    assert "Each micro-credential gives 10 hours of licensed salary advancement (Aurora)." in said
    code, said = run(capsys, "show", str(files / "bad.toml"))
    assert code == terminal.ExitCode.NO
    assert "unknown key" in said


def test_without_a_file_it_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check")[0] == terminal.ExitCode.USAGE


def test_what_is_published_here_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = make_house(tmp_path / "house")
    assert run(capsys, "list", "--data", str(data)) == (0, "")
    house = app.open_house(Settings(data=data))
    publishing.seed(house.office, now=NOW)
    house.jobs.close()
    house.db.close()
    code, said = run(capsys, "list", "--data", str(data))
    assert code == 0
    assert "us-ma-renewal" in said
    assert "Example rule" in said
    found = json.loads(run(capsys, "list", "--json", "--data", str(data))[1])
    assert len(found) == 10
    assert found[0]["organisation"] is None


def test_a_rule_is_shown_by_its_id_with_and_without_a_house(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(capsys, "show", "us-ma-renewal", "--data", str(tmp_path / "nothing"))
    assert code == terminal.ExitCode.YES
    assert said.startswith("Massachusetts: renewing a Professional licence")
    assert "programme source" not in said
    data = make_house(tmp_path / "house")
    house = app.open_house(Settings(data=data))
    publishing.seed(house.office, now=NOW)
    house.jobs.close()
    house.db.close()
    assert run(capsys, "show", "us-ma-renewal", "--data", str(data)) == (terminal.ExitCode.YES, said)


def test_an_unknown_id_is_told_with_the_examples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = terminal.run(
        hallmark.cli, roof=hallmark.HallmarkRoof(), args=["policy", "show", "us-xx", "--data", str(tmp_path)]
    )
    assert code == terminal.ExitCode.USAGE
    assert "neither a file nor a rule us-xx" in capsys.readouterr().err
