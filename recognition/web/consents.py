# SPDX-License-Identifier: Apache-2.0
"""The page on which an educator lets an affiliate see an award, and takes that back: one button each."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, redirect, render_template, request

from recognition.attesting import sharing
from recognition.office import Office
from service import access, clock, forms

HOME: Final = "/awards/affiliate"
_Answer = Any


def blueprint(office: Office) -> Blueprint:
    """Return the routes."""
    routes = Blueprint("recognition_consents", __name__)

    @routes.get(HOME)
    @access.signed_in
    def award_affiliates() -> _Answer:
        return render_template(
            "recognition/consents.html",
            awards=sharing.own(office, access.person()),
            done=request.args.get("done", ""),
        )

    @routes.post(HOME)
    @access.signed_in
    def award_affiliate_change() -> _Answer:
        form = forms.read_form()
        organisation, award = form.text("organisation"), form.text("award")
        if form.text("do") == "hide":
            sharing.withdraw(office, access.person(), organisation, award, now=clock.now())
            return redirect(f"{HOME}?done=hidden", code=303)
        sharing.give(office, access.person(), organisation, award, now=clock.now())
        return redirect(f"{HOME}?done=shown", code=303)

    return routes
