# SPDX-License-Identifier: Apache-2.0
"""``hallmark keys``: make, list, rotate, retire keys, and say that one was compromised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol, TextIO

import click

from credentials.dates import format_datetime, parse_datetime
from credentials.errors import DateError
from credentials.verification_method import KeyAlgorithm
from keys import goodkey
from keys.cabinet import NEW_FILE, Cabinet
from keys.errors import NoActiveKeyError
from keys.keyring import KeyRecord, KeyRing
from keys.throwaway import ALGORITHMS
from service import clock, terminal

ACTOR: Final = "cli"  # in audit lines

_CHOICES: Final = {str(algorithm).lower(): algorithm for algorithm in sorted(goodkey.ALGORITHMS)}


class House(Protocol):
    """What these commands need of the opened house."""

    @property
    def cabinet(self) -> Cabinet:
        """The opened room."""


@click.group()
def keys() -> None:
    """Make, list, rotate and retire the keys that issuers sign with.

    Private keys lie sealed in the data folder ("file:"), or the environment hands them in ("env:VARIABLE").
    The passphrase of sealed keys is HALLMARK_KEYS_PASSPHRASE, or the first line of the file that
    HALLMARK_KEYS_PASSPHRASE_FILE names. Without either, the data folder holds it too: good for trying, but
    whoever copies that folder can sign in your name.
    """


def _issuer(command: Any) -> Any:
    return click.option(
        "--issuer", metavar="SLUG", help="Short name of the issuer.  [default: the only one there is]"
    )(command)


def _algorithm(text: str) -> Callable[[Any], Any]:
    return click.option("--algorithm", type=click.Choice(list(_CHOICES), case_sensitive=False), help=text)


_custody: Final[Callable[[Any], Any]] = click.option(
    "--custody",
    default=NEW_FILE,
    show_default=True,
    metavar="URI",
    help='Where the private key is kept: "file:" (sealed in the data folder) or "env:VARIABLE".',
)
_import: Final[Callable[[Any], Any]] = click.option(
    "--import",
    "source",
    type=click.File("r", encoding="utf-8"),
    help="Read the private key (PEM, JWK or Multikey) from this file, - for standard input, and seal it.",
)
_yes = click.option("--yes", is_flag=True, help="Do not ask.")


@keys.command(
    "new",
    epilog=terminal.examples(
        "hallmark keys new",
        "hallmark keys new --issuer union --algorithm p-256",
        "hallmark keys new --algorithm ed25519 --custody env:HALLMARK_KEY_UNION",
        "hallmark keys new --import union.pem",
    ),
)
@_issuer
@_algorithm("Kind of key.  [default: each of ed25519 and p-256 that the issuer lacks]")
@_custody
@_import
@terminal.with_house
def new(
    house: House, issuer: str | None, algorithm: str | None, custody: str, source: TextIO | None
) -> terminal.ExitCode:
    """Give an issuer the keys that it lacks.

    Ed25519 signs credentials with an embedded proof, P-256 signs them as JWT; an issuer wants one of each.
    """
    cabinet, now = house.cabinet, clock.now()
    ring = _ring(cabinet, issuer)
    if source is not None:
        _tell(ring, [cabinet.import_key(ring.slug, source.read(), now=now, actor=ACTOR)], "is active now")
        return terminal.ExitCode.YES
    wanted = [_CHOICES[algorithm]] if algorithm else [kind for kind in ALGORITHMS if not _has(ring, kind)]
    if not wanted:
        terminal.say(f"The issuer {ring.slug} has all the keys it needs.")
    made = [cabinet.new_key(ring.slug, kind, now=now, custody=custody, actor=ACTOR) for kind in wanted]
    _tell(ring, made, "is active now")
    return terminal.ExitCode.YES


@keys.command(
    "list", epilog=terminal.examples("hallmark keys list", "hallmark keys list --issuer union --json")
)
@_issuer
@click.option("--json", "as_json", is_flag=True, help="Print for programs.")
@terminal.with_house
def list_keys(house: House, issuer: str | None, as_json: bool) -> terminal.ExitCode:
    """Show the keys of one issuer or of all, oldest first. Nothing private is shown."""
    cabinet = house.cabinet
    rings = [cabinet.ring(slug) for slug in ([issuer] if issuer else cabinet.slugs())]
    if as_json:
        terminal.show_json([_members(ring, key) for ring in rings for key in ring.keys])
        return terminal.ExitCode.YES
    for ring in rings:
        terminal.show(f"{ring.slug}  {ring.did}")
        for key in ring.keys:
            terminal.show(f"  {key.id:<26}{_life(key):<64}{key.custody}".rstrip())
        if not ring.keys:
            terminal.show("  no keys yet: hallmark keys new")
    if not rings:
        terminal.say("There is no issuer yet: hallmark init")
    return terminal.ExitCode.YES


@keys.command(
    "rotate",
    epilog=terminal.examples(
        "hallmark keys rotate", "hallmark keys rotate --issuer union --algorithm ed25519"
    ),
)
@_issuer
@_algorithm("Kind of key.  [default: every kind that the issuer has]")
@_custody
@_import
@terminal.with_house
def rotate(
    house: House, issuer: str | None, algorithm: str | None, custody: str, source: TextIO | None
) -> terminal.ExitCode:
    """Put a new key in the place of the active one, also of one that was retired or compromised.

    The old key signs nothing more and stays published, so that what it signed stays good.
    """
    cabinet, now = house.cabinet, clock.now()
    ring = _ring(cabinet, issuer)
    if source is not None:
        text = source.read()
        _tell(
            ring, [cabinet.import_key(ring.slug, text, now=now, replace=True, actor=ACTOR)], "is active now"
        )
        return terminal.ExitCode.YES
    had = {key.algorithm for key in ring.keys}
    wanted = [_CHOICES[algorithm]] if algorithm else sorted(had)
    if not had.issuperset(wanted) or not wanted:
        raise NoActiveKeyError(f"The issuer {ring.slug} has no such key yet; make one: hallmark keys new.")
    for kind in wanted:
        step = cabinet.rotate if _has(ring, kind) else cabinet.new_key
        _tell(ring, [step(ring.slug, kind, now=now, custody=custody, actor=ACTOR)], "is active now")
    return terminal.ExitCode.YES


@keys.command("retire", epilog=terminal.examples("hallmark keys retire ed25519-kPrK_qmxVWaYVA9w"))
@click.argument("key")
@_issuer
@_yes
@terminal.with_house
def retire(house: House, key: str, issuer: str | None, yes: bool) -> terminal.ExitCode:
    """Let KEY sign nothing more, without a new one. What it signed stays good. This cannot be undone."""
    ring = _ring(house.cabinet, issuer)
    if not yes:
        click.confirm(
            f"{ring.key(key).id} of {ring.slug} will sign nothing more. Go on?", abort=True, err=True
        )
    _tell(ring, [house.cabinet.retire(ring.slug, key, now=clock.now(), actor=ACTOR)], "is retired")
    return terminal.ExitCode.YES


@keys.command(
    "compromised",
    epilog=terminal.examples(
        "hallmark keys compromised ed25519-kPrK_qmxVWaYVA9w --since 2026-02-27T09:30:00Z"
    ),
)
@click.argument("key")
@_issuer
@click.option(
    "--since",
    required=True,
    metavar="TIME",
    help='First moment at which somebody else may have had it, with zone: "2026-02-27T09:30:00Z".',
)
@_yes
@terminal.with_house
def compromised(house: House, key: str, issuer: str | None, since: str, yes: bool) -> terminal.ExitCode:
    """Say that others may have had KEY since a moment.

    It signs nothing more and is published as revoked since then: what was signed before stays good, what was
    signed later is refused by every verifier. This cannot be undone; the moment can only be moved to an
    earlier one.
    """
    moment = _moment(since)
    ring = _ring(house.cabinet, issuer)
    if not yes:
        click.confirm(
            f"All that {ring.key(key).id} of {ring.slug} signed since {format_datetime(moment)} will be "
            "refused everywhere. Go on?",
            abort=True,
            err=True,
        )
    changed = house.cabinet.compromised(ring.slug, key, since=moment, now=clock.now(), actor=ACTOR)
    _tell(ring, [changed], f"is published as revoked since {format_datetime(moment)}")
    terminal.say("Next: hallmark keys rotate, then issue again what was signed since then.")
    return terminal.ExitCode.YES


commands: tuple[click.Command, ...] = (keys,)


def _ring(cabinet: Cabinet, issuer: str | None) -> KeyRing:
    slugs = cabinet.slugs()
    if issuer is None and len(slugs) != 1:
        known = ", ".join(slugs) or "there is none yet, see hallmark init"
        raise click.UsageError(f"Name the issuer with --issuer SLUG: {known}.")
    return cabinet.ring(issuer if issuer is not None else slugs[0])


def _has(ring: KeyRing, algorithm: KeyAlgorithm) -> bool:
    return any(key.active and key.algorithm is algorithm for key in ring.keys)


def _tell(ring: KeyRing, changed: Sequence[KeyRecord], what: str) -> None:
    for key in changed:
        terminal.show(f"{terminal.symbol('yes')} {ring.method_id(key)} {what}")


def _moment(text: str) -> datetime:
    try:
        return parse_datetime(text)
    except DateError as error:
        raise click.BadParameter(error.message, param_hint="--since") from error


def _life(key: KeyRecord) -> str:
    life = f"{key.state} since {format_datetime(key.created)}"
    if key.compromised_since is not None:
        return f"compromised since {format_datetime(key.compromised_since)}"
    if key.retired_at is not None:
        return f"retired on {format_datetime(key.retired_at)}"
    return life


def _members(ring: KeyRing, key: KeyRecord) -> dict[str, str | None]:
    return {
        "issuer": ring.slug,
        "did": ring.did,
        "id": key.id,
        "verification_method": ring.method_id(key),
        "algorithm": str(key.algorithm),
        "state": str(key.state),
        "created": format_datetime(key.created),
        "retired_at": format_datetime(key.retired_at) if key.retired_at else None,
        "compromised_since": format_datetime(key.compromised_since) if key.compromised_since else None,
        "custody": key.custody,
    }
