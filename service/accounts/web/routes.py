# SPDX-License-Identifier: Apache-2.0
"""All addresses of accounts, for the roof."""

from __future__ import annotations

from flask import Blueprint

from service.accounts.room import Accounts
from service.accounts.web import account, admin, data, sign_in, sign_up


def blueprint(accounts: Accounts) -> Blueprint:
    """Return the routes; those of a demonstration are only there in one."""
    routes = Blueprint("accounts", __name__)
    sign_up.add(routes, accounts)
    sign_in.add(routes, accounts)
    if accounts.settings.demo and accounts.settings.is_local:
        sign_in.add_samples(routes, accounts)
    account.add(routes, accounts)
    data.add(routes, accounts)
    admin.add(routes, accounts)
    return routes
