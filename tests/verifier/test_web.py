# SPDX-License-Identifier: Apache-2.0
"""``/verify`` over HTTP: the contract's forms and answers, problems only for what is no credential."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient

from credentials.baking import png
from credentials.digests import digest_multibase
from service import qr
from tests.attacks.test_d7_baked_files import PICTURE
from tests.vectors import available, shared
from tests.world import OWNER, World, timed_out
from verifier import batching, issuer_lists
from verifier.api import ANSWER
from verifier.bureau import Bureau
from verifier.list_format import ListedIssuer
from verifier.ports import Fetched

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ADDRESS = "https://union.example/credentials/1"


def verdict(response: Any) -> str:
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.content_type == "application/json"
    answer = json.loads(response.data)
    assert jsonschema_rs.is_valid(ANSWER, answer)
    return str(answer["verdict"])


def problem(response: Any, status: int) -> dict[str, Any]:
    assert (response.status_code, response.content_type) == (status, "application/problem+json")
    found: dict[str, Any] = json.loads(response.data)
    return found


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/vc+ld+json",
        "application/vc",
        "application/ld+json",
        "text/plain",
        "x/y",
    ],
)
def test_a_json_credential_is_answered_whatever_it_is_called(
    client: FlaskClient, world: World, content_type: str
) -> None:
    badge = world.issuer("union").mint()
    assert verdict(client.post("/verify", data=badge, content_type=content_type)) == "valid"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/vc+jwt", "application/jwt", "application/json"]
)
def test_a_jwt_as_text_is_answered(client: FlaskClient, world: World, content_type: str) -> None:
    token = world.issuer("union").mint(jwt=True)
    assert verdict(client.post("/verify", data=token + b"\n", content_type=content_type)) == "valid"


def test_every_verdict_is_an_answer(client: FlaskClient, world: World) -> None:
    union = world.issuer("union")
    badge = union.mint(suspension=True)
    assert verdict(client.post("/verify", data=badge)) == "valid"
    union.suspend(badge)
    assert verdict(client.post("/verify", data=badge)) == "suspended"
    union.revoke(badge)
    assert verdict(client.post("/verify", data=badge)) == "revoked"
    assert verdict(client.post("/verify", data=badge.replace(b"Teamwork", b"Leadership"))) == "invalid"
    added = json.dumps(json.loads(badge) | {"x": 1}).encode()
    assert verdict(client.post("/verify", data=added)) == "unsigned-content"
    ended = union.mint(validFrom="2020-03-01T00:00:00Z", validUntil="2020-03-02T00:00:00Z", jwt=True)
    assert verdict(client.post("/verify", data=ended)) == "expired"
    assert (
        verdict(client.post("/verify", data=union.mint(validFrom="2099-03-01T00:00:00Z"))) == "not-yet-valid"
    )
    world.go_offline("union")
    assert verdict(client.post("/verify", data=badge)) == "undetermined"


def test_a_form_with_a_file(client: FlaskClient, world: World) -> None:
    badge = world.issuer("union").mint()
    for raw, name in ((badge, "badge.json"), (png.bake(PICTURE, badge.decode()), "badge.png")):
        for recipient, expected in (("", "valid"), (OWNER, "valid"), ("eve@x.example", "wrong-recipient")):
            form = {"file": (io.BytesIO(raw), name), "text": "", "url": "", "recipient": recipient}
            assert verdict(client.post("/verify", data=form, content_type="multipart/form-data")) == expected


@pytest.mark.parametrize("content_type", ["multipart/form-data", "application/x-www-form-urlencoded"])
def test_a_form_with_text_or_link(client: FlaskClient, world: World, content_type: str) -> None:
    union = world.issuer("union")
    badge, token = union.mint(), union.mint(jwt=True)
    world.served[ADDRESS] = badge
    for field in (
        {"text": badge.decode()},
        {"text": "  " + token.decode() + "\r\n"},
        {"text": f" {ADDRESS} "},
        {"url": ADDRESS},
    ):
        assert verdict(client.post("/verify", data=field, content_type=content_type)) == "valid"
        asked = {**field, "recipient": "eve@school.example"}
        assert verdict(client.post("/verify", data=asked, content_type=content_type)) == "wrong-recipient"


def test_a_link_without_its_scheme_is_a_link_and_a_word_is_neither_link_nor_credential(
    client: FlaskClient, world: World
) -> None:
    world.served[ADDRESS] = world.issuer("union").mint()
    for typed in ("union.example/credentials/1", " union.example/credentials/1\r\n"):
        assert verdict(client.post("/verify", data={"text": typed})) == "valid"
    for typed in ("hello", "badge.json", "and/or", "a link: union.example/credentials/1"):
        told = problem(client.post("/verify", data={"text": typed}), 422)
        assert told["detail"].startswith(
            "This is neither a link nor a credential. A link begins with https://"
        )
    page = client.post("/verify", data={"text": "hello"}, headers=HTML)
    assert "This kind of file" not in page.text
    assert "hello</textarea>" in page.text


def test_an_address_is_asked_for(client: FlaskClient, world: World) -> None:
    world.served[ADDRESS] = world.issuer("union").mint()
    assert verdict(client.post("/verify", json={"url": ADDRESS})) == "valid"
    assert verdict(client.post("/verify", json={"url": ADDRESS, "recipient": OWNER})) == "valid"
    assert (
        verdict(client.post("/verify", json={"url": ADDRESS, "recipient": "e@x.example"}))
        == "wrong-recipient"
    )
    assert verdict(client.get("/verify", query_string={"url": ADDRESS})) == "valid"
    assert verdict(client.post("/verify", data=ADDRESS, content_type="text/plain")) == "valid"


def test_a_silent_host_leaves_it_open(client: FlaskClient, world: World) -> None:
    world.served[ADDRESS] = timed_out("union.example")
    assert verdict(client.get("/verify", query_string={"url": ADDRESS})) == "undetermined"


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 400, "credential.empty"),
        (b"   ", 400, "credential.empty"),
        (b"{", 400, "document.not-json"),
        (b'{"a":1,"a":2}', 400, "document.duplicate-member"),
        (b"[" * 50_000, 400, "document.too-deep"),
        (b'{"a":1e999}', 400, "document.number"),
        (b"[]", 400, "document.not-an-object"),
        (b"{}", 422, "credential.none"),
        (b'{"format": "recognition-decision/1"}', 422, "credential.none"),
        (b'{"url": 7}', 422, "credential.none"),
        (b'{"url": "https://x.example/", "more": 1}', 422, "credential.none"),
        (b'{"url": "nowhere"}', 422, "source.address"),
        (b'{"url": "file:///etc/passwd"}', 422, "source.address"),
        (b'{"url": "https://union.example/none"}', 422, "credential.nothing-there"),
        (b"eyJ.eyJ", 400, "jwt.form"),
        (b"%PDF-1.7", 422, "credential.damaged-file"),
        (b"PK\x03\x04", 422, "credential.damaged-file"),
        (b"<html></html>", 422, "credential.web-page"),
        (PICTURE, 422, "credential.just-a-picture"),
        (PICTURE[:40], 422, "baking.damaged"),
        (b'{"@context": "https://w3id.org/openbadges/v2"}', 422, "credential.open-badges-2"),
        (b'{"type": ["VerifiablePresentation"]}', 422, "credential.presentation"),
        (b'{"a":"' + b"a" * 1_048_576 + b'"}', 413, "document.too-large"),
        (b'{"url": "https://x.example/", "cycle_from": "soon"}', 422, "asked.cycle"),
        (b'{"url": "https://x.example/", "list": "nobody-has-this"}', 404, "issuer-list.unknown"),
        (b"a" * 27_300_000, 413, "request.too-large"),
    ],
)
def test_what_is_no_credential_is_a_problem(client: FlaskClient, raw: bytes, status: int, code: str) -> None:
    found = problem(client.post("/verify", data=raw, content_type="application/json"), status)
    assert found["code"] == code
    assert found["detail"]


@pytest.mark.parametrize("raw", [b"hello", b"\xfd\xfe", b"\0\0\0"])
def test_what_is_nothing_we_know_is_of_the_wrong_kind(client: FlaskClient, raw: bytes) -> None:
    assert problem(client.post("/verify", data=raw), 415)["code"] == "credential.unsupported-file"


def test_several_things_at_once_are_refused(client: FlaskClient, world: World) -> None:
    badge = world.issuer("union").mint().decode()
    found = problem(client.post("/verify", data={"text": badge, "url": ADDRESS}), 422)
    assert found["code"] == "credential.several"


def test_a_person_gets_pages(client: FlaskClient, world: World) -> None:
    badge = world.issuer("union").mint()
    form = client.get("/verify", headers=HTML)
    assert (form.status_code, form.mimetype) == (200, "text/html")
    for raw in (badge, badge.replace(b"Teamwork", b"<b>Leadership")):
        answer = client.post("/verify", data={"text": raw.decode()}, headers=HTML)
        assert (answer.status_code, answer.mimetype) == (200, "text/html")
        assert b"<b>Leadership" not in answer.data


def test_nothing_typed_is_lost(client: FlaskClient) -> None:
    typed = {"text": "hello, world", "recipient": "dana@school.example"}
    again = client.post("/verify", data=typed, headers=HTML)
    assert (again.status_code, again.mimetype) == (422, "text/html")
    for value in typed.values():
        assert value in again.get_data(as_text=True)
    shared_link = client.get("/verify?url=nowhere", headers=HTML)
    assert shared_link.status_code == 422
    assert "nowhere" in shared_link.get_data(as_text=True)


def test_a_form_that_cannot_be_read_comes_back_empty(client: FlaskClient) -> None:
    twice = client.post(
        "/verify", data="text=a&text=b", content_type="application/x-www-form-urlencoded", headers=HTML
    )
    assert (twice.status_code, twice.mimetype) == (400, "text/html")


@pytest.mark.parametrize(
    "raw", [b'{"url": "https://x.example/", "recipient": 7}', b'{"url": "https://x.example/"', b'["url"]']
)
def test_what_is_not_exactly_the_url_form_is_read_as_a_credential(client: FlaskClient, raw: bytes) -> None:
    assert client.post("/verify", data=raw, content_type="application/json").status_code in (400, 422)


def test_an_empty_form_says_what_is_missing(client: FlaskClient) -> None:
    empty = client.post("/verify", data={"text": "", "recipient": OWNER}, content_type="multipart/form-data")
    assert problem(empty, 400)["code"] == "credential.empty"


def test_a_host_that_answers_with_an_error_leaves_it_open(client: FlaskClient, world: World) -> None:
    world.served[ADDRESS] = Fetched(ADDRESS, 500, "", b"")
    assert verdict(client.get("/verify", query_string={"url": ADDRESS})) == "undetermined"


def test_files_have_limits_of_their_own(client: FlaskClient, world: World) -> None:
    token = world.issuer("union").mint(jwt=True)
    large = b"eyJ" + b"A" * 1_048_576 + token
    drawing = b"<svg xmlns='http://www.w3.org/2000/svg'>" + b" " * 2_097_152 + b"</svg>"
    for raw in (large, drawing, PICTURE + b"\0" * 10_485_760):
        assert problem(client.post("/verify", data=raw), 413)["code"] in (
            "document.too-large",
            "baking.too-large",
        )


def test_no_cookie_no_cache_and_open_to_scripts_of_others(client: FlaskClient, world: World) -> None:
    for response in (
        client.get("/verify"),
        client.get("/verify?url=https://union.example/none"),
        client.post("/verify", data=world.issuer("union").mint()),
        client.post("/verify", data=b"{}"),
    ):
        assert "Set-Cookie" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    preflight = client.options("/verify", headers={"Access-Control-Request-Method": "POST"})
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]


def _suite() -> list[str]:
    folder = "JSONTestSuite/test_parsing"
    return sorted(path.name for path in shared(folder).iterdir()) if available(folder) else ["(not here)"]


def test_json_test_suite_bodies_are_problems_and_never_mistakes(client: FlaskClient) -> None:
    for name in _suite():
        raw = (shared("JSONTestSuite/test_parsing") / name).read_bytes()
        response = client.post("/verify", data=raw, content_type="application/json")
        assert response.status_code in (400, 413, 415, 422), name


def test_a_rolled_back_list_is_remembered_between_requests(client: FlaskClient, world: World) -> None:
    union = world.issuer("union")
    badge = union.mint()
    union.serve_old_status_list()
    old = union.frozen.pop(union.list_url())
    world.clock.advance(seconds=10)
    assert verdict(client.post("/verify", data=badge)) == "valid"
    union.frozen[union.list_url()] = old
    assert verdict(client.post("/verify", data=badge)) == "undetermined"


# -- what is asked beside ---------------------------------------------------------------------------------


def rows(response: Any) -> dict[int, str]:
    return {row["row"]: row["mark"] for row in json.loads(response.data)["rows"]}


def worked(world: World, **members: Any) -> bytes:
    """A badge that says when the work was done."""
    union = world.issuer("union")
    draft = union.draft(awardedDate="2026-02-27T09:30:00Z", **members)
    draft["credentialSubject"] |= {
        "activityStartDate": "2025-09-10T00:00:00Z",
        "activityEndDate": "2026-02-20T00:00:00Z",
    }
    return union.sign(draft)


def test_a_form_asks_whose_it_is_and_when(client: FlaskClient, world: World) -> None:
    badge = worked(world, validFrom="2026-01-01T00:00:00Z")
    field = {
        "text": badge.decode(),
        "recipient": OWNER,
        "cycle_from": "2025-07-01",
        "cycle_until": "2026-06-30",
    }
    found = rows(client.post("/verify", data=field))
    assert (found[2], found[4]) == ("yes", "yes")
    found = rows(
        client.post("/verify", data=field | {"cycle_until": "2026-02-26", "recipient": "Dana Reyes"})
    )
    assert (found[2], found[4]) == ("you-decide", "no")


def test_an_address_asks_when_but_never_whose(client: FlaskClient, world: World) -> None:
    world.served[ADDRESS] = worked(world)
    query = {"url": ADDRESS, "from": "2025-07-01", "until": "2026-06-30", "recipient": "eve@school.example"}
    response = client.get("/verify", query_string=query)
    assert verdict(response) == "valid"
    assert (rows(response)[2], rows(response)[4]) == ("you-decide", "yes")


def test_the_object_with_an_address_takes_the_same_questions(client: FlaskClient, world: World) -> None:
    world.served[ADDRESS] = world.issuer("union").mint(awardedDate="2026-02-27T09:30:00Z")
    asked = {"url": ADDRESS, "recipient": OWNER, "cycle_from": "2026-03-01", "cycle_until": None}
    found = rows(client.post("/verify", json=asked))
    assert (found[2], found[4]) == ("yes", "no")


@pytest.mark.parametrize(
    "days", [("2026-13-01", ""), ("01.07.2026", ""), ("2026-W01-1", ""), ("2026-07-02", "2026-07-01")]
)
def test_days_that_are_no_cycle_give_the_form_back(client: FlaskClient, days: tuple[str, str]) -> None:
    typed = {"text": ADDRESS, "recipient": OWNER, "cycle_from": days[0], "cycle_until": days[1]}
    again = client.post("/verify", data=typed, headers=HTML)
    assert again.status_code == 422
    for value in filter(None, typed.values()):
        assert value in again.get_data(as_text=True)
    assert problem(client.post("/verify", data=typed), 422)["code"] == "asked.cycle"
    query = {"url": ADDRESS, "from": days[0], "until": days[1]}
    assert client.get("/verify", query_string=query, headers=HTML).status_code == 422


def test_a_list_of_issuers_is_offered_and_compared_with(
    client: FlaskClient, bureau: Bureau, world: World
) -> None:
    union = world.issuer("union")
    now = world.clock.now()
    assert b'name="list"' not in client.get("/verify", headers=HTML).data
    issuer_lists.ensure(bureau, "district", "The District", actor="test", now=now)
    assert b'name="list"' in client.get("/verify", headers=HTML).data
    field = {"text": union.mint().decode(), "list": "district"}
    response = client.post("/verify", data=field)
    assert (json.loads(response.data)["recognised_issuer"], rows(response)[1]) == (False, "you-decide")
    own = ListedIssuer(did=union.id, name=union.title)
    issuer_lists.add(bureau, "district", own, note="", actor="test", now=now)
    response = client.post("/verify", data=field)
    assert (json.loads(response.data)["recognised_issuer"], rows(response)[1]) == (True, "yes")
    page = client.post("/verify", data=field, headers=HTML).get_data(as_text=True)
    assert "The District" in page
    unknown = client.post("/verify", data=field | {"list": "none"}, headers=HTML)
    assert unknown.status_code == 404
    assert "https" in unknown.get_data(as_text=True)


# -- what one may bring -----------------------------------------------------------------------------------


def test_a_photo_of_a_code_leads_to_the_credential(client: FlaskClient, world: World) -> None:
    world.served[ADDRESS] = world.issuer("union").mint()
    for name in ("photo", "file"):
        form = {name: (io.BytesIO(qr.png(ADDRESS)), "photo.png"), "recipient": OWNER}
        assert verdict(client.post("/verify", data=form, content_type="multipart/form-data")) == "valid"
    form = {"photo": (io.BytesIO(qr.png(ADDRESS)), "photo.png")}
    page = client.post("/verify", data=form, headers=HTML).get_data(as_text=True)
    assert ADDRESS in page


def test_two_files_are_two_things(client: FlaskClient, world: World) -> None:
    badge = world.issuer("union").mint()
    form = {"photo": (io.BytesIO(PICTURE), "a.png"), "file": (io.BytesIO(badge), "b.json")}
    assert problem(client.post("/verify", data=form), 422)["code"] == "credential.several"


def archive(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as writer:
        for name, raw in members:
            writer.writestr(name, raw)
    return packed.getvalue()


def test_an_archive_of_one_is_answered_and_of_several_becomes_a_batch(
    client: FlaskClient, bureau: Bureau, world: World
) -> None:
    union = world.issuer("union")
    one = archive(("badge.json", union.mint()))
    assert verdict(client.post("/verify", data=one, content_type="application/zip")) == "valid"
    two = archive(("a.json", union.mint()), ("b.json", union.mint()))
    for response in (
        client.post("/verify", data=two, content_type="application/zip"),
        client.post("/verify", data={"file": (io.BytesIO(two), "two.zip")}, headers=HTML),
        client.post("/verify", data={"text": f"{ADDRESS}\r\n\r\n{ADDRESS}/other\r\n"}, headers=HTML),
    ):
        assert response.status_code == 303
        key = response.headers["Location"].rpartition("/")[2]
        assert batching.view(bureau, key, now=world.clock.now()).batch.id == key


# -- asking again -----------------------------------------------------------------------------------------


def hidden(page: str) -> dict[str, str]:
    return {
        match["name"]: html.unescape(match["value"])
        for match in re.finditer(
            r'<input type="hidden" name="(?P<name>[^"]+)" value="(?P<value>[^"]*)">', page
        )
    }


@pytest.mark.parametrize("jwt", [True, False])
@pytest.mark.parametrize("pretty", [True, False])
def test_the_page_of_an_answer_can_ask_the_same_again(
    client: FlaskClient, world: World, *, jwt: bool, pretty: bool
) -> None:
    raw = world.issuer("union").mint(jwt=jwt)
    if pretty and not jwt:
        raw = json.dumps(json.loads(raw), indent=1).encode()
    asked = {"recipient": OWNER, "cycle_from": "2020-01-01"}
    form = {"file": (io.BytesIO(raw), "badge.json"), **asked}
    page = client.post("/verify", data=form, headers=HTML).get_data(as_text=True)
    fields = hidden(page)
    assert {name: fields[name] for name in asked} == asked
    again = json.loads(client.post("/verify", data=fields).data)
    assert (again["verdict"], again["details"]["credential_digest"]) == ("valid", digest_multibase(raw))
    download = client.post("/verify", data=fields | {"answer": "json"}, headers=HTML)
    assert download.headers["Content-Disposition"] == "attachment; filename=answer.json"
    assert verdict(download) == "valid"


def test_a_baked_picture_asks_again_with_what_is_inside(client: FlaskClient, world: World) -> None:
    badge = world.issuer("union").mint()
    form = {"file": (io.BytesIO(png.bake(PICTURE, badge.decode())), "badge.png")}
    fields = hidden(client.post("/verify", data=form, headers=HTML).get_data(as_text=True))
    again = json.loads(client.post("/verify", data=fields).data)
    assert again["details"]["credential_digest"] == digest_multibase(badge)


def test_what_is_too_large_for_a_form_says_so(client: FlaskClient, world: World) -> None:
    union = world.issuer("union")
    draft = union.draft()
    draft["credentialSubject"]["achievement"]["description"] = "x" * 200_000
    form = {"file": (io.BytesIO(union.sign(draft)), "badge.json")}
    page = client.post("/verify", data=form, headers=HTML).get_data(as_text=True)
    assert hidden(page) == {}
    assert "too large to be asked again" in page


def test_an_address_can_be_repeated_without_whose_it_is(client: FlaskClient, world: World) -> None:
    world.served[ADDRESS] = world.issuer("union").mint()
    form = {"url": ADDRESS, "recipient": OWNER, "cycle_from": "2020-01-01"}
    page = client.post("/verify", data=form, headers=HTML).get_data(as_text=True)
    (link,) = set(re.findall(r'href="[^"]*(/verify\?[^"]+)"', page))
    assert OWNER not in link
    assert verdict(client.get(html.unescape(link))) == "valid"
    assert client.get(html.unescape(link) + "&answer=json", headers=HTML).content_type == "application/json"


def test_an_encoded_file_that_is_none_is_a_problem(client: FlaskClient) -> None:
    assert problem(client.post("/verify", data={"encoded": "%%%"}), 400)["code"] == "credential.empty"


def test_the_canonical_form_comes_on_demand(client: FlaskClient, world: World) -> None:
    badge = world.issuer("union").mint()
    assert "canonical" not in json.loads(client.post("/verify", data=badge).data)["details"]
    with_it = json.loads(client.post("/verify?canonical=1", data=badge).data)
    assert with_it["details"]["canonical"].startswith("<")


# -- for other sites --------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_script_of_another_site_may_ask(client: FlaskClient, world: World, method: str) -> None:
    asks = {
        "Origin": "https://portal.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = client.options("/verify", headers=asks)
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "content-type" in preflight.headers["Access-Control-Allow-Headers"].lower()
    assert method in preflight.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    world.served[ADDRESS] = world.issuer("union").mint()
    answer = client.open(
        "/verify", method="POST", json={"url": ADDRESS}, headers={"Origin": "https://portal.example"}
    )
    assert verdict(answer) == "valid"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers


def test_what_was_typed_is_in_no_line_of_the_log(
    client: FlaskClient, world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    badge = world.issuer("union").mint().decode()
    with caplog.at_level("DEBUG"):
        client.post("/verify", data={"text": badge, "recipient": "eve.canary@school.example"})
        client.post("/verify", data={"text": "nothing", "recipient": "Eve Canary"}, headers=HTML)
    assert "canary" not in caplog.text.lower() + "".join(capsys.readouterr()).lower()


def test_a_picture_of_our_own_is_shown_behind_a_proxy_and_no_other(
    client: FlaskClient, bureau: Bureau, world: World
) -> None:
    union = world.issuer("union")
    for address, is_shown in (
        (f"{bureau.public_url}/achievements/x/image.svg", True),
        ("https://elsewhere.example/track.png", False),
        (f"{bureau.public_url}1/track.png", False),
        (f"{bureau.public_url}//elsewhere.example/track.png", False),
    ):
        draft = union.draft()
        draft["credentialSubject"]["achievement"]["image"] = {"id": address, "type": "Image"}
        form = {"text": union.sign(draft).decode()}
        page = client.post("/verify", data=form, headers=HTML, base_url="http://10.0.0.7:8080")
        pictures = re.findall(r'<img src="([^"]+)"', page.get_data(as_text=True))
        assert pictures == (["/achievements/x/image.svg"] if is_shown else [])
