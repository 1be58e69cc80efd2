# SPDX-License-Identifier: Apache-2.0
"""The PDF of a PD certificate: one verdict about the certificate, and the award behind it beside that."""

from __future__ import annotations

import html
import io
import json
from typing import Any

import jsonschema_rs
import pytest
from flask.testing import FlaskClient

from tests.verifier.bringing import LINK, OTHER, Page, opened, pdf
from tests.verifier.test_decision_shown import DECISION, document, recognition
from tests.world import Issuer, World
from verifier import paper
from verifier.api import ANSWER

HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}


def certificate(issuer: Issuer, award: str = LINK, *, genre: str = "Micro-credential") -> bytes:
    """Return a signed PD certificate that rests on the award at this address."""
    draft = issuer.draft()
    draft["credentialSubject"]["achievement"]["achievementType"] = "CertificateOfCompletion"
    draft["evidence"] = [{"id": award, "type": ["Evidence"], "name": "The award", "genre": genre}]
    return issuer.sign(draft)


def brought(client: FlaskClient, raw: bytes, headers: dict[str, str]) -> Any:
    fields = {"file": (io.BytesIO(raw), "pd-certificate.pdf")}
    return client.post("/verify", data=fields, headers=headers)


@pytest.mark.parametrize("state", ["valid", "revoked"])
def test_a_pd_certificate_gets_one_verdict_and_its_award_is_what_it_is_about(
    client: FlaskClient, world: World, state: str
) -> None:
    affiliate, union = world.issuer("affiliate"), world.issuer("union")
    award = union.mint()
    link = json.loads(award)["id"]
    world.served[link] = award
    if state == "revoked":
        union.revoke(award)
    raw = pdf([Page(links=[link])], attached=[("credential.json", certificate(affiliate, link))])
    answer = brought(client, raw, JSON)
    assert answer.status_code == 200
    assert jsonschema_rs.is_valid(ANSWER, answer.json)
    assert answer.json["verdict"] == "valid"
    assert (answer.json["about"]["url"], answer.json["about"]["verdict"]) == (link, state)
    page = brought(client, raw, HTML)
    assert page.status_code == 200
    assert "What it is about" in page.text
    assert "Keep a receipt" in page.text
    about = page.text.partition('id="about"')[2].partition("</section>")[0]
    assert ("Withdrawn" in about) is (state == "revoked")
    assert "/verify?url=" in about


def test_an_award_that_is_gone_is_told_as_that(client: FlaskClient, world: World) -> None:
    raw = pdf([Page(links=[LINK])], attached=[("a.json", certificate(world.issuer("affiliate")))])
    answer = brought(client, raw, JSON).json
    assert answer["verdict"] == "valid"
    assert answer["about"]["verdict"] != "valid"
    assert "What it is about" in brought(client, raw, HTML).text


def test_whatever_else_is_in_the_document_is_a_claim_of_its_own(world: World) -> None:
    union = world.issuer("union")
    one, two = certificate(union), certificate(union)
    draft = union.draft()
    draft["evidence"] = [{"id": LINK, "type": ["Evidence"], "genre": "Micro-credential"}]
    whole = opened(pdf([Page(links=[LINK])], attached=[("a.json", one)]))
    found = paper.folded(whole)
    assert found is not None
    assert (found[0].presented is not None, found[1]) == (True, LINK)
    for raw in (
        pdf([Page(links=[LINK, OTHER])], attached=[("a.json", one)]),
        pdf([Page(links=[LINK])], attached=[("a.json", one), ("b.json", two)]),
        pdf([Page(links=[OTHER])], attached=[("a.json", one)]),
        pdf([Page(links=[LINK])], attached=[("a.json", certificate(union, genre="Portfolio"))]),
        pdf([Page(links=[LINK])], attached=[("a.json", union.sign(draft))]),  # an award, and no paper
        pdf([Page(links=[LINK, OTHER])]),
    ):
        claims = opened(raw)
        assert paper.folded(claims) is None
        assert len(claims) > 1
    alone = opened(pdf(attached=[("a.json", one)]))
    assert paper.folded(alone) is None


@pytest.mark.parametrize("state", ["valid", "revoked", "gone"])
def test_a_recognition_says_who_recognises_what_and_how_that_stands(
    client: FlaskClient, world: World, state: str
) -> None:
    district, union = world.issuer("district"), world.issuer("union")
    award = union.mint()
    link, title = json.loads(award)["id"], json.loads(award)["credentialSubject"]["achievement"]["name"]
    if state != "gone":
        world.served[link] = award
    if state == "revoked":
        union.revoke(award)
    world.served[DECISION] = document()
    subject = {"id": link, "type": ["EndorsementSubject"], "endorsementComment": "10 PDPs."}
    raw = recognition(world, district, credentialSubject=subject)
    fields = {"file": (io.BytesIO(raw), "recognition.json")}
    answer = client.post("/verify", data=fields, headers=JSON).get_json()
    assert jsonschema_rs.is_valid(ANSWER, answer)
    assert answer["verdict"] == "valid"
    assert answer["about"]["url"] == link
    fields = {"file": (io.BytesIO(raw), "recognition.json")}
    page = client.post("/verify", data=fields, headers=HTML).text
    first = html.unescape(page).partition('class="sentence"')[2].partition("</p>")[0]
    assert "recognises" in first
    assert "10 PDP-MA for a pair" in first
    assert (f"“{title}”" in first) is (state != "gone")
    assert ("Careful" in first) is (state != "valid")
    about = page.partition('id="about"')[2].partition("</section>")[0]
    assert link in about
    assert ("Withdrawn" in about) is (state == "revoked")
    for odd in ("The four marks", "nobody’s award", "<dt>Awarded</dt>"):
        assert odd not in page


def test_a_recognition_that_is_over_keeps_that_sentence(client: FlaskClient, world: World) -> None:
    district = world.issuer("district")
    world.served[DECISION] = document()
    raw = recognition(world, district, validUntil="2020-01-01T00:00:00Z", validFrom="2019-01-01T00:00:00Z")
    page = client.post("/verify", data={"file": (io.BytesIO(raw), "r.json")}, headers=HTML).text
    first = page.partition('class="sentence"')[2].partition("</p>")[0]
    assert "it is over" in first
    assert "recognises" not in first
