# SPDX-License-Identifier: Apache-2.0
"""Who may do what: every route before every person (threats W1, E3; goals, S7).

Each line of the matrix is tried with people of two programmes, visitors and tokens. A route without a line
fails, and so does a line without a route. Whatever belongs to somebody else is answered like what is not
there; whatever is refused changes nothing; and whoever only reads changes nothing either.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool
from werkzeug.test import TestResponse

import app
from service import access, clock
from service.accounts import people
from service.accounts.people import Role
from service.settings import Settings
from tests.attacks.matrix import Answer, Cell, Kind, Line, cells
from tests.attacks.matrix_affiliates import AFFILIATES, ATTESTATIONS
from tests.attacks.matrix_bulks import BULKS
from tests.attacks.matrix_claims import CLAIM_LISTS, CLAIMS
from tests.attacks.matrix_client import ELSEWHERE, Desk
from tests.attacks.matrix_lists import LISTS
from tests.attacks.matrix_people import SIGNED_IN, Who
from tests.attacks.matrix_policies import POLICIES, PUBLIC_POLICIES
from tests.attacks.matrix_private import ACCOUNT, COMMUNITIES, WORK
from tests.attacks.matrix_public import API, DOORSTEP, PUBLIC
from tests.attacks.matrix_recognition import REPORTS, REVERSALS
from tests.attacks.matrix_staff import (
    CASES,
    CATALOGUE,
    LISTS_OF_ISSUERS,
    MANAGEMENT,
    PEOPLE,
    REVIEWS,
)
from tests.attacks.matrix_takebacks import TAKEBACKS
from tests.attacks.matrix_world import make_world

LINES = (
    *PUBLIC,
    *DOORSTEP,
    *API,
    *ACCOUNT,
    *WORK,
    *COMMUNITIES,
    *REVIEWS,
    *CASES,
    *CATALOGUE,
    *MANAGEMENT,
    *PEOPLE,
    *LISTS_OF_ISSUERS,
    *PUBLIC_POLICIES,
    *POLICIES,
    *REVERSALS,
    *REPORTS,
    *CLAIMS,
    *ATTESTATIONS,
    *AFFILIATES,
    *TAKEBACKS,
    *BULKS,
)
pytestmark = pytest.mark.sqlite("after each request its file is set back to a copy of the beginning")

FEWEST = 1_000  # cells (goals, S7)
DONE = frozenset((200, 201, 204, 303, 400, 409, 410, 413, 415, 422))  # taken, or refused for what it says
SERVED = frozenset((200, 303))


def _hasten(connection: sqlite3.Connection, *_: object) -> None:
    """Nothing here has to survive a power failure, so nothing waits for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    event.listen(Pool, "checkout", _hasten)
    world = make_world(tmp_path_factory.mktemp("matrix") / "house")
    opened = Desk(world)
    yield opened
    opened.close()
    house: app.House = world.app.extensions["hallmark"]
    house.jobs.close()
    house.db.close()
    event.remove(Pool, "checkout", _hasten)


@pytest.fixture(autouse=True)
def as_it_was(desk: Desk) -> Iterator[None]:
    yield
    desk.restore()


@pytest.mark.parametrize("demo", [True, False])
def test_every_route_has_its_line_and_every_line_its_route(demo: bool, tmp_path: Path) -> None:
    service = app.create_app(Settings(data=tmp_path, demo=demo))
    house: app.House = service.extensions["hallmark"]
    house.jobs.close()
    house.db.close()
    routes = {f"{method} {route}": row for route, method, row in access.table(service)}
    lines = {line.name: line for line in LINES if demo or not line.demo}
    assert len(LINES) == len({line.name for line in LINES}), "a line is written twice"
    assert not routes.keys() - lines.keys(), "these routes have no line in the authorisation matrix"
    assert not lines.keys() - routes.keys(), "these lines of the authorisation matrix have no route"
    for name, line in lines.items():
        row = routes[name]
        assert row is not None
        assert (_kind(row), row.scope, frozenset(row.roles)) == (line.kind, line.scope, line.roles), (
            f"{name} is guarded in another way than the authorisation matrix says"
        )


def test_the_matrix_has_a_thousand_cells() -> None:
    every = [cell for line in LINES for cell in cells(line)]
    print(f"{len(every)} cells: {len(LINES)} routes, {len(Who)} people and tokens")
    assert len(every) >= FEWEST
    assert {cell.answer for cell in every} == set(Answer)


@pytest.mark.parametrize("line", LINES, ids=[line.name for line in LINES])
def test_everybody_before(line: Line, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    every = list(cells(line))
    denied = [each for each in every if each.answer is not Answer.SERVED]
    served = [each for each in every if each.answer is Answer.SERVED]
    before, lines = desk.state(), len(desk.audited())
    for cell in denied:
        _deny(desk, cell)
    refusals = sum(each.answer is Answer.REFUSED for each in denied) if line.kind is Kind.SESSION else 0
    assert desk.audited()[lines:] == ["access.refused"] * refusals
    if not line.is_safe and line.kind in (Kind.SESSION, Kind.DOORSTEP):
        for place in line.places:
            for cell in [each for each in served if each.place is place][:2]:
                _refuse_elsewhere(desk, cell)
    assert desk.state() == before, "something was changed by who may not"
    if line.kind is Kind.ANYONE:  # pages that say how long ago something was stay the same
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now)
    if line.is_safe:
        _read(desk, line, served)
    for cell in served if not line.is_safe else ():
        answer = desk.send(line, cell.place, cell.who)
        assert answer.status_code in DONE, _told(cell, answer)
        _headers(cell, answer)
        desk.restore()


@pytest.mark.parametrize(
    ("path", "name", "told"),
    [*LISTS, *CLAIM_LISTS],
    ids=[f"{each[0]} {each[1]}" for each in (*LISTS, *CLAIM_LISTS)],
)
def test_a_list_tells_of(path: str, name: str, told: frozenset[Who], desk: Desk) -> None:
    text = desk.world.names.get(name, name)
    found = set()
    for who in SIGNED_IN:
        answer = desk.open(path, who)
        assert answer.status_code in (200, 403, 404)
        if answer.status_code == 200 and text in answer.get_data(as_text=True):
            found.add(who)
    assert found == told


def test_a_page_of_applications_does_not_begin_at_somebody_elses(desk: Desk) -> None:
    pages = {
        desk.open(f"/manage/applications?after={desk.world.names[name]}", Who.STATE_MANAGER).get_data()
        for name in ("owner.draft", "owner.awarded", "nobody")
    }
    assert len(pages) == 1


@pytest.mark.parametrize(
    ("who", "role", "path"),
    [
        (Who.REVIEWER, Role.REVIEWER, "/reviews"),
        (Who.MANAGER, Role.MANAGER, "/manage/applications"),
        (Who.WA, Role.AFFILIATE, "/manage/questions"),
        (Who.ADMINISTRATOR, Role.ADMINISTRATOR, "/admin/people"),
    ],
    ids=str,
)
def test_a_withdrawn_role_is_gone_with_the_next_request(who: Who, role: Role, path: str, desk: Desk) -> None:
    assert desk.open(path, who).status_code == 200
    with desk.db.transaction() as session:
        id = desk.world.people[who].id
        people.withdraw(session, id, role, who.held[role], actor="test", now=clock.now())
    assert desk.open(path, who).status_code == 403


def test_a_role_elsewhere_does_not_open_what_a_withdrawn_one_did(desk: Desk) -> None:
    names = desk.world.names
    for who, role, path in (
        (Who.REVIEWER, Role.REVIEWER, f"/reviews/{names['owner.reading.review']}"),
        (Who.MANAGER, Role.MANAGER, f"/manage/cases/{names['case.education']}"),
        (Who.WA, Role.AFFILIATE, "/manage/portals/wa"),
    ):
        assert desk.open(path, who).status_code == 200
        id = desk.world.people[who].id
        with desk.db.transaction() as session:
            people.grant(session, id, role, "example-nh", actor="test", now=clock.now())
            people.withdraw(session, id, role, who.held[role], actor="test", now=clock.now())
        assert desk.open(path, who).status_code == 404


def test_an_erased_account_is_signed_out_at_once(desk: Desk) -> None:
    key, email = desk.world.keys[Who.OWNER], desk.world.names["email.owner"]
    done = desk.open("/account/erase", Who.OWNER, method="POST", data={"csrf": key.csrf, "email": email})
    assert done.headers["Location"] == "/account-erased"
    assert desk.open("/work", Who.OWNER).status_code == 303
    path = f"/work/{desk.world.names['owner.draft']}"
    assert desk.open(path, Who.OWNER, method="POST", data={"csrf": key.csrf}).status_code in (401, 405)


def test_the_head_of_a_page_is_guarded_like_the_page(desk: Desk) -> None:
    for line in LINES:
        if line.is_safe and line.kind is Kind.SESSION:
            head = replace(line, method="HEAD")
            assert desk.send(head, line.places[0], Who.VISITOR).status_code in (303, 401), line.name


def _kind(row: access.Row) -> Kind:
    if row.scope is not None:
        return Kind.TOKEN
    if row.doorstep:
        return Kind.DOORSTEP
    return Kind.SESSION if row.needs_session else Kind.ANYONE


def _deny(desk: Desk, cell: Cell) -> None:
    line, place, who = cell.line, cell.place, cell.who
    answer = desk.send(line, place, who)
    status, told = answer.status_code, _told(cell, answer)
    _headers(cell, answer)
    if cell.answer is Answer.SIGN_IN and line.is_safe:
        assert (status, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in"), told
        if who is Who.VISITOR:
            script = desk.send(line, place, who, headers={"Accept": "application/json"})
            assert script.status_code == 401, told
    elif cell.answer is Answer.SIGN_IN:
        assert status == 401, told
        assert "hallmark-session" not in answer.headers.get("Set-Cookie", ""), told
    elif cell.answer is Answer.NO_TOKEN:
        assert (status, answer.headers["WWW-Authenticate"][:6]) == (401, "Bearer"), told
    elif cell.answer is Answer.REFUSED:
        assert status == 403, told
    else:
        expected = {Answer.ABSENT: 404, Answer.GONE: 410, Answer.SILENT: 303}[cell.answer]
        assert status == expected, told
        if who in place.unlike:
            return
        other = desk.nothing(place)
        nothing = desk.send(line, place, who, instead=other)
        named = (desk.values(place), other)
        assert desk.plain(answer, *named) == desk.plain(nothing, *named), f"{told}: it tells that it exists"


def _refuse_elsewhere(desk: Desk, cell: Cell) -> None:
    """Forms of other sites, and those without the token of the session, are refused."""
    for headers in ELSEWHERE:
        answer = desk.send(cell.line, cell.place, cell.who, headers=headers)
        assert answer.status_code == 403, f"{_told(cell, answer)} sent by another site"
    if cell.line.kind is Kind.SESSION:
        answer = desk.send(cell.line, cell.place, cell.who, csrf=False)
        assert answer.status_code == 403, f"{_told(cell, answer)} without the token of the form"


def _read(desk: Desk, line: Line, served: list[Cell]) -> None:
    """Serve everybody who may read; it changes nothing, and what all may read is the same for all."""
    before, lines = desk.state(), len(desk.audited())
    pages = set()
    for cell in served:
        answer = desk.send(line, cell.place, cell.who)
        assert answer.status_code in SERVED, _told(cell, answer)
        _headers(cell, answer)
        pages.add(desk.plain(answer))
    if line.kind is Kind.ANYONE:
        assert len(pages) == 1, f"{line.name} is not the same for everybody"
    assert desk.state() == before, f"{line.name} changes something"
    noted = desk.audited()[lines:]
    assert len(noted) == (len(served) if line.noted else 0), f"{line.name} wrote {noted}"


def _headers(cell: Cell, answer: TestResponse) -> None:
    told, vary = _told(cell, answer), answer.headers.get("Vary", "")
    if cell.line.kind in (Kind.ANYONE, Kind.TOKEN):
        assert "Set-Cookie" not in answer.headers, f"{told} sets a cookie"
        assert "Cookie" not in vary, f"{told} depends on a cookie"
    else:
        assert "no-store" in answer.headers.get("Cache-Control", ""), f"{told} may be kept"
        assert "Cookie" in vary, f"{told} does not say that it depends on a cookie"


def _told(cell: Cell, answer: TestResponse) -> str:
    place = ", ".join((*cell.place.at.values(), *cell.place.form.values()))
    return f"{cell.line.name} [{place}] for {cell.who} must be {cell.answer.value}: {answer.status_code}"
