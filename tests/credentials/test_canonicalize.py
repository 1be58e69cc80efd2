# SPDX-License-Identifier: Apache-2.0
"""Documents to canonical bytes: published texts, and the choice of path."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from credentials.canonicalize import canonicalize
from credentials.errors import UnsignedContentError
from credentials.jsonld.contexts import ISSUED_BADGE
from tests.vectors import available, shared

VECTOR = "ob-impl-testvector/obv3p0"
EXAMPLES = "ob-spec-examples"


def vector() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the signed credential of the implementation guide without its proof, and the proof."""
    document = json.loads((shared(VECTOR) / "signed-credential.json").read_bytes())
    proof = document.pop("proof")
    return document, proof[0] if isinstance(proof, list) else proof


def test_the_credential_of_the_implementation_guide_has_the_published_form() -> None:
    document, _ = vector()
    assert canonicalize(document) == (shared(VECTOR) / "document-canon.txt").read_bytes()


def test_its_proof_options_have_the_published_form() -> None:
    document, proof = vector()
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    options["@context"] = document["@context"]
    assert canonicalize(options) == (shared(VECTOR) / "proof-canon.txt").read_bytes()


def examples() -> list[str]:
    return [path.name for path in sorted(shared(EXAMPLES).glob("*.html"))] if available(EXAMPLES) else []


@pytest.mark.parametrize("name", examples())
def test_takes_the_examples_of_the_specification(name: str) -> None:
    text = (shared(EXAMPLES) / name).read_text(encoding="utf-8")
    for found in re.findall(r"<pre[^>]*>(.*?)</pre>", text, re.DOTALL):
        document = json.loads(html.unescape(found))
        if "@context" in document:
            document.pop("proof", None)
            assert canonicalize(document)


def equal_siblings(count: int) -> dict[str, Any]:
    return {
        "@context": list(ISSUED_BADGE),
        "type": ["VerifiableCredential"],
        "issuer": "did:web:example.org",
        "evidence": [{"type": ["Evidence"], "name": "The same"} for _ in range(count)],
    }


def test_equal_siblings_without_id_are_as_many_as_they_are() -> None:
    two, three = canonicalize(equal_siblings(2)), canonicalize(equal_siblings(3))
    assert two != three
    assert three.count(b"The same") == 3


def test_another_hash_may_give_other_labels() -> None:
    document = equal_siblings(0) | {
        "evidence": [{"type": ["Evidence"], "name": str(number)} for number in range(9)]
    }
    short, long = canonicalize(document), canonicalize(document, hash_name="sha384")
    assert short != long
    assert re.sub(rb"c14n\d+", b"", short).count(b"\n") == long.count(b"\n")


def test_members_without_contexts_are_no_document() -> None:
    with pytest.raises(UnsignedContentError):
        canonicalize(equal_siblings(0))
