# SPDX-License-Identifier: Apache-2.0
"""What we take back is seen at once, and what was served is never followed by something older."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from credentials import status_list
from issuer import achievements, profiles, programme, publish, revocation, status_publisher
from issuer.award import AwardState
from issuer.errors import NoSuchCredentialError, StatusFinalError, StatusNotOfferedError
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from issuer.store import status as status_rows
from issuer.store.credentials import StoredCredential
from service import audit
from tests.issuer.house import NOW, issued, members, verdict

REVOKE = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
SUSPEND = Decision(AwardState.SUSPENDED, Reason.UNDER_REVIEW)
REINSTATE = Decision(AwardState.ISSUED, Reason.REVIEW_ENDED)


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
    served = status_publisher.current(mint, list_of(mint, found[0]), now=NOW)
    bits = status_list.decode(json.loads(served.body)["credentialSubject"]["encodedList"])
    with mint.db.reading() as session:
        expected = {status_rows.places(session, each.key)[0].position for each in found[::2]}
    assert {index for index in range(len(bits) * 8) if status_list.read_status(bits, index)} == expected


def test_a_list_says_a_little_about_time_and_nothing_about_people(mint: Mint) -> None:
    found = issued(mint)
    served = status_publisher.current(mint, list_of(mint, found), now=NOW)
    document = json.loads(served.body)
    assert document["credentialSubject"]["ttl"] == 60_000
    assert served.valid_until - served.valid_from == timedelta(hours=1)
    assert found.key not in served.body.decode()


def test_valid_from_grows_with_every_list(mint: Mint) -> None:
    found = issued(mint)
    list_id = list_of(mint, found, 1)
    moments = [status_publisher.current(mint, list_id, now=NOW).valid_from]
    for decision in (SUSPEND, REINSTATE) * 5:
        revocation.decide(mint, found.key, decision, now=NOW)
        moments.append(status_publisher.current(mint, list_id, now=NOW).valid_from)
    assert moments == sorted(set(moments))
    assert verdict(mint, found.signed_json) == "valid"


def test_very_many_changes_in_a_second_are_collected(mint: Mint) -> None:
    found = issued(mint)
    list_id = list_of(mint, found, 1)
    for decision in (SUSPEND, REINSTATE) * 25:
        revocation.decide(mint, found.key, decision, now=NOW)
    revocation.decide(mint, found.key, SUSPEND, now=NOW)
    ahead = status_publisher.current(mint, list_id, now=NOW).valid_from - NOW
    assert ahead <= status_publisher.AHEAD
    # Collected changes are seen as soon as the clock has moved on, within the five seconds that we promise.
    assert verdict(mint, found.signed_json, now=NOW + timedelta(seconds=2)) == "suspended"


def test_half_way_through_its_life_a_list_is_made_anew(mint: Mint) -> None:
    list_id = list_of(mint, issued(mint))
    first = status_publisher.current(mint, list_id, now=NOW)
    assert status_publisher.current(mint, list_id, now=NOW + timedelta(minutes=29)) == first
    second = status_publisher.current(mint, list_id, now=NOW + timedelta(minutes=31))
    assert second.valid_from > first.valid_from


def test_a_clock_that_jumps_back_never_brings_an_older_list(mint: Mint) -> None:
    list_id = list_of(mint, issued(mint))
    later = status_publisher.current(mint, list_id, now=NOW + timedelta(hours=2))
    assert status_publisher.current(mint, list_id, now=NOW).valid_from >= later.valid_from


def test_a_list_that_is_older_than_the_served_one_is_not_swapped_in(mint: Mint) -> None:
    list_id = list_of(mint, issued(mint))
    served = status_publisher.current(mint, list_id, now=NOW + timedelta(hours=2))
    with mint.db.transaction() as session:
        older = status_rows.Served(b"{}", b"", NOW, NOW)
        assert not status_rows.swap(session, list_id, change=99, served=older)
        newer = status_rows.Served(b"{}", b"", served.valid_from + timedelta(days=1), NOW)
        assert not status_rows.swap(session, list_id, change=-1, served=newer)


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
    served = status_publisher.current(mint, list_id, now=NOW + timedelta(seconds=1))
    bits = status_list.decode(json.loads(served.body)["credentialSubject"]["encodedList"])
    with mint.db.reading() as session:
        places = [status_rows.places(session, each.key)[0].position for each in found]
    assert [status_list.read_status(bits, place) for place in places] == [1] * 9 + [0] * 3
    assert sum(byte.bit_count() for byte in bits) == 9
