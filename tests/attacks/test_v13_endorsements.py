# SPDX-License-Identifier: Apache-2.0
"""V13: an endorsement inside is forged, or speaks of another credential: own rows, never lifts a verdict."""

from __future__ import annotations

import json
from typing import Any

import pytest

from credentials.dates import format_datetime
from credentials.document import write
from credentials.multibase import base64url
from credentials.verification_method import KeyAlgorithm
from tests.world import CONTEXTS, Issuer, World, outcome_of, timed_out
from verifier.embedded import ENDORSEMENTS
from verifier.report import Report
from verifier.verdict import Verdict


@pytest.fixture
def board(world: World) -> Issuer:
    return world.issuer("board")


def endorsement(board: Issuer, about: str, **members: Any) -> dict[str, Any]:
    now = format_datetime(board.world.clock.now())
    return {
        "@context": list(CONTEXTS),
        "id": f"{board.site}/endorsements/{abs(hash(about)) % 1000}",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "We vouch for it",
        "issuer": board.profile,
        "validFrom": now,
        "credentialSubject": {
            "id": about,
            "type": ["EndorsementSubject"],
            "endorsementComment": "Well done.",
        },
        **members,
    }


def signed(board: Issuer, about: str, **members: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(board.sign(endorsement(board, about, **members)))
    return found


def carrying(union: Issuer, *inside: Any, jwts: tuple[str, ...] = ()) -> bytes:
    draft = union.draft()
    if inside:
        draft["endorsement"] = list(inside)
    if jwts:
        draft["endorsementJwt"] = list(jwts)
    return union.sign(draft)


def rows(report: Report) -> list[str]:
    return [str(check.outcome) for check in report.checks if check.check == "endorsement"]


def next_id(union: Issuer) -> str:
    return f"{union.site}/credentials/{union.minted + 1}"


def test_who_vouches_is_told(world: World, union: Issuer, board: Issuer) -> None:
    report = world.look(carrying(union, signed(board, next_id(union))))
    assert (report.verdict, rows(report)) == (Verdict.VALID, ["pass"])
    said = next(check for check in report.checks if check.check == "endorsement")
    assert "board.example" in said.explanation
    assert said.path == "/endorsement/0"


def test_a_jwt_endorsement_is_one_too(world: World, union: Issuer, board: Issuer) -> None:
    token = board.sign(endorsement(board, next_id(union)), jwt=True).decode()
    report = world.look(carrying(union, jwts=(token,)))
    assert (report.verdict, rows(report)) == (Verdict.VALID, ["pass"])
    bad = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    other = board.sign(endorsement(board, "urn:x:another"), jwt=True).decode()
    report = world.look(carrying(union, jwts=(bad, other, "a.b.c")))
    assert (report.verdict, rows(report)) == (Verdict.VALID, ["fail"] * 3)


def test_a_forged_endorsement_is_shown_as_bad_and_changes_nothing(
    world: World, union: Issuer, board: Issuer
) -> None:
    forged = signed(board, next_id(union))
    forged["credentialSubject"]["endorsementComment"] = "The best of all."
    report = world.look(carrying(union, forged))
    assert (report.verdict, rows(report)) == (Verdict.VALID, ["fail"])
    by_impostor = json.loads(world.impostor_of("board").sign(endorsement(board, next_id(union))))
    assert rows(world.look(carrying(union, by_impostor))) == ["fail"]


def test_an_endorsement_of_something_else_does_not_count(world: World, union: Issuer, board: Issuer) -> None:
    report = world.look(carrying(union, signed(board, "https://union.example/credentials/other")))
    assert (report.verdict, rows(report)) == (Verdict.VALID, ["fail"])


def test_what_stands_there_must_be_an_endorsement(world: World, union: Issuer, board: Issuer) -> None:
    other = board.sign(board.status_list(), jwt=True).decode()
    unknown = board.sign(endorsement(board, next_id(union), note="x"), jwt=True).decode()
    wrong_claims = token_with(board, endorsement(board, next_id(union)), iss="did:web:evil.example")
    report = world.look(carrying(union, jwts=(other, unknown, wrong_claims)))
    assert (report.verdict, rows(report)) == (Verdict.VALID, ["fail"] * 3)


def token_with(board: Issuer, members: dict[str, Any], **claims: Any) -> str:
    signer = board.signer(KeyAlgorithm.P256)
    moment = int(board.world.clock.now().timestamp())
    payload = {**members, "iss": board.id, "nbf": moment, **claims}
    header = write({"alg": "ES256", "kid": signer.verification_method})
    signing_input = f"{base64url(header)}.{base64url(write(payload))}"
    return f"{signing_input}.{base64url(signer.sign(signing_input.encode()))}"


def test_endorsements_stand_inside_each_other_once_only(world: World, union: Issuer, board: Issuer) -> None:
    about = "urn:x:innermost"
    inner = signed(board, "urn:x:middle", id=about)
    middle = signed(board, "urn:x:outer", id="urn:x:middle", endorsement=[inner])
    outer = signed(board, next_id(union), id="urn:x:outer", endorsement=[middle])
    assert rows(world.look(carrying(union, outer)))[-1] == "indeterminate"


def test_inside_what_cannot_be_read_nothing_is_checked(world: World, union: Issuer, board: Issuer) -> None:
    badge = json.loads(carrying(union, signed(board, next_id(union))))
    world.requests.clear()
    report = world.look(json.dumps({**badge, "note": "x"}).encode())
    assert (report.verdict, rows(report)) == (Verdict.UNSIGNED_CONTENT, ["indeterminate"])
    assert board.id not in world.requests


def test_an_expired_endorsement_is_not_in_force(world: World, union: Issuer, board: Issuer) -> None:
    ended = signed(board, next_id(union), validUntil="2026-03-02T00:00:00Z")
    badge = carrying(union, ended)
    assert rows(world.look(badge)) == ["pass"]
    world.clock.advance(days=2)
    assert rows(world.look(badge)) == ["fail"]


def test_a_silent_endorser_leaves_only_its_own_row_open(world: World, union: Issuer, board: Issuer) -> None:
    badge = carrying(union, signed(board, next_id(union)))
    world.served[board.id] = timed_out("board.example")
    report = world.look(badge)
    assert (report.verdict, rows(report)) == (Verdict.VALID, ["indeterminate"])


def test_good_endorsements_never_lift_a_verdict(world: World, union: Issuer, board: Issuer) -> None:
    badge = carrying(union, signed(board, next_id(union)))
    union.revoke(badge)
    assert world.look(badge).verdict is Verdict.REVOKED
    forged = badge.replace(b"Plans and leads", b"Invents and leads")
    report = world.look(forged)
    assert (report.verdict, outcome_of(report, "proof")) == (Verdict.INVALID, "fail")


def test_an_endorsement_added_later_was_not_signed(world: World, union: Issuer, board: Issuer) -> None:
    badge = json.loads(union.mint())
    for addition in (
        {"endorsement": [signed(board, badge["id"])]},
        {"endorsementJwt": [board.sign(endorsement(board, badge["id"]), jwt=True).decode()]},
    ):
        assert world.look(json.dumps({**badge, **addition}).encode()).verdict is not Verdict.VALID


def test_each_place_has_its_own_subject(world: World, union: Issuer, board: Issuer) -> None:
    draft = union.draft()
    achievement = draft["credentialSubject"]["achievement"]
    achievement["endorsement"] = [signed(board, achievement["id"])]
    draft["issuer"] = {**draft["issuer"], "endorsement": [signed(board, union.id)]}
    report = world.look(union.sign(draft))
    assert (report.verdict, rows(report)) == (Verdict.VALID, ["pass", "pass"])


def test_more_endorsements_than_the_limit_are_a_fault_of_form(
    world: World, union: Issuer, board: Issuer
) -> None:
    tokens = tuple(
        board.sign(endorsement(board, next_id(union), id=f"urn:x:{n}"), jwt=True).decode()
        for n in range(ENDORSEMENTS + 1)
    )
    report = world.look(carrying(union, jwts=tokens))
    assert (report.verdict, outcome_of(report, "structure")) == (Verdict.INVALID, "fail")
    assert len(rows(report)) == ENDORSEMENTS


def test_an_envelope_around_a_badge_is_named(world: World, badge: bytes) -> None:
    from verifier.errors import PresentationError

    for kind in (
        "VerifiablePresentation",
        "EnvelopedVerifiableCredential",
        "EnvelopedVerifiablePresentation",
    ):
        envelope = {"@context": CONTEXTS[:1], "type": [kind], "verifiableCredential": [json.loads(badge)]}
        with pytest.raises(PresentationError):
            world.look(json.dumps(envelope).encode())


def test_one_list_named_by_all_is_verified_once(world: World, union: Issuer, board: Issuer) -> None:
    entries = [board.entry(index, "revocation").to_members() for index in range(4)]
    about = next_id(union)
    vouching = [signed(board, about, id=f"urn:x:{n}", credentialStatus=entries) for n in range(ENDORSEMENTS)]
    badge = carrying(union, *vouching)
    world.requests.clear()
    report = world.look(badge)
    assert (report.verdict, rows(report)) == (Verdict.VALID, ["pass"] * ENDORSEMENTS)
    assert world.requests.count(board.list_url()) == 1
    board.set_bits["revocation"] = {2}
    assert rows(world.look(badge)) == ["fail"] * ENDORSEMENTS


def test_what_nobody_is_shown_to_have_signed_sends_us_to_no_list(
    world: World, union: Issuer, board: Issuer
) -> None:
    entry = board.entry(5, "revocation").to_members()
    forged = signed(board, next_id(union), credentialStatus=entry) | {"name": "Something else"}
    unsigned = endorsement(board, next_id(union), id="urn:x:2", credentialStatus=entry)
    by_impostor = world.impostor_of("board").sign(unsigned)
    badge = carrying(union, forged, json.loads(by_impostor))
    assert rows(world.look(badge)) == ["fail", "fail"]
    assert board.list_url() not in world.requests
