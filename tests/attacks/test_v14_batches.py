# SPDX-License-Identifier: Apache-2.0
"""V14, W5: many at once as a weapon: floods, silent hosts, hostile tables, archives, formulas, guesses."""

from __future__ import annotations

import csv
import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service import clock
from service.db import Database
from service.files import FileStore
from service.problems import Problems
from service.settings import Settings
from service.web import create_flask
from tests.running import tables
from tests.service.test_spreadsheet import NAUGHTY
from tests.verifier.many import SlowWorld
from tests.world import World
from verifier import batch_work, table
from verifier.bureau import Bureau
from verifier.desk import Desk
from verifier.problems import ROWS
from verifier.store.memory import ListMemory
from verifier.web import batches, check

PAGE = {"Accept": "text/html"}
DATA = {"Accept": "application/json"}
STRANGER = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def world() -> World:
    found = World()
    found.clock.moment = clock.now().replace(microsecond=0)
    return found


@pytest.fixture
def bureau(tmp_path: Path, world: World) -> Iterator[Bureau]:
    db = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    tables(db)
    network = SlowWorld(world)
    yield Bureau(
        desk=Desk(network=lambda: network, memory=ListMemory(db)),
        db=db,
        files=FileStore(tmp_path / "brought"),
        settings=Settings(data=tmp_path),
    )
    db.close()


@pytest.fixture
def client(bureau: Bureau) -> FlaskClient:
    problems = Problems(public_url=bureau.public_url)
    problems.register(ROWS)
    pages = (batches.blueprint(bureau, problems), check.blueprint(bureau, problems))
    return create_flask(bureau.settings, problems=problems, db=bureau.db, blueprints=pages).test_client()


def opened(client: FlaskClient, **fields: object) -> str:
    answer = client.post("/verify/batches", data=fields, content_type="multipart/form-data", headers=PAGE)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def work(bureau: Bureau) -> None:
    while batch_work.work(bureau, now=clock.now()):
        pass


def test_no_cell_of_the_table_is_a_formula_whatever_a_stranger_writes(
    client: FlaskClient, bureau: Bureau, world: World
) -> None:
    """Names, titles, issuers, references and places are strangers' words."""
    lines, files = ["link\tid"], []
    for number, text in enumerate(NAUGHTY):
        union = world.issuer("union")
        draft = union.draft(name=text or "x")
        draft["issuer"] = {**draft["issuer"], "name": text or "x"}
        address = f"https://union.example/{number}"
        world.served[address] = union.sign(draft)
        lines.append(f"{address}\t" + " ".join(text.split()).replace('"', ""))
        label = text.strip() if text.isprintable() and not set(text) & set('";\\') else "=x"
        files.append((io.BytesIO(b"{}"), f"{label or '-x'}.json"))
    here = opened(client, text="\n".join(lines), files=files)
    work(bureau)
    answer = client.get(f"{here}.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == table.HEAD
    assert len(rows) == 2 * len(NAUGHTY) + 1
    for row in rows:
        assert len(row) == len(table.HEAD)
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "<script>alert(1)" not in client.get(here, headers=PAGE).text


@pytest.mark.parametrize(
    "body",
    [
        b"link\n" + b"https://a.example/" + b"x" * 200_000,
        b"link," * 10_000 + b"\nx",
        b"link\nhttps://a.example/\x00",
        b'link\n"https://a.example/',
        b"\xff\xfe" + "link\nx\x00".encode("utf-16-le"),
        b"name\nx\n",
    ],
)
def test_a_hostile_table_is_refused_with_a_sentence(client: FlaskClient, body: bytes) -> None:
    answer = client.post(
        "/verify/batches",
        data={"files": (io.BytesIO(body), "t.csv")},
        content_type="multipart/form-data",
        headers=DATA,
    )
    assert (answer.status_code, json.loads(answer.text)["code"]) == (422, "spreadsheet")
    assert "t.csv" not in client.get("/verify/batches", headers=PAGE).text


def test_more_than_five_hundred_are_refused_in_whatever_form(client: FlaskClient) -> None:
    links = "https://a.example/1\n" * 501
    for data in (
        {"text": links},
        {"files": (io.BytesIO(("link\n" + links).encode()), "t.csv")},
        {"files": [(io.BytesIO(b"{}"), f"{n}.json") for n in range(501)]},
    ):
        answer = client.post("/verify/batches", data=data, content_type="multipart/form-data", headers=PAGE)
        assert answer.status_code == 422
        assert "500" in answer.text
    many = {"items": ["https://a.example/1"] * 501}
    answer = client.post("/verify/batches", json=many, headers=DATA)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "batch.too-many")


def test_archives_in_archives_and_lying_ones_are_rows_with_a_reason(
    client: FlaskClient, bureau: Bureau
) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.json", b" " * 30_000_000)
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("bomb.json", b'{"a": "' + b" " * 30_000_000)
        archive.writestr("../../etc/passwd", b"{}")
    full = io.BytesIO()
    with zipfile.ZipFile(full, "w") as archive:
        for number in range(501):
            archive.writestr(f"{number}.json", b"{}")
    here = opened(
        client,
        files=[
            (io.BytesIO(outer.getvalue()), "outer.zip"),
            (io.BytesIO(b"PK\x03\x04 lies"), "lies.zip"),
            (io.BytesIO(full.getvalue()), "full.zip"),
        ],
    )
    work(bureau)
    batch = client.get(here, headers=DATA).get_json()
    assert (batch["state"], batch["done"], batch["needs_attention"]) == ("done", 5, 5)
    assert all(item["sentence"] for item in batch["items"])
    assert "500" in batch["items"][-1]["sentence"]


def test_an_address_cannot_be_guessed_and_tells_nothing(client: FlaskClient, bureau: Bureau) -> None:
    here = opened(client, text="https://a.example/1")
    assert uuid.UUID(here.rpartition("/")[2]).version == 4
    for path in (f"/verify/batches/{uuid.uuid4()}", f"{here}/2", f"{here}/x", f"{here}/1.0"):
        answer = client.get(path, headers=DATA)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "batch.unknown")
    for answer in (client.get(here, headers=PAGE), client.get(f"{here}.csv"), client.get(here, headers=DATA)):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "Set-Cookie" not in answer.headers


def test_nobody_opens_batch_after_batch(client: FlaskClient) -> None:
    codes = [
        client.post(
            "/verify/batches", data={"text": "https://a.example/1"}, headers=PAGE, environ_base=STRANGER
        ).status_code
        for _ in range(8)
    ]
    assert codes == [303] * 6 + [429] * 2
    assert client.get("/verify/batches", headers=PAGE, environ_base=STRANGER).status_code == 200


def test_batches_are_counted_wherever_they_are_opened(client: FlaskClient) -> None:
    """Several claims in one question are a batch, too; one claim goes on as always."""
    links = {"text": "https://a.example/1\nhttps://a.example/2"}
    codes = [
        client.post(path, data=links, headers=PAGE, environ_base=STRANGER).status_code
        for path in ("/verify", "/verify/batches") * 4
    ]
    assert codes == [303] * 6 + [429] * 2
    one = client.post(
        "/verify", data={"text": "https://union.example/1"}, headers=DATA, environ_base=STRANGER
    )
    assert one.status_code == 422
    other = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.post("/verify", data=links, headers=PAGE, environ_base=other).status_code == 303


def test_one_address_does_not_take_all_room_of_the_house(client: FlaskClient) -> None:
    links = {"text": "\n".join(f"https://a.example/{n}" for n in range(400))}
    codes = [
        client.post("/verify/batches", data=links, headers=DATA, environ_base=STRANGER).status_code
        for _ in range(3)
    ]
    assert codes == [202, 202, 503]
    other = {"REMOTE_ADDR": "198.51.100.7"}
    assert client.post("/verify/batches", data=links, headers=DATA, environ_base=other).status_code == 202


def test_five_hundred_silent_hosts_hold_no_page_and_are_given_up_one_by_one(
    client: FlaskClient, bureau: Bureau, world: World
) -> None:
    """Opening and looking ask no host; the job asks a silent one three times."""
    world.requests.clear()
    here = opened(client, text="\n".join(f"https://silent.example/{n}" for n in range(200)))
    assert client.get(here, headers=PAGE).status_code == 200
    assert world.requests == []
    asked: list[str] = []
    slow = SlowWorld(world, wait=lambda _seconds: asked.append("silent"))
    object.__setattr__(bureau.desk, "network", lambda: slow)
    work(bureau)
    batch = client.get(here, headers=DATA).get_json()
    assert batch["verdicts"] == {"undetermined": 200}
    assert len(asked) <= 3 + 2 * 2  # three strikes in each shift, and who was on the way already


def test_scripts_of_other_sites_may_use_it_and_get_a_problem_for_what_is_wrong(client: FlaskClient) -> None:
    answer = client.post(
        "/verify/batches",
        json={"items": [{"url": "https://a.example/1", "reference": "7"}, "x"], "cycle_from": "2026-01-01"},
        headers=DATA,
    )
    assert answer.status_code == 202
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    here = answer.headers["Location"]
    assert client.get(here, headers=DATA).get_json()["total"] == 2
    for wrong, place in (
        ({"items": [{"url": "https://a.example", "credential": "x"}]}, "/items/0"),
        ({"items": [7]}, "/items/0"),
        ({"items": ["x"], "more": 1}, "/more"),
        ({"items": [{"url": 7, "secret": "x"}]}, "/items/0/secret"),
        ({}, "/items"),
    ):
        answer = client.post("/verify/batches", json=wrong, headers=DATA)
        assert answer.status_code == 422
        assert place in [fault["pointer"] for fault in answer.get_json()["errors"]]
    assert client.delete(here).status_code == 204
    assert client.get(here, headers=DATA).status_code == 404
