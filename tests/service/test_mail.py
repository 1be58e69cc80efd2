# SPDX-License-Identifier: Apache-2.0
"""The outbox: one row per occasion, nothing dangerous in its head, nothing kept for longer than needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from jinja2 import TemplateNotFound, UndefinedError

from service import mail
from service.db import Database
from service.errors import MailAddressError, MailContentError
from service.mail import ATTACHMENTS_BYTES, KEPT, SUBJECT_CHARS, Attachment, MailState
from tests.service.letters import ADA, NOW, find, letter, post


def test_a_letter_becomes_a_mail_that_waits(db: Database) -> None:
    found = post(db, name="Ada Example", person="p1", thread="application:1", unsubscribe="/notices")
    assert (found.address, found.name, found.person) == (ADA, "Ada Example", "p1")
    assert (found.thread, found.unsubscribe) == ("application:1", "/notices")
    assert found.state is MailState.WAITING
    assert found.due_at == found.created_at == NOW
    assert found.attempts == 0


def test_a_second_letter_with_the_same_key_is_not_written(db: Database) -> None:
    post(db)
    with db.transaction() as session:
        assert not mail.post(session, letter(to="eve@evil.example"), key="k1", now=NOW)
        assert [each.address for each in mail.listing(session, limit=9)] == [ADA]


def test_a_letter_goes_with_the_transaction_that_it_tells_of(db: Database) -> None:
    def decide() -> None:
        with db.transaction() as session:
            mail.post(session, letter(), key="k1", now=NOW)
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        decide()
    with db.reading() as session:
        assert mail.find(session, "k1") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Mails\r\nBcc: eve@evil.example"},
        {"subject": "Mails\narrive"},
        {"subject": "Mails\u2028arrive"},
        {"subject": " "},
        {"thread": "a\nb"},
        {"unsubscribe": "/a\r\nBcc: eve@evil.example"},
        {"kind": "Trial mail"},
        {"kind": "../trial"},
        {"attachments": (Attachment("a\r\nb.txt", "text/plain", b""),)},
        {"attachments": (Attachment("../b.txt", "text/plain", b""),)},
        {"attachments": (Attachment("b.txt", "text/plain\r\nX: y", b""),)},
        {"attachments": (Attachment("b.bin", "a/b", bytes(ATTACHMENTS_BYTES + 1)),)},
    ],
)
def test_what_would_break_the_head_of_a_mail_is_refused(db: Database, changes: dict[str, Any]) -> None:
    with pytest.raises(MailContentError), db.transaction() as session:
        mail.post(session, letter(**changes), key="k1", now=NOW)


@pytest.mark.parametrize(
    "changes", [{"to": "ada@x.example\nBcc: e@e.example"}, {"name": "Ada\r\nBcc: e@e.e"}]
)
def test_an_address_with_a_line_break_is_refused(db: Database, changes: dict[str, Any]) -> None:
    with pytest.raises(MailAddressError), db.transaction() as session:
        mail.post(session, letter(**changes), key="k1", now=NOW)


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_a_key_names_the_occasion(db: Database, key: str) -> None:
    with pytest.raises(MailContentError), db.transaction() as session:
        mail.post(session, letter(), key=key, now=NOW)


def test_a_long_subject_is_cut(db: Database) -> None:
    assert len(post(db, subject="x" * 1_000).subject) == SUBJECT_CHARS


def test_a_letter_needs_all_its_words(db: Database) -> None:
    with pytest.raises(UndefinedError), db.transaction() as session:
        mail.post(session, letter(values={}), key="k1", now=NOW)
    with pytest.raises(TemplateNotFound), db.transaction() as session:
        mail.post(session, letter(template="service/mail/nothing"), key="k1", now=NOW)


def test_attachments_are_kept_in_their_order(db: Database) -> None:
    files = (Attachment("b.json", "application/json", b"{}"), Attachment("a.png", "image/png", b"\x89"))
    found = post(db, attachments=files)
    with db.reading() as session:
        content = mail.content(session, found.id)
    assert content is not None
    assert content.attachments == files


def test_an_id_is_never_used_again(db: Database) -> None:
    first = post(db).id
    with db.transaction() as session:
        session.execute(sa.text("DELETE FROM mails"))
    assert post(db).id > first


def test_mails_are_found_by_address_state_and_person_newest_first(db: Database) -> None:
    ids = [post(db, key=f"k{i}", to=f"p{i % 2}@teachers.example", person=f"p{i % 2}").id for i in range(6)]
    with db.reading() as session:
        newest = mail.listing(session, limit=4)
        assert [each.id for each in newest] == ids[:1:-1]
        assert [each.id for each in mail.listing(session, limit=9, before=newest[-1].id)] == ids[1::-1]
        assert {each.person for each in mail.listing(session, limit=9, address="P1@")} == {"p1"}
        assert mail.listing(session, limit=9, address="%") == ()
        assert len(mail.listing(session, limit=9, person="p0")) == 3
        assert len(mail.listing(session, limit=9, state=MailState.WAITING)) == 6
        assert mail.listing(session, limit=9, state=MailState.SENT) == ()
        assert mail.listing(session, limit=9, state=MailState.GIVEN_UP) == ()


def test_mails_to_an_address_are_counted(db: Database) -> None:
    for minute in range(3):
        post(db, key=f"k{minute}", now=NOW + timedelta(minutes=minute), kind=f"kind{minute}")
    with db.reading() as session:
        assert mail.posted_since(session, ADA, since=NOW) == 2
        assert mail.posted_since(session, ADA, since=NOW, kinds=("kind0", "kind1")) == 1
        assert mail.posted_since(session, ADA.upper(), since=NOW) == 2
        assert mail.posted_since(session, "eve@evil.example", since=NOW) == 0


def test_an_erased_person_leaves_no_word_and_gets_no_mail(db: Database) -> None:
    post(db, key="hers", person="p1", name="Ada", attachments=(Attachment("a.txt", "text/plain", b"Ada"),))
    post(db, key="his", person="p2", to="ben@teachers.example")
    with db.transaction() as session:
        assert mail.forget(session, "p1") == 1
    left = find(db, "hers")
    assert (left.address, left.name, left.subject, left.due_at, left.person) == ("", "", "", None, None)
    with db.reading() as session:
        content = mail.content(session, left.id)
        assert content is not None
        assert (content.text, content.html, content.attachments) == ("", "", ())
    assert find(db, "his").state is MailState.WAITING


def test_addresses_do_not_stay_for_ever(db: Database) -> None:
    for key, sent in (("old", NOW - KEPT), ("new", NOW - KEPT + timedelta(seconds=1)), ("waiting", None)):
        found = post(db, key=key)
        with db.transaction() as session:
            row = session.get(mail.MailRow, found.id)
            assert row is not None
            row.sent_at, row.due_at = sent, None if sent else NOW
    with db.transaction() as session:
        assert mail.tidy(session, now=NOW) == 1
        assert mail.tidy(session, now=NOW) == 0
    assert [find(db, key).address for key in ("old", "new", "waiting")] == ["", ADA, ADA]
    assert find(db, "old").state is MailState.SENT


def test_what_is_shown_of_a_mail_hides_the_person() -> None:
    assert ADA not in repr(letter(name="Ada Example"))
    assert "Ada" not in repr(letter(name="Ada Example"))


def test_of_two_who_post_the_same_at_once_one_succeeds(db: Database) -> None:
    """Where transactions run side by side, the second one learns of the first only when it writes."""
    post(db, key="other")
    with db.transaction() as session:

        @sa.event.listens_for(session, "before_flush", once=True)
        def _meanwhile(*_: object) -> None:
            session.connection().execute(sa.text("UPDATE mails SET key = 'k1' WHERE key = 'other'"))

        assert not mail.post(session, letter(to="ben@teachers.example"), key="k1", now=NOW)
        assert mail.post(session, letter(to="ben@teachers.example"), key="k2", now=NOW)
    assert find(db, "k2").address == "ben@teachers.example"
