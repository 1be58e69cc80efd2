# SPDX-License-Identifier: Apache-2.0
"""The commands of service/: ``init``, ``serve``, ``tokens``, ``audit``; also ``db_cli``, ``work_cli``."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from service import audit, clock, db_cli, log, server, starting, terminal, text, tokens, work_cli
from service.addresses import public_host
from service.db import Database
from service.errors import AlreadyThereError, SettingsError
from service.jobs import Jobs
from service.processes import spread
from service.settings import FILE_NAME, Settings, load, write_file
from service.terminal import ExitCode, House, Roof


@click.command()
@terminal.data_option
@click.option("--public-url", help="Base of every published link, e.g. https://badges.example.edu")
@click.option("--did-host", help="Host in our did:web names, if it is not that of the public URL.")
@click.option("--title", help="Name of the site.")
@click.pass_context
def init(
    context: click.Context,
    data: Path | None,
    public_url: str | None,
    did_host: str | None,
    title: str | None,
) -> None:
    """Make a data folder: settings, database, and what a new house begins with.

    Example: hallmark init --data /srv/hallmark --public-url https://badges.example.edu

    Run again, it changes no settings and only adds what is missing.
    """
    roof = terminal.roof_of(context)
    for sentence in prepare(data, roof=roof, public_url=public_url, did_host=did_host, title=title):
        terminal.say(sentence)
    terminal.say(f"Done. Start it with: hallmark serve --data {load(data).data}")


def prepare(
    data: Path | None,
    *,
    roof: Roof,
    public_url: str | None = None,
    did_host: str | None = None,
    title: str | None = None,
    demo: bool = False,
) -> Iterator[str]:
    """Make the data folder step by step, and yield a sentence about each step.

    Raises:
        AlreadyThereError: There are settings already, and other ones were given.
        SettingsError: A given one does not fit.
    """
    found = load(data)
    path = found.data / FILE_NAME
    if not path.exists():
        settings = replace(
            found,
            public_url=public_url or found.public_url,
            did_host=did_host or ("" if public_url else found.did_host),
            title=title or found.title,
            demo=demo or found.demo,
        )
        _require_https(settings.public_url)
        found.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        values: dict[str, str | int | bool] = {
            name: getattr(settings, name) for name in ("public_url", "did_host", "title")
        }
        _write_private(path, write_file(values | ({"demo": True} if settings.demo else {})))
        yield f"Settings written to {path}"
    elif _would_change(found, public_url=public_url, did_host=did_host, title=title):
        raise AlreadyThereError(
            f"There is already a house in {found.data} ({found.public_url}, “{found.title}”). "
            f"For a new one: hallmark init --data my-house --public-url {public_url or 'https://…'}"
        )
    settings = load(data)
    log.configure("warning")
    database = Database(settings.database_url)
    database.upgrade()
    database.close()
    yield "Database ready"
    with roof.house(settings) as house:
        yield from roof.seed(house)


@click.command()
@terminal.data_option
@click.option("--host", help="Address to listen on.  [default: from the settings]")
@click.option(
    "--port", type=click.IntRange(0, 65_535), help="Port to listen on.  [default: from the settings]"
)
@click.option(
    "--processes", type=click.IntRange(1, 64), help="How many processes serve.  [default: from the settings]"
)
@click.option(
    "--offline-documents",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with a map.json; documents are looked up there and nowhere else.",
)
@click.pass_context
def serve(
    context: click.Context,
    *,
    data: Path | None,
    host: str | None,
    port: int | None,
    processes: int | None,
    offline_documents: Path | None,
) -> None:
    """Serve the pages and the API.

    Example: hallmark serve --port 8080 --processes 2
    """
    settings = load(data)
    settings = replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        processes=settings.processes if processes is None else processes,
        offline_documents=(
            settings.offline_documents if offline_documents is None else offline_documents.absolute()
        ),
    )
    start(settings, roof=terminal.roof_of(context))


def start(settings: Settings, *, roof: Roof) -> None:
    """Serve the house of ``settings`` until the process is told to stop.

    With several ``processes``, this one only keeps them alive, and jobs have a process of their own.
    """
    log.configure(settings.log_level)
    database = Database(settings.database_url)
    terminal.require_house(database, settings)
    database.close()
    require_port(settings.host, settings.port)
    starting.require_files(settings, os.environ)
    if settings.processes == 1:
        _serve(settings, roof=roof, workers=settings.workers, ready=partial(_say_serving, settings))
        return
    with server.listen(settings.host, settings.port) as listening:
        address = server.address_of(listening, settings.host)
        names = [f"web-{number}" for number in range(1, settings.processes + 1)]
        jobs = ["jobs"] if settings.workers else []
        part = spread([*names, *jobs], all_ready=partial(_say_serving, settings, address))
        if part is None:
            return
        if part.name == "jobs":
            listening.close()
            _work(settings, roof=roof, ready=part.ready)
        else:
            _serve(settings, roof=roof, workers=0, ready=lambda _: part.ready(), listening=listening)


def _serve(
    settings: Settings,
    *,
    roof: Roof,
    workers: int,
    ready: Callable[[str], None],
    listening: socket.socket | None = None,
) -> None:
    app = roof.web(settings)
    jobs: Jobs = app.extensions["jobs"]
    with jobs.working(workers):
        server.run(app, settings, ready=ready, listening=listening)


def _work(settings: Settings, *, roof: Roof, ready: Callable[[], None]) -> None:
    with roof.house(settings) as house:
        ready()
        house.jobs.work(settings.workers)


def _say_serving(settings: Settings, address: str) -> None:
    elsewhere = "" if address == settings.public_url else f" on {address}"
    terminal.say(f"Serving {settings.public_url}{elsewhere}")


def require_port(host: str, port: int) -> None:
    """Refuse a port that cannot be listened on, before anything else is done.

    Raises:
        click.UsageError: Says why, and what to choose instead.
    """
    obstacle = server.obstacle(host, port)
    if obstacle is not None:
        raise click.UsageError(obstacle)


@click.group(name="tokens")
def tokens_group() -> None:
    """Make, list and revoke access tokens of the API."""


class _Scope(click.Option):
    """The option for scopes. The rooms above know them, so the roof is asked when it is used."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Add to the help which scopes there are."""
        record = super().get_help_record(ctx)
        return record and (record[0], f"{record[1]}  [{', '.join(terminal.roof_of(ctx).scopes)}]")

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Refuse a scope that no route asks for."""
        scopes = super().process_value(ctx, value)
        known = terminal.roof_of(ctx).scopes
        for scope in scopes or ():
            if scope not in known:
                raise click.UsageError(f'There is no scope "{scope}". Scopes: {", ".join(known)}')
        return scopes


@tokens_group.command()
@click.option("--label", required=True, help="What the token is for.")
@click.option(
    "--scope",
    "scopes",
    cls=_Scope,
    required=True,
    multiple=True,
    metavar="SCOPE",
    help="What it may do; may be repeated.",
)
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it lives.")
@terminal.with_house
def new(house: House, label: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token and show it once, on standard output.

    Example: hallmark tokens new --label "course platform" --scope credentials:write
    """
    now = clock.now()
    with house.db.transaction() as session:
        token, presented = tokens.new(
            session, label=label, scopes=scopes, actor="cli", now=now, lifetime=timedelta(days=days)
        )
    terminal.say(f"Token {token.id}, good until {text.day(token.expires_at)}. It is shown only now:")
    terminal.show(presented)


@tokens_group.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.with_house
def list_tokens(house: House, *, as_json: bool) -> None:
    """List all tokens; their secrets are not kept and cannot be shown.

    Example: hallmark tokens list
    """
    now = clock.now()
    with house.db.reading() as session:
        found = tokens.listing(session)
    if as_json:
        terminal.show_json(
            [
                {
                    "id": token.id,
                    "label": token.label,
                    "scopes": sorted(token.scopes),
                    "state": token.state(now),
                    "created_at": token.created_at.isoformat(),
                    "expires_at": token.expires_at.isoformat(),
                }
                for token in found
            ]
        )
        return
    for token in found:
        terminal.show(f"{token.id}  {token.state(now):8}  {' '.join(sorted(token.scopes))}  {token.label}")
    if not found:
        terminal.say("There are no tokens yet. Make one with: hallmark tokens new")


@tokens_group.command()
@click.argument("token_id", metavar="ID")
@terminal.with_house
def revoke(house: House, token_id: str) -> None:
    """End a token at once.

    Example: hallmark tokens revoke 1f3a5b7c9d0e2f46
    """
    with house.db.transaction() as session:
        tokens.revoke(session, token_id, actor="cli", now=clock.now())
    terminal.say(f"Token {token_id} is revoked.")


@click.group(name="audit")
def audit_group() -> None:
    """Look at the audit log."""


@audit_group.command()
@click.option("--known", metavar="NUMBER:DIGEST", help="A head that was printed before and kept elsewhere.")
@terminal.with_house
def check(house: House, known: str | None) -> int:
    """Recompute the chain of the audit log, and print its head to keep elsewhere.

    Example: hallmark audit check --known 12:9f86d081884c7d65…
    """
    kept = None
    if known is not None:
        number, _, digest = known.partition(":")
        if not number.isdecimal() or len(digest) != len(audit.GENESIS):
            raise click.BadParameter("expected NUMBER:DIGEST", param_hint="--known")
        kept = audit.Head(number=int(number), digest=digest)
    with house.db.reading() as session:
        fault = audit.check(session, known=kept)
        head = audit.head(session)
    if fault is not None:
        terminal.say(f"{terminal.symbol('no')} Line {fault.number}: {fault.reason}.")
        return ExitCode.NO
    terminal.say(f"{terminal.symbol('yes')} {text.count(head.number, 'line')}, unchanged. The head is:")
    terminal.show(f"{head.number}:{head.digest}")
    return ExitCode.YES


def _would_change(found: Settings, **given: str | None) -> bool:
    return any(value and value.rstrip("/") != getattr(found, name) for name, value in given.items())


def _require_https(public_url: str) -> None:
    """Refuse a public host without https: its issuers could not be named after it, and that is for ever."""
    url = urlsplit(public_url)
    if url.scheme == "http" and public_host(url.hostname or "") is not None:
        raise SettingsError(
            f"A public site needs https: --public-url https://{url.hostname}. To try things out on this "
            "machine: --public-url http://127.0.0.1:8080",
            path="public_url",
            got=public_url,
        )


def _write_private(path: Path, content: str) -> None:
    """Write a new file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)


commands: tuple[click.Command, ...] = (
    init,
    serve,
    *db_cli.commands,
    tokens_group,
    audit_group,
    *work_cli.commands,
)
