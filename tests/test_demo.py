# SPDX-License-Identifier: Apache-2.0
"""``hallmark demo``, as a person types it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

import demo
import hallmark
from service import server, terminal
from service.terminal import ExitCode


@pytest.fixture
def no_logging(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The levels that were asked for; the handlers of the test run stay as they are."""
    levels: list[str] = []
    monkeypatch.setattr("service.log.configure", lambda level="info", **_: levels.append(level))
    return levels


def run(*args: str) -> int:
    return terminal.run(hallmark.cli, roof=hallmark.HallmarkRoof(), args=["demo", *args])


def test_the_demo_tells_whose_each_badge_is_and_how_to_look_at_it(
    no_logging: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HALLMARK_KEYS_PASSPHRASE", raising=False)
    folder = tmp_path / "a demo"
    assert run("--once", "--data", str(folder)) == 0
    printed, said = capsys.readouterr()
    for sample in demo.SAMPLES:
        assert f"{sample.name} " in printed
        assert f" {sample.email} " in printed
    assert f"hallmark serve --data '{folder}'" in printed
    assert all(line.startswith(demo.INDENT) for line in said.splitlines())
    assert "passphrase" in said

    seen: list[str] = []
    monkeypatch.setattr(server, "run", lambda _app, settings, **_: seen.append(settings.log_level))
    port = free_port()
    assert run("--data", str(folder), "--port", str(port)) == 0
    assert seen == ["warning"]
    assert "info" not in no_logging
    printed = capsys.readouterr().out
    assert f"Look at it: http://127.0.0.1:{port}/" in printed
    assert "as they were published there first" in printed


def test_a_port_in_use_stops_the_demo_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run("--data", str(tmp_path / "x"), "--port", port) == ExitCode.USAGE
    assert f"Something else is using port {port}." in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
