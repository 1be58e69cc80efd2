# SPDX-License-Identifier: Apache-2.0
"""Access tokens of the API: hashed, scoped, expiring, shown once (threats W9).

A token is ``hm_<id>_<secret>``: the id is public and finds the row, the secret has 256 random bits, so that a
plain SHA-256 of it is enough. What is stored cannot be turned back into a token.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from service import audit
from service.db import Base
from service.errors import TokenRefusedError, TokenRequestError

LIFETIME = timedelta(days=90)  # what a token gets if nobody says otherwise
LIFETIME_MAX = timedelta(days=366)  # a forgotten token must end by itself
_ID_BYTES = 8  # 64 bits; a name, not a secret
_SECRET_BYTES = 32  # 256 bits

_SCOPE = re.compile(r"[a-z][a-z-]{0,30}:[a-z][a-z-]{0,30}\Z")
_TOKEN = re.compile(r"hm_(?P<id>[0-9a-f]{16})_(?P<secret>[A-Za-z0-9_-]{43})\Z")


class TokenRow(Base):
    """A token, without its secret."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    label: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its owner sees it; the secret is not here."""

    id: str
    label: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """Return ``active``, ``expired`` or ``revoked``."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if now < self.expires_at else "expired"


def new(
    session: Session,
    *,
    label: str,
    scopes: Collection[str],
    actor: str,
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> tuple[Token, str]:
    """Make a token and return it with the text to send; that text exists nowhere else afterwards.

    Raises:
        TokenRequestError: No scope, one that is not ``noun:verb``, or too long a lifetime.
    """
    if not scopes or not all(_SCOPE.match(scope) for scope in scopes):
        raise TokenRequestError("A token needs at least one scope, like “things:write”.", got=list(scopes))
    if not timedelta() < lifetime <= LIFETIME_MAX:
        raise TokenRequestError(f"A token lives at least a moment and at most {LIFETIME_MAX.days} days.")
    if not label.strip() or len(label) > 100 or not label.isprintable():
        raise TokenRequestError("A token needs a label of at most 100 printable characters.")
    row = TokenRow(
        id=secrets.token_hex(_ID_BYTES),
        label=label,
        scopes=" ".join(sorted(set(scopes))),
        created_at=now,
        expires_at=now + lifetime,
    )
    presented = f"hm_{row.id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    row.digest = _digest(presented)
    session.add(row)
    audit.record(
        session, actor=actor, action="token.created", subject=row.id, detail={"scopes": row.scopes}, now=now
    )
    return _token(row), presented


def find(session: Session, presented: str, *, now: datetime) -> Token:
    """Return the token behind what was sent.

    Raises:
        TokenRefusedError: Unknown, expired or revoked; from outside these look the same.
    """
    match = _TOKEN.match(presented)
    row = session.get(TokenRow, match["id"]) if match else None
    digest = _digest(presented)
    if row is None or not hmac.compare_digest(row.digest, digest) or _token(row).state(now) != "active":
        raise TokenRefusedError("This access token is unknown, expired or revoked.")
    return _token(row)


def stands(session: Session, token_id: str) -> bool:
    """Tell whether there is such a token and nobody has revoked it; it may have expired since it was used."""
    row = session.get(TokenRow, token_id)
    return row is not None and row.revoked_at is None


def revoke(session: Session, token_id: str, *, actor: str, now: datetime) -> Token:
    """End a token at once. Ending it twice changes nothing.

    Raises:
        TokenRefusedError: There is no such token.
    """
    row = session.get(TokenRow, token_id)
    if row is None:
        raise TokenRefusedError("There is no access token with this id.", got=token_id[:40])
    if row.revoked_at is None:
        row.revoked_at = now
        audit.record(session, actor=actor, action="token.revoked", subject=row.id, now=now)
    return _token(row)


def listing(session: Session) -> tuple[Token, ...]:
    """Return all tokens, oldest first."""
    return tuple(
        _token(row) for row in session.scalars(select(TokenRow).order_by(TokenRow.created_at, TokenRow.id))
    )


def _token(row: TokenRow) -> Token:
    return Token(
        id=row.id,
        label=row.label,
        scopes=frozenset(row.scopes.split()),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _digest(presented: str) -> str:
    return hashlib.sha256(presented.encode("utf-8", "surrogatepass")).hexdigest()
