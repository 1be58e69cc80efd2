# SPDX-License-Identifier: Apache-2.0
"""The issuer's API: award and issue in one call, and change the status. Tokens with a scope, strict bodies.

Bodies are read by ``credentials.document`` (never by the framework), then held to a strict model: unknown
members are refused, since a misspelt one would be content that nobody sees.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from flask import Blueprint, Response
from pydantic import BaseModel, ConfigDict, Field

from credentials.dates import format_datetime, parse_datetime
from credentials.document import parse
from credentials.errors import DateError
from issuer import achievements, issuance, publish, revocation
from issuer.award import SALT_BYTES, AwardRequest, AwardState, Evidence, evidence_of
from issuer.errors import AwardRequestError
from issuer.mint import Mint
from issuer.publish import JSON_TYPE, JWT_TYPE
from issuer.revocation import Reason
from issuer.store.credentials import StoredCredential
from issuer.takeback import alone, working
from issuer.takeback.takeback import SECOND_PERSON
from service import access, clock, forms, idempotency, openapi
from service.negotiate import choose, respond_json

ISSUE: Final = "credentials:write"
STATUS: Final = "status:write"
_JSON: Final = (JSON_TYPE, "application/vc", "application/ld+json", "application/json")
_JWT: Final = (JWT_TYPE, "application/jwt", "text/plain")


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class NewEvidence(_Strict):
    """One piece of evidence; exactly one of content, text and digest_multibase says which bytes it is."""

    name: str
    description: str | None = None
    narrative: str | None = None
    genre: str | None = None
    audience: str | None = None
    url: str | None = Field(default=None, description="Its public link. Leave it out for private evidence.")
    content: str | None = Field(
        default=None, description="The file in base64. Only a digest of it is kept, salted without a url."
    )
    text: str | None = Field(default=None, description="A text answer. Only a digest of it is kept.")
    digest_multibase: str | None = Field(
        default=None, description="A digest made elsewhere: multibase of a multihash, salted if private."
    )


class NewRecipient(_Strict):
    """Who earned it. Only a salted hash of the address is signed; the name only if it is given."""

    email: str
    name: str | None = None


class NewActivity(_Strict):
    """When the work was done: RFC 3339 with zone."""

    start: str | None = None
    end: str | None = None


class NewAward(_Strict):
    """What is awarded to whom."""

    achievement: str = Field(description="The id of the achievement, or its code for the newest version.")
    recipient: NewRecipient
    results: dict[str, str] = Field(
        default_factory=dict,
        description="Criterion to level. A criterion that is left out counts as met at its required level.",
    )
    evidence: list[NewEvidence] = Field(default_factory=list)
    narrative: str | None = None
    activity: NewActivity | None = None
    awarded_date: str | None = Field(default=None, description="RFC 3339 with zone; default: now.")
    submission: str | None = Field(
        default=None, description="Your name of the submission; one submission is awarded once."
    )


class NewStatus(_Strict):
    """A decision: "issued" ends a suspension."""

    status: Literal["revoked", "suspended", "issued"]
    reason: str = Field(
        min_length=1,
        max_length=2_000,
        description=f"A code ({', '.join(Reason)}), or words of your own, which are kept as a note.",
    )
    public_reason: str | None = Field(
        default=None, max_length=500, description="A sentence that everybody may read."
    )
    note: str | None = Field(default=None, max_length=2_000, description="What only the issuer keeps.")


class CurrentStatus(_Strict):
    """The state of a credential after a decision."""

    id: str
    status: str
    reason: str | None
    changed_at: str | None


def blueprint(mint: Mint) -> Blueprint:
    """Return the routes of the API."""
    routes = Blueprint("issuer_api", __name__)

    @routes.post("/credentials")
    @access.token(ISSUE)
    @openapi.operation(
        "Award and issue a credential",
        tag="Credentials",
        description="The same Idempotency-Key and body again give the first answer again.",
        request={"application/json": NewAward},
        responses={
            201: openapi.Reply("The signed credential.", {**dict.fromkeys(_JSON), **dict.fromkeys(_JWT)})
        },
        parameters=(
            openapi.Parameter(
                "Idempotency-Key", "1 to 255 visible ASCII characters of your own.", "header", required=True
            ),
        ),
        problems=(
            "document",
            "request.fields",
            "request.too-large",
            "achievement.unknown",
            "award.request",
            "award.not-earned",
            "award.duplicate",
            "lint",
            "idempotency.key-required",
            "idempotency.key",
            "idempotency.key-reused",
        ),
    )
    def issue() -> Response:
        now = clock.now()
        chosen = choose((*_JSON, *_JWT))
        key = idempotency.key()
        raw = forms.read_body()
        body = forms.validate(NewAward, dict(parse(raw).members))
        request = _request(
            mint, body, key=str(key), digest=idempotency.fingerprint("POST /credentials", raw), now=now
        )
        written = issuance.award(mint, request, now=now, actor=access.actor())
        found = issuance.issue(mint, written.award.key, now=now, actor=access.actor())
        return _created(mint, found, chosen, is_new=written.is_new)

    @routes.post("/credentials/<uuid:key>/status")
    @access.token(STATUS)
    @openapi.operation(
        "Revoke, suspend or reinstate a credential",
        tag="Credentials",
        description="A withdrawal is final. The public status list shows the change within 5 seconds. "
        f"More than {SECOND_PERSON} in 24 hours need a second person: see `POST /takebacks`.",
        request={"application/json": NewStatus},
        responses={200: openapi.Reply("The state it has now.", {"application/json": CurrentStatus})},
        path={"key": "The last part of the credential's id."},
        problems=(
            "document",
            "request.fields",
            "credential.unknown",
            "status.final",
            "status.not-offered",
            "status.second-person",
        ),
    )
    def status(key: UUID) -> Response:
        body = forms.validate(NewStatus, dict(parse(forms.read_body()).members))
        found = publish.find(mint, str(key))
        decision = revocation.decision(
            AwardState(body.status), body.reason, public_reason=body.public_reason, note=body.note
        )
        now = clock.now()
        with working.unit(mint) as session:
            alone.require_few(mint, session, found.key, decision.wanted, now=now)
            changed = revocation.decide(mint, found.key, decision, now=now, actor=access.actor())
        last = revocation.last_change(mint, found.key)
        answer = CurrentStatus(
            id=found.credential_id,
            status=str(changed.state),
            reason=None if last is None else last.reason,
            changed_at=None if last is None else format_datetime(last.at),
        )
        return respond_json(answer.model_dump())

    return routes


def _created(mint: Mint, found: StoredCredential, chosen: str, *, is_new: bool) -> Response:
    raw = found.signed_jwt if chosen in _JWT else found.signed_json
    kind = f"{chosen}; charset=utf-8" if chosen.startswith("text/") else chosen
    response = Response(raw, status=201, content_type=kind)
    response.headers["Location"] = issuance.credential_url(mint, found.key)
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    if not is_new:
        response.headers.update(idempotency.REPLAYED)
    return response


def _request(mint: Mint, body: NewAward, *, key: str, digest: str, now: datetime) -> AwardRequest:
    activity = body.activity or NewActivity()
    return AwardRequest(
        achievement=achievements.find(mint, body.achievement).key,
        email=body.recipient.email,
        name=body.recipient.name,
        submission=body.submission or key,
        awarded_at=_date(body.awarded_date, "/awarded_date") or now,
        levels=tuple(body.results.items()),
        evidence=tuple(_evidence(piece, index) for index, piece in enumerate(body.evidence)),
        narrative=body.narrative,
        activity_start=_date(activity.start, "/activity/start"),
        activity_end=_date(activity.end, "/activity/end"),
        idempotency_key=key,
        request_digest=digest,
    )


def _evidence(piece: NewEvidence, index: int) -> Evidence:
    path = f"/evidence/{index}"
    if sum(each is not None for each in (piece.content, piece.text, piece.digest_multibase)) != 1:
        raise AwardRequestError(
            "A piece of evidence has exactly one of content, text and digest_multibase.", path=path
        )
    words: dict[str, Any] = {
        "name": piece.name,
        "description": piece.description,
        "narrative": piece.narrative,
        "genre": piece.genre,
        "audience": piece.audience,
        "url": piece.url,
    }
    if piece.digest_multibase is not None:
        return Evidence(**words, digest=piece.digest_multibase)
    data = (piece.text or "").encode("utf-8")
    if piece.content is not None:
        try:
            data = base64.b64decode(piece.content, validate=True)
        except ValueError as error:
            raise AwardRequestError("The content is not base64.", path=f"{path}/content") from error
    return evidence_of(data, salt=secrets.token_bytes(SALT_BYTES), **words)


def _date(text: str | None, path: str) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_datetime(text)
    except DateError as error:
        raise AwardRequestError(error.message, path=path) from error
