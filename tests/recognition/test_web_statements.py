# SPDX-License-Identifier: Apache-2.0
"""Recognitions, decisions, PD certificates: always there, as exact bytes and as pages, with their state."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

import app
from credentials.digests import digest_multibase
from recognition.stating import issuing
from recognition.store import statements as rows
from service import clock, typeset
from tests.recognition import signed_scene
from tests.recognition.signed_scene import EMAIL, NOW, URL, VT, Scene

BROWSER = {"Accept": "text/html"}


class Pages:
    """A house with recognitions, and its web service."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.client: FlaskClient = app.create_app(scene.house.settings).test_client()
        self.pair = scene.award("SEL1"), scene.award("SEL2")
        self.made = scene.decide(*self.pair)
        self.recognition, self.other = issuing.issue_for(scene.office, self.made.id, now=NOW)
        self.hours = scene.decide(
            scene.award("SEL3"),
            organisation="example-vt",
            applied=VT,
            units=Decimal(15),
            purpose="licence-renewal",
        )
        found = issuing.issue_for(scene.office, self.hours.id, now=NOW)
        (self.certificate,) = [each for each in found if each.kind == rows.CERTIFICATE]

    def page(self, path: str) -> str:
        answer = self.client.get(path, headers=BROWSER)
        assert answer.status_code == 200, path
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["X-Robots-Tag"] == "noindex"
        return " ".join(answer.text.split())


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    scene = signed_scene.make_scene(tmp_path_factory.mktemp("statements"))
    with pytest.MonkeyPatch.context() as patched:
        # However late in a run and in whatever order these tests come, no list is dated after what they do.
        patched.setattr(clock, "now", lambda: NOW)
        made = Pages(scene)
        yield made
    made.client.application.extensions["hallmark"].db.close()
    signed_scene.close(scene)


def test_a_recognition_says_who_grants_what_for_which_award(pages: Pages) -> None:
    page = pages.page(f"/recognitions/{pages.recognition.id}")
    assert "Recognised: 10 PDP-MA for a pair (example rule)" in page
    assert "Exampleton School District" in page
    assert "This is an example rule, in force nowhere." in page
    assert f'href="{pages.recognition.credential_id}"' in page
    assert "Valid" in page
    assert f"/decisions/{pages.made.id}" in page
    assert EMAIL not in page
    assert "endorsement" not in page.partition("What was checked")[0].lower()


def test_machines_get_the_exact_signed_bytes(pages: Pages) -> None:
    for kind, found in (("recognitions", pages.recognition), ("pd-certificates", pages.certificate)):
        for path, headers in (
            (f"/{kind}/{found.id}.json", {}),
            (f"/{kind}/{found.id}", {"Accept": "application/vc+ld+json"}),
            (f"/{kind}/{found.id}", {}),
        ):
            answer = pages.client.get(path, headers=headers)
            assert (answer.status_code, answer.data) == (200, found.signed)
            again = pages.client.get(path, headers={**headers, "If-None-Match": answer.headers["ETag"]})
            assert again.status_code == 304


def test_the_decision_is_published_as_its_exact_bytes_and_as_a_page(pages: Pages) -> None:
    named = json.loads(pages.recognition.signed or b"")["relatedResource"][0]
    answer = pages.client.get(named["id"].removeprefix(URL))
    assert digest_multibase(answer.data) == named["digestMultibase"]
    assert answer.headers["ETag"]
    page = pages.page(f"/decisions/{pages.made.id}")
    assert "Granted: 10 professional development points (Massachusetts), for renewing a licence" in page
    assert "once awarded" not in page
    assert not any(secret in page for secret in (EMAIL, "person-1", *(each.key for each in pages.pair)))


def test_a_pd_certificate_has_everything_that_a_district_files(pages: Pages) -> None:
    page = pages.page(f"/pd-certificates/{pages.certificate.id}")
    for words in (
        "15",
        "Hours",
        "Participant",
        "Title",
        "Provider",
        "Place",
        "Dates",
        "Sponsor",
        "5 Fixture Way",
        "Signed on",
    ):
        assert words in page, words
    members = json.loads(pages.certificate.signed or b"")
    achievement = members["credentialSubject"]["achievement"]
    assert achievement["achievementType"] == "CertificateOfCompletion"
    (described,) = achievement["resultDescription"]
    assert (described["name"], described["resultType"]) == ("clock hours", "ext:ClockHours")
    assert members["credentialSubject"]["result"] == [
        {"type": ["Result"], "resultDescription": described["id"], "value": "15"}
    ]
    assert "creditsEarned" not in members["credentialSubject"]
    assert "15-hour PD certificate" in members["name"]
    assert "15 clock hours" in achievement["criteria"]["narrative"]
    (evidence,) = members["evidence"]
    award = next(x for x in pages.scene.issued if x.credential_id == evidence["id"])
    assert evidence["digestMultibase"] == digest_multibase(award.signed_json or b"")
    assert EMAIL not in json.dumps(members)


def test_whose_a_certificate_is_is_compared_and_never_shown(pages: Pages) -> None:
    link = json.loads(pages.certificate.signed or b"")["id"]
    for email, verdict in ((EMAIL, "valid"), ("somebody@else.example", "wrong-recipient")):
        answer = pages.client.post(
            "/verify", data={"url": link, "recipient": email}, headers={"Accept": "application/json"}
        )
        assert answer.json is not None
        assert answer.json["verdict"] == verdict


def test_a_districts_rows_know_who_states_the_hours_and_that_they_are_no_competence(pages: Pages) -> None:
    report = pages.scene.house.desk.examine(pages.certificate.signed or b"", now=NOW)
    hours, competence, file = (report.rows[number - 1] for number in (5, 6, 13))
    assert (hours.mark, competence.mark, file.mark) == ("yes", "you-decide", "yes")
    assert "certifies 15 clock hours" in hours.sentence


@pytest.mark.skipif(not typeset.is_available(), reason="the extra pdf is not installed")
def test_the_paper_carries_the_signed_credential_and_every_field(pages: Pages) -> None:
    answer = pages.client.get(f"/pd-certificates/{pages.certificate.id}.pdf")
    assert answer.mimetype == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.data))
    assert reader.attachments["credential.json"][0] == pages.certificate.signed
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for words in ("clock hours", "Participant", "Fixture Way", "Example rule", "For the file", "Signature"):
        assert words in text, words


def test_that_a_kind_is_accepted_has_a_page_too(pages: Pages) -> None:
    achievement = f"{URL}/achievements/SEL1-v1"
    id = issuing.accept_kind(
        pages.scene.office,
        "example-district",
        signed_scene.MA,
        achievement_id=achievement,
        title="Adult SEL 1",
        now=NOW,
        actor="ren",
    )
    page = pages.page(f"/recognitions/{id}")
    assert "Accepted: Adult SEL 1 (example rule)" in page
    assert "every micro-credential of this kind" in page
    assert f'href="{achievement}"' in page
    assert "The decision behind it" not in page


def test_nothing_is_at_other_addresses(pages: Pages) -> None:
    nothing = uuid.uuid4()
    for path in (
        f"/recognitions/{nothing}",
        f"/recognitions/{nothing}.json",
        f"/recognitions/{pages.certificate.id}",
        f"/pd-certificates/{pages.recognition.id}",
        f"/pd-certificates/{pages.recognition.id}.pdf",
        f"/pd-certificates/{nothing}.json",
        f"/decisions/{nothing}",
        f"/decisions/{pages.recognition.id}.json",
    ):
        assert pages.client.get(path, headers=BROWSER).status_code == 404, path


def test_the_verifier_finds_them_by_name_without_the_network(pages: Pages) -> None:
    desk = pages.scene.house.desk
    for found, kind in ((pages.recognition, "recognitions"), (pages.certificate, "pd-certificates")):
        for suffix in ("", ".json"):
            report = desk.look_at_url(f"{URL}/{kind}/{found.id}{suffix}", now=NOW)
            assert report.verdict == "valid"


def test_withdrawn_it_stays_at_its_address_and_says_so(pages: Pages) -> None:
    office = pages.scene.office
    issuing.withdraw(office, [pages.other.id], "The award fell.", now=NOW, actor="ren")
    page = pages.page(f"/recognitions/{pages.other.id}")
    assert "Withdrawn" in page
    assert "The award fell." not in page
    assert pages.client.get(f"/recognitions/{pages.other.id}.json").data == pages.other.signed
