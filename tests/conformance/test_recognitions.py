# SPDX-License-Identifier: Apache-2.0
"""Recognitions and PD certificates, signed with a recognizer's own key, are accepted by other verifiers.

The oracles are openvc-core 1.37.0 for both and openbadgeslib 4.6.3 for the certificate (it knows no
endorsements on their own). They get our public documents by name and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from openbadgeslib.errors import LibOpenBadgesException
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openvc.did.base import DidResolverRegistry
from openvc.did.did_web import DidWebResolver
from openvc.errors import OpenvcError
from openvc.verify import VerificationPolicy, verify_credential

from credentials import schema
from credentials.digests import matches
from credentials.jsonld.contexts import OPEN_BADGES, PACKAGED
from issuer import publish
from recognition.stating import issuing, spoken
from recognition.store import statements as rows
from recognition.store.statements import Statement
from service import clock
from tests.recognition import signed_scene
from tests.recognition.signed_scene import NOW, URL, VT, Scene

DISTRICT, VERMONT = (
    f"did:web:badges.union.example:issuers:{slug}" for slug in ("example-district", "example-vt")
)


@dataclass(frozen=True)
class Shown:
    """A house, a recognition, a PD certificate, and a certificate that was withdrawn."""

    scene: Scene
    recognition: Statement
    certificate: Statement
    withdrawn: Statement

    def download(self, url: str, *_: Any, **__: Any) -> bytes:
        """Read a public document of ours, as a stranger does."""
        name = f"{url}.jwt" if "/status/" in url else url
        found = publish.published(self.scene.house.mint, name, now=clock.now())
        if found is not None:
            return found.body
        own = spoken.own_document(self.scene.house.db, URL, url)
        assert own is not None, url
        return own[1]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    scene = signed_scene.make_scene(tmp_path_factory.mktemp("house"))
    made = scene.decide(scene.award("SEL1"), scene.award("SEL2"))
    recognition, _ = issuing.issue_for(scene.office, made.id, now=NOW)
    certificates = []
    for code in ("SEL3", "TRA1"):
        hours = scene.decide(scene.award(code), organisation="example-vt", applied=VT, units=Decimal(15))
        found = issuing.issue_for(scene.office, hours.id, now=NOW)
        certificates += [each for each in found if each.kind == rows.CERTIFICATE]
    certificate, withdrawn = certificates
    issuing.withdraw(scene.office, [withdrawn.id], "A mistake.", now=NOW, actor="officer")
    yield Shown(scene, recognition, certificate, withdrawn)
    signed_scene.close(scene)


def members(found: Statement) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(found.signed or b"")
    return value


def by_openvc(shown: Shown, document: dict[str, Any]) -> str | None:
    return verify_credential(
        {**document, "proof": document["proof"][0]},
        policy=VerificationPolicy(require_status=False),
        resolver=DidResolverRegistry([DidWebResolver(lambda url: json.loads(shown.download(url)))]),
        extra_contexts={OPEN_BADGES: PACKAGED.load(OPEN_BADGES)},
    ).issuer


def test_openvc_accepts_the_recognition_and_the_certificate(shown: Shown) -> None:
    assert by_openvc(shown, members(shown.recognition)) == DISTRICT
    assert by_openvc(shown, members(shown.certificate)) == VERMONT


def test_openbadgeslib_accepts_the_certificate_and_refuses_the_withdrawn_one(shown: Shown) -> None:
    found = OB3LdpVerifier().verify(
        shown.certificate.signed or b"", check_status=True, download=shown.download
    )
    assert found.issuer.id == VERMONT
    with pytest.raises(LibOpenBadgesException, match="'revocation' is set"):
        OB3LdpVerifier().verify(shown.withdrawn.signed or b"", check_status=True, download=shown.download)


@pytest.mark.parametrize("which", ["recognition", "certificate"])
def test_a_changed_amount_nobody_accepts(shown: Shown, which: str) -> None:
    text = json.dumps(members(getattr(shown, which)))
    changed = json.loads(text.replace("10 PDP-MA", "90 PDP-MA").replace('"value": "15"', '"value": "90"'))
    with pytest.raises(OpenvcError):
        by_openvc(shown, changed)
    report = shown.scene.house.desk.examine(json.dumps(changed).encode(), now=clock.now())
    assert report.verdict == "invalid"


def test_both_follow_the_published_schema_strictly_under_two_contexts_and_can_be_withdrawn(
    shown: Shown,
) -> None:
    for found in (shown.recognition, shown.certificate):
        document = members(found)
        assert schema.findings(document).flavour == "strict"
        assert document["@context"] == ["https://www.w3.org/ns/credentials/v2", OPEN_BADGES]
        assert "credentialStatus" in document


def test_every_resource_of_ours_that_a_recognition_names_is_there_with_its_digest(shown: Shown) -> None:
    document, _, award = members(shown.recognition)["relatedResource"]
    for resource in (document, award):
        assert matches(shown.download(resource["id"]), resource["digestMultibase"])
    (evidence,) = members(shown.certificate)["evidence"]
    assert matches(shown.download(evidence["id"]), evidence["digestMultibase"])


def test_our_own_verifier_shows_the_decision_behind_it(shown: Shown) -> None:
    report = shown.scene.house.desk.look_at_url(f"{URL}/recognitions/{shown.recognition.id}", now=clock.now())
    assert (report.verdict, report.is_statement) == ("valid", True)
    assert report.decision is not None
    assert report.decision.decision is not None
    assert report.decision.decision.amount == Decimal(10)
    certificate = shown.scene.house.desk.examine(shown.certificate.signed or b"", now=clock.now())
    assert (certificate.verdict, certificate.decision) == ("valid", None)
