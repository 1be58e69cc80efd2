# SPDX-License-Identifier: Apache-2.0
"""What we take back is seen at once, and what was served is never followed by something older."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from credentials import status_list
from credentials.verification_method import KeyAlgorithm
from issuer import achievements, profiles, programme, publish, revocation, status_publisher
from issuer.award import AwardState
from issuer.errors import NoSuchCredentialError, StatusFinalError, StatusNotOfferedError
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from issuer.store import status as status_rows
from issuer.store.credentials import StoredCredential
from issuer.store.status import Served, StatusList, Turned
from service import audit
from tests.issuer.house import NOW, issued, members, verdict

REVOKE = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
SUSPEND = Decision(AwardState.SUSPENDED, Reason.UNDER_REVIEW)
NOTHING = Turned()
REINSTATE = Decision(AwardState.ISSUED, Reason.REVIEW_ENDED)


def set_bits(served: Served) -> set[int]:
    """The places that a list shows as set."""
    bits = status_list.decode(json.loads(served.body)["credentialSubject"]["encodedList"])
    return {index for index in range(len(bits) * 8) if status_list.read_status(bits, index)}


def list_of(mint: Mint, found: StoredCredential, index: int = 0) -> str:
    with mint.db.reading() as session:
        return status_rows.places(session, found.key)[index].list


def test_a_revoked_badge_is_revoked_at_once_in_both_forms(mint: Mint) -> None:
    found = issued(mint)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    assert verdict(mint, found.signed_json) == "revoked"
    assert verdict(mint, found.signed_jwt) == "revoked"


def test_a_suspended_badge_is_not_revoked_and_comes_back(mint: Mint) -> None:
    found = issued(mint)
    revocation.decide(mint, found.key, SUSPEND, now=NOW)
    assert verdict(mint, found.signed_json) == "suspended"
    revocation.decide(mint, found.key, REINSTATE, now=NOW)
    assert verdict(mint, found.signed_json) == "valid"


def test_a_withdrawal_is_final(mint: Mint) -> None:
    found = issued(mint)
    revocation.decide(mint, found.key, SUSPEND, now=NOW)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    for decision in (SUSPEND, REINSTATE):
        with pytest.raises(StatusFinalError):
            revocation.decide(mint, found.key, decision, now=NOW)
    assert verdict(mint, found.signed_json) == "revoked"


def test_the_same_decision_again_changes_nothing(mint: Mint) -> None:
    found = issued(mint)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    before = status_publisher.current(mint, list_of(mint, found), now=NOW)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    assert status_publisher.current(mint, list_of(mint, found), now=NOW) == before
    with mint.db.reading() as session:
        lines = [line.action for line in audit.lines(session, subject=found.key)]
    assert lines.count("credential.revoked") == 1


def test_others_are_not_touched(mint: Mint) -> None:
    one, other = issued(mint, submission="one"), issued(mint, submission="other")
    revocation.decide(mint, one.key, REVOKE, now=NOW)
    assert verdict(mint, other.signed_json) == "valid"


def test_the_note_stays_with_us(mint: Mint) -> None:
    found = issued(mint)
    decision = Decision(AwardState.REVOKED, Reason.OTHER, public_reason="Issued twice.", note="secret note")
    revocation.decide(mint, found.key, decision, now=NOW)
    change = revocation.last_change(mint, found.key)
    assert change is not None
    assert (change.public_reason, change.note) == ("Issued twice.", "secret note")
    with mint.db.reading() as session:
        lines = audit.lines(session, subject=found.key)
    assert "secret" not in json.dumps([dict(line.detail) for line in lines])


def test_an_unknown_credential_is_told(mint: Mint) -> None:
    with pytest.raises(NoSuchCredentialError):
        revocation.decide(mint, "nothing", REVOKE, now=NOW)


def test_without_a_suspension_entry_there_is_no_suspension(mint: Mint) -> None:
    source = b'slug = "plain"\nname = "Plain"\ndescription = "No suspension."\nmonogram = "P"\n'
    profiles.register(mint, source, name="issuer.toml", now=NOW)
    text = (programme.samples()[0] / "sel1-v1.toml").read_bytes().replace(b'"SEL1"', b'"PLAIN1"')
    achievements.register(mint, text, issuer="plain", name="plain1.toml", now=NOW)
    found = issued(mint, achievement="PLAIN1-v1")
    assert isinstance(members(found)["credentialStatus"], dict)
    with pytest.raises(StatusNotOfferedError):
        revocation.decide(mint, found.key, SUSPEND, now=NOW)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    assert verdict(mint, found.signed_json) == "revoked"


def test_the_list_is_built_from_rows_and_only_from_them(mint: Mint) -> None:
    found = [issued(mint, submission=str(number)) for number in range(6)]
    for each in found[::2]:
        revocation.decide(mint, each.key, REVOKE, now=NOW)
    list_id = list_of(mint, found[0])
    bits = set_bits(status_publisher.current(mint, list_id, now=NOW))
    with mint.db.reading() as session:
        expected = {status_rows.places(session, each.key)[0].position for each in found[::2]}
        nobodys = set(status_rows.set_decoys(session, list_id))
        assert all(status_rows.owner(session, list_id, each) is None for each in nobodys)
    assert bits - nobodys == expected
    assert not nobodys & expected


def test_a_list_says_a_little_about_time_and_nothing_about_people(mint: Mint) -> None:
    found = issued(mint)
    served = status_publisher.current(mint, list_of(mint, found), now=NOW)
    document = json.loads(served.body)
    assert document["credentialSubject"]["ttl"] == 60_000
    assert served.valid_until - served.valid_from == timedelta(hours=24)
    assert found.key not in served.body.decode()


def test_every_change_is_in_the_very_next_list_however_many_come_in_a_second(mint: Mint) -> None:
    found = issued(mint)
    list_id = list_of(mint, found, 1)
    with mint.db.reading() as session:
        position = status_rows.places(session, found.key)[1].position
    moments = [status_publisher.current(mint, list_id, now=NOW).valid_from]
    for number in range(60):
        decision = REINSTATE if number % 2 else SUSPEND
        moment = NOW + timedelta(milliseconds=16 * number)
        revocation.decide(mint, found.key, decision, now=moment)
        served = status_publisher.current(mint, list_id, now=moment)
        bits = status_list.decode(json.loads(served.body)["credentialSubject"]["encodedList"])
        assert status_list.read_status(bits, position) == (number + 1) % 2
        moments.append(served.valid_from)
    assert set(moments) == {NOW}
    assert verdict(mint, found.signed_json) == "valid"
    revocation.decide(mint, found.key, SUSPEND, now=NOW)
    assert verdict(mint, found.signed_json) == "suspended"


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.ED25519, KeyAlgorithm.P256])
def test_a_list_that_a_compromised_key_signed_is_made_anew_at_once(
    mint: Mint, algorithm: KeyAlgorithm
) -> None:
    early, slug = NOW - timedelta(hours=3), "example-education"
    found = issued(mint, now=early)
    other = issued(mint, now=early, submission="other")
    revocation.decide(mint, other.key, REVOKE, now=NOW)
    before = mint.cabinet.ring(slug).active(algorithm)
    mint.cabinet.rotate(slug, algorithm, now=NOW)
    mint.cabinet.compromised(slug, before.id, since=NOW - timedelta(hours=1), now=NOW)
    assert verdict(mint, found.signed_json) == verdict(mint, found.signed_jwt) == "valid"
    assert verdict(mint, other.signed_json) == verdict(mint, other.signed_jwt) == "revoked"
    served = status_publisher.current(mint, list_of(mint, found), now=NOW)
    assert before.id.encode() not in served.body
    assert mint.cabinet.ring(slug).method_id(before) not in served.methods
    assert verdict(mint, issued(mint, submission="new").signed_json) == "valid"


def test_a_list_is_made_anew_when_its_key_has_been_replaced(mint: Mint) -> None:
    list_id = list_of(mint, issued(mint))
    first = status_publisher.current(mint, list_id, now=NOW)
    mint.cabinet.rotate("example-education", KeyAlgorithm.ED25519, now=NOW)
    second = status_publisher.current(mint, list_id, now=NOW)
    assert second.methods != first.methods
    assert second.valid_from == first.valid_from
    assert status_publisher.current(mint, list_id, now=NOW) == second


def test_a_list_stays_as_it_is_while_there_is_no_key_to_make_another_one(mint: Mint) -> None:
    found, slug = issued(mint), "example-education"
    mint.cabinet.retire(slug, mint.cabinet.ring(slug).active(KeyAlgorithm.ED25519).id, now=NOW)
    assert verdict(mint, found.signed_json) == "valid"


def test_after_half_an_hour_a_list_is_made_anew(mint: Mint) -> None:
    list_id = list_of(mint, issued(mint))
    first = status_publisher.current(mint, list_id, now=NOW)
    assert status_publisher.current(mint, list_id, now=NOW + timedelta(minutes=29)) == first
    second = status_publisher.current(mint, list_id, now=NOW + timedelta(minutes=31))
    assert second.valid_from > first.valid_from


def test_a_clock_that_jumps_back_never_brings_an_older_list(mint: Mint) -> None:
    one, other = issued(mint), issued(mint, submission="other")
    list_id = list_of(mint, one)
    ahead = NOW + timedelta(minutes=5)
    revocation.decide(mint, one.key, REVOKE, now=ahead)
    later = status_publisher.current(mint, list_id, now=ahead)
    revocation.decide(mint, other.key, REVOKE, now=NOW)
    last = status_publisher.current(mint, list_id, now=NOW)
    assert (last.version, last.valid_from) == (later.version + 1, later.valid_from)


def test_a_list_that_is_older_than_the_served_one_is_not_swapped_in(mint: Mint) -> None:
    found = issued(mint)
    list_id = list_of(mint, found)
    served = status_publisher.current(mint, list_id, now=NOW + timedelta(hours=2))
    with mint.db.transaction() as session:
        before = status_rows.get(session, list_id)
        assert before is not None

        def swapped(before: StatusList, served: Served, turned: Turned = NOTHING) -> bool:
            return status_rows.swap(
                session, before=before, served=served, turned=turned, stirs_at=NOW, now=NOW
            )

        other = replace(served, body=b"{}")
        assert not swapped(before, replace(other, valid_from=NOW))
        assert not swapped(replace(before, served=replace(served, version=served.version - 1)), other)
        assert not swapped(replace(before, changed=served.change - 1), other)
        place = status_rows.places(session, found.key)[0].position
        assert not swapped(before, other, Turned(on=(place,)))
    assert status_publisher.current(mint, list_id, now=NOW + timedelta(hours=2)) == served


def test_the_list_as_jwt_says_the_same(mint: Mint) -> None:
    found = issued(mint)
    url = members(found)["credentialStatus"][0]["statusListCredential"]
    document = publish.published(mint, f"{url}.jwt", now=NOW)
    assert document is not None
    assert document.media_type == "application/vc+jwt"
    assert document.body.count(b".") == 2


def test_many_revokers_at_once_lose_nothing(mint: Mint) -> None:
    found = [issued(mint, submission=str(number)) for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda each: revocation.decide(mint, each.key, REVOKE, now=NOW), found[:9]):
            pass
    list_id = list_of(mint, found[0])
    bits = set_bits(status_publisher.current(mint, list_id, now=NOW + timedelta(seconds=1)))
    with mint.db.reading() as session:
        places = [status_rows.places(session, each.key)[0].position for each in found]
        nobodys = status_rows.set_decoys(session, list_id)
    assert bits.difference(nobodys) == set(places[:9])
