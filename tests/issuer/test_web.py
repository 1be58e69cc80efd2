# SPDX-License-Identifier: Apache-2.0
"""The public addresses, as browsers and programs use them."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from hashlib import sha256
from html.parser import HTMLParser
from urllib.robotparser import RobotFileParser

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from credentials.verification_method import KeyAlgorithm
from issuer import credential_page, reissue, retention, revocation, sharing, status_publisher
from issuer.award import SAMPLE_SUBMISSION, AwardState, evidence_of
from issuer.mint import Mint
from issuer.reissue import Correction
from issuer.revocation import Decision, Reason
from issuer.store.credentials import StoredCredential
from tests.issuer.house import NOW, issued, members
from tests.service.shared_cache import SharedCache

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def path(link: str) -> str:
    return link.removeprefix("http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/vc+ld+json"),
        ("*/*", "application/vc+ld+json"),
        ("application/json", "application/json"),
        ("application/ld+json", "application/ld+json"),
        ("application/vc", "application/vc"),
        ("application/vc+jwt", "application/vc+jwt"),
        ("application/jwt", "application/jwt"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("image/png", "image/png"),
        ("image/svg+xml", "image/svg+xml"),
        (BROWSER, "text/html; charset=utf-8"),
    ],
)
def test_the_link_of_a_credential_answers_in_the_form_that_is_asked_for(
    mint: Mint, client: FlaskClient, accept: str | None, kind: str
) -> None:
    found = issued(mint)
    answer = client.get(path(found.credential_id), headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.content_type == kind
    assert "Accept" in answer.headers["Vary"]
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["ETag"].startswith('"')
    assert "Set-Cookie" not in answer.headers
    if "json" in kind or kind == "application/vc":
        assert answer.data == found.signed_json
    head = client.head(path(found.credential_id), headers={"Accept": accept} if accept else {})
    assert head.status_code == 200
    assert head.data == b""


def test_an_unchanged_credential_is_not_sent_again(mint: Mint, client: FlaskClient) -> None:
    link = path(issued(mint).credential_id) + ".json"
    tag = client.get(link).headers["ETag"]
    assert client.get(link, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("suffix", [".json", ".jwt", ".png", ".svg", "/qr.svg", "/qr.png"])
def test_every_form_has_an_address(mint: Mint, client: FlaskClient, suffix: str) -> None:
    answer = client.get(path(issued(mint).credential_id) + suffix)
    assert answer.status_code == 200
    assert answer.data


def test_the_page_shows_the_verdict_of_this_moment(mint: Mint, client: FlaskClient) -> None:
    found = issued(mint)
    link, headers = path(found.credential_id), {"Accept": BROWSER}
    page = client.get(link, headers=headers).text
    assert "<title>Valid: Adult SEL 1: Self-Awareness</title>" in page
    assert "Alex Educator" in page
    assert "Alex.Educator@" not in page
    decision = Decision(AwardState.REVOKED, Reason.OTHER, public_reason="Issued twice.", note="secret")
    revocation.decide(mint, found.key, decision, now=NOW)
    answer = client.get(link, headers=headers)
    assert answer.status_code == 200
    assert "<title>Withdrawn: " in answer.text
    assert "Issued twice." in answer.text
    assert "secret" not in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"
    for suffix in (".json", ".jwt", ".png", ".svg"):
        assert client.get(link + suffix).status_code == 200


def test_the_page_believes_the_public_documents_and_not_the_row(mint: Mint, client: FlaskClient) -> None:
    """The signed bytes in the row are spoilt; the page must say so, whatever state the row has."""
    found = issued(mint)
    assert found.signed_json is not None
    spoilt = found.signed_json.replace(b"Alex Educator", b"Alex Imposter")
    with mint.db.transaction() as session:
        session.execute(text("UPDATE issuer_credentials SET signed_json = :raw"), {"raw": spoilt})
    page = client.get(path(found.credential_id), headers={"Accept": BROWSER})
    assert page.status_code == 200
    assert "<title>Not genuine: " in page.text
    assert "Alex Imposter" not in page.text


def test_an_unknown_credential_is_a_404(client: FlaskClient) -> None:
    for link in ("/credentials/00000000-0000-4000-8000-000000000000", "/credentials/nothing"):
        assert client.get(link).status_code == 404


@pytest.mark.parametrize(
    "link",
    [
        "/",
        "/achievements/SEL1-v1",
        "/achievements/TPT1-v1",
        "/issuers/example-education",
        "/issuers/example-state",
    ],
)
def test_pages_for_people(client: FlaskClient, link: str) -> None:
    answer = client.get(link, headers={"Accept": BROWSER})
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.text.count("<h1") == 1
    assert " style=" not in answer.text


@pytest.mark.parametrize("link", ["/achievements/SEL1-v1", "/issuers/example-education"])
def test_the_same_for_programs(client: FlaskClient, link: str) -> None:
    answer = client.get(link)
    assert answer.content_type == "application/ld+json"
    assert answer.data == client.get(f"{link}.json").data
    assert "Accept" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("/achievements/SEL1-v1/criteria", "text/html; charset=utf-8"),
        ("/achievements/SEL1-v1/criteria.html", "text/html; charset=utf-8"),
        ("/achievements/SEL1-v1/rubric.html", "text/html; charset=utf-8"),
        ("/achievements/SEL1-v1/image.png", "image/png"),
        ("/achievements/SEL1-v1/image.svg", "image/svg+xml"),
        ("/issuers/example-education/image.png", "image/png"),
    ],
)
def test_pinned_documents_and_pictures(client: FlaskClient, link: str, kind: str) -> None:
    assert client.get(link).content_type == kind


@pytest.mark.parametrize(
    "link",
    [
        "/achievements/SEL9-v1",
        "/achievements/SEL1-v1/other",
        "/issuers/nobody",
        "/status/0",
        "/issuers/x.json",
    ],
)
def test_what_is_not_there_is_a_404(client: FlaskClient, link: str) -> None:
    assert client.get(link).status_code == 404
    assert client.get(link, headers={"Accept": BROWSER}).status_code == 404


def test_a_status_list_may_be_kept_for_a_minute(mint: Mint, client: FlaskClient) -> None:
    link = path(members(issued(mint))["credentialStatus"][0]["statusListCredential"])
    answer = client.get(link)
    assert answer.content_type == "application/vc+ld+json"
    assert answer.headers["Cache-Control"] == "public, max-age=60, must-revalidate, no-transform"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(link, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get(link, headers={"Accept": "application/vc+jwt"}).data.count(b".") == 2
    assert client.get(f"{link}.json").data == answer.data


def test_a_cache_shows_no_status_list_that_is_older_than_a_minute(mint: Mint, client: FlaskClient) -> None:
    found = issued(mint)
    link = path(members(found)["credentialStatus"][0]["statusListCredential"])
    seconds = [0.0]
    cache = SharedCache(lambda: seconds[0])
    forms = ("application/vc+ld+json", "application/vc+jwt")
    before = {form: cache.get(client, link, Accept=form).body for form in forms}
    wanted = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
    revocation.decide(mint, found.key, wanted, now=NOW, actor="test")
    status_publisher.current(mint, link.rpartition("/")[2], now=NOW + timedelta(seconds=1))
    seconds[0] = 59.9
    for form in forms:
        got = cache.get(client, link, Accept=form)
        assert (got.is_copy, got.body) == (True, before[form])
    seconds[0] = 60
    after = {form: cache.get(client, link, Accept=form) for form in forms}
    assert all(not got.is_copy and got.body != before[form] for form, got in after.items())
    assert after[forms[0]].headers["ETag"].strip('"').startswith(sha256(after[forms[0]].body).hexdigest())
    seconds[0] = 200
    cache.is_cut_off = True  # an old list would be worse than none
    assert [cache.get(client, link, Accept=form).status for form in forms] == [504, 504]


def test_a_cache_shows_no_old_page_of_a_credential(mint: Mint, client: FlaskClient) -> None:
    found, cache = issued(mint), SharedCache()
    link = path(found.credential_id)
    assert "revoked" not in cache.get(client, link, Accept=BROWSER).body.decode().casefold()
    wanted = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
    revocation.decide(mint, found.key, wanted, now=NOW, actor="test")
    assert "revoked" in cache.get(client, link, Accept=BROWSER).body.decode().casefold()
    signed = [cache.get(client, f"{link}.json") for _ in range(2)]
    assert [got.is_copy for got in signed] == [False, True]
    assert {got.body for got in signed} == {found.signed_json}


def test_an_accept_that_nothing_fits_is_told(mint: Mint, client: FlaskClient) -> None:
    link = path(issued(mint).credential_id)
    assert client.get(link, headers={"Accept": "application/zip"}).status_code == 406


def test_the_first_page_lists_what_the_demo_made_and_nobody_elses_credential(
    mint: Mint, client: FlaskClient
) -> None:
    shown = issued(mint, submission=SAMPLE_SUBMISSION, idempotency_key=None)
    private = issued(mint, email="somebody.else@teachers.example", idempotency_key=None)
    page = client.get("/", headers={"Accept": BROWSER}).get_data(as_text=True)
    assert path(shown.credential_id) in page
    assert path(private.credential_id) not in page


# -- how a credential travels ------------------------------------------------------------------------------


class Head(HTMLParser):
    """Tags of a page's head, by what they are about."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.meta: dict[str, dict[str, str]] = {}
        self.links: dict[tuple[str, str], str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.meta[values.get("property", values.get("name", ""))] = values
        elif tag == "link":
            self.links[values["rel"], values.get("type", "")] = values["href"]


def page_of(client: FlaskClient, found: StoredCredential, **headers: str) -> str:
    answer = client.get(path(found.credential_id), headers={"Accept": BROWSER, **headers})
    assert answer.status_code == 200
    return str(answer.text)


def test_other_sites_are_told_what_to_show_of_a_link(mint: Mint, client: FlaskClient) -> None:
    found = issued(mint)
    head = Head(page_of(client, found))
    assert head.meta["og:title"]["content"] == "Adult SEL 1: Self-Awareness, Example Education Association"
    assert head.meta["og:url"]["content"] == found.credential_id
    assert head.meta["og:type"]["content"] == "website"
    assert 0 < len(head.meta["og:description"]["content"]) <= 300
    image = head.meta["og:image"]
    assert image["name"] == "image"  # on the same tag
    assert image["content"].startswith(f"{found.credential_id}/card.png?v=")
    assert client.get(path(image["content"])).headers["Cache-Control"].startswith("public, max-age=3600")
    assert (head.meta["og:image:width"]["content"], head.meta["og:image:height"]["content"]) == (
        "1200",
        "627",
    )
    assert head.meta["og:image:type"]["content"] == "image/png"
    assert "valid" in head.meta["og:image:alt"]["content"]
    assert not any("twitter" in name for name in head.meta)
    assert head.links["canonical", ""] == found.credential_id
    assert head.links["alternate", "application/vc+ld+json"] == f"{found.credential_id}.json"


@pytest.mark.parametrize(
    "agent",
    ["LinkedInBot/1.0 (compatible; Mozilla/5.0)", "facebookexternalhit/1.1", "Mozilla/5.0", "curl/8", ""],
)
def test_everybody_gets_the_same_page(mint: Mint, client: FlaskClient, agent: str) -> None:
    found = issued(mint)
    moment = re.compile(r"<time .*?</time>|card\.png\?v=[0-9a-f]+|[0-9]+ seconds? ago|just now")
    plain = moment.sub("", page_of(client, found))
    assert moment.sub("", page_of(client, found, **{"User-Agent": agent})) == plain


def test_robots_may_fetch_pages_of_credentials_for_previews(mint: Mint, client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    key = issued(mint).key
    for robot in ("LinkedInBot", "Googlebot", "anything"):
        for allowed in (f"/credentials/{key}", f"/credentials/{key}/card.png?v=1", "/", "/catalogue"):
            assert rules.can_fetch(robot, allowed), allowed
        for closed in ("/verify?url=x", "/shared/token", "/account"):
            assert not rules.can_fetch(robot, closed), closed


def test_search_engines_wait_for_the_earner(mint: Mint, client: FlaskClient) -> None:
    found = issued(mint)
    link = path(found.credential_id)
    for on in (False, True, False):
        sharing.set_indexed(mint, found.key, on=on, now=NOW, actor="test")
        answer = client.get(link, headers={"Accept": BROWSER})
        assert ("noindex" in answer.headers.get("X-Robots-Tag", "")) is not on
        assert ("robots" in Head(answer.text).meta) is not on
    sharing.set_indexed(mint, found.key, on=True, now=NOW, actor="test")
    for form in (".json", ".png", "/card.png"):  # files stay out in any case
        assert client.get(link + form).headers["X-Robots-Tag"] == "noindex"


def test_a_replaced_credential_leads_to_the_newer_one(mint: Mint, client: FlaskClient) -> None:
    old = issued(mint)
    sharing.set_indexed(mint, old.key, on=True, now=NOW, actor="test")
    new = reissue.reissue(
        mint, old.key, reason="name-corrected", correction=Correction(name="Alexandra Educator"), now=NOW
    )
    answer = client.get(path(old.credential_id), headers={"Accept": BROWSER})
    assert answer.status_code == 200
    assert "<title>Replaced: " in answer.text
    assert "Replaced by a newer issue of the same award" in answer.text
    assert f'href="{new.credential_id}">Open the newer one' in answer.text
    assert "The name was corrected." in answer.text
    assert Head(answer.text).links["canonical", ""] == new.credential_id
    assert answer.headers["X-Robots-Tag"] == "noindex"
    successor = f'<{new.credential_id}>; rel="successor-version"'
    for form in ("", ".json", ".jwt", ".png"):
        answer = client.get(path(old.credential_id) + form)
        assert answer.status_code == 200
        assert successor in answer.headers["Link"]
    assert "Link" not in client.get(path(new.credential_id)).headers
    revocation.decide(mint, new.key, Decision(AwardState.REVOKED, Reason.EVIDENCE), now=NOW)
    assert "<title>Withdrawn: " in page_of(client, old)


def test_a_review_is_shown_on_the_older_page_too(mint: Mint, client: FlaskClient) -> None:
    old = issued(mint)
    new = reissue.reissue(mint, old.key, reason="key-replaced", now=NOW)
    revocation.decide(mint, new.key, Decision(AwardState.SUSPENDED, Reason.UNDER_REVIEW), now=NOW)
    page = page_of(client, old)
    assert "<title>Under review: " in page
    assert "Under review since" in page


def test_a_name_that_was_removed_is_said_to_be_removed(mint: Mint, client: FlaskClient) -> None:
    """Also one that was signed in plain words: our page does not repeat it."""
    found = issued(mint)
    retention.erase(mint, [found.key], now=NOW, actor="test")
    page = page_of(client, found)
    assert "The name was removed at the earner’s request; the award stands" in page
    assert "Alex Educator" not in page
    assert credential_page.face(mint, found.key, now=NOW).name is None


def test_the_page_tells_who_the_issuer_is_and_since_when_it_has_its_key(
    mint: Mint, client: FlaskClient
) -> None:
    found = issued(mint)
    page = page_of(client, found)
    assert f"<code>{mint.cabinet.did_of('example-education')}</code>" in page
    assert "in use since" in page
    view = credential_page.credential_page(mint, found.key, now=NOW)
    assert view.identity.key_id == members(found)["proof"][0]["verificationMethod"]
    assert view.identity.key_state == "active"
    mint.cabinet.rotate("example-education", KeyAlgorithm.ED25519, now=NOW)
    assert credential_page.credential_page(mint, found.key, now=NOW).identity.key_state == "retired"


def test_a_page_under_another_name_warns(mint: Mint) -> None:
    key = issued(mint).key
    for host in ("", "127.0.0.1:8080"):
        assert credential_page.credential_page(mint, key, now=NOW, host=host).elsewhere is None
    there = credential_page.credential_page(mint, key, now=NOW, host="badges.mirror.example")
    assert there.elsewhere == "badges.mirror.example"
    assert there.id.startswith("http://127.0.0.1:8080/")


def test_each_piece_of_evidence_says_who_may_see_it(mint: Mint, client: FlaskClient) -> None:
    public = evidence_of(b"a plan", name="Plan", salt=b"", url="http://127.0.0.1:8080/evidence/1")
    private = evidence_of(b"a journal", name="Journal", salt=bytes(16))
    found = issued(mint, evidence=(public, private))
    page = page_of(client, found)
    assert 'href="http://127.0.0.1:8080/evidence/1"' in page

    def told(*words: str) -> list[str]:
        view = credential_page.credential_page(mint, found.key, now=NOW, standings=lambda _key: words)
        return [piece.standing for piece in view.pieces]

    assert told() == ["public", "private"]
    assert told("private", "shown on request") == ["private", "shown on request"]
    assert told("public", "public") == ["public", "private"]  # there is no address that was signed
    assert told("public") == ["public", "private"]  # something else than what was signed


def test_what_was_issued_directly_is_not_said_to_have_a_panel(mint: Mint, client: FlaskClient) -> None:
    page = page_of(client, issued(mint))
    assert "It was issued directly" in page
    assert "Share and privacy" not in page


def test_the_frame_for_other_sites_tells_the_state_of_the_moment(mint: Mint, client: FlaskClient) -> None:
    found = issued(mint)
    answer = client.get(f"/embed/{found.key}")
    assert answer.status_code == 200
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert f'href="{found.credential_id}" target="_blank" rel="noopener"' in answer.text
    assert "<title>Valid: " in answer.text
    revocation.decide(mint, found.key, Decision(AwardState.REVOKED, Reason.EVIDENCE), now=NOW)
    assert "<title>Withdrawn: " in client.get(f"/embed/{found.key}").text


def test_a_frame_of_nothing_is_a_small_page_and_may_be_framed(client: FlaskClient) -> None:
    answer = client.get("/embed/00000000-0000-4000-8000-000000000000")
    assert answer.status_code == 404
    assert "There is no such credential here" in answer.text
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "<nav" not in answer.text


def test_oembed_offers_the_frame_and_the_card(mint: Mint, client: FlaskClient) -> None:
    found = issued(mint)
    asked = Head(page_of(client, found)).links["alternate", "application/json+oembed"]
    answer = client.get(path(asked))
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    told = json.loads(answer.data)
    assert (told["version"], told["type"], told["width"], told["height"]) == ("1.0", "rich", 320, 120)
    assert f'src="{mint.public_url}/embed/{found.key}"' in told["html"]
    assert told["title"] == "Adult SEL 1: Self-Awareness, Example Education Association"
    assert told["thumbnail_url"] == Head(page_of(client, found)).meta["og:image"]["content"]
    assert (told["thumbnail_width"], told["thumbnail_height"]) == (1200, 627)


def test_oembed_keeps_to_the_room_that_there_is(mint: Mint, client: FlaskClient) -> None:
    link = issued(mint).credential_id
    told = json.loads(
        client.get("/oembed", query_string={"url": link, "maxwidth": 280, "maxheight": 100}).data
    )
    assert told["type"] == "link"  # The frame does not fit, and cut off it would tell half of it.
    assert told["title"]
    assert not {"html", "width", "height", "thumbnail_url"} & told.keys()
    exact = json.loads(
        client.get("/oembed", query_string={"url": link, "maxwidth": 320, "maxheight": 120}).data
    )
    assert (exact["type"], exact["width"], exact["height"]) == ("rich", 320, 120)
    odd = client.get("/oembed", query_string={"url": link, "maxwidth": "wide", "maxheight": "-1"})
    assert json.loads(odd.data)["width"] == 320


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"url": ""}, 400),
        ({"url": "x" * 3_000}, 400),
        ({"url": "https://elsewhere.example/credentials/00000000-0000-4000-8000-000000000000"}, 404),
        ({"url": "http://127.0.0.1:8080/credentials/00000000-0000-4000-8000-000000000000"}, 404),
        ({"url": "http://127.0.0.1:8080/catalogue"}, 404),
        ({"url": "http://127.0.0.1:8080.evil.example/credentials/00000000-0000-4000-8000-000000000000"}, 404),
    ],
)
def test_oembed_of_anything_else_is_refused(client: FlaskClient, query: dict[str, str], status: int) -> None:
    assert client.get("/oembed", query_string=query).status_code == status


def test_oembed_is_json_only(mint: Mint, client: FlaskClient) -> None:
    answer = client.get("/oembed", query_string={"url": issued(mint).credential_id, "format": "xml"})
    assert answer.status_code == 501
