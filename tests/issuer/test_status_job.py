# SPDX-License-Identifier: Apache-2.0
"""Lists are published off the request path, soon, once for many changes; without a worker all the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from credentials import status_list
from credentials.verification_method import KeyAlgorithm
from issuer import decoys, profiles, publish, reissue, revocation, status_job, status_publisher
from issuer.award import AwardState
from issuer.errors import NoSuchDocumentError, StatusListError
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from issuer.status import AHEAD, HALF
from issuer.status_age import ALGORITHMS, SKEW
from issuer.store import status as rows
from issuer.store.credentials import StoredCredential
from issuer.store.status import Place, Served
from keys.errors import NoActiveKeyError
from service import clock
from tests.issuer.house import NOW, issued, lists_published, members, verdict

LATER = NOW + timedelta(minutes=1)
SLUG = "example-education"
REVOKE = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)


def place_of(mint: Mint, found: StoredCredential) -> Place:
    with mint.db.reading() as session:
        return rows.places(session, found.key)[0]


def shows(served: Served | bytes, position: int) -> int:
    body = served if isinstance(served, bytes) else served.body
    return status_list.read_status(
        status_list.decode(json.loads(body)["credentialSubject"]["encodedList"]), position
    )


def watched(mint: Mint) -> tuple[Mint, list[str]]:
    """The room, and which lists were built in it: one word for each."""
    built: list[str] = []
    return replace(mint, reached=lambda step: built.append(step) if step == "list-swapped" else None), built


def test_a_decision_builds_no_list(mint: Mint) -> None:
    found = issued(mint)
    seen, built = watched(mint)
    revocation.decide(seen, found.key, REVOKE, now=NOW)
    revocation.decide_many(seen, [(found.key, REVOKE)], now=NOW)
    reissue.reissue(seen, issued(mint, submission="other").key, reason="name-corrected", now=NOW)
    assert built == []


def test_strangers_get_what_was_published_last_until_the_job_has_run(mint: Mint) -> None:
    found = issued(mint)
    place = place_of(mint, found)
    before = status_publisher.served(mint, place.list, now=NOW)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    soon = NOW + timedelta(seconds=3)
    assert status_publisher.served(mint, place.list, now=soon) == before
    assert status_publisher.publish_due(mint, now=soon) == 1
    after = status_publisher.served(mint, place.list, now=soon)
    assert after.version == before.version + 1
    assert [shows(each, place.position) for each in (before, after)] == [0, 1]
    assert status_publisher.publish_due(mint, now=soon) == 0


def test_without_any_worker_a_change_is_public_within_five_seconds(mint: Mint) -> None:
    found = issued(mint)
    place = place_of(mint, found)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    other = issued(mint, submission="other")
    seen, built = watched(mint)
    revocation.decide(seen, other.key, REVOKE, now=NOW + timedelta(seconds=4))
    assert shows(status_publisher.served(seen, place.list, now=NOW + timedelta(seconds=5)), place.position)
    revocation.decide(seen, found.key, REVOKE, now=NOW + timedelta(seconds=5))
    late = status_publisher.served(seen, place.list, now=NOW + timedelta(seconds=9))
    assert shows(late, place_of(mint, other).position)
    assert len(built) == 1


def test_many_changes_do_not_put_off_the_first_ones(mint: Mint) -> None:
    found = [issued(mint, submission=str(number)) for number in range(6)]
    place = place_of(mint, found[0])
    moment = NOW
    for number, each in enumerate(found):
        moment = NOW + timedelta(seconds=number)
        revocation.decide(mint, each.key, REVOKE, now=moment)
        status_publisher.served(mint, place.list, now=moment)
    assert shows(status_publisher.served(mint, place.list, now=moment), place.position)


def test_a_list_beyond_half_its_life_is_made_anew_for_whoever_asks(mint: Mint) -> None:
    place = place_of(mint, issued(mint))
    first = status_publisher.served(mint, place.list, now=NOW)
    assert status_publisher.served(mint, place.list, now=NOW + timedelta(hours=11)) == first
    second = status_publisher.served(mint, place.list, now=NOW + timedelta(hours=12))
    assert second.valid_from == NOW + timedelta(hours=12)


def test_the_job_makes_old_lists_anew_so_that_nobody_waits_for_it(mint: Mint) -> None:
    place = place_of(mint, issued(mint))
    with mint.db.transaction() as session:
        for list_id in rows.every(session):
            rows.stir(session, list_id, at=NOW + timedelta(days=9))
    assert status_publisher.publish_due(mint, now=NOW + timedelta(minutes=29)) == 0
    assert status_publisher.publish_due(mint, now=NOW + timedelta(minutes=30)) == 2
    served = status_publisher.served(mint, place.list, now=NOW + timedelta(minutes=30))
    assert served.valid_from == NOW + timedelta(minutes=30)


def test_changes_of_one_second_are_one_publication(mint: Mint) -> None:
    found = [issued(mint, submission=str(number)) for number in range(4)]
    seen, built = watched(mint)
    pauses: list[float] = []
    for each in found:
        revocation.decide(seen, each.key, REVOKE, now=NOW + timedelta(seconds=5))

    def pause(seconds: float) -> None:
        """Another decision comes while the job waits."""
        pauses.append(seconds)

    assert status_job.work(seen, now=NOW + timedelta(seconds=5), pause=pause) == 1
    assert (len(built), pauses) == (1, [])
    revocation.decide(seen, issued(mint, submission="next").key, REVOKE, now=NOW + timedelta(seconds=5))
    assert status_job.work(seen, now=NOW + timedelta(seconds=5, milliseconds=400), pause=pause) == 1
    assert len(built) == 2
    assert 0.3 < sum(pauses) < 0.9


def test_a_list_that_cannot_be_signed_is_in_no_other_ones_way(mint: Mint) -> None:
    found = issued(mint)
    place = place_of(mint, found)
    source = b'slug = "plain"\nname = "Plain"\ndescription = "Without keys."\nmonogram = "P"\n'
    profiles.register(mint, source, name="issuer.toml", now=NOW)
    for key in mint.cabinet.ring("plain").keys:
        mint.cabinet.retire("plain", key.id, now=NOW)
    with mint.db.transaction() as session:
        rows.add_list(session, id="0" * 32, issuer="plain", purpose="revocation", now=NOW)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    with pytest.raises(NoActiveKeyError):
        status_publisher.publish_due(mint, now=NOW)
    assert shows(status_publisher.served(mint, place.list, now=NOW), place.position)


def test_a_list_whose_keys_are_gone_stays_as_it_is_and_is_no_failure(mint: Mint) -> None:
    place = place_of(mint, issued(mint))
    first = status_publisher.served(mint, place.list, now=NOW)
    for key in mint.cabinet.ring("example-education").keys:
        mint.cabinet.retire("example-education", key.id, now=NOW)
    late = NOW + timedelta(hours=20)
    lists_published(mint, now=late)
    assert status_publisher.served(mint, place.list, now=late) == first


def test_without_a_key_the_last_list_is_served_until_it_ends_although_a_change_waits(
    mint: Mint, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    found = issued(mint)
    place = place_of(mint, found)
    first = status_publisher.served(mint, place.list, now=NOW)
    for key in mint.cabinet.ring(SLUG).keys:
        mint.cabinet.retire(SLUG, key.id, now=NOW)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    for moment in (NOW, NOW + timedelta(seconds=5), NOW + timedelta(hours=23)):
        assert status_publisher.served(mint, place.list, now=moment) == first
    assert client.get(f"/status/{place.list}").data == first.body
    with pytest.raises(NoActiveKeyError):
        status_publisher.current(mint, place.list, now=NOW)
    with pytest.raises(NoActiveKeyError):
        status_publisher.publish_due(mint, now=LATER)
    assert "status-list.not-published" in [each.message for each in caplog.records]
    assert status_publisher.attention(mint, now=NOW + timedelta(minutes=3)) == ("status-lists.late",)
    with pytest.raises(StatusListError, match="not valid now"):
        status_publisher.served(mint, place.list, now=first.valid_until)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("waits", [False, True])
def test_what_a_compromised_key_signed_is_served_to_nobody(
    mint: Mint, client: FlaskClient, algorithm: KeyAlgorithm, waits: bool
) -> None:
    found = issued(mint)
    place = place_of(mint, found)
    status_publisher.served(mint, place.list, now=NOW)
    key = mint.cabinet.ring(SLUG).active(algorithm)
    mint.cabinet.compromised(SLUG, key.id, since=NOW, now=NOW)
    if waits:
        revocation.decide(mint, found.key, REVOKE, now=NOW)
    for read in (status_publisher.served, status_publisher.exported):
        with pytest.raises((StatusListError, NoActiveKeyError)):
            read(mint, place.list, now=LATER)
    assert client.get(f"/status/{place.list}").status_code == 503
    mint.cabinet.new_key(SLUG, algorithm, now=LATER)
    assert shows(status_publisher.served(mint, place.list, now=LATER), place.position) == waits


def test_an_old_list_that_no_key_can_renew_is_logged_and_shown_by_health(
    mint: Mint, caplog: pytest.LogCaptureFixture
) -> None:
    issued(mint)
    lists_published(mint)
    assert status_publisher.attention(mint, now=LATER) == ()
    for key in mint.cabinet.ring(SLUG).keys:
        mint.cabinet.retire(SLUG, key.id, now=NOW)
    late = NOW + timedelta(hours=1)
    status_publisher.publish_due(mint, now=late)
    assert [each.message for each in caplog.records].count("status-list.no-active-key") == 2
    assert status_publisher.attention(mint, now=late) == ("status-lists.late",)


def test_a_clock_that_ran_ahead_once_does_not_hold_the_lists(
    mint: Mint, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, other = issued(mint), issued(mint, submission="other")
    place = place_of(mint, found)
    lists_published(mint)
    ahead = NOW + timedelta(days=30)
    revocation.decide(mint, other.key, REVOKE, now=ahead)
    lists_published(mint, now=ahead)
    assert verdict(mint, found.signed_json, now=ahead) == "valid"
    with mint.db.reading() as session:
        wrong = rows.get(session, place.list)
    assert wrong is not None
    assert wrong.served is not None
    assert wrong.served.valid_from == ahead.replace(microsecond=0)
    assert status_publisher.attention(mint, now=LATER) == ("status-lists.from-the-future",)
    monkeypatch.setattr(decoys, "STIRS", timedelta(minutes=1))
    right = status_publisher.served(mint, place.list, now=LATER)
    assert (right.valid_from, right.version) == (LATER.replace(microsecond=0), wrong.served.version + 1)
    assert status_publisher.publish_due(mint, now=LATER) == 1
    assert [each.message for each in caplog.records].count("status-list.from-the-future") == 2
    assert status_publisher.attention(mint, now=LATER) == ()
    assert [verdict(mint, each.signed_json, now=LATER) for each in (found, other)] == ["valid", "revoked"]
    # Whatever the clock ahead has left, from now on all is as ever.
    assert status_publisher.publish_due(mint, now=LATER) == 0
    with mint.db.reading() as session:
        known = rows.get(session, place.list)
    assert known is not None
    assert known.stirs_at is not None
    assert known.stirs_at < ahead + timedelta(days=1)


def test_a_change_written_by_a_clock_ahead_is_public_at_once(mint: Mint) -> None:
    found = issued(mint)
    place = place_of(mint, found)
    status_publisher.served(mint, place.list, now=NOW)
    revocation.decide(mint, found.key, REVOKE, now=NOW + timedelta(days=30))
    assert shows(status_publisher.served(mint, place.list, now=NOW), place.position)


def test_of_two_machines_the_one_that_is_ahead_does_not_rule(mint: Mint) -> None:
    found = issued(mint)
    place = place_of(mint, found)
    wrong, versions = timedelta(hours=13), []
    for minute in range(1, 4):
        now = NOW + timedelta(minutes=minute)
        status_publisher.publish_due(mint, now=now + wrong)
        served = status_publisher.served(mint, place.list, now=now)
        assert served.valid_from == now.replace(microsecond=0)
        versions.append(served.version)
    assert versions == sorted(set(versions))


def test_machines_a_few_minutes_apart_go_by_the_later_one(mint: Mint) -> None:
    one, other = issued(mint), issued(mint, submission="other")
    place = place_of(mint, one)
    revocation.decide(mint, one.key, REVOKE, now=NOW)
    first = status_publisher.current(mint, place.list, now=NOW + SKEW)
    revocation.decide(mint, other.key, REVOKE, now=NOW)
    second = status_publisher.current(mint, place.list, now=NOW)
    assert (second.version, second.valid_from) == (first.version + 1, first.valid_from)


def test_others_are_told_although_one_list_cannot_be_signed(mint: Mint) -> None:
    found, told = issued(mint), list[str]()
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    for key in mint.cabinet.ring("example-education").keys:
        mint.cabinet.retire("example-education", key.id, now=NOW)

    def hear(credential_ids: Sequence[str], /, *, now: datetime) -> None:
        told.extend(credential_ids)

    with pytest.raises(NoActiveKeyError):
        status_job.work(replace(mint, status_changed=hear), now=NOW + timedelta(seconds=2))
    assert told == [found.credential_id]


def test_what_a_crash_left_unpublished_and_untold_is_done_by_the_next_run(mint: Mint) -> None:
    found, told = issued(mint), list[str]()
    place = place_of(mint, found)

    class KilledError(BaseException):
        """Stands for the end of a process."""

    def killed(step: str) -> None:
        if step == "list-signed":
            raise KilledError

    def hear(credential_ids: Sequence[str], /, *, now: datetime) -> None:
        told.extend(credential_ids)

    revocation.decide(mint, found.key, REVOKE, now=NOW)
    with pytest.raises(KilledError):
        lists_published(replace(mint, reached=killed, status_changed=hear))
    assert told == []
    lists_published(replace(mint, status_changed=hear))
    lists_published(replace(mint, status_changed=hear))
    assert told == [found.credential_id]
    assert shows(status_publisher.served(mint, place.list, now=NOW), place.position)


def test_two_that_publish_at_once_never_bring_back_the_older_list(mint: Mint) -> None:
    one, other = issued(mint), issued(mint, submission="other")
    places = [place_of(mint, each) for each in (one, other)]
    revocation.decide(mint, one.key, REVOKE, now=NOW)
    entered: list[str] = []

    def meanwhile(step: str) -> None:
        """Before the first one has swapped, another process revokes and publishes."""
        if step == "list-signed" and not entered:
            entered.append(step)
            revocation.decide(mint, other.key, REVOKE, now=NOW)
            status_publisher.publish_due(mint, now=NOW)

    served = status_publisher.current(replace(mint, reached=meanwhile), places[0].list, now=NOW)
    assert [shows(served, each.position) for each in places] == [1, 1]
    assert status_publisher.served(mint, places[0].list, now=NOW) == served


def test_the_next_list_is_begun_and_published_before_the_last_one_is_full(mint: Mint) -> None:
    found = issued(mint)
    first = place_of(mint, found)

    def fill(entries: int) -> None:
        with mint.db.transaction() as session:
            values = {"id": first.list, "entries": entries}
            session.execute(text("UPDATE issuer_status_lists SET entries = :entries WHERE id = :id"), values)

    def lists() -> tuple[str, ...]:
        with mint.db.reading() as session:
            return rows.every(session)

    before = lists()
    fill(AHEAD - 1)
    status_job.work(mint, now=LATER, pause=lambda _seconds: None)
    assert lists() == before
    fill(AHEAD)
    status_job.work(mint, now=LATER, pause=lambda _seconds: None)
    status_job.work(mint, now=LATER, pause=lambda _seconds: None)
    (new,) = set(lists()) - set(before)
    with mint.db.reading() as session:
        known = rows.get(session, new)
    assert known is not None
    assert known.served is not None
    assert place_of(mint, issued(mint, submission="next")).list == first.list
    fill(HALF)
    seen, built = watched(mint)
    after = issued(seen, submission="after")
    assert place_of(mint, after).list == new
    assert built == []


def test_the_web_serves_what_was_published_and_the_job_shows_the_change(
    mint: Mint, client: FlaskClient
) -> None:
    found = issued(mint)
    place = place_of(mint, found)
    link = f"/status/{place.list}"
    before = client.get(link)
    revocation.decide(mint, found.key, REVOKE, now=clock.now())
    assert client.get(link).data == before.data
    status_job.work(mint, now=clock.now(), pause=lambda _seconds: None)
    after = client.get(link)
    assert [shows(each.data, place.position) for each in (before, after)] == [0, 1]
    assert after.headers["ETag"] != before.headers["ETag"]
    assert client.get(link, headers={"If-None-Match": after.headers["ETag"]}).status_code == 304


def test_there_is_no_list_of_another_name(mint: Mint) -> None:
    with pytest.raises(NoSuchDocumentError):
        status_publisher.served(mint, "0" * 32, now=NOW)
    assert publish.status_list(mint, "/status/" + "0" * 32, now=NOW) is None


@pytest.mark.parametrize("read", [status_publisher.current, status_publisher.served])
def test_our_own_verifier_sees_a_change_at_once_and_strangers_what_is_published(
    mint: Mint, read: Callable[..., Served]
) -> None:
    found = issued(mint)
    place = place_of(mint, found)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    entry = members(found)["credentialStatus"][0]
    seen = read(mint, place.list, now=NOW)
    assert shows(seen, int(entry["statusListIndex"])) == (read is status_publisher.current)
