# SPDX-License-Identifier: Apache-2.0
"""Beginning an account: a form, "look in your inbox", and the page that the mail leads to."""

from __future__ import annotations

from flask import Blueprint, Response, request

from service import access, clock
from service.accounts import entry, fields
from service.accounts.room import Accounts
from service.accounts.web import pages
from service.errors import PasswordRefusedError, TooManyAttemptsError
from service.forms import read_form


def add(routes: Blueprint, accounts: Accounts) -> None:
    """Add the routes."""
    empty = {**dict.fromkeys(entry.ASKED, ""), "zone": fields.DEFAULT_ZONE}

    @routes.get("/sign-up")
    @access.doorstep
    def sign_up() -> Response:
        onward = pages.onward(request.args.get("next"))
        return pages.page("sign_up.html", typed=empty, onward=onward, faults={}, **pages.choices(accounts))

    @routes.post("/sign-up")
    @access.doorstep
    def begin_account() -> Response:
        form = read_form()
        onward = pages.onward(form.text("next"))
        values, faults, typed = pages.read(form, entry.ASKED, accounts)
        known = {"typed": typed, "onward": onward, **pages.choices(accounts)}
        if faults:
            return pages.again("sign_up.html", faults, **known)
        try:
            entry.sign_up(accounts, values, pages.visitor(accounts), then=onward, now=clock.now())
        except TooManyAttemptsError as error:
            return pages.refused(error, "sign_up.html", **known)
        return pages.go("/sign-up/sent")

    @routes.get("/sign-up/sent")
    @access.doorstep
    def sign_up_sent() -> Response:
        return pages.page("sent.html", kind="confirm")

    @routes.get("/confirm/<presented>")
    @access.doorstep
    def confirmation(presented: str) -> Response:
        link = entry.look_at_confirmation(accounts, presented, now=clock.now())
        return pages.page("confirm.html", name=link.detail["name"], email=link.email, faults={})

    @routes.post("/confirm/<presented>")
    @access.doorstep
    def confirm(presented: str) -> Response:
        now = clock.now()
        link = entry.look_at_confirmation(accounts, presented, now=now)
        password = read_form().fields.get("password", "")
        try:
            entered, then = entry.confirm(
                accounts, presented, pages.visitor(accounts), password=password, now=now
            )
        except PasswordRefusedError as error:
            return pages.refused(error, "confirm.html", name=link.detail["name"], email=link.email)
        return pages.enter(entered, pages.onward(then))
