# SPDX-License-Identifier: Apache-2.0
"""Whatever is brought is examined once, and only what is valid becomes an award."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from credentials.digests import sha256_hex
from recognition.errors import TooManyAwardsError
from recognition.judging.award import Brought, award_key
from recognition.judging.bringing import Thing, bring
from tests.world import OWNER, Issuer, World
from verifier.desk import Desk
from verifier.errors import UnresolvableError
from verifier.verdict import Verdict


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(network=lambda: world.network)


def one(desk: Desk, world: World, thing: str | Thing, **options: Any) -> Brought:
    (found,) = bring(desk, [thing], now=world.clock.now(), **options)
    return found


def coded(union: Issuer, code: str = "SEL1", **members: Any) -> dict[str, Any]:
    """A draft with a code, a stack, and the days of the work."""
    draft = union.draft(**members)
    draft["credentialSubject"]["achievement"] |= {"humanCode": code, "tag": ["stack:SEL", "families"]}
    draft["credentialSubject"] |= {
        "activityStartDate": "2025-09-01T12:00:00Z",
        "activityEndDate": "2026-02-01T12:00:00Z",
    }
    return draft


def test_a_file_becomes_an_award_with_everything_that_rules_ask(world: World, desk: Desk) -> None:
    union = world.issuer("union")
    raw = union.sign(coded(union))
    found = one(desk, world, Thing("badge.json", raw))
    assert found.verdict is Verdict.VALID
    assert found.place == "badge.json"
    award = found.award
    assert award is not None
    assert (award.code, award.stacks, award.kind) == ("SEL1", ("SEL",), "MicroCredential")
    assert award.key == award_key(union.id, award.credential_id)
    assert award.sha256 == sha256_hex(raw)
    assert award.has_scored_rubric
    assert award.activity_start is not None
    assert award.status_as_of is not None
    assert found.report is not None
    assert len(found.report.rows) == 13


def test_both_forms_of_a_credential_have_one_key(world: World, desk: Desk) -> None:
    union = world.issuer("union")
    draft = coded(union)
    embedded = one(desk, world, Thing("a.json", union.sign(draft))).award
    token = one(desk, world, Thing("a.jwt", union.sign(draft, jwt=True))).award
    assert embedded is not None
    assert token is not None
    assert embedded.key == token.key
    assert embedded.sha256 != token.sha256


def test_a_link_is_fetched_and_examined(world: World, desk: Desk) -> None:
    union = world.issuer("union")
    raw = union.sign(coded(union))
    link = "https://union.example/credentials/1"
    world.served[link] = raw
    found = one(desk, world, link)
    assert found.place == link
    assert found.award is not None
    assert found.award.credential_id == link
    assert found.award.sha256 == sha256_hex(raw)


def test_nothing_but_a_valid_badge_becomes_an_award(world: World, desk: Desk) -> None:
    union = world.issuer("union")
    revoked, held = union.sign(coded(union)), union.sign(coded(union, suspension=True))
    union.revoke(revoked)
    union.suspend(held)
    forged = union.sign(coded(union)).replace(b"Teamwork", b"Leadership")
    ended = union.sign(coded(union, validUntil="2026-02-28T12:00:00Z", validFrom="2026-02-01T12:00:00Z"))
    for raw, verdict in (
        (revoked, Verdict.REVOKED),
        (held, Verdict.SUSPENDED),
        (forged, Verdict.INVALID),
        (ended, Verdict.EXPIRED),
        (b"{}", Verdict.INVALID),
        (b"not a credential", Verdict.INVALID),
        (b"", Verdict.INVALID),
    ):
        found = one(desk, world, Thing("thing", raw))
        assert found.verdict is verdict
        assert found.award is None
        assert found.sentence


def test_a_signed_statement_is_no_award(world: World, desk: Desk) -> None:
    union = world.issuer("union")
    draft = union.draft(status=False)
    statement = {
        **{name: draft[name] for name in ("@context", "id", "issuer", "validFrom", "name")},
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "credentialSubject": {
            "id": "https://union.example/credentials/9",
            "type": ["EndorsementSubject"],
            "endorsementComment": "Good.",
        },
    }
    found = one(desk, world, Thing("statement.json", union.sign(statement)))
    assert found.verdict is Verdict.VALID
    assert found.award is None


def test_what_cannot_be_reached_is_undetermined_and_never_false(world: World, desk: Desk) -> None:
    link = "https://union.example/credentials/1"
    world.served[link] = UnresolvableError("It did not answer.")
    assert one(desk, world, link).verdict is Verdict.UNDETERMINED
    union = world.issuer("union")
    raw = union.sign(coded(union))
    world.go_offline("union")
    assert one(desk, world, Thing("badge.json", raw)).verdict is Verdict.UNDETERMINED


def test_an_archive_gives_each_of_its_credentials_with_its_place(world: World, desk: Desk) -> None:
    union = world.issuer("union")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.json", union.sign(coded(union)))
        archive.writestr("two.json", union.sign(coded(union, "SEL2")))
        archive.writestr("note.txt", b"hello")
    found = bring(desk, [Thing("all.zip", packed.getvalue())], now=world.clock.now())
    assert [each.place for each in found if each.award] == [
        "one.json in the archive in all.zip",
        "two.json in the archive in all.zip",
    ]
    assert {each.award.code for each in found if each.award} == {"SEL1", "SEL2"}


def test_the_recipient_is_compared_where_it_is_asked(world: World, desk: Desk) -> None:
    union = world.issuer("union")
    raw = union.sign(coded(union))
    assert one(desk, world, Thing("badge.json", raw), recipient=OWNER).award is not None
    other = one(desk, world, Thing("badge.json", raw), recipient="somebody@else.example")
    assert other.verdict is Verdict.WRONG_RECIPIENT
    assert other.award is None


def test_other_issues_of_the_same_award_are_known_by_their_keys(world: World, desk: Desk) -> None:
    union = world.issuer("union")
    draft = coded(union)
    ids = (draft["id"], "https://union.example/credentials/newer")
    found = one(desk, world, Thing("badge.json", union.sign(draft)), same=lambda _id: ids)
    assert found.award is not None
    assert found.award.also == (award_key(union.id, ids[1]),)


def test_more_than_fit_into_one_answer_are_refused(world: World, desk: Desk) -> None:
    with pytest.raises(TooManyAwardsError):
        bring(desk, [Thing(str(n), b"{}") for n in range(501)], now=world.clock.now())


def test_what_is_not_reached_in_time_is_undetermined(world: World, desk: Desk) -> None:
    found = bring(desk, ["https://union.example/1"], now=world.clock.now(), patience=-1.0)
    assert [each.verdict for each in found] == [Verdict.UNDETERMINED]
    assert world.requests == []
