# SPDX-License-Identifier: Apache-2.0
"""What leaves is a proper Internet message: read back by Python's own parser, header by header."""

from __future__ import annotations

import email
import email.policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from service import mail
from service.db import Database
from service.envelope import compose, message_id
from service.mail import Attachment
from service.settings import Settings
from tests.service.letters import ADA, NOW, post


@pytest.fixture
def site(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, public_url="https://badges.union.example", title="Example Education")


def sent(db: Database, site: Settings, **changes: Any) -> EmailMessage:
    """Post and compose a letter, and read its bytes back."""
    found = post(db, **changes)
    with db.reading() as session:
        content = mail.content(session, found.id)
    assert content is not None
    raw = compose(found, content, site, now=NOW).as_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998  # RFC 5322, section 2.1.1
    assert b"\n" not in raw.replace(b"\r\n", b"")
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    return read


def test_the_head_says_who_what_and_when(db: Database, site: Settings) -> None:
    message = sent(db, site, name="Ada Éxample, M.Ed.", subject="Feedback is ready for “R&D” " + "x" * 200)
    assert message["From"].addresses == (Address("Example Education", "hallmark", "badges.union.example"),)
    assert message["To"].addresses == (Address("Ada Éxample, M.Ed.", addr_spec=ADA),)
    assert message["Subject"] == "Feedback is ready for “R&D” " + "x" * 200
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None
    assert message["In-Reply-To"] is None


def test_every_try_has_the_same_message_id(db: Database, site: Settings) -> None:
    found = post(db)
    assert message_id(found, site) == f"<20260504093000.{found.id}@badges.union.example>"


@pytest.mark.parametrize(
    ("url", "host"), [("http://127.0.0.1:8080", "127.0.0.1"), ("http://[::1]:8080", "[IPv6:::1]")]
)
def test_a_message_id_of_a_local_site_is_well_formed(
    db: Database, tmp_path: Path, url: str, host: str
) -> None:
    found = post(db)
    assert message_id(found, Settings(data=tmp_path, public_url=url)).endswith(f".{found.id}@{host}>")


def test_a_mail_that_can_be_stopped_says_how(db: Database, site: Settings) -> None:
    path = "/notices/stop/" + "0123456789abcdef" * 8
    message = sent(db, site, unsubscribe=path)
    assert message["List-Unsubscribe"] == f"<https://badges.union.example{path}>"


def test_ids_and_links_stand_in_the_head_as_they_are(db: Database, tmp_path: Path) -> None:
    """Python's own folding would turn what is longer than a line into encoded words."""
    site = Settings(data=tmp_path, public_url=f"https://{'long-' * 10}name.{'long-' * 10}name.example")
    path = "/notices/stop/" + "0123456789abcdef" * 8
    first, last, this = (post(db, key=key, unsubscribe=path) for key in "abc")
    with db.reading() as session:
        content = mail.content(session, this.id)
    assert content is not None
    raw = compose(this, content, site, thread=(first, last), now=NOW).as_bytes().decode()
    head = raw.partition("\r\n\r\n")[0]
    assert "=?" not in head
    assert f"List-Unsubscribe: <{site.public_url}{path}>\r\n" in head
    assert f"References: {message_id(first, site)}\r\n {message_id(last, site)}\r\n" in head
    assert f"In-Reply-To: {message_id(last, site)}\r\n" in head


def test_mails_of_a_thread_answer_each_other(db: Database, site: Settings) -> None:
    first, last, this = (post(db, key=key) for key in "abc")
    with db.reading() as session:
        content = mail.content(session, this.id)
    assert content is not None
    message = compose(this, content, site, thread=(first, last), now=NOW)
    assert message["In-Reply-To"] == message_id(last, site)
    assert message["References"] == f"{message_id(first, site)} {message_id(last, site)}"


def test_text_and_html_stand_side_by_side_and_name_the_site(db: Database, site: Settings) -> None:
    message = sent(db, site)
    assert message.get_content_type() == "multipart/alternative"
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "Example Education can send mails" in text.get_content()
    assert "https://badges.union.example/" in text.get_content()
    assert "<p>Example Education can send mails" in html.get_content()


def test_attachments_arrive_byte_by_byte(db: Database, site: Settings) -> None:
    files = (
        Attachment("credential.json", "application/vc+ld+json", '{"name": "Ä"}\n'.encode()),
        Attachment("Prüfung 2026.png", "image/png", bytes(range(256))),
        Attachment("dates.ics", "text/calendar", "SUMMARY:Über\r\n".encode()),
    )
    message = sent(db, site, attachments=files)
    found = list(message.iter_attachments())
    assert [part.get_filename() for part in found] == [file.name for file in files]
    assert [part.get_content_type() for part in found] == [file.media_type for file in files]
    assert [part.get_payload(decode=True) for part in found] == [file.body for file in files]
    assert found[2].get_content_charset() == "utf-8"


def test_a_sender_of_ones_own_is_used(db: Database, tmp_path: Path) -> None:
    site = Settings(data=tmp_path, mail_from="Awards <awards@union.example>")
    assert str(sent(db, site)["From"]) == "Awards <awards@union.example>"
