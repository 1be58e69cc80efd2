# SPDX-License-Identifier: Apache-2.0
"""The roof: puts the rooms together and hands the ports across the wings. No decisions live here.

``House`` is the opened house; ``create_app`` is its web service, ``cli`` its commands and ``main`` the
``hallmark`` command. The demo stands in ``demo.py``.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from importlib.metadata import version

import click
from flask import Flask

import demo
import earning.cli
import earning.problems
import earning.web.cases
import earning.web.catalogue
import earning.web.communities
import earning.web.editor
import earning.web.evaluators
import earning.web.manage
import earning.web.manage_people
import earning.web.portal_editor
import earning.web.portals
import earning.web.reviews
import earning.web.sharing
import earning.web.work
import issuer.api
import issuer.cli
import issuer.problems
import issuer.programme
import issuer.publish
import issuer.web.bulk
import issuer.web.bulk_api
import issuer.web.public
import issuer.web.sharing
import issuer.web.takeback
import issuer.web.takeback_api
import keys.cli
import keys.problems
import keys.web
import recognition.api
import recognition.cli
import recognition.problems
import recognition.web.affiliate
import recognition.web.attestations
import recognition.web.claims
import recognition.web.consents
import recognition.web.desk
import recognition.web.desk_claims
import recognition.web.desk_ledger
import recognition.web.plan
import recognition.web.plan_mine
import recognition.web.policies
import recognition.web.policy_desk
import recognition.web.report
import recognition.web.reversals
import recognition.web.statements
import service.accounts.cli
import service.accounts.web.routes
import service.cli
import verifier.cli
import verifier.problems
import verifier.web.batches
import verifier.web.check
import verifier.web.issuer_lists
import verifier.web.lists
import verifier.web.receipts
from credentials.document import Json, parse, write
from earning.catalogue import gateway
from earning.catalogue.seed import seed
from earning.catalogue.seed_people import seed_people
from earning.company.company_data import CompanyData
from earning.management import people_import
from earning.programme import Programme
from earning.review import awarding, queue, review
from earning.review.reviewer_data import ReviewerData
from earning.sharing import evaluator_letters, evaluator_links
from earning.sharing.holdings import holdings, listed, owner, same_award, seasons, stack_titles
from earning.sharing.sharing_data import SharingData
from earning.sharing.standings import has_panel, standings
from earning.work import reminders
from earning.work.personal import EarningData
from issuer import (
    cards,
    given,
    issuance,
    profiles,
    reissue,
    retention,
    revocation,
    status_job,
    status_publisher,
)
from issuer.award import AwardState
from issuer.bulk import desk as bulk_desk
from issuer.bulk import engine
from issuer.bulk import mails as bulk_mails
from issuer.bulk import trial as bulk_trial
from issuer.micro_credential import AUDIENCES
from issuer.mint import Mint
from issuer.personal import AwardData
from issuer.takeback import letters as takeback_letters
from issuer.takeback import working as takeback_work
from issuer.takeback.takeback import JOB as TAKEBACKS
from keys.cabinet import Cabinet
from recognition import sample
from recognition.adopting import policy_statement, publishing
from recognition.attesting import certificate_letters
from recognition.office import Office
from recognition.plan.worths import Worths
from recognition.recognition_data import RecognitionData
from recognition.reversing import recheck
from recognition.stating import issuing, spoken
from service import clock, outbox, terminal
from service.accounts.room import Accounts
from service.db import Database
from service.files import open_files
from service.files.watch import FilesWatch
from service.jobs import Jobs
from service.post_office import PostOffice
from service.problems import Problems
from service.settings import Settings
from service.web import create_flask
from verifier import batch_work, batching, issuer_lists, list_sources, receipt, sample_lists
from verifier.bureau import Bureau
from verifier.desk import Desk, open_desk
from verifier.list_format import ListedIssuer
from verifier.ports import KnownIssuer
from verifier.registry import OwnIssuers
from verifier.store.memory import ListMemory

VERSION = version("hallmark")


@dataclass(frozen=True, slots=True)
class House:
    """The opened house: one database, and the rooms in it."""

    settings: Settings
    db: Database
    cabinet: Cabinet
    desk: Desk
    bureau: Bureau
    office: Office
    mint: Mint
    jobs: Jobs
    post_office: PostOffice
    accounts: Accounts
    programme: Programme


def open_house(settings: Settings) -> House:
    """Open the rooms. The wings meet here: the desk examines for the mint, which publishes for the desk."""
    db = Database(settings.database_url)
    cabinet = Cabinet.open(db, settings)

    def published(name: str, *, now: datetime) -> tuple[str, bytes] | None:
        found = issuer.publish.published(mint, name, now=now)
        if found is None:
            kept = receipt.own_document(db, settings.public_url, name, now=now)
            said = kept or issuer_lists.own_document(db, settings.public_url, name)
            said = said or spoken.own_document(db, settings.public_url, name)
            return said or policy_statement.own_document(office, name, now=now)
        return found.media_type, found.body

    def own_issuers() -> Sequence[KnownIssuer]:
        return [KnownIssuer(did=each.did, name=each.profile.name) for each in profiles.every(mint)]

    def newer(credential_id: str, *, issuer_id: str) -> str | None:
        return reissue.newer(mint, credential_id, issuer_id=issuer_id)

    def status_changed(credential_ids: Sequence[str], *, now: datetime) -> None:
        recheck.status_changed(office, credential_ids, now=now)

    desk = open_desk(
        settings,
        published=published,
        registry=OwnIssuers(own_issuers),
        memory=ListMemory(db),
        lists=issuer_lists.Lists(db, own_issuers),
        newer=newer,
    )
    # What we sign and show of our own is examined from our own documents, whatever a visitor is offered.
    own_desk = replace(desk, offline=None)
    jobs = Jobs(settings.data, database=settings.database_url)
    mint = Mint(
        db=db,
        cabinet=cabinet,
        examine=own_desk.examine,
        settings=settings,
        status_changed=status_changed,
        ring=jobs.ring,
        opener=open_mint,
    )
    post_office = PostOffice(db, settings, more=lambda: jobs.ring("mail"))
    programme = Programme(
        db=db,
        mint=mint,
        files=open_files(settings, "files"),
        settings=settings,
        ring=jobs.ring,
        recognised=Worths(lambda: office),
    )
    bureau = Bureau(
        desk=desk,
        db=db,
        files=open_files(settings, "brought"),
        settings=settings,
        seal=_Seal(mint),
        ring=jobs.ring,
    )
    office = Office(
        bureau=bureau,
        db=db,
        settings=settings,
        sign=_Sign(mint),
        holdings=partial(holdings, programme),
        catalogue=partial(listed, programme),
        same=partial(same_award, programme),
        owner=partial(owner, programme),
        seasons=partial(seasons, programme),
        stacks=partial(stack_titles, programme),
        states=partial(gateway.states, programme),
        ring=jobs.ring,
    )
    house = House(
        settings=settings,
        db=db,
        cabinet=cabinet,
        desk=desk,
        bureau=bureau,
        office=office,
        mint=mint,
        jobs=jobs,
        post_office=post_office,
        accounts=Accounts(
            db=db,
            settings=settings,
            occupations=tuple(each for each in AUDIENCES if each != "all"),
            ring=jobs.ring,
            rooms=(
                SharingData(),
                EarningData(programme),
                ReviewerData(),
                CompanyData(),
                RecognitionData(),
                AwardData(mint, awarding.keys_of),
            ),
        ),
        programme=programme,
    )
    _register_jobs(house)
    return house


def open_mint(settings: Settings) -> Mint:
    """Open the house in a process of its own and return the room that signs."""
    return open_house(settings).mint


@dataclass(frozen=True, slots=True)
class _Seal:
    """Signs receipts in the name of one of our issuers (``verifier.ports.Seal``)."""

    mint: Mint

    def issuer(self) -> Mapping[str, Json] | None:
        """Return whose name it is: the settings' issuer, or the first that awards; None without issuers."""
        wanted = self.mint.settings.receipt_issuer
        # Recognizers, who award nothing, come last: they may have been named at the same moment.
        for each in sorted(profiles.every(self.mint), key=lambda issuer: issuer.profile.recognizer):
            if wanted in ("", each.slug):
                return {
                    "id": each.did,
                    "type": ["Profile"],
                    "name": each.profile.name,
                    "url": each.profile.url or self.mint.public_url + each.profile.path(),
                }
        return None

    def __call__(self, members: Mapping[str, Json], *, now: datetime) -> bytes:
        """Sign by the issuer's whole cycle."""
        return issuance.sign_document(self.mint, parse(write(members)), now=now, actor="verifier")

    def let_go(self, start: str, *, now: datetime) -> None:
        """Drop the issuer's copies; not of this hour, which may still be in the middle of the cycle."""
        before = now - timedelta(hours=1)
        retention.let_go(self.mint, start, before=before, now=now, actor="verifier")


@dataclass(frozen=True, slots=True)
class _Sign:
    """Signs in the name of a recognizer or an affiliate that has keys here (``recognition.ports.Sign``)."""

    mint: Mint

    def issuer(self, slug: str, /) -> Mapping[str, Json] | None:
        """Return the whole profile of the organisation; None: it has no keys here."""
        known = {each.slug: each for each in profiles.every(self.mint)}
        found = known.get(slug)
        return None if found is None else found.members(public_url=self.mint.public_url)

    def __call__(self, members: Mapping[str, Json], *, slug: str, now: datetime) -> bytes:
        """Sign by the issuer's whole cycle, so that it can be withdrawn."""
        return issuance.sign_document(
            self.mint, parse(write(members)), slug=slug, revocable=True, now=now, actor="recognition"
        )

    def withdraw(
        self, credential_id: str, *, slug: str, public_reason: str, now: datetime, actor: str
    ) -> None:
        """Revoke what was signed under this id, in the name of ``slug`` alone."""
        key = given.key_of(self.mint, credential_id, slug=slug)
        wanted = revocation.Decision(AwardState.REVOKED, revocation.Reason.OTHER, public_reason=public_reason)
        revocation.decide(self.mint, key, wanted, now=now, actor=actor)


def _register_jobs(house: House) -> None:
    """Name the work that nobody waits for, and how often it is looked for without a ring."""
    house.jobs.register("mail", house.post_office.deliver, every=timedelta(minutes=1))
    house.jobs.register("awards", partial(awarding.award, house.programme), every=timedelta(minutes=1))
    house.jobs.register("leases", partial(review.lapse, house.programme), every=timedelta(minutes=10))
    house.jobs.register("review-waiting", partial(queue.call, house.programme), every=timedelta(hours=1))
    house.jobs.register("reminders", partial(reminders.remind, house.programme), every=timedelta(hours=1))
    house.jobs.register("expiry", partial(reminders.expire, house.programme), every=timedelta(hours=1))
    house.jobs.register(
        "evidence-tidy", partial(reminders.tidy_files, house.programme), every=timedelta(days=1)
    )
    house.jobs.register(
        "evaluator-links", partial(evaluator_letters.tell, house.programme), every=timedelta(minutes=10)
    )
    house.jobs.register(
        "evaluator-links-tidy", partial(evaluator_links.tidy, house.programme), every=timedelta(days=1)
    )
    house.jobs.register("imports-tidy", partial(people_import.tidy, house.programme), every=timedelta(days=1))
    house.jobs.register("receipts-tidy", partial(receipt.tidy, house.bureau), every=timedelta(days=1))
    house.jobs.register("cards-tidy", partial(cards.tidy, house.mint), every=timedelta(days=1))
    house.jobs.register(
        "issuer-lists", partial(list_sources.look_at_all, house.bureau), every=timedelta(days=1)
    )
    house.jobs.register(batching.JOB, partial(batch_work.work, house.bureau), every=timedelta(minutes=1))
    house.jobs.register(batching.TIDY_JOB, partial(batching.tidy, house.bureau), every=timedelta(days=1))
    house.jobs.register(issuing.JOB, partial(issuing.finish, house.office), every=timedelta(minutes=1))
    house.jobs.register(
        certificate_letters.JOB,
        partial(certificate_letters.send, house.office),
        every=certificate_letters.EVERY,
    )
    house.jobs.register(recheck.JOB, partial(recheck.recheck, house.office), every=recheck.EVERY)
    house.jobs.register(status_job.JOB, partial(status_job.work, house.mint), every=status_job.EVERY)
    house.jobs.register(TAKEBACKS, partial(takeback_work.work, house.mint), every=timedelta(minutes=1))
    house.jobs.register(
        takeback_work.TIDY_JOB, partial(takeback_work.tidy, house.mint), every=timedelta(days=1)
    )
    house.jobs.register(
        takeback_letters.JOB, partial(takeback_letters.send, house.mint), every=timedelta(minutes=1)
    )
    house.jobs.register(engine.JOB, engine.Engine(house.mint).work, every=timedelta(minutes=1))
    house.jobs.register(
        engine.MAILS_JOB, partial(bulk_mails.write_mails, house.mint), every=timedelta(minutes=10)
    )
    house.jobs.register(bulk_trial.JOB, partial(bulk_trial.work_all, house.mint), every=timedelta(minutes=1))
    house.jobs.register(bulk_desk.TIDY_JOB, partial(bulk_desk.tidy, house.mint), every=timedelta(days=1))
    house.jobs.register("mail-tidy", house.post_office.tidy, every=timedelta(days=1))


def create_app(settings: Settings) -> Flask:
    """Build the web service of the house that ``settings`` describe."""
    house = open_house(settings)
    watch = FilesWatch(settings)
    watch.attention(clock.now())  # asked at the start, so that the log tells it then
    problems = Problems(public_url=settings.public_url)
    for rows in (
        keys.problems.ROWS,
        verifier.problems.ROWS,
        issuer.problems.ROWS,
        earning.problems.ROWS,
        recognition.problems.ROWS,
    ):
        problems.register(rows)
    return create_flask(
        settings,
        problems=problems,
        db=house.db,
        blueprints=(
            keys.web.blueprint(house.cabinet),
            verifier.web.check.blueprint(house.bureau, problems),
            verifier.web.batches.blueprint(house.bureau, problems),
            verifier.web.receipts.blueprint(house.bureau),
            issuer.web.public.blueprint(
                house.mint,
                portals=partial(gateway.names, house.programme),
                standings=partial(standings, house.programme),
                has_panel=partial(has_panel, house.programme),
                lists=partial(issuer_lists.on_lists, house.db),
                recognitions=partial(spoken.spoken, house.office),
                rules=partial(spoken.rules, house.office),
            ),
            issuer.web.sharing.blueprint(house.mint),
            verifier.web.issuer_lists.blueprint(house.bureau),
            verifier.web.lists.blueprint(house.bureau),
            issuer.api.blueprint(house.mint),
            issuer.web.bulk.blueprint(house.mint),
            issuer.web.bulk_api.blueprint(house.mint),
            issuer.web.takeback.blueprint(house.mint),
            issuer.web.takeback_api.blueprint(house.mint),
            earning.web.catalogue.blueprint(house.programme),
            earning.web.editor.blueprint(house.programme),
            earning.web.portal_editor.blueprint(house.programme),
            earning.web.reviews.blueprint(house.programme),
            earning.web.cases.blueprint(house.programme),
            earning.web.work.blueprint(house.programme),
            earning.web.sharing.blueprint(house.programme),
            earning.web.evaluators.blueprint(house.programme),
            earning.web.communities.blueprint(house.programme),
            earning.web.manage.blueprint(house.programme),
            earning.web.manage_people.blueprint(house.programme),
            earning.web.portals.blueprint(house.programme),
            recognition.api.blueprint(house.office),
            recognition.web.attestations.blueprint(house.office),
            recognition.web.affiliate.blueprint(house.office),
            recognition.web.consents.blueprint(house.office),
            recognition.web.statements.blueprint(house.office),
            recognition.web.policies.blueprint(house.office),
            recognition.web.policy_desk.blueprint(house.office),
            recognition.web.report.blueprint(house.office),
            recognition.web.reversals.blueprint(house.office),
            recognition.web.desk.blueprint(house.office),
            recognition.web.desk_claims.blueprint(house.office),
            recognition.web.desk_ledger.blueprint(house.office),
            recognition.web.claims.blueprint(house.office),
            recognition.web.plan.blueprint(house.office),
            recognition.web.plan_mine.blueprint(house.office),
            service.accounts.web.routes.blueprint(house.accounts),
            *((outbox.blueprint(house.db, settings),) if settings.demo else ()),
        ),
        extensions={"hallmark": house, "jobs": house.jobs},
        attention=lambda now: (*status_publisher.attention(house.mint, now=now), *watch.attention(now)),
    )


class HallmarkRoof:
    """What the commands ask of the roof (``service.terminal.Roof``)."""

    scopes = (issuer.api.ISSUE, issuer.api.STATUS)

    @contextmanager
    def house(self, settings: Settings) -> Iterator[House]:
        """Open the house for one command."""
        house = open_house(settings)
        try:
            yield house
        finally:
            house.jobs.close()
            house.db.close()

    def web(self, settings: Settings) -> Flask:
        """Build the web service, and finish what a crash has left unfinished."""
        app = create_app(settings)
        issuance.resume(app.extensions["hallmark"].mint, now=clock.now(), actor="serve")
        return app

    def seed(self, house: terminal.House) -> Sequence[str]:
        """Give a new house its keys and the sample programme; twice, it changes nothing."""
        if not isinstance(house, House):
            raise TypeError("only the whole house can be seeded")
        now = clock.now()
        made = [
            *issuer.programme.seed(house.mint, now=now),
            *seed(house.programme, now=now),
            *publishing.seed(house.office, now=now),
        ]
        if not house.settings.demo:
            return made
        own = {
            each.slug: ListedIssuer(each.did, each.profile.name, each.profile.url or "")
            for each in profiles.every(house.mint)
        }
        return [
            *made,
            *issuer.programme.seed_recognizers(house.mint, now=now),
            *seed_people(house.programme, now=now),
            *sample_lists.seed(house.bureau, own, now=now),
            *sample.seed(house.office, own, now=now),
        ]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="hallmark")
def cli() -> None:
    """Educator micro-credentials as signed Open Badges 3.0 credentials: issue, publish, check, take back."""


for command in (
    *service.cli.commands,
    *service.accounts.cli.commands,
    *keys.cli.commands,
    *issuer.cli.commands,
    *earning.cli.commands,
    *verifier.cli.commands,
    *recognition.cli.commands,
    demo.demo,
):
    cli.add_command(command)


def main() -> None:
    """Run the ``hallmark`` command."""
    try:
        code = terminal.run(cli, roof=HallmarkRoof())
    except Exception as error:
        code = terminal.mistake(error, number=str(uuid.uuid4()))
    sys.exit(code)


if __name__ == "__main__":
    main()
