# SPDX-License-Identifier: Apache-2.0
"""What the pages of accounts have in common: who asks, what was typed, and how faults are shown.

A fault never loses what was typed, except passwords: the form comes again with a summary on top.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from flask import Response, make_response, redirect, render_template, request

from credentials.errors import HallmarkError
from service import origin, ratelimit, zones
from service.accounts import cookies
from service.accounts.entry import Entered, Visitor
from service.accounts.fields import checked
from service.accounts.people import Person, Role
from service.accounts.places import STATES, ZONES
from service.accounts.room import Accounts
from service.errors import (
    AccountFieldError,
    AddressTakenError,
    PasswordRefusedError,
    SignInRefusedError,
    TooManyAttemptsError,
)
from service.forms import Form

HOME: Final = "/work"  # of those who earn, and of everybody without a desk of their own
# The desks of people who were not on their way to anywhere. Whoever has several roles lands on the first that
# is theirs: where others wait for a paper or an answer comes before what one looks after.
DESKS: Final = (
    (Role.AFFILIATE, "/affiliate"),
    (Role.RECOGNIZER, "/recognizer"),
    (Role.REVIEWER, "/reviews"),
    (Role.MANAGER, "/manage"),
    (Role.OFFICER, "/issuing"),
    (Role.ADMINISTRATOR, "/admin/people"),
)
# What is said in the form that it is about, and with which status.
FAULTS: Final = (
    AccountFieldError,
    AddressTakenError,
    PasswordRefusedError,
    SignInRefusedError,
    TooManyAttemptsError,
)


def visitor(accounts: Accounts) -> Visitor:
    """Return where this request comes from. The machine itself is not counted."""
    return Visitor(
        address="" if ratelimit.is_loopback() else ratelimit.address(),
        user_agent=request.user_agent.string,
        cookie=cookies.presented(https=accounts.settings.https),
    )


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Answer with a page that nobody keeps."""
    return make_response(render_template(f"service/accounts/{template}", **values), status)


def again(template: str, faults: Mapping[str, str], *, status: int = 422, **values: Any) -> Response:
    """Answer with the form once more: ``faults`` are sentences by field, "" for the whole form."""
    return page(template, status=status, faults=faults, **values)


def refused(error: HallmarkError, template: str, *, at: str = "", **values: Any) -> Response:
    """Answer with the form once more and what was refused; ``at`` is the field if the error names none."""
    faults = {error.path or at: error.message}
    if not isinstance(error, TooManyAttemptsError):
        return again(template, faults, **values)
    response = again(template, faults, status=429, **values)
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def go(path: str) -> Response:
    """Send the browser on to a page of ours."""
    return make_response(redirect(path, code=303))


def onward(text: str | None) -> str:
    """Return where to go after signing in: ``text`` if it is a page of ours to come back to, else ""."""
    path = origin.local_path(text or "")
    return "" if path is None or path.startswith(("/sign-", "/confirm/")) else path


def desk(person: Person) -> str:
    """Return where somebody begins who was not on the way to anywhere: at their own desk."""
    return next((path for role, path in DESKS if person.has(role)), HOME)


def enter(entered: Entered, path: str) -> Response:
    """Give the browser its new session and send it on; "" is the person's own desk."""
    cookies.give(entered.presented)
    return go(path or desk(entered.person))


def read(
    form: Form, names: Collection[str], accounts: Accounts
) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """Read fields of an account: what is good, what is wrong with the others, and everything as typed."""
    good: dict[str, Any] = {}
    faults: dict[str, str] = {}
    typed = {name: form.text(name) for name in names}
    for name in names:
        value: Any = form.text(name) == "yes" if name == "is_member" else form.text(name)
        try:
            good[name] = checked(name, value)
        except AccountFieldError as error:
            faults[name] = error.message
    if good.get("job") and good["job"] not in accounts.occupations:
        faults["job"] = "Choose one from the list."
    if good.get("state") and good["state"] not in STATES:
        faults["state"] = "Choose one from the list."
    return good, faults, typed


def choices(accounts: Accounts) -> dict[str, Any]:
    """Return what the selection fields of an account offer."""
    return {
        "states": STATES,
        "near_zones": ZONES,
        "far_zones": [name for name in zones.names() if name not in ZONES],
        "occupations": accounts.occupations,
    }
