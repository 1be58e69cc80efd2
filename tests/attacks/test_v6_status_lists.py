# SPDX-License-Identifier: Apache-2.0
"""V6: status: wrong purpose, odd index, short, unsigned, foreign-signed, altered, expired, bomb, unreachable.

Only a proven zero bit is clear; everything that prevents reading it leaves the answer open. All entries are
read; purposes refresh and message never revoke.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from credentials import status_list
from credentials.dates import format_datetime
from credentials.document import write
from credentials.errors import UnsignedContentError
from credentials.multibase import encode_base64url
from credentials.proofs.vc_jwt import CREDENTIALS_V1
from service import text
from tests.world import DATA_INTEGRITY, Issuer, World, explanation_of, outcome_of, timed_out
from verifier.ports import Fetched
from verifier.verdict import Verdict

LIST = "https://union.example/status/revocation"


def changed(union: Issuer, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The issuer's own list with one thing changed before it is signed."""
    composed = json.loads(json.dumps(union.status_list()))
    change(composed)
    try:
        return union.sign(composed)
    except UnsignedContentError:
        return union.sign(composed, jwt=True)  # a JWT signs whatever stands there


def undetermined(world: World, badge: bytes) -> None:
    report = world.look(badge)
    assert (report.verdict, outcome_of(report, "status")) == (Verdict.UNDETERMINED, "indeterminate")


def subject(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda members: members["credentialSubject"].update({name: value})


@pytest.mark.parametrize(
    "change",
    [
        subject("statusPurpose", "suspension"),
        subject("statusPurpose", "refresh"),
        subject("statusPurpose", []),
        subject("encodedList", encode_base64url(gzip.compress(bytes(8_192)))),  # 65,536 entries
        subject("encodedList", encode_base64url(bytes(16_384))),  # not gzip
        subject("encodedList", encode_base64url(gzip.compress(bytes(16_384)) * 2)),  # two members
        subject("encodedList", encode_base64url(gzip.compress(bytes(16_384)) + b"x")),
        subject("encodedList", encode_base64url(gzip.compress(bytes(16_384))[:-9])),
        subject("encodedList", encode_base64url(gzip.compress(bytes(3_000_000)))),
        subject("encodedList", status_list.encode([])[1:]),
        subject("encodedList", "z" + status_list.encode([])[1:]),
        subject("encodedList", ""),
        subject("encodedList", 7),
        subject("type", "StatusList2021"),
        lambda m: m.pop("credentialSubject"),
        lambda m: m.update(id="https://union.example/status/suspension"),
        lambda m: m.update(id="https://union.example/status/revocation/"),
        lambda m: m.update(type=["VerifiableCredential"]),
        lambda m: m.update(issuer="did:web:academy.example"),
        lambda m: m.update(validUntil="2026-02-01T00:00:00Z", validFrom="2026-01-01T00:00:00Z"),
        lambda m: m.update(validFrom="2026-03-02T00:00:00Z"),
        lambda m: m.update(validFrom="yesterday"),
        lambda m: m.update(validUntil="soon"),
    ],
)
def test_a_list_that_is_not_as_it_must_be_proves_nothing(
    world: World, union: Issuer, badge: bytes, change: Callable[[dict[str, Any]], None]
) -> None:
    world.served[LIST] = changed(union, change)
    undetermined(world, badge)


@pytest.mark.parametrize("change", [lambda m: m.pop("id"), lambda m: m.pop("validUntil"), subject("ttl", 1)])
def test_a_list_may_leave_out_what_is_optional(
    world: World, union: Issuer, badge: bytes, change: Callable[[dict[str, Any]], None]
) -> None:
    world.served[LIST] = changed(union, change)
    assert world.look(badge).verdict is Verdict.VALID


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"<html></html>", b"not found", b"\x89PNG\r\n\x1a\n", b"{" * 100_000, b"eyJ.eyJ.x"],
)
def test_anything_else_in_its_place_proves_nothing(world: World, badge: bytes, body: bytes) -> None:
    world.served[LIST] = body
    undetermined(world, badge)


@pytest.mark.parametrize("status", [204, 301, 302, 401, 403, 404, 410, 429, 500, 503])
def test_an_unreachable_list_proves_nothing(world: World, badge: bytes, status: int) -> None:
    world.served[LIST] = Fetched(LIST, status, "application/json", b"")
    undetermined(world, badge)
    world.served[LIST] = timed_out("union.example")
    undetermined(world, badge)


def test_an_unsigned_list_proves_nothing(world: World, union: Issuer, badge: bytes) -> None:
    world.served[LIST] = write(union.status_list())
    undetermined(world, badge)


def test_a_list_signed_by_somebody_else_proves_nothing(world: World, union: Issuer, badge: bytes) -> None:
    for who in (world.issuer("academy"), world.impostor_of("union"), world.did_key_issuer("attacker")):
        world.served[LIST] = who.sign(union.status_list())
        undetermined(world, badge)


def test_a_list_of_somebody_else_proves_nothing(world: World, badge: bytes) -> None:
    """Signed by its own issuer, served at the right place, bearing the right id."""
    academy = world.issuer("academy")
    world.served[LIST] = academy.sign(academy.status_list(id=LIST))
    undetermined(world, badge)


def test_an_altered_list_proves_nothing(world: World, union: Issuer, badge: bytes) -> None:
    union.revoke(badge)
    revoked = json.loads(union.sign(union.status_list()))
    revoked["credentialSubject"]["encodedList"] = status_list.encode([])
    world.served[LIST] = write(revoked)
    undetermined(world, badge)


def test_a_list_with_something_unsigned_proves_nothing(world: World, union: Issuer, badge: bytes) -> None:
    signed = json.loads(union.sign(union.status_list()))
    world.served[LIST] = write({**signed, "note": "clear"})
    undetermined(world, badge)


def test_a_list_as_jwt_is_a_list_too(world: World, union: Issuer, badge: bytes) -> None:
    world.served[LIST] = union.sign(union.status_list(), jwt=True)
    assert world.look(badge).verdict is Verdict.VALID
    union.revoke(badge)
    world.served[LIST] = union.sign(union.status_list(), jwt=True)
    assert world.look(badge).verdict is Verdict.REVOKED
    world.served[LIST] = world.impostor_of("union").sign(union.status_list(), jwt=True)
    undetermined(world, badge)


@pytest.mark.parametrize(
    "index",
    [
        "-1",
        "+1",
        "01",
        "1.0",
        "0x10",
        " 1",
        "1 ",
        "",
        "١",
        "1e3",
        "131072",
        "9" * 30,
        1.5,
        -1,
        True,
        None,
        [1],
        "one",
    ],
)
def test_an_index_that_is_no_canonical_number_in_range_proves_nothing(
    world: World, union: Issuer, index: Any
) -> None:
    entry = union.entry(5, "revocation").to_members() | {"statusListIndex": index}
    badge = union.mint(jwt=True, credentialStatus=entry)
    assert world.look(badge).verdict in (Verdict.UNDETERMINED, Verdict.INVALID)


def test_the_left_most_bit_is_the_first(world: World, union: Issuer) -> None:
    for index in (0, 1, 7, 8, 131_071):
        badge = union.mint(credentialStatus=union.entry(index, "revocation").to_members())
        assert world.look(badge).verdict is Verdict.VALID
        mirrored = (index // 8) * 8 + 7 - index % 8
        union.set_bits["revocation"] = {mirrored}
        assert world.look(badge).verdict is (Verdict.REVOKED if mirrored == index else Verdict.VALID)
        union.set_bits["revocation"] = {index}
        assert world.look(badge).verdict is Verdict.REVOKED
        union.set_bits["revocation"] = set()


@pytest.mark.parametrize("purpose", ["refresh", "message"])
def test_what_only_informs_never_revokes(world: World, union: Issuer, purpose: str) -> None:
    union.set_bits[purpose] = {5}
    entries = [union.entry(5, "revocation").to_members(), union.entry(5, purpose).to_members()]
    assert world.look(union.mint(credentialStatus=entries)).verdict is Verdict.VALID
    world.served[union.list_url(purpose)] = timed_out("union.example")
    assert world.look(union.mint(credentialStatus=entries)).verdict is Verdict.VALID


def test_a_mark_that_we_do_not_know_leaves_it_open(world: World, union: Issuer) -> None:
    union.set_bits["audit"] = set()
    entries = [union.entry(5, "revocation").to_members(), union.entry(5, "audit").to_members()]
    badge = union.mint(credentialStatus=entries)
    assert world.look(badge).verdict is Verdict.VALID
    union.set_bits["audit"] = {5}
    assert world.look(badge).verdict is Verdict.UNDETERMINED


@pytest.mark.parametrize("place", [0, 1])
def test_one_set_entry_is_enough_whatever_the_others_say(world: World, union: Issuer, place: int) -> None:
    entries = [union.entry(5, "revocation").to_members(), union.entry(5, "suspension").to_members()]
    badge = union.mint(credentialStatus=entries if place == 0 else entries[::-1])
    union.set_bits["suspension"] = {5}
    assert world.look(badge).verdict is Verdict.SUSPENDED
    world.served[LIST] = timed_out("union.example")
    assert world.look(badge).verdict is Verdict.SUSPENDED
    union.set_bits["suspension"] = set()
    undetermined(world, badge)


@pytest.mark.parametrize(
    "entry", [7, None, "x", [], {}, {"type": "SomethingElse"}, {"type": "BitstringStatusListEntry"}]
)
def test_an_entry_of_an_unknown_kind_leaves_it_open(world: World, union: Issuer, entry: Any) -> None:
    badge = union.mint(jwt=True, credentialStatus=entry)
    assert world.look(badge).verdict in (Verdict.UNDETERMINED, Verdict.INVALID)


@pytest.mark.parametrize("size", [1, 2, 8])
def test_a_status_of_more_bits_is_told_and_not_guessed(world: World, union: Issuer, size: int) -> None:
    entry = union.entry(5, "revocation").to_members() | {"statusSize": size}
    report = world.look(union.mint(credentialStatus=entry))
    assert report.verdict is (Verdict.VALID if size == 1 else Verdict.UNDETERMINED)


def test_more_entries_than_the_limit_are_a_fault_of_form(world: World, union: Issuer) -> None:
    entries = [union.entry(n, "revocation").to_members() for n in range(5)]
    world.requests.clear()
    report = world.look(union.mint(credentialStatus=entries))
    assert (report.verdict, outcome_of(report, "structure")) == (Verdict.INVALID, "fail")
    assert LIST not in world.requests


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://union.example/x", "javascript:1", "//union.example/x", "", "urn:x:y"]
)
def test_a_list_at_no_web_address_proves_nothing(world: World, union: Issuer, url: str) -> None:
    entry = union.entry(5, "revocation").to_members() | {"statusListCredential": url, "id": "urn:x:entry"}
    badge = union.mint(jwt=True, credentialStatus=entry)
    world.requests.clear()
    assert world.look(badge).verdict in (Verdict.UNDETERMINED, Verdict.INVALID)
    assert url not in world.requests


# -- older kinds ------------------------------------------------------------------------------------------


def with_revocation_list(union: Issuer, url: str) -> bytes:
    extensions = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
    contexts = [*union.draft()["@context"], extensions]
    status = {"id": url, "type": "1EdTechRevocationList"}
    return union.sign(union.draft() | {"@context": contexts, "credentialStatus": status})


def test_a_1edtech_list_is_believed_at_the_issuers_own_address_only(world: World, union: Issuer) -> None:
    url = "https://union.example/revocations.json"
    badge = with_revocation_list(union, url)
    own_id = json.loads(badge)["id"]
    for entries, verdict in (
        ([], Verdict.VALID),
        ([{"id": "https://union.example/credentials/999"}], Verdict.VALID),
        ([{"id": own_id, "revoked": False}], Verdict.VALID),
        ([{"id": own_id}], Verdict.REVOKED),
        ([{"id": own_id, "revoked": True, "revocationReason": "By mistake"}], Verdict.REVOKED),
        ([{"id": own_id, "revoked": "yes"}], Verdict.UNDETERMINED),
        ("none", Verdict.UNDETERMINED),
    ):
        world.served[url] = write({"revokedCredential": entries})  # type: ignore[dict-item]
        report = world.look(badge)
        assert report.verdict is verdict, entries
    world.served[url] = write({"revokedCredential": [{"id": own_id, "revocationReason": "By mistake"}]})
    assert "By mistake" in explanation_of(world.look(badge), "status")
    foreign = "https://evil.example/revocations.json"
    world.served[foreign] = write({"revokedCredential": []})
    undetermined(world, with_revocation_list(union, foreign))


def test_statuslist2021_is_read_by_the_same_rules(world: World, union: Issuer) -> None:
    entry = union.entry(5, "revocation").to_members() | {"type": "StatusList2021Entry"}
    context = "https://w3id.org/vc/status-list/2021/v1"
    badge = union.sign(union.draft_v1(context, credentialStatus=entry))
    old: dict[str, Any] = {}
    for bits, verdict in (((), Verdict.VALID), ((5,), Verdict.REVOKED)):
        old = union.status_list()
        old["@context"] = [CREDENTIALS_V1, context, DATA_INTEGRITY]
        old["issuer"] = union.id
        old["issuanceDate"] = old.pop("validFrom")
        old["expirationDate"] = old.pop("validUntil")
        old["type"] = ["VerifiableCredential", "StatusList2021Credential"]
        old["credentialSubject"] = {
            "id": f"{LIST}#list",
            "type": "StatusList2021",
            "statusPurpose": "revocation",
            "encodedList": status_list.encode(bits)[1:],
        }
        world.served[LIST] = union.sign(old)
        assert world.look(badge).verdict is verdict, explanation_of(world.look(badge), "status")
    # The older context has the newer names of dates too; the narrower ones count.
    for dates in (
        {"validUntil": "2026-02-01T00:00:00Z"},
        {"validFrom": "2026-05-01T00:00:00Z"},
        {"validUntil": "2099-01-01T00:00:00Z", "expirationDate": "2026-02-01T00:00:00Z"},
        {"validUntil": "2026-02-30T00:00:00Z"},
    ):
        world.served[LIST] = union.sign({**old, **dates})
        undetermined(world, badge)


# -- V7 ---------------------------------------------------------------------------------------------------


def test_own_lists_end(world: World, union: Issuer, badge: bytes) -> None:
    union.serve_old_status_list()
    union.revoke(badge)
    assert world.look(badge).verdict is Verdict.VALID  # within the life of the old list nobody can tell
    world.clock.advance(hours=1)
    undetermined(world, badge)


def test_the_age_of_the_list_is_told(world: World, union: Issuer, badge: bytes) -> None:
    union.serve_old_status_list()
    world.clock.advance(minutes=7)
    report = world.look(badge)
    assert report.status_as_of == world.clock.now() - timedelta(minutes=7)
    assert text.time(report.status_as_of) in explanation_of(report, "status")  # also true when it is kept
    assert format_datetime(report.verified_at) == format_datetime(world.clock.now())
