# SPDX-License-Identifier: Apache-2.0
"""Signing in by password or mailed link, and signing out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request

from service import access, clock
from service.accounts import cookies, entry
from service.accounts.people import Person
from service.accounts.room import Accounts
from service.accounts.web import pages
from service.errors import AccountFieldError, SignInRefusedError, TooManyAttemptsError
from service.forms import read_form


def add(routes: Blueprint, accounts: Accounts) -> None:
    """Add the routes."""
    _form(routes, accounts)
    _links(routes, accounts)

    @routes.post("/sign-out")
    @access.doorstep
    def sign_out() -> Response:
        somebody = access.somebody()
        if somebody is not None:
            entry.leave(accounts, somebody.id, access.sign_in().id)
        cookies.take()
        return pages.go("/")


def add_samples(routes: Blueprint, accounts: Accounts) -> None:
    """Add the route by which a demonstration signs anybody in as a sample person."""

    @routes.post("/sign-in/sample")
    @access.doorstep
    def sign_in_as_sample() -> Response:
        form = read_form()
        entered = entry.enter_as(accounts, form.text("person"), pages.visitor(accounts), now=clock.now())
        return pages.enter(entered, pages.onward(form.text("next")))


def _form(routes: Blueprint, accounts: Accounts) -> None:
    def samples() -> Sequence[Person]:
        with accounts.db.reading() as session:
            return entry.samples(accounts, session)

    @routes.get("/sign-in")
    @access.doorstep
    def sign_in() -> Response:
        somebody = access.somebody()
        return pages.page(
            "sign_in.html",
            email=somebody.email if somebody else "",
            onward=pages.onward(request.args.get("next")),
            samples=samples(),
            faults={},
        )

    @routes.post("/sign-in")
    @access.doorstep
    def enter() -> Response:
        form = read_form()
        email, onward = form.text("email"), pages.onward(form.text("next"))
        password = form.fields.get("password", "")
        known: dict[str, Any] = {"email": email, "onward": onward, "samples": samples()}
        visitor, now = pages.visitor(accounts), clock.now()
        try:
            if form.text("how") == "link":
                entry.send_link(accounts, email, visitor, then=onward, now=now)
                return pages.go("/sign-in/sent")
            if not password:
                faults = {"password": "Type your password, or have a link sent to you."}
                return pages.again("sign_in.html", faults, **known)
            return pages.enter(entry.sign_in(accounts, email, password, visitor, now=now), onward)
        except (AccountFieldError, SignInRefusedError, TooManyAttemptsError) as error:
            return pages.refused(error, "sign_in.html", **known)


def _links(routes: Blueprint, accounts: Accounts) -> None:
    @routes.get("/sign-in/sent")
    @access.doorstep
    def link_sent() -> Response:
        return pages.page("sent.html", kind="sign-in")

    @routes.get("/sign-in/link/<presented>")
    @access.doorstep
    def link(presented: str) -> Response:
        found = entry.look_at_link(accounts, presented, now=clock.now())
        return pages.page("link.html", email=found.email)

    @routes.post("/sign-in/link/<presented>")
    @access.doorstep
    def use_link(presented: str) -> Response:
        entered, then = entry.use_link(accounts, presented, pages.visitor(accounts), now=clock.now())
        return pages.enter(entered, pages.onward(then))
