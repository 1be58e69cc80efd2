# SPDX-License-Identifier: Apache-2.0
"""Random credentials: our canonical form beside that of every oracle, byte for byte.

``python -m benchmarks.identity [COUNT] [--first SEED]`` writes credentials at random (by the author of the
differential tests: every kind of text, number, shape and order), each from a seed of its own, and compares
our bytes with those of PyLD, pyoxigraph, openbadgeslib, openvc-core and, where Node is, jsonld.js.

What differs must be a *known deviation* of the peer, listed by name below, and is counted there only if it
explains the whole difference: undone, the bytes are equal. Anything else is a difference, with its seed.

- ``controls``: PyLD 3.3.0, and whoever uses it, leaves C0 controls and U+007F unescaped.
- ``noncharacters``: PyLD and rdf-canonize 5.0.0 leave U+FFFE and U+FFFF unescaped.
- ``order``: rdf-canonize sorts by UTF-16 unit, so that U+1F600 comes before U+FF01.
- ``numbers``: jsonld.js counts in doubles and prints them its own way: 2⁵³+1, 10⁻⁷ are other numbers there.
"""

from __future__ import annotations

import argparse
import copy
import json
import multiprocessing
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from pyld import jsonld

from benchmarks import fixture
from benchmarks.workers import PeerError, node, node_folder
from credentials.canonicalize import canonicalize
from credentials.errors import HallmarkError
from credentials.jsonld.contexts import OPEN_BADGES, PACKAGED
from credentials.rdf.canonical import canonical
from credentials.rdf.nquads import parse
from service import clock

COUNT = 3_000
CHUNK = 50  # documents that a process takes at once
SHOWN = 20  # seeds of differences that are printed
SAFE_INTEGER = 2**53

Text = str | None  # a canonical form; None: the peer refused the document


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print, and return 1 if anything differs that is no known deviation."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.identity", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=COUNT)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    given = parser.parse_args(arguments)
    found = measure(given.count, first=given.first, say=print)
    return 1 if found["differences"] else 0


def measure(count: int, *, first: int = 0, say: Callable[[str], None]) -> dict[str, Any]:
    """Compare ``count`` credentials; return counts for each oracle, and seeds that differ."""
    seeds = range(first, first + count)
    say(f"identity: seeds {first} to {first + count - 1}")
    results: dict[str, Counter[str]] = {}
    differing: list[str] = []
    not_run: dict[str, str] = {}
    chunks = [seeds[start : start + CHUNK] for start in range(0, count, CHUNK)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=2, mp_context=spawn) as pool:
        answers: Iterable[list[tuple[int, str, str]]] = pool.map(_in_python, chunks)
        for chunk in answers:
            _count(chunk, results, differing)
    try:
        _count(_in_node(seeds), results, differing)
    except PeerError as error:
        not_run["jsonld.js"] = str(error)
    for oracle, outcomes in results.items():
        say(f"  {oracle}: " + ", ".join(f"{number} {outcome}" for outcome, number in outcomes.most_common()))
    for oracle, why in not_run.items():
        say(f"  {oracle}: not run: {why}")
    for each in differing[:SHOWN]:
        say(f"  DIFFERENT: {each}")
    return {
        "count": count,
        "first": first,
        "oracles": {oracle: dict(outcomes) for oracle, outcomes in results.items()},
        "differences": len(differing),
        "differing": differing[:SHOWN],
        "not_run_oracles": not_run,
    }


def _count(
    answers: Iterable[tuple[int, str, str]], results: dict[str, Counter[str]], differing: list[str]
) -> None:
    for seed, oracle, outcome in answers:
        results.setdefault(oracle, Counter())[outcome] += 1
        if outcome == "DIFFERENT":
            differing.append(f"seed {seed}, {oracle}")


def outcome_of(
    ours: bytes, theirs: Text, members: dict[str, Any], again: Callable[[dict[str, Any]], Text]
) -> str:
    """Say how a peer's canonical form stands to ours: identical, a known deviation, refused, or DIFFERENT.

    Args:
        ours: Our bytes.
        theirs: The peer's text.
        members: The document.
        again: Asks the peer about another document.
    """
    if theirs is None:
        return "refused by it"
    if theirs.encode() == ours:
        return "identical"
    if _respelled(theirs) == ours:
        return f"known deviation: {spelling(theirs)}"  # all is in how lines are written or ordered
    plain = without_odd_numbers(members)
    if plain != members:
        text = again(plain)
        expected = canonicalize(plain)
        if text is not None and (text.encode() == expected or _respelled(text) == expected):
            return "known deviation: numbers"
    return "DIFFERENT"


def _respelled(text: str) -> bytes:
    quads, _ = parse(text)
    return canonical(quads).text


def spelling(theirs: str) -> str:
    """Name what is odd in how a peer writes a text that means the same as ours."""
    raw = set(theirs)
    names = {
        "controls": any(letter in raw for letter in (*map(chr, range(10)), *map(chr, range(11, 32)), "\x7f")),
        "noncharacters": not raw.isdisjoint("\ufffe\uffff"),
    }
    return " and ".join(name for name, is_so in names.items() if is_so) or "order"


def without_odd_numbers(value: Any) -> Any:
    """Return a copy with 5 for each number that JavaScript reads or writes in another way."""
    if isinstance(value, dict):
        return {name: without_odd_numbers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [without_odd_numbers(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return copy.copy(value)
    is_odd = abs(value) >= SAFE_INTEGER or (value != 0 and abs(value) < 1e-6)
    return 5 if is_odd else value


def _in_python(seeds: Sequence[int]) -> list[tuple[int, str, str]]:
    """Ask the oracles in Python about the documents of ``seeds``."""
    from tests.credentials.test_differential import Author

    oracles = _oracles()
    answers: list[tuple[int, str, str]] = []
    for seed in seeds:
        members = Author(seed).credential()
        ours = canonicalize(members)
        for name, ask in oracles.items():
            answers.append((seed, name, outcome_of(ours, ask(members), members, ask)))
    return answers


def _oracles() -> dict[str, Callable[[dict[str, Any]], Text]]:
    from openbadgeslib.ob3 import ldp
    from openbadgeslib.ob3.contexts import document_loader as their_loader
    from openvc.proof import data_integrity
    from openvc.proof.contexts import document_loader

    from tests.credentials.test_canonical import by_pyoxigraph
    from tests.credentials.test_differential import RESOLVER, load, quads_by_walk

    extra: dict[str, Any] = {OPEN_BADGES: PACKAGED.load(OPEN_BADGES)}
    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "base": None,
        "documentLoader": load,
        "contextResolver": RESOLVER,
    }

    def by_pyld(members: dict[str, Any]) -> Text:
        text: str = jsonld.normalize(members, options)
        return text

    def by_oxigraph(members: dict[str, Any]) -> Text:
        return by_pyoxigraph(quads_by_walk(members)).decode()

    def by_openbadgeslib(members: dict[str, Any]) -> Text:
        return _asked(partial(ldp._canonize, members, their_loader()))

    def by_openvc(members: dict[str, Any]) -> Text:
        return _asked(partial(data_integrity._canonize, members, document_loader(extra)))

    return {
        "PyLD": by_pyld,
        "pyoxigraph": by_oxigraph,
        "openbadgeslib": by_openbadgeslib,
        "openvc-core": by_openvc,
    }


def _asked(ask: Callable[[], str | bytes]) -> Text:
    from openbadgeslib.errors import LibOpenBadgesException
    from openvc.errors import OpenvcError

    try:
        text = ask()
    except (LibOpenBadgesException, OpenvcError):
        return None
    return text.decode() if isinstance(text, bytes) else text


def _in_node(seeds: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    """Ask jsonld.js about the documents of ``seeds``.

    Raises:
        PeerError: Node is not here, or its libraries are not.
    """
    from tests.credentials.test_differential import Author

    with tempfile.TemporaryDirectory() as folder:
        good, _ = fixture.write(Path(folder), now=clock.now(), picture=b"", many=1)
        with subprocess.Popen(
            [node(), str(node_folder() / "identity.mjs"), str(good.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                ask = partial(_ask_node, process)
                for seed in seeds:
                    members = Author(seed).credential()
                    yield seed, "jsonld.js", outcome_of(canonicalize(members), ask(members), members, ask)
            finally:
                process.kill()


def _ask_node(process: subprocess.Popen[str], members: dict[str, Any]) -> Text:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(members) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise PeerError("jsonld.js ended without a word")
    text: Text = json.loads(line).get("text")
    return text


if __name__ == "__main__":
    try:
        sys.exit(main())
    except HallmarkError as error:
        sys.exit(f"ours refused a document: {error}")
