# SPDX-License-Identifier: Apache-2.0
"""The ledger of one's own organisation: searched, taken out as CSV, and earlier years brought in from one."""

from __future__ import annotations

import base64
import binascii
from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, make_response, redirect, render_template, request

from credentials.errors import HallmarkError
from recognition.claiming import claims, ledger, ledger_csv
from recognition.claiming.ledger_line import Asked
from recognition.office import Office
from recognition.plan.questions import purpose_words
from recognition.rule.policy_keys import PURPOSES
from recognition.web import own
from recognition.web.desk import HOME
from recognition.web.words import WORDS
from service import access, clock, forms, spreadsheet
from service.accounts.organisations import Organisation
from service.accounts.people import Role
from service.errors import SpreadsheetError

UPLOAD_BYTES: Final = ledger_csv.MAX_BYTES + 16_384  # bytes; the form around the file
WORDS_CHARS: Final = 100
_Answer = Any


def blueprint(office: Office) -> Blueprint:
    """Return the routes of the ledger."""
    routes = Blueprint("recognition_desk_ledger", __name__)
    _looking(routes, office)
    _importing(routes, office)
    return routes


def _looking(routes: Blueprint, office: Office) -> None:
    @routes.get(f"{HOME}/<slug>/ledger")
    @access.role(Role.RECOGNIZER)
    def recognizer_ledger(slug: str) -> _Answer:
        organisation = own.organisation(office, slug, Role.RECOGNIZER)
        asked = _asked(office, slug)
        found = ledger.view(office, slug, asked, after=request.args.get("after", "")[:80])
        done = {name: request.args.get(name, type=int) or 0 for name in ("recorded", "left")}
        return render_template(
            "recognition/ledger.html",
            organisation=organisation,
            view=found,
            sums=ledger.sums(found.lines),
            asked=asked,
            query=_query(asked),
            purpose_choices=_choices(found.purposes),
            done=done,
            **WORDS,
        )

    @routes.get(f"{HOME}/<slug>/ledger.csv")
    @access.role(Role.RECOGNIZER)
    def recognizer_ledger_table(slug: str) -> Response:
        own.organisation(office, slug, Role.RECOGNIZER)
        response = make_response(ledger.file(office, slug, _asked(office, slug)))
        response.content_type = spreadsheet.MEDIA_TYPE
        response.headers["Content-Disposition"] = "attachment; filename=ledger.csv"
        return response


def _importing(routes: Blueprint, office: Office) -> None:
    def page(organisation: Organisation, error: HallmarkError | None = None) -> str:
        return render_template(
            "recognition/ledger_import.html",
            organisation=organisation,
            error=error,
            columns=ledger_csv.COLUMNS,
            required=ledger_csv.REQUIRED,
            purposes=sorted(PURPOSES),
            rows_max=ledger_csv.MAX_ROWS,
            bytes_max=ledger_csv.MAX_BYTES,
        )

    @routes.get(f"{HOME}/<slug>/ledger/import")
    @access.role(Role.RECOGNIZER)
    def recognizer_ledger_form(slug: str) -> _Answer:
        return page(own.organisation(office, slug, Role.RECOGNIZER))

    @routes.post(f"{HOME}/<slug>/ledger/import")
    @access.role(Role.RECOGNIZER, max_bytes=UPLOAD_BYTES)
    def recognizer_ledger_look(slug: str) -> _Answer:
        organisation = own.organisation(office, slug, Role.RECOGNIZER)
        file = forms.read_form(max_bytes=UPLOAD_BYTES).files.get("file")
        if file is None:
            return page(organisation, SpreadsheetError("Choose a file.")), 422
        try:
            found = ledger_csv.look(office, slug, file.body, now=clock.now())
        except SpreadsheetError as error:
            return page(organisation, error), 422
        return render_template(
            "recognition/ledger_look.html",
            organisation=organisation,
            found=found,
            outcomes=ledger_csv.Outcome,
            file=base64.b64encode(file.body).decode(),
            name=file.claimed_name[:80],
            **WORDS,
        )

    @routes.post(f"{HOME}/<slug>/ledger/import/confirm")
    @access.role(Role.RECOGNIZER, max_bytes=forms.BODY_BYTES)
    def recognizer_ledger_bring(slug: str) -> _Answer:
        organisation = own.organisation(office, slug, Role.RECOGNIZER)
        form = forms.read_form()
        try:
            data = base64.b64decode(form.text("file"), validate=True)
            found = ledger_csv.bring_in(office, slug, data, actor=access.actor(), now=clock.now())
        except (binascii.Error, SpreadsheetError) as fault:
            broken = SpreadsheetError("This file did not arrive whole. Choose it again.")
            return page(organisation, fault if isinstance(fault, SpreadsheetError) else broken), 422
        return redirect(f"{HOME}/{slug}/ledger?recorded={found.new}&left={found.bad}", code=303)


def _asked(office: Office, slug: str) -> Asked:
    """Return what the address asks for; a person is named by a claim of theirs, never by an address.

    Raises:
        NoSuchClaimError: The organisation has no such claim.
    """
    claim = request.args.get("claim", "")[:40]
    person = claims.of(office, slug, claim).person_key if claim else ""
    try:
        cycle = date.fromisoformat(request.args.get("cycle", ""))
    except ValueError:
        cycle = None
    return Asked(
        words=request.args.get("q", "").strip()[:WORDS_CHARS],
        purpose=request.args.get("purpose", "")[:80],
        cycle=cycle,
        reversed=request.args.get("reversed") == "yes",
        claim=claim,
        person=person,
    )


def _choices(purposes: tuple[str, ...]) -> list[tuple[str, str]]:
    return [("", "Every purpose"), *((each, purpose_words(each).capitalize()) for each in purposes)]


def _query(asked: Asked) -> dict[str, str]:
    """Return what was asked for as it stands in an address."""
    return {
        "q": asked.words,
        "purpose": asked.purpose,
        "cycle": asked.cycle.isoformat() if asked.cycle is not None else "",
        "reversed": "yes" if asked.reversed else "",
        "claim": asked.claim,
    }
