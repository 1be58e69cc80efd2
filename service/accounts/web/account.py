# SPDX-License-Identifier: Apache-2.0
"""One's own account: who one is, password, address, and where one is signed in."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, request

from service import access, clock
from service.accounts import account, cookies, sessions
from service.accounts.room import Accounts
from service.accounts.web import pages
from service.forms import read_form

_FIELDS: Final = ("name", "zone", "job", "school", "local", "state", "is_member")
_DONE: Final = {
    "saved": "Saved.",
    "password": "Your password is set. All other browsers were signed out.",
    "address": "Look in the inbox of the new address: the mail there has a link. Until then nothing changes.",
    "moved": "Your account has its new address now. All other browsers are signed out.",
    "ended": "That browser is signed out.",
    "others": "All other browsers are signed out.",
    "export": "Look in your inbox: the mail has a link to your data.",
}


def add(routes: Blueprint, accounts: Accounts) -> None:
    """Add the routes."""
    _profile(routes, accounts)
    _password(routes, accounts)
    _address(routes, accounts)
    _sessions(routes, accounts)


def show(accounts: Accounts, **changes: Any) -> dict[str, Any]:
    """Return what the account page shows, with ``changes``."""
    person, signed_in, now = access.person(), access.sign_in(), clock.now()
    with accounts.db.reading() as session:
        listed = sessions.listing(session, person, now=now)
    typed = {name: getattr(person, name) for name in _FIELDS}
    typed["is_member"] = "yes" if person.is_member else ""
    return {
        "typed": typed,
        "new_email": "",
        "faults": {},
        "sessions": listed,
        "this": signed_in.id,
        "has_password": account.has_password(accounts, person.id),
        "is_fresh": signed_in.is_fresh(now),
        "done": "",
        "now": now,
        **pages.choices(accounts),
        **changes,
    }


def _profile(routes: Blueprint, accounts: Accounts) -> None:
    @routes.get("/account")
    @access.signed_in
    def account_page() -> Response:
        done = _DONE.get(request.args.get("done", ""), "")
        return pages.page("account.html", **show(accounts, done=done))

    @routes.post("/account")
    @access.signed_in
    def change_account() -> Response:
        values, faults, typed = pages.read(read_form(), _FIELDS, accounts)
        if faults:
            return pages.again("account.html", **show(accounts, typed=typed, faults=faults))
        account.change(accounts, access.person().id, values, now=clock.now())
        return pages.go("/account?done=saved")


def _password(routes: Blueprint, accounts: Accounts) -> None:
    @routes.post("/account/password")
    @access.signed_in
    def change_password() -> Response:
        form, person, signed_in, now = read_form(), access.person(), access.sign_in(), clock.now()
        try:
            current = form.fields.get("current", "")
            account.prove(accounts, person, signed_in, current, at="current", now=now)
            account.set_password(accounts, person, signed_in, form.fields.get("password", ""), now=now)
        except pages.FAULTS as error:
            return pages.refused(error, "account.html", at="current", **_without_faults(accounts))
        return pages.go("/account?done=password")


def _address(routes: Blueprint, accounts: Accounts) -> None:
    @routes.post("/account/email")
    @access.signed_in
    def change_address() -> Response:
        form, person, now = read_form(), access.person(), clock.now()
        try:
            proof = form.fields.get("proof_email", "")
            account.prove(accounts, person, access.sign_in(), proof, at="proof_email", now=now)
            account.ask_for_address(accounts, person, form.text("email"), pages.visitor(accounts), now=now)
        except pages.FAULTS as error:
            known = _without_faults(accounts, new_email=form.text("email"))
            return pages.refused(error, "account.html", at="email", **known)
        return pages.go("/account?done=address")

    @routes.get("/account/email/<presented>")
    @access.signed_in
    def new_address(presented: str) -> Response:
        link = account.look_at_address(accounts, access.person(), presented, now=clock.now())
        return pages.page("new_address.html", email=link.email, person=access.person())

    @routes.post("/account/email/<presented>")
    @access.signed_in
    def use_new_address(presented: str) -> Response:
        account.change_address(accounts, access.person(), access.sign_in(), presented, now=clock.now())
        return pages.go("/account?done=moved")


def _sessions(routes: Blueprint, accounts: Accounts) -> None:
    @routes.post("/account/sessions/<session_id>/end")
    @access.signed_in
    def end_session(session_id: str) -> Response:
        account.sign_out(accounts, access.person(), session_id, now=clock.now())
        if session_id == access.sign_in().id:
            cookies.take()
            return pages.go("/")
        return pages.go("/account?done=ended")

    @routes.post("/account/sessions/end-others")
    @access.signed_in
    def end_other_sessions() -> Response:
        account.sign_out_everywhere(accounts, access.person(), but=access.sign_in().id, now=clock.now())
        return pages.go("/account?done=others")

    @routes.post("/account/sessions/end-all")
    @access.signed_in
    def end_all_sessions() -> Response:
        account.sign_out_everywhere(accounts, access.person(), now=clock.now())
        cookies.take()
        return pages.go("/")


def _without_faults(accounts: Accounts, **changes: Any) -> dict[str, Any]:
    known = show(accounts, **changes)
    del known["faults"]
    return known
