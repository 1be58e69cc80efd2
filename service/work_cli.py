# SPDX-License-Identifier: Apache-2.0
"""The commands about work in the background: ``work``, ``jobs``, ``mail``."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import click

from service import clock, log, mail, mail_queue, starting, terminal, text
from service.db import INTEGER_MAX
from service.mail import Letter, Mail, MailState
from service.settings import load
from service.terminal import ExitCode, House


@click.command()
@terminal.data_option
@click.option(
    "--workers", type=click.IntRange(1, 16), default=1, show_default=True, help="Jobs at the same time."
)
@click.pass_context
def work(context: click.Context, data: Path | None, workers: int) -> None:
    """Do mails and other jobs in a process of their own, until it is told to stop.

    Set `workers = 0` in the settings, so that `hallmark serve` leaves them to it.

    Example: hallmark work --workers 2
    """
    settings = load(data)
    log.configure(settings.log_level)
    starting.require_files(settings, os.environ)
    with terminal.roof_of(context).house(settings) as house:
        terminal.require_house(house.db, house.settings)
        terminal.say(f"Working on: {', '.join(house.jobs.names)}. Stop with Ctrl-C.")
        house.jobs.work(workers)


@click.group()
def jobs() -> None:
    """Do jobs by hand."""


@jobs.command()
@click.argument("name")
@terminal.with_house
def run(house: House, name: str) -> None:
    """Do one job here and now, and say how much there was to do.

    Example: hallmark jobs run mail
    """
    done = house.jobs.run(name, clock.now())
    terminal.say(f"{name}: {text.count(done, 'thing')} done.")


@click.group(name="mail")
def mail_group() -> None:
    """Look at the outbox."""


@mail_group.command(name="list")
@click.option(
    "--state", type=click.Choice([str(state) for state in MailState]), help="Only mails in this state."
)
@click.option("--to", "address", default="", help="Only mails to addresses that contain this.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many at most."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.with_house
def list_mails(house: House, *, state: str | None, address: str, limit: int, as_json: bool) -> None:
    """List mails, newest first: number, state, tries, kind, address, and why the last try failed.

    Example: hallmark mail list --state given-up
    """
    with house.db.reading() as session:
        found = mail.listing(
            session, limit=limit, address=address, state=None if state is None else MailState(state)
        )
    if as_json:
        terminal.show_json([_as_json(each) for each in found])
        return
    for each in found:
        terminal.show(
            f"{each.id:>6}  {each.state:8}  {each.attempts:>2}  {each.kind:20}  {each.address or '(erased)'}"
            + (f"  {each.reason}" if each.reason else "")
        )
    if not found:
        terminal.say("There are no such mails.")


@mail_group.command()
@click.argument("number", type=click.IntRange(1, INTEGER_MAX), required=False)
@click.option("--all", "everything", is_flag=True, help="All mails that wait or were given up.")
@terminal.with_house
def retry(house: House, number: int | None, *, everything: bool) -> int:
    """Try again to send a mail that waits or was given up.

    Example: hallmark mail retry 17
    """
    if (number is None) is not everything:
        raise click.UsageError("Name the number of a mail, or --all.")
    with house.db.transaction() as session:
        again = mail_queue.retry(session, number, actor="cli", now=clock.now())
    house.jobs.ring("mail")
    if number is not None and not again:
        terminal.say(f"{terminal.symbol('no')} Mail {number} is not one that waits or was given up.")
        return ExitCode.NO
    terminal.say(f"{text.count(again, 'mail')} will be tried again at once.")
    return ExitCode.YES


@mail_group.command(name="try")
@click.argument("address")
@terminal.with_house
def try_address(house: House, address: str) -> int:
    """Send a mail that says nothing but that mails arrive, and tell what became of it.

    Example: hallmark mail try you@school.example
    """
    now = clock.now()
    letter = Letter(
        kind="trial",
        to=address,
        subject="Mails arrive",
        template="service/mail/trial",
        values={"now": now},
    )
    key = f"trial:{uuid.uuid4()}"
    with house.db.transaction() as session:
        mail.post(session, letter, key=key, now=now)
    house.jobs.run("mail", now)
    with house.db.reading() as session:
        found = mail.find(session, key)
    if found is not None and found.state is MailState.SENT:
        where = f"{house.settings.mail_host} took it" if house.settings.mail_host else "it is in the outbox"
        terminal.say(f"{terminal.symbol('yes')} Sent: {where}.")
        return ExitCode.YES
    reason = found.reason if found is not None else None
    terminal.say(f"{terminal.symbol('no')} Not sent: {reason or 'another worker has it at the moment'}.")
    return ExitCode.UNKNOWN


def _as_json(found: Mail) -> dict[str, object]:
    return {
        "id": found.id,
        "kind": found.kind,
        "state": found.state,
        "address": found.address,
        "attempts": found.attempts,
        "reason": found.reason,
        "created_at": found.created_at.isoformat(),
        "due_at": found.due_at and found.due_at.isoformat(),
        "sent_at": found.sent_at and found.sent_at.isoformat(),
    }


commands: tuple[click.Command, ...] = (work, jobs, mail_group)
