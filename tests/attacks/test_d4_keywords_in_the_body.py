# SPDX-License-Identifier: Apache-2.0
"""D4: keywords in the body: ``@graph``, ``@included``, ``@nest``, ``@reverse``, nested ``@context``.

Refused outside the top-level ``@context``, also when the issuer himself signed them: other readers would show
something else.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.attacks.paths import at, objects, text_of, with_value
from tests.world import Issuer, World, members_of
from verifier.verdict import Verdict

NODE = {"id": "https://evil.example/", "type": ["Profile"], "name": "Added"}
KEYWORDS: dict[str, Any] = {
    "@graph": [NODE],
    "@included": [NODE],
    "@nest": {"name": "Added"},
    "@reverse": {"issuer": NODE},
    "@context": [],
    "@id": "https://evil.example/",
    "@type": ["Profile"],
    "@index": "x",
}


@pytest.mark.parametrize("keyword", sorted(KEYWORDS))
def test_a_keyword_anywhere_is_never_valid(world: World, badge: bytes, keyword: str) -> None:
    signed = members_of(badge)
    for path in objects(signed):
        if keyword not in at(signed, path):
            changed = with_value(signed, path, {**at(signed, path), keyword: KEYWORDS[keyword]})
            assert world.look(json.dumps(changed).encode()).verdict is not Verdict.VALID, text_of(path)


@pytest.mark.parametrize("keyword", sorted(KEYWORDS))
def test_a_keyword_in_a_signed_token_is_never_valid(world: World, union: Issuer, keyword: str) -> None:
    draft = union.draft()
    for path in (("credentialSubject",), ("issuer",), ("credentialSubject", "achievement")):
        changed = with_value(draft, path, {**at(draft, path), keyword: KEYWORDS[keyword]})
        assert world.look(union.sign(changed, jwt=True)).verdict is not Verdict.VALID, text_of(path)


@pytest.mark.parametrize(("plain", "keyword"), [("id", "@id"), ("type", "@type")])
def test_a_keyword_cannot_stand_for_its_alias(world: World, badge: bytes, plain: str, keyword: str) -> None:
    """``@id`` for ``id`` means the same quads, and another document."""
    signed = members_of(badge)
    for path in objects(signed):
        here = at(signed, path)
        if plain in here and path != ("proof", 0):
            changed = with_value(signed, path, {keyword if n == plain else n: v for n, v in here.items()})
            if path == ():
                changed["credentialSubject"] = signed["credentialSubject"]
            assert world.look(json.dumps(changed).encode()).verdict is not Verdict.VALID, text_of(path)
