# SPDX-License-Identifier: Apache-2.0
"""Of several workers one gets a mail; pauses grow; what cannot be sent is given up with a reason."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise

import pytest

from service import audit, mail, mail_queue
from service.db import Database
from service.mail import Attachment, MailState
from service.mail_queue import INTERRUPTED, LEASE, PAUSES, TRIES, Claimed
from tests.service.letters import ADA, NOW, find, post

SECOND = timedelta(seconds=1)


def claim(db: Database, *, after: timedelta = timedelta()) -> Claimed | None:
    with db.transaction() as session:
        return mail_queue.claim(session, now=NOW + after)


def taken(db: Database, *, after: timedelta = timedelta()) -> Claimed:
    claimed = claim(db, after=after)
    assert claimed is not None
    return claimed


def test_a_mail_is_taken_once(db: Database) -> None:
    post(db)
    assert taken(db).mail.attempts == 1
    assert claim(db) is None


def test_what_has_waited_longest_comes_first(db: Database) -> None:
    post(db, key="late", now=NOW)
    post(db, key="early", now=NOW - SECOND)
    post(db, key="future", now=NOW + SECOND)
    assert taken(db).mail == find(db, "early")
    assert taken(db).mail == find(db, "late")
    assert claim(db) is None


def test_several_workers_never_take_the_same_mail(db: Database) -> None:
    ids = [post(db, key=f"k{i}").id for i in range(24)]
    start = threading.Barrier(4)

    def work() -> list[int]:
        start.wait()
        mine = []
        while claimed := claim(db):
            mine.append(claimed.mail.id)
        return mine

    with ThreadPoolExecutor(4) as pool:
        found = [each for future in [pool.submit(work) for _ in range(4)] for each in future.result()]
    assert sorted(found) == ids


def test_a_lease_ends_and_the_mail_is_due_again(db: Database) -> None:
    post(db)
    first = taken(db)
    assert claim(db, after=LEASE - SECOND) is None
    second = taken(db, after=LEASE)
    assert second.mail.attempts == 2
    # The first worker comes back late: what it says is about a lease that is not its own any more.
    with db.transaction() as session:
        mail_queue.postpone(session, first, reason="timed-out", now=NOW)
    assert find(db).due_at == NOW + LEASE + LEASE


def test_words_and_files_are_wiped_once_a_mail_was_sent(db: Database) -> None:
    post(db, attachments=(Attachment("a.txt", "text/plain", b"a"),))
    claimed = taken(db)
    with db.transaction() as session:
        mail_queue.sent(session, claimed, now=NOW, keep=False)
        left = mail.content(session, claimed.mail.id)
    assert left == mail.Content(text="", html="", attachments=())
    assert find(db).state is MailState.SENT
    assert claim(db, after=timedelta(days=9)) is None


def test_a_demonstration_keeps_words_and_files(db: Database) -> None:
    post(db, attachments=(Attachment("a.txt", "text/plain", b"a"),))
    claimed = taken(db)
    with db.transaction() as session:
        mail_queue.sent(session, claimed, now=NOW, keep=True)
        assert mail.content(session, claimed.mail.id) == claimed.content


def test_pauses_grow_until_the_mail_is_given_up(db: Database) -> None:
    post(db)
    passed, pauses = timedelta(), []
    for number in range(1, TRIES + 1):
        claimed = taken(db, after=passed)
        with db.transaction() as session:
            again = mail_queue.postpone(session, claimed, reason="timed-out", now=NOW + passed)
        assert again is (number < TRIES)
        found = find(db)
        if found.due_at is not None:
            pauses.append(found.due_at - NOW - passed)
            passed = found.due_at - NOW
    assert pauses == list(PAUSES)
    assert all(earlier < later for earlier, later in pairwise(pauses))
    assert (find(db).state, find(db).reason) == (MailState.GIVEN_UP, "timed-out")
    assert claim(db, after=timedelta(days=99)) is None


def test_giving_up_writes_an_audit_line_without_the_address(db: Database) -> None:
    found = post(db)
    with db.transaction() as session:
        mail_queue.give_up(session, found.id, reason="refused-550", now=NOW)
        mail_queue.give_up(session, found.id, reason="refused-550", now=NOW)
        lines = audit.lines(session, subject=f"mail:{found.id}")
    assert [(line.action, line.actor) for line in lines] == [("mail.given-up", "system")]
    assert lines[0].detail == {"kind": "trial", "reason": "refused-550"}
    assert ADA not in repr(lines)


def test_a_mail_that_kills_its_worker_is_given_up_in_the_end(db: Database) -> None:
    post(db)
    post(db, key="next", now=NOW + LEASE * TRIES)
    for number in range(TRIES):
        taken(db, after=LEASE * number)
    assert taken(db, after=LEASE * TRIES).mail == find(db, "next")
    assert (find(db).state, find(db).reason) == (MailState.GIVEN_UP, INTERRUPTED)


def test_a_mail_that_was_given_up_may_be_tried_again(db: Database) -> None:
    found = post(db)
    with db.transaction() as session:
        mail_queue.give_up(session, found.id, reason="refused-550", now=NOW)
        assert mail_queue.retry(session, found.id, actor="cli", now=NOW) == 1
    assert find(db).state is MailState.WAITING
    assert taken(db).mail.attempts == 1


def test_what_is_being_sent_or_was_sent_is_not_tried_again(db: Database) -> None:
    post(db)
    claimed = taken(db)
    with db.transaction() as session:
        assert mail_queue.retry(session, None, actor="cli", now=NOW) == 0
        mail_queue.sent(session, claimed, now=NOW, keep=False)
        assert mail_queue.retry(session, None, actor="cli", now=NOW) == 0


def test_an_erased_mail_is_not_tried_again(db: Database) -> None:
    post(db, person="p1")
    with db.transaction() as session:
        mail.forget(session, "p1")
        assert mail_queue.retry(session, None, actor="cli", now=NOW) == 0
    assert claim(db) is None


def test_a_mail_erased_while_it_is_sent_stays_erased(db: Database) -> None:
    post(db, person="p1")
    claimed = taken(db)
    with db.transaction() as session:
        mail.forget(session, "p1")
    with db.transaction() as session:
        assert mail_queue.postpone(session, claimed, reason="timed-out", now=NOW) in (True, False)
    assert claim(db, after=timedelta(days=9)) is None


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_a_mail_knows_the_first_and_the_last_of_its_thread(db: Database, before: int) -> None:
    post(db, key="other", thread="application:2")
    post(db, key="foreign", thread="application:1", to="ben@teachers.example")
    earlier = [post(db, key=f"k{i}", thread="application:1").id for i in range(before)]
    post(db, key="this", thread="application:1", now=NOW - SECOND)
    claimed = taken(db)
    expected = dict.fromkeys(earlier[:1] + earlier[-1:])
    assert [each.id for each in claimed.thread] == list(expected)
