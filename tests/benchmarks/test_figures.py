# SPDX-License-Identifier: Apache-2.0
"""The pure parts of the benchmarks: ratios, goals, tables, the drawing, the protocol. Nothing is timed."""

from __future__ import annotations

import io
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import adapter, chart, fixture, goals, http, load, operations, parts, table
from benchmarks.fixture import Fixture
from benchmarks.protocol import Call, percentile, serve, timed
from benchmarks.stats import number, ratios, spread
from benchmarks.workers import CHECKOUT, PeerError
from credentials.canonicalize import canonicalize
from credentials.errors import ProofInvalidError
from credentials.verification_method import KeyAlgorithm
from service import clock


def timing(p50: float, cpu: float | None = None) -> dict[str, Any]:
    return {"count": 9, "p50": p50, "p99": 2 * p50, "cpu": p50 if cpu is None else cpu}


ROUNDS: list[dict[str, Any]] = [
    {
        goals.OURS: {"issue": timing(0.25), "verify": timing(0.5)},
        goals.NODE: {"issue": timing(6.0), "verify": timing(6.0)},
        goals.FLOOR: {"issue": timing(0.05), "verify": timing(0.1)},
    },
    {
        goals.OURS: {"issue": timing(0.5), "verify": timing(0.5)},
        goals.NODE: {"issue": timing(12.0), "verify": timing(6.0)},
        goals.FLOOR: {"issue": timing(0.05), "verify": timing(0.1)},
    },
]


def results(**parts: Any) -> dict[str, Any]:
    run = {
        "begun": "2026-03-01 12:00 UTC",
        "hallmark": "0.1.0",
        "commit": "abc",
        "python": "3.11",
        "cores": 2,
        "processor": "a processor",
        "rounds": 2,
        "seconds": 0.8,
        "quick": False,
    }
    return {"run": run, "parts": parts}


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(range(1, 101), 0.99) == 99
    assert percentile([7], 0.99) == 7


def test_ratios_are_formed_within_a_round() -> None:
    assert ratios([1.0, 2.0, None], [10.0, 40.0, 5.0]) == [10.0, 20.0]
    told = spread([10.0, 20.0, 90.0])
    assert told is not None
    assert (told.median, told.least, told.most) == (20.0, 10.0, 90.0)
    assert told.words() == "20 (10–90)"
    assert spread([]) is None


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (0.000234, "0.000234"), (0.04344, "0.0434"), (99.96, "100"), (12_345, "12,345")],
)
def test_numbers_are_written_for_people(value: float, words: str) -> None:
    assert number(value) == words


def test_a_goal_is_met_or_missed_by_the_median_of_ratios() -> None:
    found = {goal.name: goal for goal in goals.of_operations(ROUNDS)}
    issue = found["issue ≥ 20× @digitalbazaar/vc"]
    assert issue.verdict == "met"
    assert issue.seen is not None
    assert issue.seen.median == 24
    assert found["issue ≤ 8× the floor"].verdict == "met"
    assert found["verify (signature path) ≥ 14× @digitalbazaar/vc"].verdict == "missed"
    assert found["verify (signature path) ≤ 4× the floor"].verdict == "missed"
    assert found["issue by template ≤ 3.5× the floor"].verdict == "not measured"


def test_what_was_not_run_is_told_with_its_reason() -> None:
    found = {goal.name: goal for goal in goals.of_parts({"bulk": {"not_run": "Node is not installed here"}})}
    goal = found["the same ≥ 20× two Node processes"]
    assert (goal.verdict, goal.why) == ("not measured", "Node is not installed here")
    assert found["verify over HTTP ≥ 8× the same app on PyLD"].why == "left out"


def test_the_page_names_its_run_its_goals_and_who_did_not_run() -> None:
    part = {
        "rounds": ROUNDS,
        "loads": [0.2],
        "versions": {},
        "not_run": {"jose": "Node is not installed here"},
    }
    measured = results(operations=part, bulk={"not_run": "no database"})
    page = table.document(measured, goals.of_operations(ROUNDS))
    assert "Run of 2026-03-01 12:00 UTC: Hallmark 0.1.0 at `abc`" in page
    assert "| issue ≤ 8× the floor | 7.5 (5–10)× | 7.5 (5–10)× | **met** |" in page
    assert "- not run: jose: Node is not installed here" in page
    assert "Not run: no database" in page
    assert "noisy" not in page


def test_a_noisy_run_says_so_in_its_head() -> None:
    part = {"rounds": ROUNDS, "loads": [0.2, 9.5], "versions": {}, "not_run": {}}
    assert "**A noisy run" in table.head(results(operations=part))


def test_a_machine_that_changes_its_pace_is_told_of_by_the_floor() -> None:
    def took(*floors: float) -> str:
        rounds = [{goals.FLOOR: {"verify": timing(each)}} for each in floors]
        part = {"rounds": rounds, "loads": [0.2], "versions": {}, "not_run": {}}
        return table.head(results(operations=part))

    assert "noisy" not in took(0.114, 0.116, 0.115)
    assert "took 0.114 to 0.229 ms" in took(0.115, 0.229, 0.114)


def test_every_table_has_as_many_cells_as_heads() -> None:
    rows = table.operations_table(ROUNDS).splitlines()
    assert {row.count("|") for row in rows} == {rows[0].count("|")}


def test_the_drawing_tells_the_same_in_words_and_stands_alone() -> None:
    drawing = chart.draw(chart.bars(ROUNDS), note="A run <of> a day")
    root = ElementTree.fromstring(drawing)  # noqa: S314  our own text
    space = "{http://www.w3.org/2000/svg}"
    assert root.attrib["role"] == "img"
    labelled = {
        each.attrib["id"]
        for each in (root.find(f"{space}title"), root.find(f"{space}desc"))
        if each is not None
    }
    assert set(root.attrib["aria-labelledby"].split()) == labelled
    description = root.findtext(f"{space}desc") or ""
    assert "@digitalbazaar/vc" in description
    assert "prefers-color-scheme:dark" in drawing
    assert "href" not in drawing
    assert "A run &lt;of&gt; a day" in drawing
    longest = max(float(each.attrib["x"]) + float(each.attrib["width"]) for each in root.iter(f"{space}rect"))
    assert longest <= chart.RIGHT


def test_a_worker_says_what_it_can_shows_and_times(tmp_path: Path) -> None:
    calls: list[Path] = []

    def prepare(given: Fixture) -> Call:
        calls.append(given.folder)
        return lambda: b"done"

    asked = [{"op": "x", "fixture": str(tmp_path), "seconds": seconds} for seconds in (0, 0.001)]
    out = io.StringIO()
    serve(
        "peer",
        {"library": "1"},
        {"x": prepare},
        lines=io.StringIO("\n".join(map(json.dumps, asked))),
        out=out,
    )
    hello, shown, measured = (json.loads(line) for line in out.getvalue().splitlines())
    assert hello == {"peer": "peer", "versions": {"library": "1"}, "ops": ["x"]}
    assert shown == {"op": "x", "output": "done"}
    assert set(measured) == {"op", "count", "p50", "p99", "cpu"}
    assert measured["count"] >= 5
    assert calls == [tmp_path]


def test_a_picture_is_shown_as_base64(tmp_path: Path) -> None:
    out = io.StringIO()
    asked = json.dumps({"op": "x", "fixture": str(tmp_path), "seconds": 0})
    serve("peer", {}, {"x": lambda _: lambda: b"\x89PNG"}, lines=io.StringIO(asked), out=out)
    assert json.loads(out.getvalue().splitlines()[1])["output"] == "iVBORw=="


def test_at_least_five_calls_are_timed() -> None:
    assert timed(lambda: None, 0.0, warm_up=0).count == 5


def test_only_this_machine_is_asked() -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
        load.load("http://192.0.2.1:80/verify", b"", seconds=0.1, clients=1)


@pytest.mark.parametrize("rate", [None, 500.0])
def test_who_is_never_answered_ends_in_time_and_tells_it(rate: float | None) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)  # connections are taken, and nobody ever answers
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/verify"
        found = load.load(url, b"{}", seconds=0.2, clients=2, rate=rate, grace=0.3)
    assert (found.count, found.per_second) == (0, 0)
    assert found.p99 > 250  # milliseconds; who waited in vain is not left out of the figures
    assert found.errors == (2 if rate is None else 100)
    assert found.seconds < 5


def test_a_server_that_says_much_is_read_and_does_not_stand_still(tmp_path: Path) -> None:
    done = tmp_path / "done"
    program = (
        "import sys, time; print('at http://127.0.0.1:1.', flush=True); print('x' * 300_000, flush=True); "
        "open(sys.argv[1], 'w').close(); time.sleep(30)"
    )
    with http._served([sys.executable, "-c", program, str(done)], dict(os.environ)) as address:
        end = time.monotonic() + 20
        while not done.exists() and time.monotonic() < end:
            time.sleep(0.02)
        assert done.exists()
    assert address == "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Fixture, Fixture]:
    return fixture.write(tmp_path_factory.mktemp("fixture"), now=clock.now(), picture=b"", many=3)


def test_the_fixture_is_of_the_published_size(pair: tuple[Fixture, Fixture]) -> None:
    text = canonicalize(pair[0].unsigned)
    assert text.count(b"\n") == 120
    assert b"_:c14n4" in text
    assert b"_:c14n5" not in text
    assert 6_000 < len(pair[0].raw) < 7_000


def test_the_changed_twin_is_refused_and_the_good_one_accepted(pair: tuple[Fixture, Fixture]) -> None:
    good, changed = pair
    assert adapter.verify(good.raw)
    assert not adapter.verify(changed.raw)


def test_issue_many_signs_what_issue_would(pair: tuple[Fixture, Fixture]) -> None:
    good, _ = pair
    adapter.setup({"seed": good.seed})
    for options in ({}, {"verified": True}, {"verified": False}):
        signed = adapter.issue_many(good.many, **options)
        assert len(signed) == len(good.many)
        assert all(adapter.verify(each) for each in signed)
        assert [json.loads(each)["id"] for each in signed] == [each["id"] for each in good.many]


def test_issue_many_verifies_every_signature_unless_it_is_told_not_to(
    pair: tuple[Fixture, Fixture], monkeypatch: pytest.MonkeyPatch
) -> None:
    good, _ = pair
    adapter.setup({"seed": good.seed})
    stranger = SimpleNamespace(
        verification_method=good.key["method"], algorithm=KeyAlgorithm.ED25519, sign=lambda _data: bytes(64)
    )
    monkeypatch.setitem(adapter._given, "signer", stranger)
    with pytest.raises(ProofInvalidError):
        adapter.issue_many(good.many)
    assert len(adapter.issue_many(good.many, verified=False)) == len(good.many)


class Fake:
    """A worker that answers what it is told to."""

    def __init__(self, peer: str, answers: Mapping[str, Any]) -> None:
        self.peer = peer
        self.ops = tuple(answers)
        self._answers = answers

    def ask(self, op: str, folder: Path, _seconds: float) -> dict[str, Any]:
        answer = self._answers[op]
        return {"op": op, "output": answer[folder.name] if isinstance(answer, dict) else answer}


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"verify": {"good": True, "changed": True}}, "it accepts a changed document"),
        ({"verify": {"good": False, "changed": False}}, "it does not accept the document"),
        ({"canonicalize": "something else"}, "another canonical form"),
    ],
)
def test_who_is_wrong_is_not_timed(pair: tuple[Fixture, Fixture], answers: Any, why: str) -> None:
    wrong: Any = Fake("somebody", answers)
    with pytest.raises(PeerError, match=why):
        operations.check(wrong, *pair)


def test_who_signs_something_else_is_not_timed(pair: tuple[Fixture, Fixture]) -> None:
    wrong: Any = Fake("somebody", {"issue": pair[1].raw.decode()})
    with pytest.raises(PeerError, match="does not accept what it signed"):
        operations.check(wrong, *pair)


def test_the_readme_has_a_place_for_the_figures() -> None:
    readme = (CHECKOUT / "README.md").read_text()
    told = table.told_in(readme, results(), chart.bars(ROUNDS))
    assert "(docs/images/benchmarks.svg)" in told
    assert told.startswith(readme[:1_000])
    assert table.told_in(told, results(), chart.bars(ROUNDS)) == told


def test_the_lock_of_the_peers_names_no_address_and_pins_everything() -> None:
    text = (CHECKOUT / "benchmarks" / "node" / "package-lock.json").read_text()
    assert "://" not in text
    packages = {name: each for name, each in json.loads(text)["packages"].items() if name}
    assert all(each["version"] and each["integrity"].startswith("sha512-") for each in packages.values())
    wanted = json.loads((CHECKOUT / "benchmarks" / "node" / "package.json").read_text())["dependencies"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_a_part_that_takes_too_long_is_given_up_and_told(
    pair: tuple[Fixture, Fixture], monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: Any) -> dict[str, Any]:
        threading.Event().wait(30)
        return {}

    monkeypatch.setattr(parts, "PARTS", {"endless": endless})
    monkeypatch.setattr(parts, "PART_SECONDS", 0.05)
    said: list[str] = []
    found = parts.run("endless", pair[0], parts.Plan(1, 0.1), said.append)
    assert "it took longer than" in found["not_run"]
    assert "not run" in said[-1]


def test_the_curves_over_lists_and_catalogue_stand_beside_the_others() -> None:
    page = {"list, first page": {"wsgi_p95": 7.0, "cpu_p95": 6.5, "http_p95": 9.0}}
    shares = {"0.0": 0.4, "0.02": 1.1}
    written = table.document(
        results(
            status={"publish_ms": {"131072": shares}, "open_ms": {"131072": shares}},
            growth={"evidence": [{"evidence": 10, "walk": 0.2, "pyld": 8.0}], "batch": []},
            catalogue={"counts": {"250": page, "5000": page}, "worst_p95": 9.0},
        ),
        [],
    )
    curves = written.partition("## Growth")[2].partition("## Catalogue")[0]
    assert "| 10 | 0.2 | 8 |" in curves
    assert "| 131,072 | 0.4 | 1.1 | 1.1 |" in curves
    assert "| page of the catalogue, p95 ms | 250 micro-credentials | 5,000 micro-credentials |" in curves
    assert "| list, first page | 6.5 | 6.5 |" in curves
