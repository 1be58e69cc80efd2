# SPDX-License-Identifier: Apache-2.0
"""W2: a page of ours is shown inside another site's page, where clicks can be stolen.

Every answer of every route without a parameter, and of every form of a credential, forbids it. Only the frame
that is made for other sites allows it, and there is nothing in it to be tricked out of: no form, no script,
no cookie.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import app
from service.settings import Settings
from tests.issuer.house import issued, make_house

NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder: Path = make_house(tmp_path_factory.mktemp("house"))
    service = app.create_app(Settings(data=folder, checks_per_minute=0, demo=True))
    yield service
    service.extensions["hallmark"].db.close()


def addresses(house: Flask, key: str) -> Iterator[tuple[str, str]]:
    """Method and address of every route that can be asked without knowing more than one credential."""
    for rule in house.url_map.iter_rules():
        names = set(rule.arguments)
        if names <= {"key"} and ("key" not in names or rule.rule.startswith(("/credentials/", "/embed/"))):
            path = rule.rule.replace("<uuid:key>", key)
            for method in (rule.methods or set()) & {"GET", "POST"}:
                yield method, path


def allows_frames(policy: str) -> bool:
    directives = dict(each.strip().partition(" ")[::2] for each in policy.split(";"))
    return directives.get("frame-ancestors") != "'none'"


def test_only_the_frame_for_other_sites_may_be_framed(house: Flask) -> None:
    key = issued(house.extensions["hallmark"].mint).key
    client = house.test_client(use_cookies=False)
    seen = 0
    for method, path in addresses(house, key):
        for accept in ("text/html", "application/json"):
            answer = client.open(path, method=method, headers={"Accept": accept})
            policy = answer.headers["Content-Security-Policy"]
            assert allows_frames(policy) is path.startswith("/embed/"), (method, path)
            seen += 1
    assert seen > 60
    missing = client.get(f"/embed/{NOWHERE}")
    assert missing.status_code == 404  # also a small page without anything to be clicked but a link
    for tag in ("<form", "<script", "<button", "<input", "<iframe"):
        assert tag not in missing.text
    other = client.get(f"/credentials/{NOWHERE}", headers={"Accept": "text/html"})
    assert not allows_frames(other.headers["Content-Security-Policy"])


def test_there_is_nothing_in_the_frame_to_be_tricked_out_of(house: Flask) -> None:
    key = issued(house.extensions["hallmark"].mint, submission="frame").key
    answer = house.test_client().get(f"/embed/{key}", headers={"Cookie": "hallmark-session=somebody"})
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    for tag in ("<form", "<script", "<button", "<input", "<iframe"):
        assert tag not in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'none'" in policy
    assert "script-src" not in policy
