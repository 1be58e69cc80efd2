# SPDX-License-Identifier: Apache-2.0
"""``/recognizer/<slug>/report``: the yearly report of one's own organisation, as a page, on paper, as CSV."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request

from recognition.claiming import yearly
from recognition.claiming.yearly import Yearly
from recognition.office import Office
from recognition.plan.questions import purpose_words
from recognition.rule.units import Amount, say
from recognition.web import own
from service import access, clock, spreadsheet
from service.accounts.people import Role

_DIGITS: Final = 4  # of a year
_Answer = Any


def blueprint(office: Office) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("recognition_report", __name__)

    @routes.get("/recognizer/<slug>/report")
    @access.role(Role.RECOGNIZER)
    def recognizer_report(slug: str) -> _Answer:
        organisation = own.organisation(office, slug, Role.RECOGNIZER)
        found = _found(office, slug)
        return render_template(
            "recognition/report.html",
            organisation=organisation,
            report=found,
            granted=tuple(_say(found, each) for each in found.sums),
            say=lambda amount: _say(found, amount),
            purpose_words=purpose_words,
            now=clock.now(),
        )

    @routes.get("/recognizer/<slug>/report.csv")
    @access.role(Role.RECOGNIZER)
    def recognizer_report_table(slug: str) -> Response:
        own.organisation(office, slug, Role.RECOGNIZER)
        found = _found(office, slug)
        response = make_response(yearly.file(found))
        response.content_type = spreadsheet.MEDIA_TYPE
        response.headers["Content-Disposition"] = f"attachment; filename={found.file_name}"
        return response

    return routes


def _found(office: Office, slug: str) -> Yearly:
    """Return the report of the year that is asked for, or of this one."""
    now, typed = clock.now(), request.args.get("year", "")
    asked = int(typed) if len(typed) == _DIGITS and typed.isascii() and typed.isdecimal() else now.year
    return yearly.of_year(office, slug, asked, now=now)


def _say(found: Yearly, amount: Amount) -> str:
    """Return an amount in words with its place, where a policy of the report names the unit."""
    units = {key.unit: policy.unit for key, policy in found.policies.items() if key.unit == policy.unit.id}
    return say(amount.value, units[amount.unit]) if amount.unit in units else str(amount)
