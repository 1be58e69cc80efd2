# SPDX-License-Identifier: Apache-2.0
"""The public addresses, as browsers and programs use them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from issuer import revocation
from issuer.award import SAMPLE_SUBMISSION, AwardState
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from tests.issuer.house import NOW, issued, members

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
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(link, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert client.get(link, headers={"Accept": "application/vc+jwt"}).data.count(b".") == 2
    assert client.get(f"{link}.json").data == answer.data


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
