# SPDX-License-Identifier: Apache-2.0
"""Letters for tests of mail, and the moment at which they are written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from service import mail
from service.db import Database
from service.mail import Letter, Mail

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
ADA = "ada@teachers.example"


def letter(**changes: Any) -> Letter:
    """A letter with the words of the trial mail."""
    return Letter(
        **{
            "kind": "trial",
            "to": ADA,
            "subject": "Mails arrive",
            "template": "service/mail/trial",
            "values": {"now": NOW},
            **changes,
        }
    )


def post(db: Database, *, key: str = "k1", now: datetime = NOW, **changes: Any) -> Mail:
    """Post a letter and return the row."""
    with db.transaction() as session:
        assert mail.post(session, letter(**changes), key=key, now=now)
    return find(db, key)


def find(db: Database, key: str = "k1") -> Mail:
    """Return the mail of this key as it is now."""
    with db.reading() as session:
        found = mail.find(session, key)
    assert found is not None
    return found
