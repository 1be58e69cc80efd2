# SPDX-License-Identifier: Apache-2.0
"""``hallmark policy``: check the text of a policy, read it in plain words, list what is published here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Protocol, cast

import click

from recognition.adopting import shelf
from recognition.cli.named import rule
from recognition.errors import PolicyError
from recognition.office import Office
from recognition.rule import policy_phrases as phrases
from recognition.rule import policy_reader, policy_words
from recognition.rule.policy import Policy
from recognition.rule.policy_keys import SOURCE_BYTES
from service import clock, log, terminal
from service.settings import Settings, load

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


class House(Protocol):
    """What these commands need of the opened house."""

    @property
    def office(self) -> Office:
        """The opened room."""


@click.group(name="policy")
def policy_group() -> None:
    """Check and read policies: the rules by which recognizers decide, as TOML."""


@policy_group.command(
    name="check",
    epilog=terminal.examples(
        "hallmark policy check our-district-lane.toml",
        "hallmark policy check --json policies/*.toml",
    ),
)
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="As JSON: every file with its faults.")
def check(files: tuple[Path, ...], *, as_json: bool) -> int:
    """Check texts in the format recognition-policy/1; no house is needed.

    Every fault is told with its place. The name of a file must be the id of its policy.

    Ends with 0 when all are as agreed, 1 when one is not.
    """
    found = [(path, *_read(path)) for path in files]
    if as_json:
        terminal.show_json([_as_json(path, policy, error) for path, policy, error in found])
    else:
        for path, policy, error in found:
            _tell(path, policy, error)
    is_bad = any(error is not None for _, _, error in found)
    return terminal.ExitCode.NO if is_bad else terminal.ExitCode.YES


@policy_group.command(
    name="show",
    epilog=terminal.examples(
        "hallmark policy show us-ma-renewal", "hallmark policy show our-district-lane.toml"
    ),
)
@click.argument("named", metavar="FILE|ID")
@terminal.data_option
@click.pass_context
def show(context: click.Context, named: str, *, data: Path | None) -> int:
    """Show a policy in plain words, as its page does: a file, or the id of one that `policy list` names.

    No house is needed for a file, nor for one of the examples.
    """
    if Path(named).is_file():
        policy, error = _read(Path(named))
        if policy is None:
            _tell(Path(named), policy, error)
            return terminal.ExitCode.NO
    else:
        policy = _known(context, named, load(data))
    terminal.show(f"{policy.title}\n{policy_words.label(policy)}. {policy_words.status_sentence(policy)}")
    for section in policy_words.sections(policy):
        terminal.show(f"\n{section.title}")
        for line in section.lines:
            terminal.show(f"  - {line.sentence}" + (f" [{line.marker}]" if line.marker else ""))
    terminal.show("\nWhere this is stated")
    for source in policy.sources:
        terminal.show(f"  - {phrases.source(source.ref)}: {source.says}")
    return terminal.ExitCode.YES


@policy_group.command(
    name="list", epilog=terminal.examples("hallmark policy list", "hallmark policy list --json")
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.with_house
def list_policies(house: House, *, as_json: bool) -> None:
    """List the policies that are published here, each in the version that rules today."""
    found = shelf.every(house.office, on=clock.now().date())
    if as_json:
        terminal.show_json(
            [
                {
                    "id": each.policy.id,
                    "version": each.policy.version,
                    "status": str(each.policy.status),
                    "jurisdiction": each.policy.jurisdiction,
                    "purpose": each.policy.purpose,
                    "title": each.policy.title,
                    "organisation": each.organisation or None,
                    "sha256": each.policy.sha256,
                }
                for each in found
            ]
        )
        return
    for each in found:
        policy = each.policy
        terminal.show(f"{policy.id:24}  {policy.version:12}  {policy_words.label(policy):12}  {policy.title}")
    if not found:
        terminal.say("No policy is published here yet; hallmark init puts the examples here.")


def _known(context: click.Context, named: str, settings: Settings) -> Policy:
    """Return the policy with this id: published in the house if there is one, or an example."""
    now = clock.now()
    if not terminal.is_made(settings):
        return rule(named, None, now=now, hint="FILE|ID")
    log.configure("warning" if settings.log_level == "info" else settings.log_level)
    with terminal.roof_of(context).house(settings) as opened:
        return rule(named, cast(House, opened).office, now=now, hint="FILE|ID")


def _read(path: Path) -> tuple[Policy | None, PolicyError | None]:
    """Return the policy in a file, or what is wrong with it; no more is read than a policy may have."""
    with path.open("rb") as stream:
        source = stream.read(SOURCE_BYTES + 1)
    try:
        return policy_reader.read(source, name=path.stem), None
    except PolicyError as error:
        return None, error


def _tell(path: Path, policy: Policy | None, error: PolicyError | None) -> None:
    if error is None and policy is not None:
        label = policy_words.label(policy).lower()
        terminal.show(f"{terminal.symbol('yes')} {path.name}: as agreed, {label}, version {policy.version}")
        return
    for fault in error.faults if error is not None else ():
        terminal.show(f"{terminal.symbol('no')} {path.name}: {fault}")


def _as_json(path: Path, policy: Policy | None, error: PolicyError | None) -> dict[str, Any]:
    faults = error.faults if error is not None else ()
    return {
        "file": path.name,
        "ok": error is None,
        "id": None if policy is None else policy.id,
        "version": None if policy is None else policy.version,
        "status": None if policy is None else str(policy.status),
        "sha256": None if policy is None else policy.sha256,
        "faults": [{"place": each.place, "sentence": each.sentence} for each in faults],
    }
