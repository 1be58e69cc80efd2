# SPDX-License-Identifier: Apache-2.0
"""What the papers promise is true: README, settings, errors, routes, locks, licences."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from app import create_app
from credentials import errors
from service import access, settings
from service.problems import Problems
from service.settings import Settings
from tests import warm

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
LOCKS = ("requirements.lock", "requirements-test.lock")


def house(folder: Path) -> Settings:
    return Settings(data=folder, public_url="https://badges.union.example")


def leaves(kind: type[errors.HallmarkError]) -> list[type[errors.HallmarkError]]:
    children = kind.__subclasses__()
    return [leaf for child in children for leaf in leaves(child)] if children else [kind]


def readme_commands() -> list[str]:
    """Every line of the shell blocks under "The first five minutes", in order."""
    minutes = README.split("## The first five minutes")[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", minutes, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def typed(
    line: str, folder: Path, environ: dict[str, str], *, as_a_shell_does: bool
) -> CompletedProcess[str]:
    """Run a line of the README; a plain command needs no shell and no second interpreter to begin."""
    if as_a_shell_does or not re.fullmatch(r'hallmark [\w ./:@="-]+', line):
        return subprocess.run(
            ["sh", "-c", line], cwd=folder, env=environ, capture_output=True, text=True, check=False
        )
    return warm.run("hallmark", *shlex.split(line)[1:], cwd=folder, env=environ)


def test_the_first_five_minutes_of_the_readme_run_as_written(tmp_path: Path) -> None:
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environ = {name: value for name, value in environ.items() if not name.startswith("HALLMARK_")}
    commands = readme_commands()
    assert len(commands) > 10
    for line in commands:
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            environ[name] = value
            continue
        command, _, note = line.partition("#")
        expected = re.search(r"ends with (\d+)", note)
        done = typed(command, tmp_path, environ, as_a_shell_does="init" in command)
        assert done.returncode == int(expected[1] if expected else 0), (line, done.stdout, done.stderr)


def test_the_readme_names_both_commands_and_the_makefile_has_them() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("run", "test"):
        assert re.search(rf"^make {target}\b", README, re.MULTILINE)
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_every_link_of_the_papers_to_a_file_of_ours_leads_somewhere() -> None:
    broken = []
    for paper in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)", paper.read_text(encoding="utf-8")):
            if "://" not in target and not (paper.parent / target).exists():
                broken.append(f"{paper.relative_to(ROOT)} -> {target}")
    assert not broken, broken


def test_every_setting_is_explained() -> None:
    assert settings.reference() in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


def test_every_route_says_who_may_use_it(tmp_path: Path) -> None:
    rows = list(access.table(create_app(house(tmp_path))))
    assert len(rows) > 20
    assert all(row is not None for _, _, row in rows)


def test_every_error_has_a_row_and_is_explained(tmp_path: Path) -> None:
    problems: Problems = create_app(house(tmp_path)).extensions["problems"]
    table = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert problems.reference() in table
    for leaf in leaves(errors.HallmarkError):
        if leaf.__module__.split(".")[0] != "tests":
            assert f"`{leaf.code}`" in table, leaf


@pytest.mark.parametrize("name", LOCKS)
def test_locks_pin_every_version_by_hash_and_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    for requirement in re.split(r"\n(?! )", text.strip()):
        assert re.match(r"[a-z0-9._-]+==[^\s;]+", requirement), requirement[:60]
        assert "--hash=sha256:" in requirement, requirement[:60]


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", text, re.MULTILINE))


def test_the_test_lock_has_all_of_the_core_lock_in_the_same_versions() -> None:
    core, test = (pins(name) for name in LOCKS)
    assert core.items() <= test.items()


def test_every_direct_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]

    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[\[<>=;\s]", each)[0].lower().replace("_", "-") for each in requirements}

    installed = (extras[each] for each in ("build", "pdf", "scan"))
    wanted = names(project["dependencies"]).union(*map(names, installed))
    assert wanted <= pins("requirements.lock").keys()
    assert names(extras["test"]) <= pins("requirements-test.lock").keys()


def test_every_room_is_there_without_the_extras() -> None:
    """What an extra brings is loaded where it is used; a process of its own may load it at once."""
    program = """
import pathlib, sys
for extra in ("typst", "zxingcpp", "obstore", "psycopg"):
    sys.modules[extra] = None  # as if it was not installed
for room in sys.argv[1:]:
    for file in sorted(pathlib.Path(room).rglob("*.py")):
        if file.stem not in ("__main__", "objects") and "migrations" not in file.parts:
            __import__(".".join(file.with_suffix("").parts).removesuffix(".__init__"))
import app
"""
    rooms = ("credentials", "service", "keys", "verifier", "issuer", "earning")
    subprocess.run([sys.executable, "-c", program, *rooms], cwd=ROOT, check=True)


@pytest.mark.parametrize("name", ["pyproject.toml", "Makefile", ".ci/run", *LOCKS])
def test_what_makes_installations_names_no_address(name: str) -> None:
    """Whoever installs chooses the index by their own settings."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"--(extra-)?index|--find-links|--trusted-host", text)


@pytest.mark.parametrize(
    "command",
    [
        "demo",
        "init",
        "serve",
        "issue",
        "sign",
        "verify",
        "revoke",
        "certificate",
        "export",
        "work",
        "jobs run",
        "mail list",
        "mail retry",
        "mail try",
    ],
)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    done = warm.run("hallmark", *shlex.split(command), "--help")
    assert done.returncode == 0
    assert f"hallmark {command}" in done.stdout
    assert "Example" in done.stdout
