# SPDX-License-Identifier: Apache-2.0
"""The pages of lists: a recognizer keeps one, everybody reads it and checks against it."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

import app
from service.accounts.people import Role
from service.problems import Problems
from service.settings import Settings
from service.web import create_flask
from tests.earning.house import NOW, make_house, somebody
from tests.earning.visits import Visitor, sign_in
from tests.world import World
from verifier import issuer_lists, sample_lists
from verifier.bureau import Bureau
from verifier.list_format import ListedIssuer
from verifier.problems import ROWS
from verifier.web import check

DISTRICT, STATE = "example-district", "example-state"
HOME = f"/recognizer/list/{DISTRICT}"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[app.House]:
    folder = make_house(tmp_path_factory.mktemp("lists") / "house")
    opened: app.House = app.create_app(Settings(data=folder)).extensions["hallmark"]
    own = {"example-education": ListedIssuer("did:web:own.example", "Example Education Association")}
    sample_lists.seed(opened.bureau, own, now=NOW)
    yield opened
    opened.jobs.close()
    opened.db.close()


@pytest.fixture(scope="module")
def client(house: app.House) -> FlaskClient:
    return app.create_app(house.settings).test_client()


@pytest.fixture(scope="module")
def ren(house: app.House, client: FlaskClient) -> Visitor:
    return sign_in(house.programme, client, somebody(house.programme, "Ren", (Role.RECOGNIZER, DISTRICT)))


@pytest.fixture(scope="module")
def both(house: app.House, client: FlaskClient) -> Visitor:
    roles = ((Role.RECOGNIZER, DISTRICT), (Role.RECOGNIZER, "example-nh"))
    return sign_in(house.programme, client, somebody(house.programme, "Bo", *roles))


@pytest.fixture
def web(bureau: Bureau) -> FlaskClient:
    """The verifier alone, over a world."""
    problems = Problems(public_url=bureau.public_url)
    problems.register(ROWS)
    routes = (check.blueprint(bureau, problems),)
    return create_flask(bureau.settings, problems=problems, db=bureau.db, blueprints=routes).test_client()


def test_the_sample_is_made_once(house: app.House) -> None:
    before = issuer_lists.published(house.bureau, DISTRICT).sha256
    sample_lists.seed(house.bureau, {}, now=NOW)
    assert issuer_lists.published(house.bureau, DISTRICT).sha256 == before
    assert [slug for slug, _ in issuer_lists.choices(house.bureau)] == [STATE, DISTRICT]


def test_everybody_reads_a_list_as_a_page_and_as_json(client: FlaskClient) -> None:
    page = client.get(f"/lists/{DISTRICT}", headers=HTML)
    assert (page.status_code, page.content_type) == (200, "text/html; charset=utf-8")
    assert "Set-Cookie" not in page.headers
    raw = client.get(f"/lists/{DISTRICT}.json")
    digest = hashlib.sha256(raw.data).hexdigest()
    assert " ".join(re.findall("........", digest)) in re.sub(r"\s+", " ", page.text)
    assert (raw.content_type, raw.headers["Access-Control-Allow-Origin"]) == ("application/json", "*")
    again = client.get(f"/lists/{DISTRICT}.json", headers={"If-None-Match": raw.headers["ETag"]})
    assert again.status_code == 304
    assert client.get(f"/lists/{DISTRICT}").data == raw.data
    assert json.loads(raw.data)["format"] == "trusted-issuers/1"
    assert client.get("/lists", headers=HTML).status_code == 200
    for path in ("/lists/nobody", "/lists/nobody.json", "/lists/..", f"/lists/{DISTRICT}.xml"):
        assert client.get(path).status_code == 404


def test_a_long_list_is_searched(client: FlaskClient) -> None:
    page = client.get(f"/lists/{STATE}?q=college+specimen", headers=HTML).text
    assert "Specimen Community College" in page
    assert "Placeholder State University" not in page
    assert "matches" in client.get(f"/lists/{STATE}?q=nobody-at-all", headers=HTML).text


def test_the_page_of_an_issuer_tells_on_which_lists_it_stands(house: app.House, client: FlaskClient) -> None:
    found = client.get("/issuers/example-education", headers=HTML).text
    assert "Recognised by" not in found
    did = json.loads(client.get("/issuers/example-education.json").data)["id"]
    issuer_lists.add(
        house.bureau, STATE, ListedIssuer(did, "Example Education"), note="", actor="test", now=NOW
    )
    found = client.get("/issuers/example-education", headers=HTML).text
    assert f'href="/lists/{STATE}"' in found
    assert f'href="/lists/{DISTRICT}"' not in found


def test_a_recognizer_of_one_organisation_goes_to_its_list(ren: Visitor, both: Visitor) -> None:
    answer = ren.get("/recognizer/list")
    assert (answer.status_code, answer.location) == (303, HOME)
    page = both.get("/recognizer/list")
    assert page.status_code == 200
    assert "/recognizer/list/example-nh" in page.text


def test_a_list_of_somebody_else_is_not_there(ren: Visitor) -> None:
    for path in ("", "/add", "/import", "/sources/x"):
        assert ren.get(f"/recognizer/list/{STATE}{path}").status_code == 404
    for path in ("", "/add", "/find", "/remove", "/put-back", "/note", "/import", "/sources/x/accept"):
        assert ren.post(f"/recognizer/list/{STATE}{path}").status_code == 404


def test_looking_begins_no_list(house: app.House, both: Visitor) -> None:
    page = both.get("/recognizer/list/example-nh").text
    assert "Nobody stands on the list yet" in page
    assert issuer_lists.listing(house.bureau, "example-nh") is None


def test_add_note_remove_and_put_back(house: app.House, client: FlaskClient, ren: Visitor) -> None:
    did = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"
    found = ren.post(f"{HOME}/find", {"what": did})
    assert (found.status_code, did in found.text) == (200, True)
    bad = ren.post(f"{HOME}/add", {"did": did, "name": "", "note": "Kept"})
    assert bad.status_code == 422
    assert 'value="Kept"' in bad.text
    given = {"did": did, "name": "New Example", "url": "", "note": "A secret reason"}
    assert ren.post(f"{HOME}/add", given).location == f"{HOME}?done=added"
    assert "A secret reason" in ren.get(HOME).text
    assert did in client.get(f"/lists/{DISTRICT}").text
    assert "A secret reason" not in client.get(f"/lists/{DISTRICT}", headers=HTML).text
    ren.post(f"{HOME}/note", {"did": did, "note": "Another reason"})
    assert "Another reason" in ren.get(HOME).text
    ren.post(f"{HOME}/remove", {"did": did})
    assert did not in client.get(f"/lists/{DISTRICT}").text
    assert "Put back" in ren.get(HOME).text
    ren.post(f"{HOME}/put-back", {"did": did})
    assert did in client.get(f"/lists/{DISTRICT}").text
    ren.post(f"{HOME}/remove", {"did": did})
    assert ren.post(f"{HOME}/note", {"did": did, "note": "x" * 1_001}).status_code == 422


def test_a_look_alike_is_added_only_by_whoever_has_seen_the_warning(
    house: app.House, client: FlaskClient, ren: Visitor
) -> None:
    did = "did:web:elsewhere.example"
    real = ListedIssuer("did:web:museum-of-mockups.example", "Association of Mockup Museums")
    issuer_lists.add(house.bureau, DISTRICT, real, note="", actor="test", now=NOW)
    given = {"did": did, "name": "Associaton of Mockup Museums", "url": "", "note": "Kept"}
    warned = ren.post(f"{HOME}/add", given)
    assert warned.status_code == 422
    assert 'value="Kept"' in warned.text
    assert did not in client.get(f"/lists/{DISTRICT}").text
    seen = re.search(r'name="aware" value="(Careful: [^"]+)"', warned.text)
    assert seen is not None
    assert ren.post(f"{HOME}/add", {**given, "aware": "Careful: another one"}).status_code == 422
    sentence = html.unescape(seen[1])
    assert ren.post(f"{HOME}/add", {**given, "aware": sentence}).location == f"{HOME}?done=added"
    assert html.escape(sentence) in ren.get(HOME).text
    for each in (did, real.did):
        issuer_lists.remove(house.bureau, DISTRICT, each, actor="test", now=NOW)


def test_what_means_nobody_keeps_what_was_typed(ren: Visitor) -> None:
    answer = ren.post(f"{HOME}/find", {"what": "The Union"})
    assert answer.status_code == 422
    assert 'value="The Union"' in answer.text


def test_a_title_is_changed_and_kept_when_it_does_not_fit(ren: Visitor) -> None:
    assert ren.post(HOME, {"title": "", "about": "Mine"}).status_code == 422
    given = {"title": "Exampleton Schools", "about": "Two\r\nlines"}
    assert ren.post(HOME, given).status_code == 303
    assert "Exampleton Schools" in ren.get(HOME).text


def test_import_from_this_house_shows_the_difference_first(
    house: app.House, client: FlaskClient, ren: Visitor
) -> None:
    url = f"{house.settings.public_url}/lists/{STATE}.json"
    answer = ren.post(f"{HOME}/import", {"url": url})
    assert answer.status_code == 303
    page = ren.get(answer.location).text
    assert "Mockup Museum of Science" in page
    assert "Careful: the name looks like Example Education Association" in page
    assert "mockup-museum" not in client.get(f"/lists/{DISTRICT}").text
    digest = hashlib.sha256(client.get(f"/lists/{STATE}.json").data).hexdigest()
    assert ren.post(f"{answer.location}/accept", {"sha256": "0" * 64}).status_code == 409
    assert "waits for your decision" in ren.get(HOME).text
    assert ren.post(f"{answer.location}/accept", {"sha256": digest}).status_code == 303
    assert "mockup-museum" in client.get(f"/lists/{DISTRICT}").text
    assert "up to date" in ren.get(f"{HOME}/import").text
    assert "Look again" in ren.get(answer.location).text
    issuer_lists.remove(house.bureau, STATE, "did:web:learn.mockup-museum.example", actor="test", now=NOW)
    assert ren.post(f"{answer.location}/look").status_code == 303
    page = ren.get(answer.location).text
    assert "Not named any more (1)" in page
    digest = hashlib.sha256(client.get(f"/lists/{STATE}.json").data).hexdigest()
    assert ren.post(f"{answer.location}/decline", {"sha256": digest}).status_code == 303
    assert "mockup-museum" in client.get(f"/lists/{DISTRICT}").text
    assert ren.post(f"{answer.location}/forget").status_code == 303
    assert ren.get(answer.location).status_code == 404


def test_a_file_with_faults_tells_their_places(ren: Visitor) -> None:
    raw = json.dumps({"registry": {"did:web:A.example": {"name": "A"}, "x": {"name": 1}}}).encode()
    answer = ren.post(f"{HOME}/import", {"file": (io.BytesIO(raw), "../../list.json")})
    assert answer.status_code == 422
    for place in ("/registry/did:web:A.example", "/registry/x", "/registry/x/name"):
        assert f"<code>{place}</code>" in answer.text
    for fields in ({}, {"url": "https://a.example", "file": (io.BytesIO(b"{}"), "a.json")}):
        assert ren.post(f"{HOME}/import", fields).status_code == 422


def test_a_file_of_the_consortium_is_taken_over(house: app.House, client: FlaskClient, ren: Visitor) -> None:
    entry = {"name": "Placeholder College", "location": "Nowhere", "url": "https://placeholder.example"}
    raw = json.dumps({"meta": {"created": "2026"}, "registry": {"did:web:pc.example": entry}}).encode()
    answer = ren.post(f"{HOME}/import", {"file": (io.BytesIO(raw), "registry.json")})
    assert answer.status_code == 303
    digest = hashlib.sha256(raw).hexdigest()
    assert ren.post(f"{answer.location}/accept", {"sha256": digest}).status_code == 303
    assert "did:web:pc.example" in client.get(f"/lists/{DISTRICT}").text
    assert "registry.json" in ren.get(f"{HOME}/import").text


def test_a_check_against_a_list_says_so(client: FlaskClient) -> None:
    page = client.get(f"/verify?list={STATE}", headers=HTML)
    assert page.status_code == 200
    assert f'value="{STATE}" selected' in page.text


def test_the_first_sentence_of_an_answer_names_the_list(
    world: World, bureau: Bureau, web: FlaskClient
) -> None:
    union, academy = world.issuer("union"), world.issuer("academy")
    now = world.clock.now()
    issuer_lists.ensure(bureau, DISTRICT, "Exampleton", actor="test", now=now)
    issuer_lists.add(bureau, DISTRICT, ListedIssuer(union.id, "U"), note="", actor="test", now=now)
    for issuer, words, tone in (
        (union, "Its issuer is on the list <bdi>Exampleton</bdi>.", "verdict ok"),
        (academy, "but The Academy is not on the list “Exampleton”.", "verdict neutral"),
    ):
        fields = {"text": issuer.mint().decode(), "list": DISTRICT}
        page = web.post("/verify", data=fields, headers=HTML).text
        assert words in page
        assert tone in page
    fields = {"text": union.mint().decode(), "list": "nobody"}
    refused = web.post("/verify", data=fields, headers=HTML)
    assert refused.status_code == 404
    assert "There is no list of recognised issuers called “nobody” here." in refused.text


def test_lists_are_read_by_their_address_without_a_network(house: app.House) -> None:
    url = f"{house.settings.public_url}/lists/{STATE}.json"
    found = house.desk.documents(now=NOW)(url, max_bytes=1_000_000)
    assert found.body == issuer_lists.published(house.bureau, STATE).body
    missing = house.desk.documents(now=NOW)(url.replace(STATE, "nobody"), max_bytes=1_000)
    assert missing.status == 404


def test_only_addresses_of_this_house_are_its_own(house: app.House) -> None:
    assert (
        issuer_lists.own_document(house.db, house.settings.public_url, "https://x.example/lists/a.json")
        is None
    )
