# SPDX-License-Identifier: Apache-2.0
"""Public pages for which something is examined are limited by address; exact bytes for programs are not."""

from __future__ import annotations

import pytest

import app
from issuer.mint import Mint
from service import ratelimit
from tests.issuer.house import issued

STRANGER = {"REMOTE_ADDR": "203.0.113.9"}


def test_one_address_sees_so_many_pages_that_examine_and_all_files(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = issued(mint).key
    monkeypatch.setattr(ratelimit, "PAGES", "3 per minute")
    service = app.create_app(mint.settings)
    client = service.test_client()
    html, most = {"Accept": "text/html"}, 3
    for path in (f"/embed/{key}", f"/credentials/{key}", "/lists"):
        answers = {client.get(path, headers=html, environ_base=STRANGER).status_code for _ in range(most)}
        assert answers == {200}
        assert client.get(path, headers=html, environ_base=STRANGER).status_code == 429
    assert client.get(f"/credentials/{key}", environ_base=STRANGER).status_code == 200
    service.extensions["hallmark"].db.close()
