# SPDX-License-Identifier: Apache-2.0
"""The figures as Markdown: what was run and where, the goals with met or missed, then every table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.chart import Bar, in_words
from benchmarks.goals import NODE, Goal, Rounds, column, compared
from benchmarks.operations import PEERS, REMARKS, is_noisy, unsteady
from benchmarks.stats import Spread, number, spread

Cells = Sequence[str]
BEGIN = "<!-- figures of make bench -->"
END = "<!-- end of the figures -->"

OPERATIONS: Mapping[str, str] = {
    "issue": "issue",
    "issue-template": "issue by template",
    "issue-template-verified": "issue by template, each signature verified",
    "verify": "verify, signature path",
    "verify-all": "verify, everything that it checks",
    "canonicalize": "canonical form alone",
    "jcs": "JCS alone",
    "issue-jcs": "issue with eddsa-jcs-2022",
    **{f"sign-jwt-{name}": f"VC-JWT {name}, sign" for name in ("EdDSA", "ES256", "RS256")},
    **{f"verify-jwt-{name}": f"VC-JWT {name}, verify" for name in ("EdDSA", "ES256", "RS256")},
    "bake": "bake a PNG",
    "bake-unseen": "bake a PNG that was never seen",
    "qr": "draw a QR code",
    "read-bit": "read a bit of a status list",
    "stage-expand": "PyLD's stages: expansion",
    "stage-to-rdf": "PyLD's stages: to quads",
    "stage-canonize": "PyLD's stages: canonicalisation of quads",
}


def document(results: Mapping[str, Any], goals: Sequence[Goal]) -> str:
    """Return the page of a run."""
    operations = results["parts"].get("operations", {})
    rounds: Rounds = operations.get("rounds", [])
    parts = [
        "# Benchmarks\n",
        "`make bench` wrote this page. Ratios are formed within a round; a figure is the median of the "
        "rounds, in brackets the smallest and the largest. Compare ratios; milliseconds belong to the "
        "machine.\n",
        head(results),
        "\n## Goals\n",
        table(("goal", "seen", "by CPU time", ""), [goal_row(goal) for goal in goals]),
    ]
    if rounds:
        parts += ["\n## Operations\n", operations_table(rounds), not_run(operations)]
    for name, write in _SECTIONS.items():
        if name in results["parts"]:
            parts.append(write(results["parts"][name]))
        if name == "growth":
            parts.append(_growth_of_stocks(results["parts"]))
    return "\n".join(part for part in parts if part) + "\n"


def told_in(readme: str, results: Mapping[str, Any], groups: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Return the README with what this run says between its two marks.

    Raises:
        ValueError: The marks are not there.
    """
    before, found, rest = readme.partition(BEGIN)
    _, found_end, after = rest.partition(END)
    if not found or not found_end:
        raise ValueError("the README has no place for the figures")
    run = results["run"]
    lines = [
        "",
        f"![How many credentials a second. {in_words(groups)}](docs/images/benchmarks.svg)",
        "",
        f"One run of `make bench`, {run['begun']}, on {run['cores']} cores ({run['processor']}): all peers "
        "in turns, with the same document and key,",
        "after the output of each was verified by another. All figures, the goals and what is missed stand "
        "in [docs/benchmarks.md](docs/benchmarks.md).",
        "",
    ]
    return before + BEGIN + "\n".join(lines) + END + after


def head(results: Mapping[str, Any]) -> str:
    """Return what was run, where, and whether anybody else was at work."""
    run = results["run"]
    lines = [
        f"Run of {run['begun']}: Hallmark {run['hallmark']} at `{run['commit']}`, Python {run['python']}, "
        f"{run['cores']} cores ({run['processor']}), {run['rounds']} rounds of {run['seconds']:g} s "
        "an operation."
    ]
    loads = [each for part in results["parts"].values() for each in part.get("loads", ())]
    if any(part.get("quick") for part in results["parts"].values()):
        lines.append("**A quick try: these figures say little.**")
    if is_noisy(loads):
        most = max(loads)
        lines.append(
            f"**A noisy run: others were at work (load up to {most:.1f}). Wall clock is not to be trusted.**"
        )
    elif loads:
        lines.append(f"Load before the rounds: {min(loads):.1f} to {max(loads):.1f}.")
    swings = unsteady(results["parts"].get("operations", {}).get("rounds", ()))
    if swings is not None:
        lines.append(
            "**A noisy run: the machine changed its pace. The floor, the same work in each round, took "
            f"{number(swings.least)} to {number(swings.most)} ms.**"
        )
    versions = results["parts"].get("operations", {}).get("versions", {})
    named = sorted({f"{name} {which}" for each in versions.values() for name, which in each.items()})
    if named:
        lines.append(f"Peers: {', '.join(named)}.")
    return "\n".join(lines)


def goal_row(goal: Goal) -> Cells:
    """Return the line of a goal."""
    unit = "" if goal.unit == "×" else f" {goal.unit}"
    sign = "×" if goal.unit == "×" else ""

    def words(seen: Spread | None) -> str:
        return "" if seen is None else f"{seen.words()}{sign}{unit}".strip()

    verdict = {"met": "**met**", "missed": "**missed**"}.get(goal.verdict, goal.verdict)
    return goal.name, words(goal.seen) or goal.why, words(goal.cpu), verdict


def operations_table(rounds: Rounds) -> str:
    """Return the table of all operations of all peers."""
    rows: list[Cells] = []
    for op, words in OPERATIONS.items():
        for peer in PEERS:
            wall = spread([each for each in column(rounds, peer, op, "p50") if each is not None])
            if wall is None:
                continue
            cpu = spread([each for each in column(rounds, peer, op, "cpu") if each is not None])
            p99 = spread([each for each in column(rounds, peer, op, "p99") if each is not None])
            rows.append(
                (
                    words,
                    peer,
                    wall.words(),
                    number(p99.median) if p99 else "",
                    number(cpu.median) if cpu else "",
                    _against(rounds, op, peer),
                    REMARKS.get(peer, {}).get(op, ""),
                )
            )
    heads = ("operation", "who", "p50 ms", "p99 ms", "CPU ms", f"× {NODE}, wall / CPU", "what it does beside")
    return table(heads, rows)


def _against(rounds: Rounds, op: str, peer: str) -> str:
    theirs = (NODE, "issue" if op.startswith("issue-template") else "verify" if op == "verify-all" else op)
    both = [compared(rounds, (peer, op), theirs, figure, slower=False) for figure in ("p50", "cpu")]
    return " / ".join(number(each.median) for each in both if each is not None)


def not_run(operations: Mapping[str, Any]) -> str:
    """Return which peers did not run, and why."""
    lines = [f"- not run: {peer}: {why}" for peer, why in operations.get("not_run", {}).items()]
    return "\n" + "\n".join(lines) if lines else ""


def table(heads: Cells, rows: Sequence[Cells]) -> str:
    """Return a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def _without(title: str, part: Mapping[str, Any]) -> str | None:
    return f"\n## {title}\n\nNot run: {part['not_run']}" if "not_run" in part else None


def _bulk(part: Mapping[str, Any]) -> str:
    rows = []
    for processes in (1, 2):
        wall, cpu = (spread(part.get(f"{name}_{processes}", ())) for name in ("seconds", "cpu"))
        if wall is not None and cpu is not None:
            rows.append((f"{processes} of Hallmark, durable", wall.words(), cpu.words()))
    rate = part.get("node", {}).get("per_second")
    if rate:
        rows.append((f"2 of {NODE}, nothing stored", number(10_000 / rate), ""))
    title = "10,000 signed badges"
    return _without(title, part) or f"\n## {title}\n\n" + table(("processes", "s", "CPU s"), rows)


def _http(part: Mapping[str, Any]) -> str:
    told = _without("HTTP", part)
    if told is not None:
        return told
    names = {
        "walk": "tiny app, our signature path",
        "pyld": "tiny app, PyLD by hand",
        "service": "the whole service",
        "fixed": "tiny app, our signature path, 500/s asked",
        "service_fixed": "the whole service, 200/s asked",
    }
    rows = []
    for name, words in names.items():
        found = [each[name] for each in part["rounds"] if name in each]
        per_second, p99 = (spread([each[key] for each in found]) for key in ("per_second", "p99"))
        if per_second is None or p99 is None:
            continue
        failed = sum(each["errors"] for each in found)
        rows.append((words, per_second.words(3), number(p99.median), str(failed)))
    title = "\n## Verify over HTTP, two processes, eight clients\n\n"
    words = "\n\nFailed is what had no answer, or another than 200; p99 holds how long that took, too.\n"
    return title + table(("what", "answers/s", "p99 ms", "failed"), rows) + words


def _beside(part: Mapping[str, Any]) -> str:
    told = _without("HTTP beside a bulk", part)
    if told is not None:
        return told
    rows = [
        (words, number(each["p50"]), number(each["p99"]), number(each["longest"]), str(each["errors"]))
        for words, each in (("alone", part["alone"]), ("beside a bulk of 10,000", part["beside"]))
    ]
    heads = ("the whole service at 50 requests/s", "p50 ms", "p99 ms", "longest ms", "errors")
    return "\n## Verify over HTTP beside a bulk\n\n" + table(heads, rows)


def _status(part: Mapping[str, Any]) -> str:
    rows = [
        (f"{int(length):,}", f"{float(share):.1%}", number(each), number(part["open_ms"][length][share]))
        for length, shares in part.get("publish_ms", {}).items()
        for share, each in shares.items()
    ]
    heads = ("entries", "set", "build, sign and check both forms, CPU ms", "open a stranger's, CPU ms")
    return _without("Status lists", part) or "\n## Status lists\n\n" + table(heads, rows)


def _growth(part: Mapping[str, Any]) -> str:
    evidence = [
        (f"{row['evidence']:,}", number(row["walk"]), number(row["pyld"])) for row in part.get("evidence", ())
    ]
    batch = [(f"{row['batch']:,}", number(row["each"])) for row in part.get("batch", ())]
    return _without("Growth", part) or "\n## Growth (CPU time)\n\n" + table(
        ("pieces of evidence", "our canonical form ms", "PyLD ms"), evidence
    ) + "\n\n" + table(("batch by template", "ms each, signature verified"), batch)


def _growth_of_stocks(parts: Mapping[str, Any]) -> str:
    """Return the curves over the size of a status list and of the catalogue, from their own parts."""
    publish = parts.get("status", {}).get("publish_ms", {})
    opened = parts.get("status", {}).get("open_ms", {})
    told = ""
    if publish:
        shares = list(next(iter(publish.values())))
        rows = [
            (f"{int(length):,}", *(number(by_share[each]) for each in shares), number(opened[length]["0.02"]))
            for length, by_share in publish.items()
        ]
        heads = ("entries of a list", *(f"publish, {float(each):.1%} set, ms" for each in shares))
        told += "\n" + table((*heads, "open, 2.0% set, ms"), rows)
    counts = parts.get("catalogue", {}).get("counts", {})
    if counts:
        pages = list(next(iter(counts.values())))
        rows = [(name, *(number(found[name]["cpu_p95"]) for found in counts.values())) for name in pages]
        heads = ("page of the catalogue, p95 ms", *(f"{int(each):,} micro-credentials" for each in counts))
        told += "\n\n" + table(heads, rows)
    return told


def _catalogue(part: Mapping[str, Any]) -> str:
    rows = [
        (f"{int(count):,}", name, number(page["wsgi_p95"]), number(page["cpu_p95"]), number(page["http_p95"]))
        for count, pages in part.get("counts", {}).items()
        for name, page in pages.items()
    ]
    heads = ("micro-credentials", "page", "in the process, p95 ms", "CPU p95 ms", "over HTTP, p95 ms")
    return _without("Catalogue", part) or "\n## Catalogue\n\n" + table(heads, rows)


def _identity(part: Mapping[str, Any]) -> str:
    rows = [
        (oracle, outcome, f"{count:,}")
        for oracle, outcomes in part.get("oracles", {}).items()
        for outcome, count in outcomes.items()
    ]
    rows += [(oracle, f"not run: {why}", "") for oracle, why in part.get("not_run_oracles", {}).items()]
    said = (
        f"{part.get('count', 0):,} random credentials, seeds from {part.get('first', 0)}; "
        f"{part.get('differences', 0)} differ otherwise than by a known deviation of the peer.\n\n"
    )
    heads = ("oracle", "canonical form", "credentials")
    return _without("Identity", part) or "\n## Byte identity\n\n" + said + table(heads, rows)


def _told(title: str) -> Callable[[Mapping[str, Any]], str]:
    def section(part: Mapping[str, Any]) -> str:
        return _without(title, part) or f"\n## {title}\n\n```\n{part['text']}\n```"

    return section


_SECTIONS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "bulk": _bulk,
    "http": _http,
    "http-bulk": _beside,
    "status": _status,
    "growth": _growth,
    "catalogue": _catalogue,
    "identity": _identity,
    "hostile": _told("Hostile input"),
    "allocation": _told("Choice of groups"),
    "batch": _told("500 mixed things"),
}
