# SPDX-License-Identifier: Apache-2.0
"""The roof: opens the rooms and hands the ports across the wings. No decisions live here.

``open_house`` opens everything once, and reading it tells how the rooms hang together; ``create_app`` is the
house's web service. Parts of the roof stand in ``roof/``, the commands in ``hallmark.py``, the demo in
``demo.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from flask import Flask

import issuer.publish
from earning.catalogue import gateway
from earning.company.company_data import CompanyData
from earning.programme import Programme
from earning.review import awarding
from earning.review.reviewer_data import ReviewerData
from earning.sharing.holdings import holdings, listed, owner, same_award, seasons, stack_titles
from earning.sharing.sharing_data import SharingData
from earning.work.personal import EarningData
from issuer import profiles, reissue, status_publisher
from issuer.micro_credential import AUDIENCES
from issuer.mint import Mint
from issuer.personal import AwardData
from keys.cabinet import Cabinet
from recognition.adopting import policy_statement
from recognition.office import Office
from recognition.plan.worths import Worths
from recognition.recognition_data import RecognitionData
from recognition.reversing import recheck
from recognition.stating import spoken
from roof import jobs as jobs_of_rooms
from roof import pages
from roof.house import House
from roof.joints import Seal, Sign
from service import clock
from service.accounts.room import Accounts
from service.db import Database
from service.files import open_files
from service.files.watch import FilesWatch
from service.jobs import Jobs
from service.post_office import PostOffice
from service.settings import Settings
from service.web import create_flask
from verifier import issuer_lists, receipt
from verifier.bureau import Bureau
from verifier.desk import open_desk
from verifier.ports import KnownIssuer
from verifier.registry import OwnIssuers
from verifier.store.memory import ListMemory

__all__ = ("House", "create_app", "open_house", "open_mint")


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
        return [KnownIssuer(did=did, name=name) for did, name in profiles.names(mint)]

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
        seal=Seal(mint),
        ring=jobs.ring,
    )
    office = Office(
        bureau=bureau,
        db=db,
        settings=settings,
        sign=Sign(mint),
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
    jobs_of_rooms.register(house)
    return house


def open_mint(settings: Settings) -> Mint:
    """Open the house in a process of its own and return the room that signs."""
    return open_house(settings).mint


def create_app(settings: Settings) -> Flask:
    """Build the web service of the house that ``settings`` describe."""
    house = open_house(settings)
    watch = FilesWatch(settings)
    watch.attention(clock.now())  # asked at the start, so that the log tells it then
    problems = pages.problems(settings)
    return create_flask(
        settings,
        problems=problems,
        db=house.db,
        blueprints=pages.blueprints(house, problems),
        extensions={"hallmark": house, "jobs": house.jobs},
        attention=lambda now: (*status_publisher.attention(house.mint, now=now), *watch.attention(now)),
    )
