# SPDX-License-Identifier: Apache-2.0
"""V9: server-side request forgery: only key documents, key sets and status lists are asked for.

Images, criteria, evidence, contexts, schemas, terms and refresh services are never fetched. The addresses
themselves (hosts, ports, redirects, rebinding) are the matter of ``service.fetch`` and its tests.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.world import Issuer, World, members_of
from verifier.documents import Documents
from verifier.errors import SourceError
from verifier.intake import read_url
from verifier.ports import Fetched
from verifier.verify import examine

TRAP = "https://trap.example/"


def test_only_keys_and_lists_are_asked_for(world: World, union: Issuer) -> None:
    draft = union.draft(
        image={"id": f"{TRAP}image.png", "type": "Image"},
        refreshService={"id": f"{TRAP}refresh", "type": "1EdTechCredentialRefresh"},
        termsOfUse=[{"id": f"{TRAP}terms", "type": "Terms"}],
        credentialSchema=[{"id": f"{TRAP}schema.json", "type": "1EdTechJsonSchemaValidator2019"}],
        relatedResource=[{"id": f"{TRAP}resource", "digestMultibase": "uEiA"}],
        evidence=[{"id": f"{TRAP}evidence", "type": ["Evidence"]}],
    )
    draft["credentialSubject"]["achievement"]["criteria"]["id"] = f"{TRAP}criteria"
    draft["issuer"]["url"] = TRAP
    draft["@context"].append(f"{TRAP}context.json")
    world.look(json.dumps(draft).encode())
    world.look(union.sign(draft, jwt=True))
    assert not [name for name in world.requests if "trap" in name]


def test_a_key_document_is_asked_for_once(world: World, union: Issuer) -> None:
    seen: list[str] = []

    def network(url: str, *, max_bytes: int, accept: str) -> Fetched:
        seen.append(url)
        name = "did:web:union.example" if url.endswith("did.json") else url
        return world(name, max_bytes=max_bytes, accept=accept)

    from verifier.intake import read

    badge = union.mint(suspension=True)
    documents = Documents(now=world.clock.now(), network=network)
    examine(read(badge), now=world.clock.now(), fetch=documents)
    assert sorted(seen) == sorted(set(seen))
    assert "https://union.example/.well-known/did.json" in seen


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://union.example/",
        "gopher://127.0.0.1:70/",
        "data:application/json,{}",
        "javascript:alert(1)",
        "//union.example/x",
        "union.example/x",
        "https://",
        "https:///x",
        "https://user:secret@union.example/",
        "https://union.example/\nHost: evil",
        "https://union.example/ x",
        "http://[::1",
        "https://e.example/" + "a" * 2_048,
        "",
        "   ",
    ],
)
def test_what_is_no_web_address_is_not_opened(world: World, url: str) -> None:
    with pytest.raises(SourceError):
        read_url(url, fetch=world)
    assert world.requests == []


def test_hosts_named_in_a_proof_are_bounded(world: World, badge: bytes) -> None:
    """At most as many key documents as there may be proofs."""
    signed = members_of(badge)
    proofs: list[Any] = [
        {**signed["proof"][0], "id": f"urn:x:{n}", "verificationMethod": f"did:web:h{n}.example#k"}
        for n in range(8)
    ]
    world.requests.clear()
    world.look(json.dumps({**signed, "proof": proofs}).encode())
    assert len([name for name in world.requests if name.startswith("did:web:h")]) == 8
    world.requests.clear()
    world.look(json.dumps({**signed, "proof": [*proofs, {**proofs[0], "id": "urn:x:8"}]}).encode())
    assert not [name for name in world.requests if name.startswith("did:web:h")]
