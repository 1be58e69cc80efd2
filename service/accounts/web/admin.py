# SPDX-License-Identifier: Apache-2.0
"""People, for administrators: whom there is, and who may do what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from service import access, clock
from service.accounts import administration
from service.accounts.people import Role
from service.accounts.room import Accounts
from service.accounts.web import pages
from service.errors import AccountFieldError, LastAdministratorError
from service.forms import read_form


def add(routes: Blueprint, accounts: Accounts) -> None:
    """Add the routes."""
    _everybody(routes, accounts)
    _one(routes, accounts)


def _list(accounts: Accounts, **changes: Any) -> dict[str, Any]:
    words = request.args.get("q", "").strip()[:100]
    with accounts.db.reading() as session:
        found = administration.visible(session, access.person(), words)
        mine = administration.looked_after(session, access.person())
        sees_accounts = administration.sees_accounts(session, access.person())
    return {
        "sees_accounts": sees_accounts,
        "words": words,
        "people": found,
        "organisations": mine,
        "roles": administration.granted(mine),
        "typed": {"email": "", "role": "", "organisation": ""},
        "faults": {},
        "done": "",
        **changes,
    }


def _everybody(routes: Blueprint, accounts: Accounts) -> None:
    @routes.get("/admin/people")
    @access.role(Role.ADMINISTRATOR)
    def people_page() -> Response:
        done = "The role is given." if request.args.get("done") == "granted" else ""
        return pages.page("people.html", **_list(accounts, done=done))

    @routes.post("/admin/people/grant")
    @access.role(Role.ADMINISTRATOR)
    def grant() -> Response:
        access.require_fresh()
        form = read_form()
        typed = {name: form.text(name) for name in ("email", "role", "organisation")}
        try:
            administration.grant(accounts, access.person(), **typed, now=clock.now())
        except AccountFieldError as error:
            known = _list(accounts, typed=typed)
            del known["faults"]
            return pages.refused(error, "people.html", **known)
        return pages.go("/admin/people?done=granted")


def _one(routes: Blueprint, accounts: Accounts) -> None:
    def show(person_id: str) -> dict[str, Any]:
        with accounts.db.reading() as session:
            found = administration.see(session, access.person(), person_id)
            mine = administration.looked_after(session, access.person())
            lines = administration.history(session, access.person(), found.id)
            sees_accounts = administration.sees_accounts(session, access.person())
        return {
            "person": found,
            "sees_accounts": sees_accounts,
            "own": {each.slug for each in mine},
            "lines": lines,
            "now": clock.now(),
        }

    @routes.get("/admin/people/<person_id>")
    @access.role(Role.ADMINISTRATOR)
    def person_page(person_id: str) -> Response:
        return pages.page("person.html", faults={}, **show(person_id))

    @routes.post("/admin/people/<person_id>/withdraw")
    @access.role(Role.ADMINISTRATOR)
    def withdraw(person_id: str) -> Response:
        access.require_fresh()
        form = read_form()
        role, organisation = form.text("role"), form.text("organisation")
        try:
            administration.withdraw(accounts, access.person(), person_id, role, organisation, now=clock.now())
        except (AccountFieldError, LastAdministratorError) as error:
            return pages.refused(error, "person.html", **show(person_id))
        return pages.go("/admin/people")

    @routes.post("/admin/people/<person_id>/sign-out")
    @access.role(Role.ADMINISTRATOR)
    def sign_person_out(person_id: str) -> Response:
        found = administration.sign_out(accounts, access.person(), person_id, now=clock.now())
        return pages.go(f"/admin/people/{found.id}")
