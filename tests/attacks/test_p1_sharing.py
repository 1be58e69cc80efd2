# SPDX-License-Identifier: Apache-2.0
"""P1: a public page or link leaks evidence, and a link for evaluators opens more than its educator chose.

A private piece leaves by no public address. A piece by link leaves with a good secret alone, and only the
pieces of that award. The secret is in no log, audit line or referrer. Opening a link changes nothing.
"""

# ruff: noqa: F811  fixtures are imported by their names
from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from earning.programme import Programme
from earning.sharing import evaluator_links
from earning.work.submissions import LINK
from service import access, audit, clock, log
from tests.earning.conftest import (  # noqa: F401  fixtures
    client,
    earning_template,
    programme,
    shared_template,
)
from tests.earning.sharing_scene import PRIVATE_TEXT, Award, awarded, found
from tests.earning.visits import BROWSER

CANARY = b"7f3a91"
SAME = ("Content-Type", "Cache-Control", "Referrer-Policy", "X-Robots-Tag", "Content-Disposition", "Vary")


@pytest.fixture
def folder(shared_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(shared_template, tmp_path / "data"))


@pytest.fixture
def award(programme: Programme) -> Award:
    made = found(programme)
    made.disclose(made.private, LINK, now=clock.now())
    return made


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    log.configure(stream=stream)
    yield stream
    log.configure()


def plain(answer: TestResponse, *secrets: str) -> tuple[object, ...]:
    text = answer.get_data(as_text=True).replace(answer.headers["X-Request-Id"], "")
    for each in secrets:
        text = text.replace(each, "·")
    return (answer.status_code, *(answer.headers.get(name) for name in SAME), text)


def test_a_piece_by_link_leaves_by_no_public_address(award: Award, client: FlaskClient) -> None:
    """Every public page that takes an id is asked with every id that there is."""
    award.make(now=clock.now())
    (link,) = award.links()
    ids = (award.private.id, award.id, award.key, link.id, award.private.file or "")
    asked = 0
    for route, method, row in access.table(client.application):
        if row is None or not row.is_public or method != "GET" or "<" not in route or "path:" in route:
            continue
        for id in ids:
            path = "/".join(id if "<" in part else part for part in route.split("/"))
            for accept in ("text/html", "application/json", "*/*"):
                answer = client.get(path, headers={"Accept": accept})
                asked += 1
                assert CANARY not in answer.data, path
                assert award.private.salt.encode() not in answer.data, path
    assert asked > 100


def test_a_secret_opens_the_pieces_of_its_award_alone(award: Award, client: FlaskClient) -> None:
    other = awarded(award.programme, "Bea Educator")
    other.disclose(other.private, LINK, now=clock.now())
    mine, theirs = award.make(now=clock.now()), other.make(now=clock.now())
    nothing = plain(client.get(f"/shared/{mine}/evidence/{award.id}"))
    for piece in (other.private.id, other.public.id, award.link.id, "answers", "answers.json", "..", "x"):
        answer = client.get(f"/shared/{mine}/evidence/{piece}")
        assert plain(answer) == nothing, piece
    assert client.get(f"/shared/{mine}/evidence/{award.private.id}").data == PRIVATE_TEXT
    assert client.get(f"/shared/{theirs}/evidence/{other.private.id}").data == PRIVATE_TEXT


def test_secrets_that_are_good_for_nothing_are_answered_alike(award: Award, client: FlaskClient) -> None:
    now = clock.now()
    withdrawn = award.make(now=now)
    evaluator_links.withdraw(award.programme, award.id, award.links()[0].id, person=award.person.id, now=now)
    ended = award.make(now=now - timedelta(days=3), days=1)
    good = award.make(now=now)
    told = set()
    for token in (
        withdrawn,
        ended,
        "A" * 22,
        "ZqZq",
        f"{good}A",
        good[:-1],
        good.swapcase(),
        "%00",
        "é" * 22,
    ):
        for path in (f"/shared/{token}", f"/shared/{token}/evidence/{award.private.id}"):
            for method in ("GET", "HEAD"):
                answer = client.open(path, method=method, headers=BROWSER)
                assert answer.status_code == 404
                if method == "GET":
                    told.add(plain(answer, token, award.private.id))
    assert len(told) == 1
    assert award.uses() == []


def test_head_and_range_need_the_secret_too_and_show_no_more(award: Award, client: FlaskClient) -> None:
    token = award.make(now=clock.now())
    path = f"/shared/{token}/evidence/{award.private.id}"
    head = client.head(path)
    assert (head.status_code, head.data) == (200, b"")
    assert client.head(f"/shared/{token}").status_code == 200
    assert award.uses() == []  # nothing was shown
    part = client.get(path, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.data) == (206, PRIVATE_TEXT[5:10])
    client.get(path, headers={"Range": "bytes=0-4"})
    assert award.uses() == [award.private.id]
    for wrong in (f"/shared/{'A' * 22}/evidence/{award.private.id}", f"/evidence/{award.private.id}"):
        assert client.get(wrong, headers={"Range": "bytes=5-9"}).status_code == 404


def test_the_secret_is_in_no_log_audit_line_or_referrer(
    award: Award, client: FlaskClient, said: io.StringIO
) -> None:
    token = award.make(now=clock.now())
    for path in (f"/shared/{token}", f"/shared/{token}/evidence/{award.private.id}", f"/shared/{token}/x"):
        answer = client.get(path, headers=BROWSER)
        assert answer.headers.get("Referrer-Policy") in ("no-referrer", "same-origin")
        assert "noindex" in answer.headers.get("X-Robots-Tag", "noindex")
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers
    page = client.get(f"/shared/{token}", headers=BROWSER)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.text.count(token) == page.text.count(f'href="/shared/{token}/evidence/')
    assert "/static/" in page.text
    assert "https://video.example" not in page.text  # this link of the educator is private
    assert said.getvalue()
    assert token not in said.getvalue()
    with award.programme.db.reading() as session:
        lines = audit.lines(session, subject=f"application:{award.id}")
    assert lines
    assert token not in str(lines)
    data = b"".join(each.read_bytes() for each in award.programme.settings.data.rglob("*") if each.is_file())
    assert token.encode() not in data


def test_a_scanner_that_opens_a_link_changes_nothing_but_the_list_of_uses(
    award: Award, client: FlaskClient
) -> None:
    token = award.make(now=clock.now())
    (before,) = award.links()
    lines = len(_audit(award))
    for _ in range(3):
        client.get(f"/shared/{token}", headers={"User-Agent": "scanner"})
        client.get(f"/shared/{token}?utm=1")
    assert award.uses() == [None]
    assert award.links() == (before,)
    assert len(_audit(award)) == lines
    for method in ("POST", "PUT", "DELETE"):
        assert client.open(f"/shared/{token}", method=method).status_code == 405


def _audit(award: Award) -> list[object]:
    with award.programme.db.reading() as session:
        return list(audit.lines(session, subject=f"application:{award.id}"))
