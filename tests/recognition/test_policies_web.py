# SPDX-License-Identifier: Apache-2.0
"""The pages of policies: everybody reads them; a recognizer adopts, publishes, retires, and names issuers."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import app
from recognition.adopting import issuer_names, publishing, shelf
from recognition.rule import policy_reader
from recognition.rule.policy import Policy
from recognition.rule.policy_keys import SOURCE_BYTES
from service.accounts.people import Role
from tests.earning.house import NOW, somebody
from tests.earning.visits import Visitor, sign_in
from tests.recognition.policy_scene import DISTRICT, EXAMPLE, UNION, make, own_text

HTML = {"Accept": "text/html"}
HOME = f"/recognizer/{DISTRICT}/policies"
VERSION = "/policies/us-ma-renewal/2018-07-02"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[app.House]:
    found = make(tmp_path_factory.mktemp("policies"))
    yield found
    found.jobs.close()
    found.db.close()


@pytest.fixture(scope="module")
def client(house: app.House) -> FlaskClient:
    return app.create_app(house.settings).test_client()


@pytest.fixture(scope="module")
def ren(house: app.House, client: FlaskClient) -> Visitor:
    return sign_in(house.programme, client, somebody(house.programme, "Ren", (Role.RECOGNIZER, DISTRICT)))


def words(response: TestResponse) -> str:
    """Return what a page says, without its tags."""
    text = re.sub(r"<(style|script)[^>]*>.*?</\1>|<[^>]+>", " ", response.text, flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


# -- everybody ----------------------------------------------------------------------------------------------


def test_the_list_names_every_rule_by_place_with_its_status(client: FlaskClient) -> None:
    page = client.get("/policies", headers=HTML)
    said = words(page)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    for policy in policy_reader.samples():
        assert policy.title in said
        assert f'href="/policies/{policy.id}"' in page.text
    assert said.count("Example rule") >= 10
    assert said.index("Colorado") < said.index("Vermont")
    assert "Nobody decides by it" in said


def test_an_example_that_is_adopted_never_contradicts_itself(
    house: app.House, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.adopt(house.office, DISTRICT, "us-pa-psea-act48", actor="test", now=NOW)
    said = words(client.get("/policies/us-pa-psea-act48", headers=HTML))
    assert "Nobody decides by it" in said
    assert "nothing can be approved by it while it is not in force" in said
    assert "decides by it:" not in said
    monkeypatch.setattr("recognition.adopting.shelf.may_approve", lambda *_: True)  # a demonstration
    said = words(client.get("/policies/us-pa-psea-act48", headers=HTML))
    assert "Nobody but fictional organisations of this demonstration decides by it" in said
    assert "Fictional, for this demonstration: this organisation decides by it:" in said
    assert "Nobody decides by it" in words(client.get("/policies/us-tn-pdp", headers=HTML))
    publishing.drop(house.office, DISTRICT, "us-pa-psea-act48", actor="test", now=NOW)


def test_places_of_the_text_stand_with_the_text_and_not_among_the_plain_words(client: FlaskClient) -> None:
    said = words(client.get("/policies/us-ma-renewal", headers=HTML))
    assert "4 values of this rule are our assumption" in said
    assert said.index("The exact text") < said.index("grant[0].into")
    assert "programme source" not in said.split("The exact text")[0]
    assert "MTA post (a page of the programme or an affiliate)" in said
    assert "calls “national-programme”" in said


def test_the_list_is_also_data(client: FlaskClient) -> None:
    answer = client.get("/policies", headers={"Accept": "application/json"})
    found = {each["id"]: each for each in answer.json["items"]} if answer.json else {}
    assert found["us-ma-renewal"]["version"] == "2018-07-02"
    assert found["us-ma-renewal"]["status"] == "example"
    assert found["us-ma-renewal"]["text"].endswith(f"{VERSION}.toml")
    assert found["us-il-troy30c-lane"]["until"] == "2026-06-30"


@pytest.mark.parametrize("policy", policy_reader.samples(), ids=lambda each: each.id)
def test_the_page_of_a_rule_tells_it_in_plain_words_with_sources_and_assumptions(
    client: FlaskClient, policy: Policy
) -> None:
    said = words(client.get(f"/policies/{policy.id}", headers=HTML))
    assert policy.title in said
    assert "Example rule." in said
    for source in policy.sources:
        assert " ".join(source.says.split()) in said
        assert source.ref in said
    for place in policy.unverified:
        assert place in said
    assert "Our assumption, not stated by a source" in said
    assert policy.sha256[:8] in said
    assert policy.recognizer in said


def test_a_version_has_its_own_page(client: FlaskClient) -> None:
    page = client.get(VERSION, headers=HTML)
    assert page.status_code == 200
    assert 'rel="canonical" href="/policies/us-ma-renewal"' in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/policies/nothing",
        "/policies/us-ma-renewal/9",
        "/policies/us-ma-renewal/9.toml",
        "/policies/x/1.json",
    ],
)
def test_what_is_not_there_is_not_there(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "application/json, text/html;q=0.5, */*;q=0.1"})
    assert answer.status_code == 404


def test_the_text_is_sent_byte_for_byte_and_may_be_kept(client: FlaskClient) -> None:
    policy = policy_reader.sample("us-ma-renewal")
    answer = client.get(f"{VERSION}.toml")
    assert answer.data == policy.source
    assert hashlib.sha256(answer.data).hexdigest() == policy.sha256
    assert answer.mimetype == "application/toml"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    again = client.get(f"{VERSION}.toml", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get(VERSION, headers={"Accept": "application/toml"}).data == policy.source


def test_the_signed_form_can_be_checked_like_any_other_credential(client: FlaskClient) -> None:
    answer = client.get(f"{VERSION}.json")
    assert answer.mimetype == "application/vc+ld+json"
    assert client.get(VERSION, headers={"Accept": "application/vc+ld+json"}).data == answer.data
    brought = client.post("/verify", data=answer.data, content_type="application/vc+ld+json")
    assert brought.json is not None
    assert brought.json["verdict"] == "valid"
    address = json.loads(answer.data)["id"]
    by_link = client.get("/verify", query_string={"url": address}, headers={"Accept": "application/json"})
    assert by_link.json is not None
    assert by_link.json["verdict"] == "valid"


def test_a_publisher_without_a_key_has_a_page_and_no_signed_form(client: FlaskClient, ren: Visitor) -> None:
    publish(ren, own_text(id="no-key"))
    assert "nobody can sign for its publisher here" in words(client.get("/policies/no-key/1", headers=HTML))
    answer = client.get("/policies/no-key/1.json", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json is not None
    assert "nobody can sign" in answer.json["detail"]


# -- the recognizer -----------------------------------------------------------------------------------------


def publish(ren: Visitor, text: bytes) -> TestResponse:
    """Look at a text, and publish what was shown."""
    shown = ren.post(f"{HOME}/look", {"text": text.decode()})
    assert shown.status_code == 200, words(shown)
    digest = re.search(r'name="sha256" value="([0-9a-f]{64})"', shown.text)
    assert digest is not None
    return ren.post(f"{HOME}/publish", {"text": text.decode(), "sha256": digest[1]})


def test_the_desk_shows_what_can_be_adopted(ren: Visitor) -> None:
    page = ren.get(HOME)
    assert page.status_code == 200
    assert "Massachusetts: renewing" in words(page)
    assert ren.get("/recognizer/policies").location == HOME


def test_a_policy_is_adopted_and_dropped(house: app.House, ren: Visitor) -> None:
    assert ren.post(f"{HOME}/adopt", {"id": "us-tn-pdp"}).status_code == 303
    assert "us-tn-pdp" in {each.policy.id for each in shelf.adopted(house.office, DISTRICT)}
    assert "only a version in force leads to approvals" in words(ren.get(HOME))
    assert ren.post(f"{HOME}/drop", {"id": "us-tn-pdp"}).status_code == 303
    assert "us-tn-pdp" not in {each.policy.id for each in shelf.adopted(house.office, DISTRICT)}
    assert ren.post(f"{HOME}/adopt", {"id": "nothing"}).status_code == 404


def test_a_text_is_shown_in_plain_words_before_anything_is_published(house: app.House, ren: Visitor) -> None:
    shown = ren.post(f"{HOME}/look", {"text": own_text(id="first-shown").decode()})
    said = words(shown)
    assert shown.status_code == 200
    assert "Nothing is published yet" in said
    assert "Each micro-credential gives 10 hours of licensed salary advancement (Aurora)." in said
    assert shelf.versions(house.office, "first-shown") == ()


def test_a_shown_text_is_published_exactly(house: app.House, ren: Visitor) -> None:
    text = own_text(id="published-here")
    answer = publish(ren, text)
    assert answer.status_code == 303
    stored = shelf.published(house.office, "published-here", "1")
    assert stored is not None
    assert stored.policy.source == text
    assert stored.organisation == DISTRICT
    assert "published-here" in words(ren.get(answer.location))


def test_line_ends_of_forms_and_files_are_those_of_a_text_file(house: app.House, ren: Visitor) -> None:
    text = own_text(id="line-ends")
    answer = publish(ren, text.replace(b"\n", b"\r\n").removesuffix(b"\r\n"))
    assert answer.status_code == 303
    stored = shelf.published(house.office, "line-ends", "1")
    assert stored is not None
    assert stored.policy.source == text


def test_a_file_goes_before_what_is_typed(ren: Visitor) -> None:
    file = (io.BytesIO(own_text(id="from-a-file")), "anything.toml")
    shown = ren.post(f"{HOME}/look", {"text": "nonsense", "file": file})
    assert shown.status_code == 200
    assert "from-a-file" in words(shown)


def test_faults_are_told_with_their_places_and_nothing_typed_is_lost(ren: Visitor) -> None:
    text = EXAMPLE.replace("amount = 10", "ammount = 10 # <b>&amp;")
    answer = ren.post(f"{HOME}/look", {"text": text})
    said = words(answer)
    assert answer.status_code == 422
    assert "grant[0].ammount" in said
    assert "unknown key" in said
    typed = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', answer.text, flags=re.DOTALL)
    assert typed is not None
    assert html.unescape(typed[1]) == text


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"x" * (SOURCE_BYTES + 1), b"not = [toml"])
def test_what_is_no_policy_is_refused_with_a_sentence(ren: Visitor, body: bytes) -> None:
    answer = ren.post(f"{HOME}/look", {"file": (io.BytesIO(body), "a.toml")})
    assert answer.status_code == 422
    assert "Please look again" in words(answer)


def test_a_change_of_a_published_text_is_refused_in_words(ren: Visitor) -> None:
    publish(ren, own_text(id="fixed"))
    answer = ren.post(f"{HOME}/look", {"text": own_text(id="fixed", amount="11").decode()})
    assert answer.status_code == 422
    assert "what was published never changes" in words(answer)
    assert ren.post(f"{HOME}/look", {"text": EXAMPLE}).status_code == 422  # the house's id


def test_only_what_was_shown_is_published(house: app.House, ren: Visitor) -> None:
    text = own_text(id="swapped").decode()
    for sent in ("", hashlib.sha256(b"another").hexdigest()):
        answer = ren.post(f"{HOME}/publish", {"text": text, "sha256": sent})
        assert answer.status_code == 409
        assert "nothing was published" in words(answer)
    assert shelf.versions(house.office, "swapped") == ()
    broken = ren.post(f"{HOME}/publish", {"text": "x", "sha256": "x"})
    assert broken.status_code == 422


def test_a_new_version_begins_with_the_text_of_one_that_is_published(ren: Visitor) -> None:
    page = ren.get(f"{HOME}/new?from=us-vt-relicensing/1")
    assert policy_reader.sample("us-vt-relicensing").source.decode() in html.unescape(page.text)
    assert ren.get(f"{HOME}/new?from=nothing").status_code == 200


def test_a_version_is_retired_and_taken_up_again(house: app.House, client: FlaskClient, ren: Visitor) -> None:
    publish(ren, own_text(id="retired-here"))
    which = {"id": "retired-here", "version": "1"}
    assert ren.post(f"{HOME}/retire", which).status_code == 303
    assert "Retired" in words(client.get("/policies/retired-here", headers=HTML))
    assert "Use it again" in words(ren.get(HOME))
    assert ren.post(f"{HOME}/retire", {**which, "again": "yes"}).status_code == 303
    assert "In force" in words(client.get("/policies/retired-here", headers=HTML))
    assert ren.post(f"{HOME}/retire", {"id": "us-tn-pdp", "version": "1"}).status_code == 404


def test_a_short_name_is_bound_to_listed_issuers_and_to_nobody_else(house: app.House, ren: Visitor) -> None:
    publish(ren, own_text(id="named"))
    assert "means nobody yet" in words(ren.get(HOME))
    field = re.search(rf'name="(issuer-\d+)" value="{re.escape(UNION.did)}"', ren.get(HOME).text)
    assert field is not None
    bound = ren.post(f"{HOME}/names", {"name": "national-programme", field[1]: UNION.did})
    assert bound.status_code == 303
    assert shelf.trust(house.office, DISTRICT).accepts(("national-programme",), UNION.did)
    assert "means nobody yet" not in words(ren.get(HOME))
    refused = ren.post(f"{HOME}/names", {"name": "national-programme", "issuer-1": "did:web:evil.example"})
    assert refused.status_code == 422
    assert "list of recognised issuers" in words(refused)
    assert issuer_names.bindings(house.office, DISTRICT) == {"national-programme": frozenset({UNION.did})}


def test_another_organisations_desk_is_not_there(ren: Visitor) -> None:
    elsewhere = "/recognizer/example-state/policies"
    assert ren.get(elsewhere).status_code == 404
    assert ren.get(f"{elsewhere}/new").status_code == 404
    for act in ("adopt", "drop", "retire", "names", "look", "publish"):
        assert ren.post(f"{elsewhere}/{act}", {"id": "us-tn-pdp", "text": EXAMPLE}).status_code == 404


def test_somebody_of_two_organisations_chooses(house: app.House, client: FlaskClient) -> None:
    roles = ((Role.RECOGNIZER, DISTRICT), (Role.RECOGNIZER, "example-state"))
    both = sign_in(house.programme, client, somebody(house.programme, "Bo", *roles, now=NOW))
    page = both.get("/recognizer/policies")
    assert page.status_code == 200
    assert HOME in page.text


def test_a_newer_version_of_the_house_waits_with_its_difference(house: app.House, ren: Visitor) -> None:
    assert ren.post(f"{HOME}/adopt", {"id": "us-nh-recertification"}).status_code == 303
    stored = shelf.versions(house.office, "us-nh-recertification")[0]
    old = f'version = "{stored.policy.version}"'.encode()
    assert old in stored.policy.source
    text = stored.policy.source.replace(old, b'version = "2099-01-01"')
    made = publishing.publish(house.office, "", text, actor="system", now=NOW)
    page = ren.get(HOME)
    assert "Newer versions that wait for you" in words(page)
    assert "+version = &#34;2099-01-01&#34;" in page.text
    form = {"id": made.policy.id, "version": "2099-01-01", "sha256": made.policy.sha256}
    assert ren.post(f"{HOME}/accept", {**form, "sha256": "0" * 64}).status_code == 404
    assert ren.post(f"{HOME}/accept", form).status_code == 303
    assert "Newer versions that wait for you" not in words(ren.get(HOME))
