# SPDX-License-Identifier: Apache-2.0
"""Recognitions are written down before they are signed, finished whenever they were killed, and withdrawn."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from credentials.digests import digest_multibase, matches
from credentials.errors import BrokenError
from recognition.errors import NobodySignsError, NoSuchRecognitionError
from recognition.stating import decision_document, issuing, statement
from recognition.store import statements as rows
from tests.recognition import signed_scene
from tests.recognition.signed_scene import EMAIL, MA, NOW, URL, VT, Scene
from verifier.verdict import Verdict


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("signed")
    signed_scene.close(signed_scene.make_scene(folder))
    return folder


@pytest.fixture
def scene(template: Path, tmp_path: Path) -> Iterator[Scene]:
    opened = signed_scene.open_scene(Path(shutil.copytree(template, tmp_path / "data")))
    yield opened
    signed_scene.close(opened)


def members(found: Any) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(found.signed)
    return value


def verdict(scene: Scene, found: Any) -> str:
    return str(scene.house.desk.examine(found.signed, now=NOW).verdict)


def test_every_award_of_a_decision_gets_a_recognition_of_its_own_that_names_the_same_decision(
    scene: Scene,
) -> None:
    pair = scene.award("SEL1"), scene.award("SEL2")
    made = scene.decide(*pair)
    found = issuing.issue_for(scene.office, made.id, now=NOW)
    assert [each.kind for each in found] == ["endorsement"] * 2
    assert {members(each)["credentialSubject"]["id"] for each in found} == {
        each.credential_id for each in pair
    }
    for each in found:
        said = members(each)
        assert said["name"] == "Recognised: 10 PDP-MA for a pair (example rule)"
        assert said["issuer"]["id"] == "did:web:badges.union.example:issuers:example-district"
        assert said["credentialSubject"]["endorsementComment"] == (
            "With one related micro-credential: 10 professional development points (Massachusetts), "
            "English learners. "
            f"Rule: us-ma-renewal, version 2018-07-02. {statement.EXAMPLE}"
        )
        assert said["id"] == f"{URL}/recognitions/{each.id}"
        assert len(said["@context"]) == 2
        document, policy, award = said["relatedResource"]
        assert document["id"] == f"{URL}/decisions/{made.id}.json"
        assert matches(
            decision_document.compose(made, policy=MA, public_url=URL), document["digestMultibase"]
        )
        assert matches(MA.source, policy["digestMultibase"])
        raw = next(x for x in scene.issued if x.credential_id == award["id"]).signed_json or b""
        assert award["digestMultibase"] == digest_multibase(raw)
        assert verdict(scene, each) == "valid"
        assert EMAIL not in str(said)


def test_asked_again_nothing_is_signed_twice(scene: Scene) -> None:
    made = scene.decide(scene.award())
    first = issuing.issue_for(scene.office, made.id, now=NOW)
    assert issuing.issue_for(scene.office, made.id, now=signed_scene.later()) == first
    assert issuing.finish(scene.office, now=signed_scene.later()) == 0


class _Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("instant", ["composed", "written", "signed", "stored"])
def test_killed_at_any_instant_it_is_finished_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, instant: str
) -> None:
    made = scene.decide(scene.award("SEL1"), scene.award("SEL2"))
    sign, where = scene.office.sign, {"composed": "add", "stored": "sign"}

    class Sign:
        issuer = sign.issuer

        def __call__(self, *args: Any, **named: Any) -> bytes:
            if instant == "written":
                raise _Killed
            done: bytes = sign(*args, **named)
            if instant == "signed":
                raise _Killed
            return done

    def killed(*_: Any, **__: Any) -> Any:
        raise _Killed

    with monkeypatch.context() as patch:
        if instant in where:
            patch.setattr(rows, where[instant], killed)
        with pytest.raises(_Killed):
            issuing.issue_for(replace(scene.office, sign=Sign()), made.id, now=NOW)
    issuing.finish(scene.office, now=NOW)
    with scene.office.db.reading() as session:
        found = rows.of_decision(session, made.id)
    assert len(found) == 2
    assert [verdict(scene, each) for each in found] == ["valid", "valid"]
    assert issuing.finish(scene.office, now=NOW) == 0


def test_what_the_other_wing_cannot_sign_today_is_signed_later(scene: Scene) -> None:
    made = scene.decide(scene.award())
    sign = scene.office.sign

    class Locked:
        issuer = sign.issuer

        def __call__(self, *_: Any, **__: Any) -> bytes:
            raise BrokenError("The keys are locked.")

    (found,) = issuing.issue_for(replace(scene.office, sign=Locked()), made.id, now=NOW)
    assert found.signed is None
    assert issuing.finish(scene.office, now=NOW) == 1


def test_without_keys_the_decision_stands_unsigned_and_nobody_else_waits(scene: Scene) -> None:
    unsigned = scene.decide(scene.award(), organisation="nobody-here")
    with pytest.raises(NobodySignsError):
        issuing.issue_for(scene.office, unsigned.id, now=NOW)
    with pytest.raises(NobodySignsError):
        issuing.issue_for(replace(scene.office, sign=None), unsigned.id, now=NOW)
    made = scene.decide(scene.award("SEL2"))
    assert issuing.finish(scene.office, now=NOW) == 1
    with scene.office.db.reading() as session:
        assert rows.of_decision(session, unsigned.id) == ()
        assert len(rows.of_decision(session, made.id)) == 1


def test_withdrawn_it_is_revoked_for_everybody_also_when_killed_between(scene: Scene) -> None:
    made = scene.decide(scene.award())
    (found,) = issuing.issue_for(scene.office, made.id, now=NOW)
    with scene.office.db.transaction():
        issuing.withdraw(scene.office, [found.id], "The award fell.", now=NOW, actor="ren")
    assert verdict(scene, found) == "valid"  # written down, and the process ends
    assert issuing.finish(scene.office, now=NOW) == 1
    assert verdict(scene, found) == "revoked"
    issuing.withdraw(scene.office, [found.id], "Once more.", now=NOW, actor="ren")
    with scene.office.db.reading() as session:
        known = rows.get(session, found.id)
    assert known is not None
    assert (known.withdrawn_why, known.is_unfinished) == ("The award fell.", False)


def test_what_was_never_signed_is_withdrawn_without_ever_being_signed(scene: Scene) -> None:
    made = scene.decide(scene.award())
    sign = scene.office.sign

    class Locked:
        issuer = sign.issuer

        def __call__(self, *_: Any, **__: Any) -> bytes:
            raise BrokenError("The keys are locked.")

    issuing.issue_for(replace(scene.office, sign=Locked()), made.id, now=NOW)
    issuing.withdraw_decision(scene.office, made.id, "A mistake.", now=NOW, actor="ren")
    assert issuing.finish(scene.office, now=NOW) == 0
    with scene.office.db.reading() as session:
        (known,) = rows.of_decision(session, made.id)
    assert (known.signed, known.is_unfinished) == (None, False)


def test_a_supporting_document_is_recognised_without_units(scene: Scene) -> None:
    award = scene.award(outcome="supporting-document", group=None)
    made = scene.decide(award, outcome="supporting-document", groups=(), units=Decimal(0))
    (found,) = issuing.issue_for(scene.office, made.id, now=NOW)
    said = members(found)
    assert said["name"] == "Recognised: supporting document (example rule)"
    assert "0 " not in said["credentialSubject"]["endorsementComment"].replace("2018-07", "")


def test_nothing_is_signed_of_a_refusal_or_of_what_was_imported(scene: Scene) -> None:
    refused = scene.decide(scene.award(group=None), outcome="refused", groups=(), units=Decimal(0))
    imported = scene.decide(scene.award("SEL2"), outcome="imported")
    assert issuing.finish(scene.office, now=NOW) == 0
    assert issuing.issue_for(scene.office, refused.id, now=NOW) == ()
    assert imported.id != refused.id


def test_a_policy_may_have_a_pd_certificate_issued_on_approval(scene: Scene) -> None:
    award = scene.award()
    made = scene.decide(award, organisation="example-vt", applied=VT, units=Decimal(15))
    endorsement, certificate = sorted(issuing.issue_for(scene.office, made.id, now=NOW), key=lambda x: x.kind)
    assert (endorsement.kind, certificate.kind) == ("endorsement", "pd-certificate")
    subject = members(certificate)["credentialSubject"]
    assert subject["result"][0]["value"] == "15"
    assert "activityStartDate" in subject
    assert verdict(scene, certificate) == "valid"
    again = scene.verified(award)
    kept = issuing.issue_certificate(
        scene.office,
        "example-vt",
        again,
        person_key=EMAIL,
        name=None,
        hours=Decimal(15),
        now=signed_scene.later(),
        actor="officer",
    )
    assert kept == certificate.id


def test_no_certificate_is_made_of_an_award_that_has_fallen(scene: Scene) -> None:
    award = scene.award()
    made = scene.decide(award, organisation="example-vt", applied=VT, units=Decimal(15))
    scene.revoke(award)
    assert [each.kind for each in issuing.issue_for(scene.office, made.id, now=NOW)] == ["endorsement"]


def test_we_accept_this_kind_is_said_once(scene: Scene) -> None:
    achievement = f"{URL}/achievements/SEL1-v1"
    ids = {
        issuing.accept_kind(
            scene.office,
            "example-district",
            MA,
            achievement_id=achievement,
            title="SEL",
            now=NOW,
            actor="ren",
        )
        for _ in range(2)
    }
    (id,) = ids
    with scene.office.db.reading() as session:
        found = rows.get(session, id)
    assert found is not None
    assert members(found)["credentialSubject"]["id"] == achievement
    report = scene.house.desk.examine(found.signed or b"", now=NOW)
    assert (report.verdict, report.is_statement) == (Verdict.VALID, True)


def test_only_its_educator_decides_whether_a_recognition_is_shown(scene: Scene) -> None:
    made = scene.decide(scene.award())
    (found,) = issuing.issue_for(scene.office, made.id, now=NOW)
    with pytest.raises(NoSuchRecognitionError):
        issuing.set_public(scene.office, found.id, "somebody-else", True, now=NOW)
    with pytest.raises(NoSuchRecognitionError):
        issuing.set_public(scene.office, "nothing", "person-1", True, now=NOW)
    issuing.set_public(scene.office, found.id, "person-1", True, now=NOW)
    with scene.office.db.reading() as session:
        assert [each.id for each in rows.public_of(session, [found.credential_id])] == [found.id]
    issuing.set_public(scene.office, found.id, "person-1", False, now=NOW)
    with scene.office.db.reading() as session:
        assert rows.public_of(session, [found.credential_id]) == ()
