# SPDX-License-Identifier: Apache-2.0
"""``/verify/receipts`` over HTTP: kept only when asked for, shown to whoever has the link."""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service import clock, typeset
from service.db import Database
from service.problems import Problems
from service.web import create_flask
from tests.verifier.sealing import kept, open_bureau
from tests.world import OWNER, Issuer, World
from verifier import api, receipt, receipt_pdf
from verifier.asked import NOTHING
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.problems import ROWS
from verifier.receipt_record import BatchLine, BatchSummary
from verifier.verdict import Verdict
from verifier.web import receipts

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ADDRESS = "https://union.example/credentials/1"

Service = Callable[[Bureau], FlaskClient]


@pytest.fixture
def union(world: World) -> Issuer:
    return world.issuer("union")


@pytest.fixture
def bureau(tmp_path: Path, db: Database, desk: Desk, world: World) -> Bureau:
    return open_bureau(tmp_path, db, desk, world.issuer("house"))


@pytest.fixture
def service() -> Service:
    def open_service(bureau: Bureau) -> FlaskClient:
        problems = Problems(public_url=bureau.public_url)
        problems.register(ROWS)
        routes = (receipts.blueprint(bureau),)
        return create_flask(bureau.settings, problems=problems, db=bureau.db, blueprints=routes).test_client()

    return open_service


@pytest.fixture
def client(service: Service, bureau: Bureau) -> FlaskClient:
    return service(bureau)


def keep(client: FlaskClient, **fields: str) -> str:
    """Press the button; return where it leads."""
    response = client.post("/verify/receipts", data=fields, headers=HTML)
    assert response.status_code == 303, response.text
    return str(response.headers["Location"])


def test_the_button_leads_to_a_page_with_everything(client: FlaskClient, union: Issuer) -> None:
    place = keep(client, text=union.mint().decode(), recipient=OWNER, cycle_from="2020-07-01")
    assert re.fullmatch(r"/verify/receipts/[0-9a-f-]{36}", place)
    page = client.get(place, headers=HTML).text
    for expected in ("Teamwork in the classroom", "Valid", "What a district checks", "Found on", "Signed"):
        assert expected in page
    assert page.count('id="row-') == 13
    assert OWNER not in page
    assert f"https://desk.example{place}" in page


def test_a_program_is_told_where_the_parts_are(client: FlaskClient, union: Issuer) -> None:
    badge = union.mint()
    response = client.post("/verify/receipts", data=badge, content_type="application/vc+ld+json")
    made = json.loads(response.data)
    assert (response.status_code, made["verdict"], made["is_signed"]) == (201, "valid", True)
    assert response.headers["Location"] == made["page"]
    for part, kind in (("signed", "application/vc+ld+json"), ("record", "application/json")):
        found = client.get(made[part].removeprefix("https://desk.example"))
        assert (found.status_code, found.content_type) == (200, kind)
        assert made["page"] in found.text
    record = client.get(made["record"].removeprefix("https://desk.example")).data
    signed = client.get(made["signed"].removeprefix("https://desk.example")).data
    assert receipt.names(signed, record)
    assert client.get(made["page"].removeprefix("https://desk.example")).data == record


def test_it_is_examined_anew_and_not_believed_from_the_form(
    client: FlaskClient, union: Issuer, world: World
) -> None:
    badge = union.mint()
    world.served[ADDRESS] = badge
    union.revoke(badge)
    page = client.get(keep(client, url=ADDRESS, verdict="valid", sentence="Genuine"), headers=HTML).text
    assert "Withdrawn" in page
    assert f'href="{api.address_again(ADDRESS, NOTHING)}"' in page


def test_what_came_in_base64_is_kept_byte_for_byte(client: FlaskClient, union: Issuer) -> None:
    badge = json.dumps(json.loads(union.mint()), indent=2).encode()
    place = keep(client, encoded=base64.b64encode(badge).decode())
    record = json.loads(client.get(f"{place}/record.json").data)
    assert (record["verdict"], record["examined"]["bytes"]) == ("valid", len(badge))


def test_the_check_is_repeated_without_whose_it_should_be(
    client: FlaskClient, union: Issuer, world: World
) -> None:
    world.served[ADDRESS] = union.mint()
    place = keep(client, url=ADDRESS, recipient=OWNER, cycle_from="2020-07-01", cycle_until="2021-06-30")
    page = client.get(place, headers=HTML).text
    assert "from=2020-07-01" in page
    assert "until=2021-06-30" in page
    assert "recipient=" not in page
    assert OWNER not in page


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 400, "credential.empty"),
        ({"text": "hello"}, 422, "credential.none"),
        ({"url": "ftp://union.example/1"}, 422, "source.address"),
        ({"url": ADDRESS}, 422, "credential.nothing-there"),
        ({"url": ADDRESS, "list": "nobody-has-it"}, 404, "issuer-list.unknown"),
        ({"url": ADDRESS, "cycle_from": "yesterday"}, 422, "asked.cycle"),
        ({"text": "{}", "url": ADDRESS}, 422, "credential.several"),
    ],
)
def test_what_is_no_credential_is_a_problem_and_leaves_nothing(
    client: FlaskClient, bureau: Bureau, fields: dict[str, str], status: int, code: str
) -> None:
    response = client.post("/verify/receipts", data=fields)
    assert (response.status_code, json.loads(response.data)["code"]) == (status, code)
    assert receipt.tidy(bureau, now=clock.now() + timedelta(days=9_999)) == 0


def test_the_paper_is_set_once(client: FlaskClient, union: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (keep(client, text=union.mint().decode()) for _ in range(2))
    made: list[str] = []

    def typeset_once(found: receipt.Receipt, *, now: datetime) -> bytes:
        del now
        made.append(found.id)
        return found.id.encode()

    monkeypatch.setattr(receipt_pdf, "pdf", typeset_once)
    for place in (first, first, second, first):
        assert client.get(f"{place}.pdf").data.decode() == place.rsplit("/", 1)[1]
    assert made == [place.rsplit("/", 1)[1] for place in (first, second)]


def test_unknown_and_ended_look_the_same(
    client: FlaskClient, service: Service, bureau: Bureau, union: Issuer
) -> None:
    short = replace(bureau, settings=replace(bureau.settings, receipt_days=1))
    ended = kept(short, union.mint(), now=clock.now() - timedelta(days=2))
    for suffix in ("", ".json", "/record.json", ".pdf", "/qr.svg"):
        answers = {
            (found.status_code, re.sub(r"urn:uuid:[0-9a-f-]+", "", found.text))
            for key in (ended.id, str(uuid.uuid4()))
            for found in [client.get(f"/verify/receipts/{key}{suffix}")]
        }
        assert len(answers) == 1, suffix
        assert {status for status, _ in answers} == {404}
    assert client.get("/verify/receipts/1").status_code == 404
    assert "There is no such receipt" in client.get(f"/verify/receipts/{ended.id}", headers=HTML).text


def test_nobody_keeps_it_on_the_way_and_no_engine_lists_it(client: FlaskClient, union: Issuer) -> None:
    place = keep(client, text=union.mint().decode())
    for suffix in ("", ".json", "/record.json", ".pdf", "/qr.svg"):
        found = client.get(place + suffix, headers=HTML if not suffix else {})
        assert found.status_code == 200
        assert found.headers["Cache-Control"] == "no-store"
        assert found.headers["X-Robots-Tag"] == "noindex"
        assert "Set-Cookie" not in found.headers
    assert '<meta name="robots" content="noindex">' in client.get(place, headers=HTML).text


def test_an_address_may_keep_ten_in_a_minute(client: FlaskClient, union: Issuer) -> None:
    badge = union.mint()
    stranger: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    codes = [client.post("/verify/receipts", data=badge, **stranger).status_code for _ in range(11)]
    assert codes == [201] * 10 + [429]
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.post("/verify/receipts", data=badge, environ_base=elsewhere).status_code == 201


def test_an_unsigned_one_says_so_and_gives_its_record(
    service: Service, bureau: Bureau, union: Issuer
) -> None:
    client = service(replace(bureau, seal=None))
    place = keep(client, text=union.mint().decode())
    page = client.get(place, headers=HTML).text
    assert "Not signed" in page
    assert "signed.json" not in page
    found = client.get(f"{place}.json")
    assert (found.content_type, found.data) == ("application/json", client.get(f"{place}/record.json").data)
    made = json.loads(client.post("/verify/receipts", data=union.mint()).data)
    assert (made["is_signed"], made["signed"]) == (False, None)


def test_a_page_says_when_the_signature_does_not_hold(
    client: FlaskClient, bureau: Bureau, union: Issuer, world: World
) -> None:
    place = keep(client, text=union.mint().decode())
    house = world.issuer("house")
    house.generations[0].listed = False
    house.generations.append(type(house.generations[0])(2))
    page = client.get(place, headers=HTML).text
    assert "Signature broken" in page


def test_the_paper_has_a_name_and_is_a_pdf(client: FlaskClient, union: Issuer) -> None:
    pytest.importorskip("typst")
    place = keep(client, text=union.mint().decode())
    found = client.get(f"{place}.pdf")
    assert (found.status_code, found.content_type) == (200, "application/pdf")
    assert found.data.startswith(b"%PDF-")
    assert f'verification-receipt-{place[-36:-28]}.pdf"' in found.headers["Content-Disposition"]


def test_without_the_extra_everything_but_the_paper_is_there(
    client: FlaskClient, union: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typeset, "is_available", lambda: False)
    place = keep(client, text=union.mint().decode())
    assert ".pdf" not in client.get(place, headers=HTML).text
    found = client.get(f"{place}.pdf")
    assert (found.status_code, json.loads(found.data)["code"]) == (501, "extra.missing")


def test_the_page_of_a_report_shows_every_line(client: FlaskClient, bureau: Bureau) -> None:
    now = clock.now()
    lines = [
        BatchLine(
            place=f"row {number}",
            reference=f"<b>{number}</b>",
            verdict=verdict,
            sentence="This was found.",
            credential_id=None,
            title="<script>alert(1)</script>",
            issuer="union.example",
            recognised=None,
            sha256="ab" * 32,
            needs_you=True,
            checked_at=now,
        )
        for number, verdict in enumerate((*Verdict, None), start=1)
    ]
    found = receipt.keep_batch(bureau, BatchSummary("b", "staff.csv", NOTHING), lines, now=now)
    page = client.get(f"/verify/receipts/{found.id}", headers=HTML).text
    assert page.count('<tr id="line-') == len(lines)
    assert "No credential" in page
    assert "<script>alert" not in page
    assert "<b>1</b>" not in page.partition("One by one")[2]
