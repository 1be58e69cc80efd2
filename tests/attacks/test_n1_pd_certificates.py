# SPDX-License-Identifier: Apache-2.0
"""N1, N2: hours for what was not verified, or only valid once, or for the same award twice.

An affiliate officer's click counts an award, so what holds for recognizers holds here: verified at that very
moment, for its own earner, by a rule that accepts its issuer, and once.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from issuer import reissue
from issuer.award import AwardState
from issuer.revocation import Reason
from recognition.attesting import certificates, sharing
from recognition.errors import CertificateRefusedError
from tests.earning.house import NOW
from tests.recognition import affiliate_scene
from tests.recognition.affiliate_scene import VT, Scene
from verifier import issuer_lists

EMAIL = "alex.educator@school.example"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with affiliate_scene.opened(tmp_path / "house") as made:
        yield made


def standing(scene: Scene) -> list[certificates.Issued]:
    found, _ = certificates.issued(scene.office, VT, "")
    return [each for each in found if each.statement.withdrawn_at is None]


def clear(scene: Scene) -> None:
    for each in standing(scene):
        certificates.withdraw(scene.office, VT, each.statement.id, why="Tidied.", actor="test", now=NOW)


def brought(scene: Scene, body: bytes, *, email: str = EMAIL) -> str:
    return certificates.issue_brought(
        scene.office, VT, url="", body=body, email=email, name="", actor="test", now=NOW
    )


def test_ten_clicks_at_once_give_one_certificate(scene: Scene) -> None:
    id = scene.show()

    def click(_: int) -> str:
        return certificates.issue_shown(scene.office, VT, id, actor="test", now=NOW)

    with ThreadPoolExecutor(10) as pool:
        made = set(pool.map(click, range(10)))
    assert len(made) == len(standing(scene)) == 1
    assert brought(scene, scene.credential()) in made
    clear(scene)


def test_a_re_issue_is_the_same_award_and_gives_no_second_certificate(scene: Scene) -> None:
    old, id = scene.credential(), scene.show()
    first = certificates.issue_shown(scene.office, VT, id, actor="test", now=NOW)
    new = reissue.reissue(scene.house.mint, scene.award.key, reason="key-replaced", now=NOW)
    assert new.credential_id != scene.link or new.key != scene.award.key
    assert brought(scene, new.signed_json or b"") == first
    assert certificates.issue_shown(scene.office, VT, id, actor="test", now=NOW) == first
    assert sharing.one(scene.office, VT, id).held.url == new.credential_id
    assert brought(scene, old) == first
    clear(scene)
    from_old = brought(scene, old)
    assert brought(scene, new.signed_json or b"") == from_old
    clear(scene)
    scene.award = affiliate_scene.renewed(scene, new.key)


def test_bytes_that_were_changed_on_the_way_back_count_for_nothing(scene: Scene) -> None:
    body = scene.credential()
    for forged in (
        body.replace(b"Self-Awareness", b"Self-Assurance"),
        body.replace(EMAIL.encode(), b"mallory@x.example") + b" ",
        base64.b64encode(body),
        b"{}",
        body[:-20],
    ):
        if forged.strip() == body.strip():
            continue
        with pytest.raises(CertificateRefusedError):
            brought(scene, forged)
    with pytest.raises(CertificateRefusedError):
        brought(scene, body, email="mallory@x.example")
    assert standing(scene) == []


def test_an_issuer_that_is_taken_off_the_list_gives_no_hours(scene: Scene) -> None:
    did = scene.house.mint.cabinet.did_of("example-education")
    issuer_lists.remove(scene.house.bureau, VT, did, actor="test", now=NOW)
    try:
        with pytest.raises(CertificateRefusedError, match="not from an issuer"):
            brought(scene, scene.credential())
    finally:
        issuer_lists.put_back(scene.house.bureau, VT, did, actor="test", now=NOW)
    assert standing(scene) == []


def test_what_was_valid_when_it_was_looked_at_and_is_revoked_at_the_click_gives_none(scene: Scene) -> None:
    id = scene.show()
    looked = certificates.look(
        scene.office, VT, url="", body=scene.credential(), email=EMAIL, actor="t", now=NOW
    )
    assert looked.offer is not None
    assert certificates.line(scene.office, VT, id, now=NOW).offer is not None
    scene.decide(AwardState.REVOKED, Reason.EVIDENCE)
    with pytest.raises(CertificateRefusedError):
        brought(scene, looked.body)
    with pytest.raises(CertificateRefusedError):
        certificates.issue_shown(scene.office, VT, id, actor="test", now=NOW)
    assert standing(scene) == []
