# SPDX-License-Identifier: Apache-2.0
"""Receipts of checks, signed by the whole issuance cycle, are endorsements that others can verify.

The oracle is openvc-core 1.37.0, which gets our public documents by name and nothing else; openbadgeslib
4.6.3 knows no endorsements on their own.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from openvc.did.base import DidResolverRegistry
from openvc.did.did_web import DidWebResolver
from openvc.errors import OpenvcError
from openvc.verify import VerificationPolicy, verify_credential

from app import House, open_house
from credentials import digests, schema
from credentials.jsonld.contexts import OPEN_BADGES, PACKAGED
from issuer import issuance, programme, publish
from issuer.award import AwardRequest
from issuer.store import credentials
from service import clock
from service.settings import Settings
from tests.running import tables
from verifier import receipt
from verifier.asked import Asked
from verifier.errors import NotACredentialError, NothingThereError
from verifier.intake import read
from verifier.receipt import Receipt


@dataclass(frozen=True)
class Shown:
    """A house, a badge of its own, and the receipt of its check."""

    house: House
    badge: bytes
    receipt: Receipt


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    settings = Settings(data=tmp_path_factory.mktemp("house"), public_url="https://badges.union.example")
    house = open_house(settings)
    tables(house.db)
    now = clock.now()
    programme.seed(house.mint, now=now)
    request = AwardRequest(
        achievement="SEL1-v1",
        email="zoe@teachers.example",
        name="Zoë Ünïcode 😀",
        submission="one",
        awarded_at=now - timedelta(days=3),
    )
    written = issuance.award(house.mint, request, now=now)
    badge = issuance.issue(house.mint, written.award.key, now=now).signed_json or b""
    asked = Asked(recipient="zoe@teachers.example")
    looked = receipt.look(house.bureau, asked, presented=read(badge), url=None, now=now)
    yield Shown(house, badge, receipt.keep(house.bureau, looked, asked, now=now))
    house.jobs.close()
    house.db.close()


def by_openvc(shown: Shown, members: dict[str, Any]) -> str | None:
    def download(url: str) -> Any:
        published = publish.published(shown.house.mint, url, now=clock.now())
        assert published is not None, url
        return json.loads(published.body)

    return verify_credential(
        {**members, "proof": members["proof"][0]},
        policy=VerificationPolicy(require_status=False),
        resolver=DidResolverRegistry([DidWebResolver(download)]),
        extra_contexts={OPEN_BADGES: PACKAGED.load(OPEN_BADGES)},
    ).issuer


def signed(shown: Shown) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(shown.receipt.signed or b"")
    return members


def test_openvc_accepts_the_statement(shown: Shown) -> None:
    assert by_openvc(shown, signed(shown)) == "did:web:badges.union.example"


@pytest.mark.parametrize("change", ["name", "id"])
def test_nobody_accepts_a_changed_statement(shown: Shown, change: str) -> None:
    members = {**signed(shown), change: "https://badges.union.example/something-else"}
    with pytest.raises(OpenvcError):
        by_openvc(shown, members)
    changed = json.dumps(members).encode()
    assert shown.house.desk.examine(changed, now=clock.now()).verdict == "invalid"


def test_a_changed_digest_of_the_record_breaks_the_signature(shown: Shown) -> None:
    members = signed(shown)
    members["relatedResource"][0]["digestMultibase"] = digests.digest_multibase(b"another record")
    with pytest.raises(OpenvcError):
        by_openvc(shown, members)


def test_it_follows_the_strict_schema_and_our_own_verifier_calls_it_valid(shown: Shown) -> None:
    assert schema.findings(signed(shown)).flavour == "strict"
    report = shown.house.desk.examine(shown.receipt.signed or b"", now=clock.now())
    assert (report.verdict, report.is_statement) == ("valid", True)


def test_the_record_can_be_checked_with_a_hash_function_alone(shown: Shown) -> None:
    """As docs/receipts.md tells: a multihash of SHA-256 in base64url."""
    named = signed(shown)["relatedResource"][0]
    digest = hashlib.sha256(shown.receipt.record).digest()
    assert named["id"] == f"{shown.receipt.address}/record.json"
    text = base64.urlsafe_b64encode(b"\x12\x20" + digest).decode().rstrip("=")
    assert named["digestMultibase"] == "u" + text


def test_what_was_examined_is_named_by_its_digest(shown: Shown) -> None:
    named = signed(shown)["relatedResource"][1]
    assert named["digestMultibase"] == digests.digest_multibase(shown.badge)
    assert named["id"].startswith("ni:///sha-256;")


def test_the_statement_is_written_down_like_everything_that_is_signed(shown: Shown) -> None:
    with shown.house.db.reading() as session:
        stored = credentials.find(session, f"{shown.receipt.address}.json")
    assert stored is not None
    assert (stored.kind, stored.signed_json) == ("json", shown.receipt.signed)


def test_the_link_on_the_paper_can_be_checked_like_any_other(shown: Shown) -> None:
    now, desk = clock.now(), shown.house.desk
    for address in (shown.receipt.address, f"{shown.receipt.address}.json"):
        report = desk.look_at_url(address, now=now)
        assert (report.verdict, report.is_statement) == ("valid", True)
    with pytest.raises(NotACredentialError):
        desk.look_at_url(f"{shown.receipt.address}/record.json", now=now)
    for nothing in ("/x", ".pdf", "/record.jsonx", "0"):
        with pytest.raises(NothingThereError):
            desk.look_at_url(shown.receipt.address + nothing, now=now)
    with pytest.raises(NothingThereError):
        desk.look_at_url(shown.receipt.address, now=shown.receipt.ends_at)
