# SPDX-License-Identifier: Apache-2.0
"""Taking one's data along, and having it erased."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from werkzeug.wsgi import wrap_file

from service import access, clock
from service.accounts import account, cookies
from service.accounts.room import Accounts
from service.accounts.web import pages
from service.forms import read_form


def add(routes: Blueprint, accounts: Accounts) -> None:
    """Add the routes."""
    _export(routes, accounts)
    _erase(routes, accounts)


def _known(accounts: Accounts) -> dict[str, Any]:
    return {
        "has_password": account.has_password(accounts, access.person().id),
        "is_fresh": access.sign_in().is_fresh(clock.now()),
        "email": access.person().email,
    }


def _export(routes: Blueprint, accounts: Accounts) -> None:
    @routes.get("/account/export")
    @access.signed_in
    def export_page() -> Response:
        return pages.page("export.html", faults={}, path="/account/export", **_known(accounts))

    @routes.post("/account/export")
    @access.signed_in
    def export() -> Response:
        proof, now = read_form().fields.get("proof", ""), clock.now()
        try:
            account.prove(accounts, access.person(), access.sign_in(), proof, at="proof", now=now)
        except pages.FAULTS as error:
            return pages.refused(error, "export.html", at="proof", path="/account/export", **_known(accounts))
        return _archive(accounts)

    @routes.post("/account/export/mail")
    @access.signed_in
    def mail_export() -> Response:
        try:
            account.mail_export_link(accounts, access.person(), now=clock.now())
        except pages.FAULTS as error:
            return pages.refused(error, "export.html", path="/account/export", **_known(accounts))
        return pages.go("/account?done=export")

    @routes.get("/account/export/<presented>")
    @access.signed_in
    def export_link(presented: str) -> Response:
        known = {**_known(accounts), "is_fresh": True}
        return pages.page("export.html", faults={}, path=f"/account/export/{presented}", **known)

    @routes.post("/account/export/<presented>")
    @access.signed_in
    def use_export_link(presented: str) -> Response:
        account.use_export_link(accounts, access.person(), presented, now=clock.now())
        return _archive(accounts)


def _archive(accounts: Accounts) -> Response:
    now = clock.now()
    file = account.export(accounts, access.person(), now=now)
    response = Response(wrap_file(request.environ, file), mimetype="application/zip", direct_passthrough=True)
    response.headers["Content-Disposition"] = f'attachment; filename="my-data-{now:%Y-%m-%d}.zip"'
    response.call_on_close(file.close)
    return response


def _erase(routes: Blueprint, accounts: Accounts) -> None:
    @routes.get("/account/erase")
    @access.signed_in
    def erase_page() -> Response:
        return pages.page("erase.html", typed="", faults={}, **_known(accounts))

    @routes.post("/account/erase")
    @access.signed_in
    def erase() -> Response:
        form, person, now = read_form(), access.person(), clock.now()
        try:
            proof = form.fields.get("proof", "")
            account.prove(accounts, person, access.sign_in(), proof, at="proof", now=now)
            account.erase(accounts, person, form.text("email"), now=now)
        except pages.FAULTS as error:
            known = _known(accounts)
            return pages.refused(error, "erase.html", at="proof", typed=form.text("email"), **known)
        cookies.take()
        return pages.go("/account-erased")

    @routes.get("/account-erased")
    @access.doorstep
    def erased() -> Response:
        return pages.page("erased.html")
