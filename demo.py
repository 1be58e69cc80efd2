# SPDX-License-Identifier: Apache-2.0
"""``hallmark demo``: the main job on the sample programme, step by step, then the pages to look at.

It plays the three parties: an issuer awards, educators show, a recognizer checks, and the issuer takes one
award back. Then it plays some months of the programme: people earn, a district decides what that is worth
there, and signs it. People of every role are named to sign in as. People and organisations are fictional. Run
again on the same data, it changes nothing.
"""

from __future__ import annotations

import io
import json
import secrets
import shlex
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, TextIO, cast

import click

from credentials.document import parse, write
from credentials.errors import HallmarkError
from earning.catalogue.rehearsal import rehearse
from earning.programme import Programme
from issuer import artwork, issuance, revocation, status_job
from issuer.award import SAMPLE_SUBMISSION, AwardRequest, AwardState, evidence_of
from issuer.issuance import credential_url
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from issuer.store.credentials import StoredCredential
from recognition import sample as recognition_sample
from recognition.office import Office
from recognition.reversing import recheck
from service import clock, log, terminal
from service.cli import prepare, require_port, start
from service.settings import FILE_NAME, Settings, load
from verifier import intake
from verifier.desk import Desk

JOURNAL = (
    b"Sample journal, three weeks, no names.\nMonday, third period: rushed. What came before: the bell.\n"
)
PLAN = b"Sample plan: arrive two minutes earlier, greet at the door, look again after three weeks.\n"


INDENT = "   "
HOST = "127.0.0.1"  # the demo is for this machine alone


class _Indented(io.TextIOBase):
    """Puts what others say on standard error in line with the steps."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write ``text`` with every line indented."""
        self._stream.write(textwrap.indent(text, INDENT))
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        self._stream.flush()


class House(Protocol):
    """What the demo needs of the opened house."""

    @property
    def mint(self) -> Mint:
        """The issuer's room."""

    @property
    def desk(self) -> Desk:
        """The verifier's room."""

    @property
    def programme(self) -> Programme:
        """The room of earning."""

    @property
    def office(self) -> Office:
        """The room of recognition."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One award of the demo.

    Attributes:
        taken_back: The state in which the demo leaves it, with the reason; None leaves it in force.
    """

    code: str
    name: str
    email: str
    days_ago: int
    taken_back: tuple[AwardState, Reason] | None = None


SAMPLES = (
    Sample("SEL1", "Ada Example", "ada@teachers.example", 12),
    Sample("TPT1", "Ben Sample", "ben@paraeducators.example", 9),
    Sample("DECC1", "Cleo Placeholder", "cleo@teachers.example", 30, (AwardState.REVOKED, Reason.EVIDENCE)),
    Sample("TRA1", "Dana Specimen", "dana@teachers.example", 5, (AwardState.SUSPENDED, Reason.UNDER_REVIEW)),
)


SHOWN_PEOPLE = (
    ("Ada Example", "educator in Washington: an award that is shown to evaluators by link, one work begun"),
    ("Dana Specimen", "educator in Vermont: feedback to answer"),
    ("Mia Sample", "educator in Massachusetts: three awards, a plan, and a claim that waits at her district"),
    ("Cleo Placeholder", "educator whose award her district has recognised, for everybody to see"),
    ("Sol Secondreader", "reviewer: work waits to be read"),
    ("Max Manager", "manager of the programme: figures, catalogue, seasons, people"),
    ("Ollie Officer", "issuer officer: many awards from a file, many taken back; proposes above a limit"),
    ("Orla Otherofficer", "issuer officer: the second person, who starts what Ollie proposes"),
    ("Ren Recognizer", "recognizer of a school district: a claim to decide, and one to decide again"),
    ("Vera Vermonter-Sample", "affiliate officer in Vermont: an award that waits for its PD certificate"),
    ("Wes Westsample", "affiliate officer in Washington: who attended orientation and workshops"),
    ("Addie Administrator", "administrator: people and roles"),
)


@click.command()
@terminal.data_option
@click.option(
    "--port", type=click.IntRange(1, 65_535), default=8080, show_default=True, help="Where to serve."
)
@click.option("--once", is_flag=True, help="Stop after the steps instead of serving.")
@click.pass_context
def demo(context: click.Context, data: Path | None, port: int, once: bool) -> None:
    """Show the main job: mint, publish, verify, revoke; then serve the pages.

    Example: hallmark demo --data /tmp/hallmark-demo --port 8080
    """
    if not once:
        require_port(HOST, port)
    _head(1, "Issuers with their own keys, and what they award")
    roof = terminal.roof_of(context)
    is_new = not (load(data).data / FILE_NAME).exists()
    with redirect_stderr(_Indented(sys.stderr)):
        for sentence in prepare(
            data,
            roof=roof,
            public_url=f"http://{HOST}:{port}" if is_new else None,
            title="Hallmark demo" if is_new else None,
            demo=is_new,
        ):
            terminal.show(f"{INDENT}{sentence}")
    settings = load(data)
    log.configure("warning")
    with roof.house(settings) as opened:
        house = cast(House, opened)
        _show_the_main_job(house, now=clock.now())
        _show_the_programme(house, settings, now=clock.now())
        _show_what_it_is_worth(house, settings, now=clock.now())
        _say_who_is_there(settings, port=port)
    _say_where_to_look(settings, port=port, once=once)
    if not once:
        # Lines about requests would push the links out of sight.
        start(replace(settings, host=HOST, port=port, log_level="warning"), roof=roof)


def _show_the_main_job(house: House, *, now: datetime) -> None:
    _head(2, "Earned micro-credentials, minted as signed Open Badges 3.0 credentials")
    issued = [_mint(house.mint, sample, now=now) for sample in SAMPLES]
    for sample, found in zip(SAMPLES, issued, strict=True):
        link = credential_url(house.mint, found.key)
        terminal.show(f"{INDENT}{sample.name:18} {sample.email:27} {sample.code:6} {link}")

    _head(3, "Two of them are taken back: one withdrawn, one under review")
    for sample, found in zip(SAMPLES, issued, strict=True):
        if sample.taken_back is not None:
            _take_back(house.mint, found, *sample.taken_back, now=now)
            terminal.show(f"{INDENT}{sample.name:18} {sample.code:6} {sample.taken_back[0]}")

    _head(4, "A verifier that tells them apart, from the public documents")
    for what, verdict in _verdicts(house, issued, now=now):
        sign = terminal.symbol("yes" if verdict == "valid" else "no")
        terminal.show(f"{INDENT}{sign} {what:42} {terminal.symbol('arrow')} {verdict}")


def _show_the_programme(house: House, settings: Settings, *, now: datetime) -> None:
    _head(5, "The programme: people apply, hand in, review and earn")
    if not settings.demo:
        terminal.show(f"{INDENT}This data folder was not made for a demonstration, so nobody plays in it.")
        return
    number = rehearse(house.programme, now=now)
    played = f"{number} applications were played." if number else "It was played before."
    terminal.show(f"{INDENT}{played}")


def _show_what_it_is_worth(house: House, settings: Settings, *, now: datetime) -> None:
    """Let a district decide, sign and find a fallen source, and show rule, answer and signature."""
    if not settings.demo:
        return
    _head(6, "What it is worth: a rule, its answer, and a recognizer's signed word")
    for link in recognition_sample.rehearse(house.office, now=now):
        key = link.rpartition("/")[2]
        wanted = Decision(wanted=AwardState.REVOKED, reason=Reason.EVIDENCE)
        revocation.decide(house.mint, key, wanted, now=now, actor="demo")
    status_job.at_once(house.mint, now=now)
    recheck.recheck(house.office, now)
    told = recognition_sample.told(house.office, now=now)
    if told is None:
        terminal.show(f"{INDENT}Nobody has claimed anything here.")
        return
    terminal.show(f"{INDENT}The rule, an example: {told.rule}")
    terminal.show(f"{INDENT}{settings.public_url}{told.rule_path}")
    terminal.show(f"{INDENT}Its answer to Mia Sample's three awards: {told.sentence}")
    for link in told.signed:
        verdict = str(house.desk.look_at_url(link, now=now).verdict)
        sign = terminal.symbol("yes" if verdict == "valid" else "no")
        terminal.show(f"{INDENT}{sign} recognition {link} {terminal.symbol('arrow')} {verdict}")
    if told.waiting:
        terminal.show(f"{INDENT}A source fell after it was counted: {told.waiting} waits for the district.")


def _say_who_is_there(settings: Settings, *, port: int) -> None:
    if not settings.demo:
        return
    local = f"http://{HOST}:{port}"
    terminal.show()
    for who, what in SHOWN_PEOPLE:
        terminal.show(f"{INDENT}{who:22} {what}")
    terminal.show(f"{INDENT}Sign in as any of them at {local}/sign-in; their mails lie in {local}/outbox")


def _mint(mint: Mint, sample: Sample, *, now: datetime) -> StoredCredential:
    """Award and issue one sample; the idempotency key makes a second run find the first."""
    earned = now - timedelta(days=sample.days_ago)
    request = AwardRequest(
        achievement=f"{sample.code}-v1",
        email=sample.email,
        name=sample.name,
        submission=SAMPLE_SUBMISSION,
        awarded_at=earned,
        activity_start=earned - timedelta(days=61),
        activity_end=earned - timedelta(days=3),
        evidence=(
            evidence_of(
                JOURNAL,
                name="Journal over three weeks",
                salt=secrets.token_bytes(16),
                description="Notes from own practice, without names of students.",
                genre="Journal",
            ),
            evidence_of(
                PLAN,
                name="Plan for one lasting change",
                salt=secrets.token_bytes(16),
                description="What was changed, and how its effect was looked at.",
                genre="Plan",
            ),
        ),
        idempotency_key=f"demo-{sample.code}",
        request_digest="demo",
    )
    written = issuance.award(mint, request, now=now, actor="demo")
    return issuance.issue(mint, written.award.key, now=now, actor="demo")


def _take_back(
    mint: Mint, found: StoredCredential, wanted: AwardState, reason: Reason, *, now: datetime
) -> None:
    if found.state is AwardState.ISSUED:
        revocation.decide(mint, found.key, Decision(wanted=wanted, reason=reason), now=now, actor="demo")


def _verdicts(house: House, issued: list[StoredCredential], *, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield what was shown to the verifier, and its verdict."""
    genuine, withdrawn, reviewed = (issued[index].signed_json or b"" for index in (0, 2, 3))
    picture = artwork.png("SEL1", stack="SEL")
    for what, shown in (
        ("the genuine badge", lambda: genuine),
        ("the same with another name in it", lambda: _changed(genuine)),
        ("the withdrawn badge", lambda: withdrawn),
        ("the badge under review", lambda: reviewed),
        ("the badge image without a credential", lambda: picture),
    ):
        yield what, _verdict(house.desk, shown, now=now)


def _verdict(desk: Desk, shown: Callable[[], bytes], *, now: datetime) -> str:
    try:
        return str(desk.look(intake.read(shown()), now=now).verdict)
    except HallmarkError as error:
        return error.message


def _changed(signed: bytes) -> bytes:
    """Return the credential with another name for the award, as a forger would do it."""
    members = dict(parse(signed).members)
    members["name"] = f"{json.dumps(members['name'])[1:-1]}, with distinction"
    return write(members)


def _say_where_to_look(settings: Settings, *, port: int, once: bool) -> None:
    terminal.show()
    url, local = settings.public_url, f"http://{HOST}:{port}"
    if once:
        other = "" if port == settings.port else f" --port {port}"
        terminal.show(f"Look at it with: hallmark serve --data {shlex.quote(str(settings.data))}{other}")
        return
    terminal.show(f"Look at it: {local}/        check something: {local}/verify        API: {local}/docs/api")
    if local != url:
        terminal.show(f"The links above begin with {url}, as they were published there first.")
    terminal.show("Stop with Ctrl-C.")


def _head(number: int, text: str) -> None:
    terminal.show()
    terminal.show(f"{number}. {text}")
