# SPDX-License-Identifier: Apache-2.0
"""Threat I4: places in lists say neither who nor when, and what changes in a list not how many it met."""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from credentials import status_list
from issuer import decoys, revocation, status_decoys, status_publisher
from issuer.award import AwardState
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from issuer.status import LIST_ENTRIES, choose_index
from issuer.store import status as rows
from issuer.store.credentials import StoredCredential
from issuer.store.status import Served, StatusList
from tests.issuer.house import NOW, issued, verdict

REVOKE = Decision(AwardState.REVOKED, Reason.ISSUED_IN_ERROR)
SUSPEND = Decision(AwardState.SUSPENDED, Reason.UNDER_REVIEW)
REINSTATE = Decision(AwardState.ISSUED, Reason.REVIEW_ENDED)
LATER = NOW + timedelta(minutes=1)


def seeded(seed: int) -> Callable[[int], int]:
    return random.Random(seed).randrange  # noqa: S311  the same numbers on every run


def chi_square(counted: Counter[int], *, kinds: int) -> float:
    """How far counts are from even ones, in standard deviations of the statistic."""
    expected = counted.total() / kinds
    found = sum((counted[kind] - expected) ** 2 / expected for kind in range(kinds))
    return float((found - (kinds - 1)) / (2 * (kinds - 1)) ** 0.5)


def shown(served: Served) -> set[int]:
    bits = status_list.decode(json.loads(served.body)["credentialSubject"]["encodedList"])
    return {8 * byte + bit for byte, value in enumerate(bits) for bit in range(8) if value >> (7 - bit) & 1}


def list_of(mint: Mint, found: StoredCredential, purpose: str = "revocation") -> StatusList:
    with mint.db.reading() as session:
        place = next(each for each in rows.places(session, found.key) if each.purpose == purpose)
        known = rows.get(session, place.list)
    assert known is not None
    return known


def nobodys(mint: Mint, list_id: str) -> set[int]:
    with mint.db.reading() as session:
        return set(rows.set_decoys(session, list_id))


# -- places ------------------------------------------------------------------------------------------------


def test_places_are_drawn_evenly_whatever_is_taken_and_in_no_order() -> None:
    draw = seeded(1)
    taken = {number for number in range(LIST_ENTRIES) if draw(2)}
    drawn: list[int] = []
    for _ in range(40_000):
        index = choose_index(is_taken=taken.__contains__, draw=draw)
        taken.add(index)
        drawn.append(index)
    free = Counter(index * 64 // LIST_ENTRIES for index in drawn)
    # Each sixty-fourth of the list had about as many free places; what is drawn is as even as chance is.
    assert abs(chi_square(free, kinds=64)) < 6
    rises = sum(one < other for one, other in pairwise(drawn))
    assert abs(rises - len(drawn) / 2) < 6 * (len(drawn) / 12) ** 0.5
    assert len(set(drawn)) == len(drawn)


def test_the_real_draw_is_even() -> None:
    counted = Counter(
        choose_index(is_taken=lambda _index: False, draw=secrets.randbelow) * 256 // LIST_ENTRIES
        for _ in range(20_000)
    )
    assert abs(chi_square(counted, kinds=256)) < 6


# -- how many ----------------------------------------------------------------------------------------------


def test_the_number_of_decoys_has_its_mean_and_hides_one_person_more_or_less() -> None:
    draw = seeded(3)
    counted = Counter(decoys.number(1, draw=draw) for _ in range(40_000))
    mean = sum(number * times for number, times in counted.items()) / counted.total()
    assert abs(mean - decoys.MEAN) < 0.3
    # What is seen with one person is nearly as likely with none or two.
    for number in range(12):
        ratio = counted[number] / counted[number + 1]
        assert 1.0 < ratio < 1.35
    assert counted[0] < counted.total() / (decoys.MEAN + 1) * 1.1


def test_beside_a_thousand_changes_there_are_hundreds_of_decoys() -> None:
    draw = seeded(4)
    found = [decoys.number(1_000, draw=draw) for _ in range(2_000)]
    assert 450 < sum(found) / len(found) < 550


def test_a_list_begins_with_any_number_of_them() -> None:
    draw = seeded(5)
    counted = Counter(decoys.first_number(draw=draw) * 32 // decoys.FIRST for _ in range(20_000))
    assert abs(chi_square(counted, kinds=32)) < 6


def test_they_stir_at_random_moments_once_a_day_in_the_mean() -> None:
    draw = seeded(6)
    waits = [(decoys.next_stir(NOW, draw=draw) - NOW) / decoys.STIRS for _ in range(20_000)]
    assert min(waits) >= 0
    assert 0.97 < sum(waits) / len(waits) < 1.03
    assert 0.34 < sum(wait > 1 for wait in waits) / len(waits) < 0.40


# -- in lists ----------------------------------------------------------------------------------------------


def test_a_decoy_is_nobodys_for_ever_and_makes_no_credential_look_revoked(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoys, "first_number", lambda *, draw: 500)
    monkeypatch.setattr(decoys, "number", lambda _changed, *, draw: 40)
    found = [issued(mint, submission=str(number)) for number in range(6)]
    known = list_of(mint, found[0])
    assert len(nobodys(mint, known.id)) == known.decoys == 500
    new: set[int] = set()
    for number, each in enumerate(found[:3]):
        revocation.decide(mint, each.key, REVOKE, now=NOW)
        before = nobodys(mint, known.id)
        seen = shown(status_publisher.current(mint, known.id, now=NOW))
        new = nobodys(mint, known.id)
        assert new > before
        assert len(new) == 500 + 40 * (number + 1)
        assert len(seen - new) == number + 1
    assert [verdict(mint, each.signed_json) for each in found] == ["revoked"] * 3 + ["valid"] * 3
    with mint.db.reading() as session:
        assert not any(rows.owner(session, known.id, each) for each in new)
        assert rows.taken_positions(session, known.id, sorted(new)) == new


def test_no_credential_gets_the_place_of_a_decoy(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    known = list_of(mint, issued(mint))
    monkeypatch.setattr(decoys, "number", lambda _changed, *, draw: 3)
    with mint.db.transaction() as session:
        rows.count_changes(session, {known.id: 1}, now=NOW)
    status_publisher.current(mint, known.id, now=NOW)
    decoy = min(nobodys(mint, known.id))
    draws = iter([decoy, decoy, 77_777, decoy, 77_778])
    monkeypatch.setattr(secrets, "randbelow", lambda _below: next(draws))
    monkeypatch.setattr(status_decoys, "turned", lambda *_, **__: rows.Turned())
    found = issued(mint, submission="next")
    with mint.db.reading() as session:
        places = {place.list: place.position for place in rows.places(session, found.key)}
    assert places[known.id] == 77_777


def test_a_set_bit_of_a_revocation_list_is_never_cleared_and_of_a_suspension_list_it_may_be(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoys, "first_number", lambda *, draw: 60)
    monkeypatch.setattr(decoys, "number", lambda _changed, *, draw: 5)
    found = [issued(mint, submission=str(number)) for number in range(3)]
    lists = {purpose: list_of(mint, found[0], purpose) for purpose in ("revocation", "suspension")}
    before = {each: shown(status_publisher.current(mint, known.id, now=NOW)) for each, known in lists.items()}
    revocation.decide(mint, found[0].key, REVOKE, now=NOW)
    revocation.decide(mint, found[1].key, SUSPEND, now=NOW)
    after = {each: shown(status_publisher.current(mint, known.id, now=NOW)) for each, known in lists.items()}
    assert before["revocation"] < after["revocation"]
    assert len(after["revocation"]) == 60 + 5 + 1
    assert len(before["suspension"] - after["suspension"]) == 5
    assert len(after["suspension"] - before["suspension"]) == 5 + 1
    revocation.decide(mint, found[1].key, REINSTATE, now=NOW)
    at_last = shown(status_publisher.current(mint, lists["suspension"].id, now=NOW))
    assert len(after["suspension"] - at_last) == 5 + 1  # One of them was a person's; nothing tells which.
    assert verdict(mint, found[1].signed_json) == verdict(mint, found[2].signed_json) == "valid"


def test_a_list_that_is_only_made_anew_shows_the_same_bits(mint: Mint) -> None:
    known = list_of(mint, issued(mint))
    with mint.db.transaction() as session:
        rows.stir(session, known.id, at=NOW + timedelta(days=9))
    first = status_publisher.current(mint, known.id, now=NOW)
    second = status_publisher.current(mint, known.id, now=NOW + status_publisher.REFRESH)
    assert second.version == first.version + 1
    assert shown(second) == shown(first)


def test_decoys_stir_although_nothing_was_decided(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    known = list_of(mint, issued(mint))
    monkeypatch.setattr(decoys, "number", lambda _changed, *, draw: 4)
    with mint.db.transaction() as session:
        rows.stir(session, known.id, at=LATER)
    assert known.served is not None
    before = shown(known.served)
    assert status_publisher.publish_due(mint, now=LATER - timedelta(seconds=1)) == 0
    assert status_publisher.publish_due(mint, now=LATER) == 1
    after = list_of(mint, issued(mint, submission="other"))
    assert after.served is not None
    assert len(shown(after.served) - before) == 4
    assert after.stirs_at is not None
    assert after.stirs_at > LATER


def test_there_are_never_more_than_an_eighth_of_a_list(mint: Mint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoys, "MOST", 70)
    monkeypatch.setattr(decoys, "first_number", lambda *, draw: 60)
    monkeypatch.setattr(decoys, "number", lambda _changed, *, draw: 50)
    found = issued(mint)
    known = list_of(mint, found)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    assert len(shown(status_publisher.current(mint, known.id, now=NOW))) == 70 + 1
    assert list_of(mint, found).decoys == 70


def test_what_was_drawn_for_a_list_that_was_not_published_leaves_nothing(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = issued(mint)
    known = list_of(mint, found)

    class KilledError(BaseException):
        """Stands for the end of a process."""

    def killed(step: str) -> None:
        if step == "list-signed":
            raise KilledError

    revocation.decide(mint, found.key, REVOKE, now=NOW)
    before = nobodys(mint, known.id)
    with pytest.raises(KilledError):
        status_publisher.current(replace(mint, reached=killed), known.id, now=NOW)
    assert nobodys(mint, known.id) == before
    assert list_of(mint, found).served == known.served
    seen = shown(status_publisher.current(mint, known.id, now=NOW))
    assert seen - nobodys(mint, known.id) == {
        place.position for place in _places(mint, found) if place.purpose == "revocation"
    }


def test_a_place_that_was_given_away_meanwhile_is_drawn_again(
    mint: Mint, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, other = issued(mint), issued(mint, submission="other")
    known = list_of(mint, found)
    revocation.decide(mint, found.key, REVOKE, now=NOW)
    monkeypatch.setattr(decoys, "number", lambda _changed, *, draw: 1)
    taken: list[int] = []
    free = status_decoys._free

    def overtaken(session: object, its: StatusList, number: int) -> tuple[int, ...]:
        drawn = free(session, its, number)
        if not taken:
            taken.extend(drawn)
        return drawn

    def meanwhile(step: str) -> None:
        if step == "list-read" and len(taken) == 1:
            with mint.db.transaction() as session:
                rows.take(
                    session, list_id=known.id, position=taken[0], credential=other.key, purpose="refresh"
                )
            taken.append(-1)

    monkeypatch.setattr(status_decoys, "_free", overtaken)
    seen = shown(status_publisher.current(replace(mint, reached=meanwhile), known.id, now=NOW))
    assert taken[0] not in seen
    assert taken[0] not in nobodys(mint, known.id)


def _places(mint: Mint, found: StoredCredential) -> tuple[rows.Place, ...]:
    with mint.db.reading() as session:
        return rows.places(session, found.key)
