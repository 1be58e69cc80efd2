# SPDX-License-Identifier: Apache-2.0
"""D9: a normalisation swap (NFC ↔ NFD) after signing: bytes decide, nothing is normalised before hashing."""

from __future__ import annotations

import json
import unicodedata

from tests.world import Issuer, World
from verifier.verdict import Verdict

TITLE = "Évaluation für ﬁve Ångströms 한글"


def test_both_forms_are_two_documents(world: World, union: Issuer) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        title = unicodedata.normalize(form, TITLE)
        for jwt in (False, True):
            signed = union.mint(jwt=jwt, name=title)
            assert world.look(signed).verdict is Verdict.VALID
            if jwt:
                continue
            for other in ("NFC", "NFD", "NFKC", "NFKD"):
                swapped = unicodedata.normalize(other, title)
                if swapped != title:
                    changed = json.dumps({**json.loads(signed), "name": swapped}).encode()
                    assert world.look(changed).verdict is Verdict.INVALID


def test_escapes_and_raw_text_are_the_same_document(world: World, union: Issuer) -> None:
    signed = union.mint(name="Zoë 😀")
    escaped = json.dumps(json.loads(signed), ensure_ascii=True).encode()
    assert escaped != signed
    assert world.look(escaped).verdict is Verdict.VALID
