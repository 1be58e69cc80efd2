# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from credentials.did import (
    DID_CHARS,
    did_jwk_for,
    did_jwk_public_key,
    did_key_for,
    did_key_public_key,
    did_web_for,
    did_web_url,
    parse,
    public_key,
)
from credentials.errors import (
    MalformedDIDError,
    PrivateKeyShownError,
    UnknownDIDMethodError,
    UnsupportedKeyError,
)
from credentials.multibase import base64url, encode_base58btc
from tests.credentials.signers import ed25519, p256, p384, rsa_signer


@pytest.mark.parametrize(
    ("did", "url"),
    [
        # The examples of the did:web method.
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:example.com%3A65535", "https://example.com:65535/.well-known/did.json"),
        ("did:web:xn--schle-lva.example", "https://xn--schle-lva.example/.well-known/did.json"),
        ("did:web:example.com:Issuers:A_b-c.1", "https://example.com/Issuers/A_b-c.1/did.json"),
        ("did:web:example.com:caf%C3%A9", "https://example.com/caf%C3%A9/did.json"),
    ],
)
def test_a_did_web_names_one_https_url(did: str, url: str) -> None:
    assert did_web_url(did) == url


@pytest.mark.parametrize(
    "did",
    [
        "did:web:",
        "did:web:Example.com",
        "did:WEB:example.com",
        "DID:web:example.com",
        "did:web:localhost",
        "did:web:badges.localhost",
        "did:web:intranet",
        "did:web:127.0.0.1",
        "did:web:127.1",
        "did:web:2130706433",
        "did:web:0x7f.1",
        "did:web:a.0x7f",
        "did:web:0177.0.0.1",
        "did:web:[::1]",
        "did:web:%5B::1%5D",
        "did:web:10.0.0.1%3A443",
        "did:web:example.com.",
        "did:web:.example.com",
        "did:web:exa_mple.com",
        "did:web:-a.example",
        "did:web:a-.example",
        "did:web:" + "a" * 64 + ".example",
        "did:web:" + ".".join(["a" * 60] * 5),
        "did:web:schüle.example",
        "did:web:xn--.example",
        "did:web:xn--99999999999999.example",
        "did:web:xn--abc-.example",
        "did:web:user@example.com",
        "did:web:user%40example.com",
        "did:web:example.com%2Fpath",
        "did:web:example.com%3a3000",
        "did:web:example.com%3A",
        "did:web:example.com%3A0",
        "did:web:example.com%3A080",
        "did:web:example.com%3A65536",
        "did:web:example.com%3A80%3A80",
        "did:web:example.com:a%2Fb",
        "did:web:example.com:a%2fb",
        "did:web:example.com:a%5Cb",
        "did:web:example.com:a%3Ab",
        "did:web:example.com:%2E%2E",
        "did:web:example.com:..",
        "did:web:example.com:.",
        "did:web:example.com:a%00b",
        "did:web:example.com:a%20b",
        "did:web:example.com:a%25b",
        "did:web:example.com:a%23b",
        "did:web:example.com::a",
        "did:web:example.com:a:",
        "did:web:example.com/path",
        "did:web:example.com?query",
        "did:web:example.com#fragment",
        "did:web:example.com\n",
        "did:web:example.com:a b",
        "https://example.com",
        "did:key:z6MktgKTsu1QhX6QPbyqG6geXdw6FQCZBPq7uQpieWbiQiG7",
    ],
)
def test_a_malformed_did_web_never_becomes_a_url(did: str) -> None:
    with pytest.raises(MalformedDIDError):
        did_web_url(did)


def test_a_did_web_is_made_from_host_and_path() -> None:
    assert did_web_for("badges.example.org") == "did:web:badges.example.org"
    assert (
        did_web_for("badges.example.org:8443", "issuers", "union")
        == "did:web:badges.example.org%3A8443:issuers:union"
    )
    for host in ("localhost", "127.0.0.1:8080", "Badges.example.org"):
        with pytest.raises(MalformedDIDError):
            did_web_for(host)


def test_any_did_is_parsed_into_method_and_rest() -> None:
    did = parse("did:example:a:b%20c")
    assert (did.method, did.specific_id, str(did)) == ("example", "a:b%20c", "did:example:a:b%20c")


@pytest.mark.parametrize(
    "text",
    ["", "did", "did:", "did:x", "did:x:", "did:x:a:", "did:x:a%2", "did:x:é", "did:x:" + "a" * DID_CHARS],
)
def test_what_is_no_did_is_refused(text: str) -> None:
    with pytest.raises(MalformedDIDError):
        parse(text)


def test_a_did_key_is_its_key() -> None:
    for signer in (ed25519(), p256(), p384()):
        assert public_key(did_key_for(signer.public_key)) == signer.public_key


def test_a_did_jwk_is_its_key() -> None:
    for signer in (ed25519(), p256(), p384(), rsa_signer()):
        assert public_key(did_jwk_for(signer.public_key)) == signer.public_key


def test_the_published_did_jwk_example_is_read() -> None:
    # did:jwk method, "P-256" example.
    did = (
        "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3"
        "l6OTFQSDZDZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
    )
    assert did_jwk_public_key(did).algorithm == "P-256"


def test_a_did_key_of_another_kind_is_unknown() -> None:
    x25519 = "did:key:" + encode_base58btc(b"\xec\x01" + bytes(32))
    with pytest.raises(UnsupportedKeyError):
        did_key_public_key(x25519)


@pytest.mark.parametrize(
    "did",
    [
        "did:key:",
        "did:key:z",
        "did:key:abc",
        "did:key:zO",
        "did:key:uAAAA",
        "did:web:example.org",
        "did:key:z" + "2" * 300,
    ],
)
def test_a_malformed_did_key_is_refused(did: str) -> None:
    with pytest.raises((MalformedDIDError, UnsupportedKeyError)):
        did_key_public_key(did)


@pytest.mark.parametrize("text", [b"{}x", b"[]", b"\xff", b'{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}'])
def test_a_malformed_did_jwk_is_refused(text: bytes) -> None:
    with pytest.raises(MalformedDIDError):
        did_jwk_public_key("did:jwk:" + base64url(text))


def test_a_did_jwk_with_a_private_key_is_refused() -> None:
    with pytest.raises(PrivateKeyShownError):
        did_jwk_public_key("did:jwk:" + base64url(b'{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}'))


def test_the_two_kinds_of_self_contained_did_are_not_mixed_up() -> None:
    signer = ed25519()
    with pytest.raises(MalformedDIDError):
        did_jwk_public_key(did_key_for(signer.public_key))
    with pytest.raises(MalformedDIDError):
        did_key_public_key(did_jwk_for(signer.public_key))
    with pytest.raises(UnknownDIDMethodError):
        public_key("did:web:example.org")
