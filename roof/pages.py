# SPDX-License-Identifier: Apache-2.0
"""The pages and the API of every room, and the sentences of their errors."""

from __future__ import annotations

from functools import partial

from flask import Blueprint

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
import issuer.problems
import issuer.web.bulk
import issuer.web.bulk_api
import issuer.web.public
import issuer.web.sharing
import issuer.web.takeback
import issuer.web.takeback_api
import keys.problems
import keys.web
import recognition.api
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
import service.accounts.web.routes
import verifier.problems
import verifier.web.batches
import verifier.web.check
import verifier.web.issuer_lists
import verifier.web.lists
import verifier.web.receipts
from earning.catalogue import gateway
from earning.sharing.standings import has_panel, standings
from recognition.stating import spoken
from roof.house import House
from service import outbox
from service.problems import Problems
from service.settings import Settings
from verifier import issuer_lists


def problems(settings: Settings) -> Problems:
    """Return how the errors of all rooms are told over HTTP."""
    told = Problems(public_url=settings.public_url)
    for rows in (
        keys.problems.ROWS,
        verifier.problems.ROWS,
        issuer.problems.ROWS,
        earning.problems.ROWS,
        recognition.problems.ROWS,
    ):
        told.register(rows)
    return told


def blueprints(house: House, problems: Problems) -> tuple[Blueprint, ...]:
    """Return every room's doors to the web, opened in ``house``."""
    return (
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
        *((outbox.blueprint(house.db, house.settings),) if house.settings.demo else ()),
    )
