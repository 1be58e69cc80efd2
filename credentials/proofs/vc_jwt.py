# SPDX-License-Identifier: Apache-2.0
"""VC-JWT by the profile of Open Badges 3.0: a credential as the payload of a signed token.

Open Badges 3.0, "JSON Web Token Proof Format" (https://www.imsglobal.org/spec/ob/v3p0/#jwt-proof); for
credentials in a ``vc`` claim also VCDM 1.1, "JSON Web Token"
(https://www.w3.org/TR/vc-data-model/#json-web-token), which we read and never write. Whose key it was is not
looked at here. In order:

1. ``parse_jwt``: the form. What fails here is no credential at all.
2. ``check_header``: what the profile allows in the header.
3. ``verify``: the signature.
4. ``read_claims``: registered claims and credential say the same.
5. ``credential_members``: the credential, for the checks that every credential goes through.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from credentials.dates import format_datetime, parse_datetime
from credentials.document import Document, Json, parse, pointer
from credentials.errors import ClaimConflictError, ClaimError, DateError, JWTHeaderError
from credentials.proofs.jose import (
    Token,
    algorithm_of,
    header_key,
    parse_token,
    sign_token,
    verify_token,
)
from credentials.proofs.signer import Signer
from credentials.verification_method import PublicKey

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"

# RFC 7519 section 4.1, and cnf (RFC 7800), which credentials/v2 defines beside them: about the token, not the
# credential.
REGISTERED_CLAIMS = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf"})
TYPES = ("JWT", "vc+jwt", "vc+ld+jwt", "vc+ld+json+jwt")
NUMERIC_DATE_END = 253_402_300_800  # seconds; the year 10000, which no text date here can name

_CREDENTIAL_MEMBERS = frozenset({"@context", "type", "issuer", "credentialSubject", "proof"})
_HEADER = frozenset({"alg", "kid", "jwk", "typ"})


@dataclass(frozen=True, slots=True)
class ParsedJwt:
    """A token whose form is right and whose payload is a JSON object; nothing in it has been checked."""

    token: Token
    payload: Document

    @property
    def header(self) -> Mapping[str, Json]:
        """Members of the protected header."""
        return self.token.header

    @property
    def kid(self) -> str | None:
        """The URL of the key that the header claims, after ``check_header``."""
        kid = self.token.header.get("kid")
        return kid if isinstance(kid, str) else None

    @property
    def header_key(self) -> PublicKey | None:
        """The key that the header carries, which alone proves nothing; raises as ``jose.header_key``."""
        return header_key(self.token)


@dataclass(frozen=True, slots=True)
class Claims:
    """What the registered claims say, after it was found to agree with the credential.

    Attributes:
        not_before: ``nbf``.
        expires: ``exp``; where the credential names no end, this is its end.
        issued_at: ``iat``.
        warnings: What is missing that ought to be there.
    """

    not_before: datetime
    expires: datetime | None
    issued_at: datetime | None
    warnings: tuple[str, ...]


def parse_jwt(text: str) -> ParsedJwt:
    """Read a compact JWT.

    Raises:
        JWTFormError: Not exactly three strictly encoded parts.
        DocumentError: Header or payload is not JSON under our rules.
    """
    token = parse_token(text)
    return ParsedJwt(token=token, payload=parse(token.payload))


def check_header(parsed: ParsedJwt) -> tuple[str, ...]:
    """Hold the header to the profile, and return warnings.

    Raises:
        JWTAlgorithmError: ``alg`` is not EdDSA, ES256 or RS256.
        JWTHeaderError: ``typ`` is another, ``kid`` and ``jwk`` are missing, or ``crit``, ``b64``, ``jku``
            or ``x5u`` is.
        WrongError: ``jwk`` shows a private key, or one that does not fit its own words.
    """
    algorithm_of(parsed.token)
    header = parsed.header
    if "typ" in header and header["typ"] not in TYPES:
        raise JWTHeaderError("The token is of another type.", path="/typ", got=str(header["typ"])[:40])
    if "kid" in header and (not isinstance(header["kid"], str) or not header["kid"]):
        raise JWTHeaderError("The name of the key is no text.", path="/kid")
    if "kid" not in header and "jwk" not in header:
        raise JWTHeaderError("The token names no key.", expected="kid or jwk")
    header_key(parsed.token)
    others = sorted(header.keys() - _HEADER)
    return tuple(f'The token\'s header says "{name[:40]}", which is not used.' for name in others)


def verify(parsed: ParsedJwt, *, public_key: PublicKey) -> None:
    """Check header and signature with a key that has been shown to be the issuer's.

    Raises:
        WrongError: What ``check_header`` and ``jose.verify_token`` refuse.
    """
    check_header(parsed)
    verify_token(parsed.token, public_key=public_key)


def read_claims(parsed: ParsedJwt) -> Claims:
    """Compare the registered claims with the credential and return what they say.

    Open Badges 3.0, "JSON Web Token Proof Format"; VCDM 1.1, "JWT Decoding".

    Raises:
        ClaimError: ``iss`` or ``nbf`` is missing, or a claim is of the wrong type or out of range, or ``vc``
            stands beside a credential of the other version.
        ClaimConflictError: A claim says something else than the credential.
    """
    payload = parsed.payload.members
    credential = _credential(payload)
    is_v1 = "vc" in payload
    from_member, until_member = ("issuanceDate", "expirationDate") if is_v1 else ("validFrom", "validUntil")
    warnings = [
        f'The token has a claim "{name[:40]}" outside the credential, which is not used.'
        for name in sorted(payload.keys() - REGISTERED_CLAIMS - {"vc"})
        if is_v1
    ]

    issuer = _claimed_text(payload, "iss")
    if issuer is None:
        raise ClaimError("The token does not say who issued it.", path="/iss")
    _agree(issuer, _id(credential.get("issuer")), claim="iss", member="issuer", absent_agrees=is_v1)
    for claim, member, value in (
        ("sub", "credentialSubject", _subject_id(credential)),
        ("jti", "id", credential.get("id")),
    ):
        claimed = _claimed_text(payload, claim)
        if claimed is None:
            warnings.append(f'The token has no "{claim}".')
        else:
            _agree(claimed, value, claim=claim, member=member, absent_agrees=is_v1)

    not_before = _claimed_date(payload, "nbf")
    if not_before is None:
        raise ClaimError("The token does not say from when on it is valid.", path="/nbf")
    valid_from = _instant(credential, from_member)
    _agree(not_before, valid_from, claim="nbf", member=from_member, absent_agrees=is_v1)
    expires, valid_until = _claimed_date(payload, "exp"), _instant(credential, until_member)
    if expires is not None and valid_until is not None:
        _agree(expires, valid_until, claim="exp", member=until_member)
    if expires is None and valid_until is not None:
        warnings.append('The token has no "exp", although the credential has an end.')
    _claimed_audience(payload)
    return Claims(
        not_before=not_before,
        expires=expires,
        issued_at=_claimed_date(payload, "iat"),
        warnings=tuple(warnings),
    )


def credential_members(parsed: ParsedJwt) -> dict[str, Json]:
    """Return the credential without the registered claims, for the walk and the other checks.

    Call it after ``read_claims``, which has found the claims to agree. What a VCDM 1.1 credential left to
    the claims is put back (VCDM 1.1, "JWT Decoding").

    Raises:
        ClaimError: ``vc`` stands beside a credential of the other version.
    """
    payload = parsed.payload.members
    credential = dict(_credential(payload))
    if "vc" not in payload:
        return credential
    restored: list[tuple[str, str, Callable[[datetime], str] | None]] = [
        ("iss", "issuer", None),
        ("jti", "id", None),
        ("nbf", "issuanceDate", format_datetime),
        ("exp", "expirationDate", format_datetime),
    ]
    for claim, member, write_date in restored:
        if claim in payload and member not in credential:
            moment = _claimed_date(payload, claim) if write_date else None
            credential[member] = write_date(moment) if write_date and moment else payload[claim]
    subject = credential.get("credentialSubject")
    if "sub" in payload and isinstance(subject, dict) and "id" not in subject:
        credential["credentialSubject"] = {"id": payload["sub"], **subject}
    return credential


def encode(members: Mapping[str, Json], *, signer: Signer, typ: str = "JWT") -> str:
    """Return the credential as a signed token, its registered claims taken from the credential.

    There is never a ``vc`` claim. Wanted embedded proofs are made before.

    Raises:
        ClaimError: Not a VCDM 2.0 credential, no issuer or validFrom, or members named as claims.
        DateError: ``validFrom`` or ``validUntil`` is no date.
        JWTAlgorithmError: The key is of no kind that has an allowed algorithm.
    """
    taken = sorted(members.keys() & (REGISTERED_CLAIMS | {"vc", "vp"}))
    if taken:
        raise ClaimError("The credential has a member that is named as a claim.", path=pointer(taken[0]))
    if _base_context(members) != CREDENTIALS_V2:
        raise ClaimError("Only credentials of the data model 2.0 are signed.", path="/@context")
    issuer, credential_id, subject = _id(members.get("issuer")), members.get("id"), _subject_id(members)
    if not isinstance(issuer, str) or "validFrom" not in members:
        raise ClaimError("The credential does not say who issued it, or from when on it is valid.")
    claims: dict[str, Json] = {"iss": issuer}
    if credential_id is not None:
        claims["jti"] = credential_id
    if subject is not None:
        claims["sub"] = subject
    claims["nbf"] = _seconds(parse_datetime(members["validFrom"]))
    if "validUntil" in members:
        claims["exp"] = _seconds(parse_datetime(members["validUntil"]))
    return sign_token({**members, **claims}, signer=signer, typ=typ)


def _credential(payload: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the credential in the payload: the ``vc`` claim (VCDM 1.1), or the rest of the claims (2.0)."""
    base = _base_context(payload)
    if "vp" in payload:
        raise ClaimError("The token is a presentation, not a credential.", path="/vp")
    if "vc" not in payload:
        if base == CREDENTIALS_V1:
            raise ClaimError("A credential of the data model 1.1 stands in the claim vc.", path="/@context")
        return {name: value for name, value in payload.items() if name not in REGISTERED_CLAIMS}
    credential = payload["vc"]
    if not isinstance(credential, dict) or not _CREDENTIAL_MEMBERS.isdisjoint(payload):
        raise ClaimError("The claim vc is no credential, or beside it stands another.", path="/vc")
    if _base_context(credential) != CREDENTIALS_V1:
        raise ClaimError(
            "Only a credential of the data model 1.1 stands in the claim vc.", path="/vc/@context"
        )
    return credential


def _base_context(members: Mapping[str, Json]) -> Json:
    contexts = members.get("@context")
    return contexts[0] if isinstance(contexts, list) and contexts else contexts


def _agree(claimed: object, value: object, *, claim: str, member: str, absent_agrees: bool = False) -> None:
    if value is None and absent_agrees:
        return
    if claimed != value:
        raise ClaimConflictError(
            f'The token\'s "{claim}" says something else than the credential\'s "{member}".',
            path=pointer(claim),
            got=str(claimed)[:120],
            expected=str(value)[:120],
        )


def _claimed_text(payload: Mapping[str, Json], claim: str) -> str | None:
    if claim not in payload:
        return None
    value = payload[claim]
    if not isinstance(value, str) or not value:
        raise ClaimError(f'The token\'s "{claim}" is no text.', path=pointer(claim))
    return value


def _claimed_date(payload: Mapping[str, Json], claim: str) -> datetime | None:
    """Read a NumericDate (RFC 7519, section 2) as whole seconds."""
    if claim not in payload:
        return None
    value = payload[claim]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ClaimError(f'The token\'s "{claim}" is no number.', path=pointer(claim))
    if not 0 <= value < NUMERIC_DATE_END:
        raise ClaimError(f'The token\'s "{claim}" is out of range.', path=pointer(claim), got=str(value)[:40])
    return datetime.fromtimestamp(math.floor(value), tz=UTC)


def _claimed_audience(payload: Mapping[str, Json]) -> None:
    audience = payload.get("aud", "")
    if not isinstance(audience, str) and not (
        isinstance(audience, list) and all(isinstance(name, str) for name in audience)
    ):
        raise ClaimError('The token\'s "aud" is no text.', path="/aud")


def _instant(credential: Mapping[str, Json], member: str) -> datetime | None:
    """Read a date of the credential to the second."""
    if member not in credential:
        return None
    try:
        return parse_datetime(credential[member]).replace(microsecond=0)
    except DateError as error:
        raise ClaimError(
            f"The credential's {member} is wrong. {error.message}", path=pointer(member)
        ) from error


def _seconds(moment: datetime) -> int:
    return math.floor(moment.timestamp())


def _id(value: Json) -> Json:
    return value.get("id") if isinstance(value, dict) else value


def _subject_id(credential: Mapping[str, Json]) -> Json:
    """Return the id of the one subject; several subjects have none in common."""
    subject = credential.get("credentialSubject")
    if isinstance(subject, list):
        subject = subject[0] if len(subject) == 1 else None
    return subject.get("id") if isinstance(subject, dict) else None
