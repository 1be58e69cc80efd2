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
from issuer import profiles, publish, reissue, revocation, status_job, status_publisher
from issuer.award import AwardState
from issuer.errors import NoSuchDocumentError
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from issuer.status import AHEAD, HALF
from issuer.store import status as rows
from issuer.store.credentials import StoredCredential
from issuer.store.status import Place, Served
from keys.errors import NoActiveKeyError
from service import clock
from tests.issuer.house import NOW, issued, lists_published, members

LATER = NOW + timedelta(minutes=1)
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
