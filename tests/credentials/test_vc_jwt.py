# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest

from credentials.document import Json, write
from credentials.errors import (
    ClaimConflictError,
    ClaimError,
    DateError,
    DocumentError,
    HallmarkError,
    JWTAlgorithmError,
    JWTFormError,
    JWTHeaderError,
    PrivateKeyShownError,
    SignatureError,
)
from credentials.multibase import base64url
from credentials.proofs.vc_jwt import (
    CREDENTIALS_V1,
    CREDENTIALS_V2,
    NUMERIC_DATE_END,
    ParsedJwt,
    check_header,
    credential_members,
    encode,
    parse_jwt,
    read_claims,
    verify,
)
from tests.credentials.signers import p256, p384

ISSUER = "did:web:example.org"
SUBJECT = "did:example:ada"
CREDENTIAL_ID = "https://example.org/credentials/1"
FROM, UNTIL = 1_772_184_600, 1_803_720_600
SIGNER = p256()
CREDENTIAL: dict[str, Json] = {
    "@context": [CREDENTIALS_V2, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
    "id": CREDENTIAL_ID,
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": ISSUER, "type": ["Profile"], "name": "Union"},
    "validFrom": "2026-02-27T09:30:00Z",
    "validUntil": "2027-02-27T09:30:00Z",
    "credentialSubject": {"id": SUBJECT, "type": ["AchievementSubject"]},
}
CLAIMS: dict[str, Json] = {"iss": ISSUER, "jti": CREDENTIAL_ID, "sub": SUBJECT, "nbf": FROM, "exp": UNTIL}
V1: dict[str, Json] = {
    "@context": [CREDENTIALS_V1, "https://purl.imsglobal.org/spec/ob/v3p0/context.json"],
    "id": CREDENTIAL_ID,
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": ISSUER, "type": "Profile", "name": "Union"},
    "issuanceDate": "2026-02-27T09:30:00Z",
    "expirationDate": "2027-02-27T09:30:00Z",
    "credentialSubject": {"id": SUBJECT, "type": "AchievementSubject"},
}


def warnings_of(parsed: ParsedJwt) -> tuple[str, ...]:
    return read_claims(parsed).warnings


def token(payload: dict[str, Json], header: dict[str, Json] | None = None) -> ParsedJwt:
    head = write(header or {"alg": "ES256", "kid": SIGNER.verification_method, "typ": "JWT"})
    text = f"{base64url(head)}.{base64url(write(payload))}"
    return parse_jwt(f"{text}.{base64url(SIGNER.sign(text.encode()))}")


def without(members: dict[str, Json], *names: str) -> dict[str, Json]:
    return {name: value for name, value in members.items() if name not in names}


def test_an_encoded_credential_is_itself_with_its_claims() -> None:
    parsed = parse_jwt(encode(CREDENTIAL, signer=SIGNER))
    assert dict(parsed.header) == {"alg": "ES256", "kid": SIGNER.verification_method, "typ": "JWT"}
    assert dict(parsed.payload.members) == CREDENTIAL | CLAIMS
    verify(parsed, public_key=SIGNER.public_key)
    assert warnings_of(parsed) == ()
    assert credential_members(parsed) == CREDENTIAL


def test_the_media_type_may_be_the_one_of_jose() -> None:
    parsed = parse_jwt(encode(CREDENTIAL, signer=SIGNER, typ="vc+jwt"))
    assert parsed.header["typ"] == "vc+jwt"
    verify(parsed, public_key=SIGNER.public_key)


def test_claims_that_the_credential_does_not_have_are_left_out() -> None:
    subject: dict[str, Json] = {"type": ["AchievementSubject"], "identifier": []}
    parsed = parse_jwt(
        encode(without(CREDENTIAL, "validUntil") | {"credentialSubject": subject}, signer=SIGNER)
    )
    assert not {"exp", "sub"} & parsed.payload.members.keys()
    assert warnings_of(parsed) == ('The token has no "sub".',)
    assert read_claims(parsed).expires is None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"iss": ISSUER}, ClaimError),
        ({"vc": {}}, ClaimError),
        ({"vp": {}}, ClaimError),
        ({"@context": [CREDENTIALS_V1]}, ClaimError),
        ({"@context": []}, ClaimError),
        ({"issuer": None}, ClaimError),
        ({"issuer": {"name": "Union"}}, ClaimError),
        ({"validFrom": "2026-02-27"}, DateError),
        ({"validUntil": "never"}, DateError),
    ],
)
def test_what_is_no_credential_of_ours_is_not_encoded(
    changes: dict[str, Json], error: type[HallmarkError]
) -> None:
    with pytest.raises(error):
        encode(CREDENTIAL | changes, signer=SIGNER)


def test_a_credential_without_a_date_or_with_another_key_is_not_encoded() -> None:
    with pytest.raises(ClaimError):
        encode(without(CREDENTIAL, "validFrom"), signer=SIGNER)
    with pytest.raises(JWTAlgorithmError):
        encode(CREDENTIAL, signer=p384())


@pytest.mark.parametrize(
    "text",
    ["", "a.b", "e30.W10.AA", "e30.eyJhIjoxLCJhIjoyfQ.AA", "e30.bm90IGpzb24.AA"],
)
def test_what_is_no_token_with_an_object_inside_is_no_credential(text: str) -> None:
    with pytest.raises((JWTFormError, DocumentError)):
        parse_jwt(text)


@pytest.mark.parametrize("typ", ["JWT", "vc+jwt", "vc+ld+jwt", "vc+ld+json+jwt"])
def test_known_types_are_accepted(typ: str) -> None:
    assert check_header(token(CREDENTIAL, {"alg": "ES256", "kid": "did:web:a.example#k", "typ": typ})) == ()


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ({"alg": "ES256", "kid": "k", "typ": "at+jwt"}, JWTHeaderError),
        ({"alg": "ES256", "kid": "k", "typ": None}, JWTHeaderError),
        ({"alg": "ES256", "kid": "k", "typ": ["JWT"]}, JWTHeaderError),
        ({"alg": "ES256", "kid": ""}, JWTHeaderError),
        ({"alg": "ES256", "kid": 7}, JWTHeaderError),
        ({"alg": "ES256"}, JWTHeaderError),
        ({"alg": "none", "kid": "k"}, JWTAlgorithmError),
        ({"alg": "HS256", "kid": "k"}, JWTAlgorithmError),
        ({"alg": "ES256", "kid": "k", "crit": ["exp"]}, JWTHeaderError),
        ({"alg": "ES256", "kid": "k", "b64": True}, JWTHeaderError),
        ({"alg": "ES256", "kid": "k", "jku": "https://a.example"}, JWTHeaderError),
        ({"alg": "ES256", "kid": "k", "x5u": "https://a.example"}, JWTHeaderError),
        ({"alg": "ES256", "jwk": []}, JWTHeaderError),
        ({"alg": "ES256", "jwk": SIGNER.public_key.to_jwk() | {"d": "AA"}}, PrivateKeyShownError),
    ],
)
def test_a_header_outside_the_profile_is_refused(header: dict[str, Json], error: type[HallmarkError]) -> None:
    with pytest.raises(error):
        check_header(token(CREDENTIAL, header))
    with pytest.raises(error):
        verify(token(CREDENTIAL | CLAIMS, header), public_key=SIGNER.public_key)


def test_another_header_member_is_a_warning() -> None:
    warnings = check_header(token(CREDENTIAL, {"alg": "ES256", "kid": "k", "x5c": [], "cty": "vc"}))
    assert len(warnings) == 2


def test_the_header_says_which_key_to_look_for() -> None:
    parsed = parse_jwt(encode(CREDENTIAL, signer=SIGNER))
    assert (parsed.kid, parsed.header_key) == (SIGNER.verification_method, None)
    parsed = token(CREDENTIAL, {"alg": "ES256", "jwk": SIGNER.public_key.to_jwk()})
    assert check_header(parsed) == ()
    assert (parsed.kid, parsed.header_key) == (None, SIGNER.public_key)


def test_a_changed_payload_is_refused() -> None:
    parsed = parse_jwt(encode(CREDENTIAL, signer=SIGNER))
    other = base64url(write(CREDENTIAL | CLAIMS | {"name": "Other"}))
    head, _, signature = parsed.token.text.split(".")
    with pytest.raises(SignatureError):
        verify(parse_jwt(f"{head}.{other}.{signature}"), public_key=SIGNER.public_key)


WRONG_TYPES: list[Json] = [None, True, "", [], {}, [ISSUER]]


@pytest.mark.parametrize("claim", ["iss", "sub", "jti"])
def test_a_text_claim_must_equal_the_credential(claim: str) -> None:
    for value in ("did:web:impostor.example", f"{CLAIMS[claim]} ", str(CLAIMS[claim]).upper()):
        with pytest.raises(ClaimConflictError) as refusal:
            warnings_of(token(CREDENTIAL | CLAIMS | {claim: value}))
        assert refusal.value.path == f"/{claim}"
    for wrong in [*WRONG_TYPES, 7]:
        with pytest.raises(ClaimError):
            warnings_of(token(CREDENTIAL | CLAIMS | {claim: wrong}))


@pytest.mark.parametrize("claim", ["nbf", "exp"])
def test_a_date_claim_must_be_the_same_second(claim: str) -> None:
    moment = CLAIMS[claim]
    assert isinstance(moment, int)
    for same in (moment, float(moment), moment + 0.75):
        warnings_of(token(CREDENTIAL | CLAIMS | {claim: same}))
    for other in (moment + 1, moment - 1, 0):
        with pytest.raises(ClaimConflictError):
            warnings_of(token(CREDENTIAL | CLAIMS | {claim: other}))
    for wrong in [*WRONG_TYPES, "1772184600", -1, NUMERIC_DATE_END, 1e300, 10**30]:
        with pytest.raises(ClaimError):
            warnings_of(token(CREDENTIAL | CLAIMS | {claim: wrong}))


def test_claims_that_must_be_there_are_missed() -> None:
    for claim in ("iss", "nbf"):
        with pytest.raises(ClaimError):
            warnings_of(token(without(CREDENTIAL | CLAIMS, claim)))


def test_claims_that_ought_to_be_there_give_warnings() -> None:
    for claim in ("sub", "jti", "exp"):
        assert len(warnings_of(token(without(CREDENTIAL | CLAIMS, claim)))) == 1


def test_a_claim_without_its_member_is_a_conflict() -> None:
    with pytest.raises(ClaimConflictError):
        warnings_of(token(without(CREDENTIAL | CLAIMS, "id")))
    with pytest.raises(ClaimConflictError):
        warnings_of(token(without(CREDENTIAL | CLAIMS, "validFrom")))
    with pytest.raises(ClaimConflictError):
        warnings_of(token(CREDENTIAL | CLAIMS | {"credentialSubject": {"type": "AchievementSubject"}}))
    two: Json = [{"id": SUBJECT}, {"id": SUBJECT}]
    with pytest.raises(ClaimConflictError):
        warnings_of(token(CREDENTIAL | CLAIMS | {"credentialSubject": two}))


def test_one_subject_in_an_array_is_the_subject() -> None:
    assert warnings_of(token(CREDENTIAL | CLAIMS | {"credentialSubject": [{"id": SUBJECT}]})) == ()


def test_an_issuer_written_as_a_uri_is_compared_too() -> None:
    assert warnings_of(token(CREDENTIAL | CLAIMS | {"issuer": ISSUER})) == ()
    with pytest.raises(ClaimConflictError):
        warnings_of(token(CREDENTIAL | CLAIMS | {"issuer": "did:web:impostor.example"}))


def test_exp_alone_is_the_end() -> None:
    claims = read_claims(token(without(CREDENTIAL, "validUntil") | CLAIMS))
    assert claims.expires == datetime.fromtimestamp(UNTIL, tz=UTC)
    assert claims.not_before == datetime.fromtimestamp(FROM, tz=UTC)
    assert claims.warnings == ()


def test_a_wrong_date_in_the_credential_is_refused() -> None:
    for member in ("validFrom", "validUntil"):
        with pytest.raises(ClaimError):
            warnings_of(token(CREDENTIAL | CLAIMS | {member: "2026-02-27T09:30:00"}))


@pytest.mark.parametrize("changes", [{"iat": "now"}, {"iat": True}, {"aud": 7}, {"aud": [7]}, {"vp": {}}])
def test_other_registered_claims_have_their_types(changes: dict[str, Json]) -> None:
    with pytest.raises(ClaimError):
        warnings_of(token(CREDENTIAL | CLAIMS | changes))


def test_other_registered_claims_are_allowed_and_taken_out() -> None:
    parsed = token(CREDENTIAL | CLAIMS | {"iat": FROM, "aud": ["a", "b"]})
    assert read_claims(parsed).issued_at == datetime.fromtimestamp(FROM, tz=UTC)
    assert credential_members(parsed) == CREDENTIAL


def test_a_credential_of_the_older_data_model_stands_in_vc() -> None:
    parsed = token({"vc": V1, **CLAIMS})
    assert warnings_of(parsed) == ()
    assert credential_members(parsed) == V1


def test_what_the_older_data_model_left_to_the_claims_is_put_back() -> None:
    short = without(V1, "id", "issuer", "issuanceDate", "expirationDate")
    short["credentialSubject"] = {"type": "AchievementSubject"}
    parsed = token({"vc": short, **CLAIMS})
    assert warnings_of(parsed) == ()
    assert credential_members(parsed) == V1 | {"issuer": ISSUER}


@pytest.mark.parametrize("claim", ["iss", "sub", "jti", "nbf", "exp"])
def test_claims_and_the_older_data_model_agree_too(claim: str) -> None:
    other: Json = 7 if isinstance(CLAIMS[claim], int) else "did:web:impostor.example"
    with pytest.raises(ClaimConflictError):
        warnings_of(token({"vc": V1, **CLAIMS, claim: other}))


@pytest.mark.parametrize(
    "payload",
    [
        {"vc": CREDENTIAL, **CLAIMS},
        V1 | CLAIMS,
        {"vc": V1, **CREDENTIAL, **CLAIMS},
        {"vc": V1, "@context": [CREDENTIALS_V1], **CLAIMS},
        {"vc": V1, "credentialSubject": {}, **CLAIMS},
        {"vc": [V1], **CLAIMS},
        {"vc": None, **CLAIMS},
        {"vc": without(V1, "@context"), **CLAIMS},
    ],
)
def test_the_two_data_models_are_not_mixed(payload: dict[str, Json]) -> None:
    with pytest.raises(ClaimError):
        warnings_of(token(payload))
    with pytest.raises(ClaimError):
        credential_members(token(payload))


def test_a_private_claim_beside_vc_is_a_warning() -> None:
    assert len(warnings_of(token({"vc": V1, **CLAIMS, "tenant": "x"}))) == 1


def test_encoding_changes_nothing_that_was_given() -> None:
    before = copy.deepcopy(CREDENTIAL)
    encode(CREDENTIAL, signer=SIGNER)
    assert before == CREDENTIAL
