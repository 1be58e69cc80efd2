# SPDX-License-Identifier: Apache-2.0
"""``hallmark recognise``: what credentials are worth under one policy, for a person with these facts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, cast

import click

from recognition.adopting import shelf
from recognition.cli.named import rule
from recognition.cli.telling import exit_code, faults, show
from recognition.errors import FactsError, PolicyError
from recognition.judging import answer_json, facts_reader
from recognition.judging.bringing import Thing, bring
from recognition.judging.facts import Facts
from recognition.judging.judge import judge
from recognition.judging.trust import Trust
from recognition.office import Office
from recognition.rule import policy_reader
from recognition.rule.days import day_of
from recognition.rule.policy import Policy
from recognition.rule.policy_keys import PURPOSES, SOURCE_BYTES
from service import clock, log, terminal
from service.settings import Settings, load
from verifier.desk import Desk, open_desk
from verifier.documents import OfflineMap
from verifier.errors import IssuerListError, NoSuchIssuerListError, OfflineMapError
from verifier.intake import looks_like_url
from verifier.list_format import LIST_BYTES
from verifier.registry import read_issuer_list
from verifier.unpack import ZIP_BYTES

_JSON: Final = ".json"
_ME: Final = """

\b
A file of facts such as me.toml, every line optional; docs/recognise.md names them all:
  licence_level = "professional"
  renewing = "yes"
  cycle = { from = 2024-07-01, until = 2029-06-30 }
"""


class House(Protocol):
    """What this command needs of the opened house."""

    @property
    def desk(self) -> Desk:
        """The verifier's."""

    @property
    def office(self) -> Office:
        """The opened room."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where the question is asked: a desk, whom the house relies on, and its policies if there is a house."""

    desk: Desk
    trust: Trust
    office: Office | None = None


@click.command(
    epilog=terminal.examples(
        "hallmark recognise --policy us-ma-renewal --facts me.toml first.json second.png",
        "hallmark recognise --policy rule.toml --issuer national-programme=did:web:union.example badge.jwt",
        "hallmark recognise --policy us-ma-renewal --purpose licence-endorsement",
        "hallmark recognise --policy us-wa-clock-hours --facts me.json --json https://badges.example/c/7f3c",
    )
    + _ME
)
@click.argument("credentials", nargs=-1, metavar="[CREDENTIAL]...")
@click.option(
    "--policy", "named", required=True, metavar="FILE|ID", help="The rule: a file, or the id of one here."
)
@click.option(
    "--facts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The person's situation, TOML or JSON; see below.",
)
@click.option(
    "--purpose", type=click.Choice(sorted(PURPOSES)), help="What it is for, if not what the rule is."
)
@click.option(
    "--issuer",
    "issuers",
    multiple=True,
    metavar="NAME=DID",
    help="What a short name in the rule means; may be given several times.",
)
@click.option("--list", "listed", metavar="NAME|FILE", help="Rely on this list of issuers.")
@click.option("--recipient", metavar="E-MAIL", help="Whose the credentials must be.")
@click.option("--json", "as_json", is_flag=True, help="The answer of the API.")
@click.option(
    "--offline-documents",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with a map.json; documents are looked up there and nowhere else.",
)
@terminal.data_option
@click.pass_context
def recognise(
    context: click.Context,
    credentials: tuple[str, ...],
    *,
    named: str,
    facts: Path | None,
    purpose: str | None,
    issuers: tuple[str, ...],
    listed: str | None,
    recipient: str | None,
    as_json: bool,
    offline_documents: Path | None,
    data: Path | None,
) -> int:
    """Say what credentials are worth under one rule: files or links, judged for one person.

    The situation of the person stands in a small file. Leave out what you do not know: the answer names what
    it depends on.

    Each is verified first. The answer names the outcome of each with the rule, its source, and what would
    change it. A purpose that a rule always refuses needs no credential.

    Ends with 0 when units are granted or proposed, or it serves as a supporting document; 1 when nothing
    counts; 2 when that depends on a fact, an attestation or a check that is missing, or no rule is known.
    """
    settings = load(data)
    log.configure("warning" if settings.log_level == "info" else settings.log_level)
    now = clock.now()
    names = [_issuer(each) for each in issuers]
    things = [_thing(each) for each in credentials]
    with _room(context, settings) as room:
        policy = _policy(named, room, now=now)
        told = _facts(facts, policy, now=now)
        told = replace(told, purpose=purpose) if purpose is not None else told
        desk = replace(room.desk, offline=_offline(offline_documents)) if offline_documents else room.desk
        brought = bring(
            desk,
            things,
            now=now,
            recipient=recipient or None,
            same=room.office.same if room.office is not None else _alone,
        )
        trust = _trust(room, names, listed)
        answer = judge(policy, brought, told, trust=trust, now=now)
    if as_json:
        terminal.show_json(answer_json.to_json(answer))
    else:
        show(answer)
    return exit_code(answer.outcome)


def _alone(_credential_id: str) -> tuple[str, ...]:
    return ()


@contextmanager
def _room(context: click.Context, settings: Settings) -> Iterator[Room]:
    """Open the house; where there is none yet, a desk without issuers that relies on nobody."""
    if not terminal.is_made(settings):
        yield Room(open_desk(settings), Trust())
        return
    with terminal.roof_of(context).house(settings) as opened:
        house = cast(House, opened)
        yield Room(house.desk, shelf.trust(house.office, ""), house.office)


def _policy(named: str, room: Room, *, now: datetime) -> Policy:
    """Return the policy in a file, or the one with this id: published here, or an example."""
    path = Path(named)
    if path.is_file():
        try:
            return policy_reader.read(_bytes(path, SOURCE_BYTES), name=path.stem)
        except PolicyError as error:
            raise click.BadParameter(faults(error.faults), param_hint="--policy") from error
    return rule(named, room.office, now=now, hint="--policy")


def _facts(path: Path | None, policy: Policy, *, now: datetime) -> Facts:
    today = day_of(now, policy.timezone)
    if path is None:
        return Facts(as_of=today)
    number = policy.who.identifier
    try:
        return facts_reader.read(
            _bytes(path, SOURCE_BYTES),
            media="json" if path.suffix.lower() == _JSON else "toml",
            today=today,
            identifiers=(number.name,) if number is not None else (),
        )
    except FactsError as error:
        raise click.BadParameter(faults(error.faults), param_hint="--facts") from error


def _issuer(text: str) -> tuple[str, str]:
    name, equals, did = text.partition("=")
    if not (name.strip() and equals and did.strip().startswith(("did:", "https://", "http://"))):
        raise click.BadParameter(
            "write it as NAME=DID, like national-programme=did:web:union.example.", param_hint="--issuer"
        )
    return name.strip(), did.strip()


def _trust(room: Room, names: list[tuple[str, str]], listed: str | None) -> Trust:
    """Return whom to rely on: the house's list or another one, and what short names mean."""
    found = room.trust
    if listed is not None:
        found = Trust(_listed(listed, room.desk), found.names)
    bound = {name: set(dids) for name, dids in found.names.items()}
    for name, did in names:
        bound.setdefault(name, set()).add(did)
    return Trust(
        found.listed | {did for _, did in names}, {name: frozenset(dids) for name, dids in bound.items()}
    )


def _listed(name: str, desk: Desk) -> frozenset[str]:
    try:
        if Path(name).is_file():
            known = read_issuer_list(_bytes(Path(name), LIST_BYTES)).issuers
        else:
            registry = desk.against(name).registry
            known = tuple(each for each in registry.known() if registry.recognises(each.did))
    except IssuerListError as error:
        raise click.BadParameter(error.message, param_hint="--list") from error
    except NoSuchIssuerListError as error:
        sentence = f"there is neither a list nor a file {click.format_filename(name)}."
        raise click.BadParameter(sentence, param_hint="--list") from error
    return frozenset(each.did for each in known)


def _thing(source: str) -> Thing:
    """Return what stands on the command line: a link, or a file with its bytes."""
    if looks_like_url(source):
        return Thing(source)
    return Thing(source, _bytes(Path(source), ZIP_BYTES))


def _offline(folder: Path) -> OfflineMap:
    try:
        return OfflineMap.load(folder)
    except OfflineMapError as error:
        raise click.BadParameter(error.message, param_hint="--offline-documents") from error


def _bytes(path: Path, most: int) -> bytes:
    """Read a file, no more of it than is looked at."""
    try:
        with path.open("rb") as stream:
            return stream.read(most + 1)
    except FileNotFoundError as error:
        raise click.UsageError(f"There is no file {click.format_filename(path)}") from error
    except OSError as error:
        sentence = f"{click.format_filename(path)} cannot be read: {error.strerror}"
        raise click.UsageError(sentence) from error
