# SPDX-License-Identifier: Apache-2.0
"""What strangers get from us: exact bytes, for years, and without us (threat I7)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from credentials.baking import png, svg
from issuer import achievements, blanks, profiles, programme, publish, revocation
from issuer.award import AwardState
from issuer.errors import AchievementFrozenError, ProgrammeError
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from tests.issuer.house import NOW, issued, members, verdict
from verifier import intake
from verifier.documents import Documents, OfflineMap
from verifier.verify import examine


def body(mint: Mint, name: str) -> bytes:
    found = publish.published(mint, name, now=NOW)
    assert found is not None, name
    return found.body


def test_every_link_in_a_credential_answers(mint: Mint) -> None:
    found = members(issued(mint))
    achievement = found["credentialSubject"]["achievement"]
    links = [
        found["id"],
        found["issuer"]["id"],
        found["issuer"]["url"],
        found["issuer"]["image"]["id"],
        achievement["id"],
        achievement["criteria"]["id"],
        achievement["image"]["id"],
        *(each["id"] for each in found["relatedResource"]),
        *(each["statusListCredential"] for each in found["credentialStatus"]),
    ]
    for link in links:
        assert body(mint, link)


def test_all_forms_carry_the_stored_bytes(mint: Mint) -> None:
    found = issued(mint, name="Zoë Ŵ 😀")
    link = found.credential_id
    assert found.signed_json is not None
    text = found.signed_json.decode()
    assert body(mint, link) == body(mint, f"{link}.json") == found.signed_json
    assert body(mint, f"{link}.jwt") == found.signed_jwt
    assert png.unbake(body(mint, f"{link}.png")) == text
    assert svg.unbake(body(mint, f"{link}.svg")) == text
    for form in (".png", ".svg"):
        assert verdict(mint, body(mint, link + form)) == "valid"


def test_pictures_of_one_achievement_are_read_once_and_carry_each_its_own(mint: Mint) -> None:
    first, second = issued(mint, submission="s1"), issued(mint, submission="s2")
    drawn = achievements.document(mint, "/achievements/SEL1-v1/image.png")
    assert drawn is not None
    for found in (first, second, first):
        assert found.signed_json is not None
        baked = body(mint, f"{found.credential_id}.png")
        assert baked == png.bake(drawn.body, found.signed_json.decode())
    assert blanks.of_awarded(mint, "SEL1-v1") is blanks.of_awarded(mint, "SEL1-v1")
    assert blanks.of_awarded(mint, "NONE1-v1") is None


@pytest.mark.parametrize(
    "name",
    [
        "http://127.0.0.1:8080/credentials/00000000-0000-4000-8000-000000000000",
        "http://127.0.0.1:8080/achievements/SEL9-v1",
        "http://127.0.0.1:8080/achievements/SEL1-v1/../SEL1-v1",
        "http://127.0.0.1:8080/status/00000000000000000000000000000000",
        "http://127.0.0.1:8080/issuers/nobody",
        "http://127.0.0.1:8080.evil.example/issuers/example-education",
        "did:web:elsewhere.example",
        "https://elsewhere.example/",
    ],
)
def test_what_is_not_ours_is_not_published(mint: Mint, name: str) -> None:
    assert publish.published(mint, name, now=NOW) is None


def test_a_withdrawn_credential_is_served_for_ever(mint: Mint) -> None:
    found = issued(mint)
    revocation.decide(mint, found.key, Decision(AwardState.REVOKED, Reason.OTHER), now=NOW)
    later = NOW + timedelta(days=3650)
    document = publish.published(mint, found.credential_id, now=later)
    assert document is not None
    assert document.body == found.signed_json
    assert verdict(mint, document.body, now=later) == "revoked"


@pytest.mark.parametrize("form", ["json", "jwt", "png", "svg"])
def test_an_export_is_all_that_one_needs_to_verify(mint: Mint, tmp_path: Path, form: str) -> None:
    kept, withdrawn = issued(mint), issued(mint, submission="2")
    revocation.decide(mint, withdrawn.key, Decision(AwardState.REVOKED, Reason.OTHER), now=NOW)
    badges = [body(mint, f"{found.credential_id}.{form}") for found in (kept, withdrawn)]
    done = publish.export(mint, tmp_path, now=NOW)
    names = json.loads((tmp_path / "map.json").read_bytes())
    assert done.names == len(names)
    assert all((tmp_path / path).is_file() for path in names.values())
    assert not any("/credentials/" in name for name in names)
    verdicts = []
    for badge in badges:
        fetch = Documents(now=NOW, offline=OfflineMap.load(tmp_path))
        verdicts.append(str(examine(intake.read(badge), now=NOW, fetch=fetch).verdict))
    assert verdicts == ["valid", "revoked"]


def test_an_export_can_hold_the_credentials_too(mint: Mint, tmp_path: Path) -> None:
    found = issued(mint)
    publish.export(mint, tmp_path, now=NOW, with_credentials=True)
    names = json.loads((tmp_path / "map.json").read_bytes())
    assert (tmp_path / names[found.credential_id]).read_bytes() == found.signed_json
    assert (tmp_path / names[f"{found.credential_id}.png"]).read_bytes().startswith(b"\x89PNG")


def test_an_awarded_version_never_changes(mint: Mint) -> None:
    text = (programme.samples()[0] / "sel1-v1.toml").read_bytes()
    changed = text.replace(b"Self-Awareness", b"Self Awareness")
    achievements.register(mint, changed, issuer="example-education", name="sel1.toml", now=NOW)
    achievements.register(mint, text, issuer="example-education", name="sel1.toml", now=NOW)
    page = members(issued(mint))["relatedResource"][0]["id"]
    before = body(mint, page)
    with pytest.raises(AchievementFrozenError):
        achievements.register(mint, changed, issuer="example-education", name="sel1.toml", now=NOW)
    achievements.register(mint, text, issuer="example-education", name="sel1.toml", now=NOW)
    newer = changed.replace(b'version = "1"', b'version = "2"')
    achievements.register(mint, newer, issuer="example-education", name="sel1-v2.toml", now=NOW)
    assert body(mint, page) == before
    assert achievements.find(mint, "SEL1").key == "SEL1-v2"
    assert achievements.find(mint, "SEL1-v1").key == "SEL1-v1"
    assert achievements.find(mint, "http://127.0.0.1:8080/achievements/SEL1-v1").key == "SEL1-v1"


def test_a_version_belongs_to_one_issuer(mint: Mint) -> None:
    text = (programme.samples()[0] / "sel1-v1.toml").read_bytes()
    with pytest.raises(AchievementFrozenError):
        achievements.register(mint, text, issuer="example-state", name="sel1.toml", now=NOW)


def test_a_changed_profile_is_for_what_comes(mint: Mint) -> None:
    before = issued(mint)
    text = (programme.samples()[0] / "issuer.toml").read_bytes()
    profiles.register(mint, text.replace(b"Example Education", b"Renamed"), name="issuer.toml", now=NOW)
    after = issued(mint, submission="2")
    assert members(before)["issuer"]["name"] == "Example Education Association"
    assert members(after)["issuer"]["name"] == "Renamed Association"
    assert members(before)["issuer"]["id"] == members(after)["issuer"]["id"]
    assert verdict(mint, before.signed_json) == verdict(mint, after.signed_json) == "valid"


def test_seeding_twice_changes_nothing(mint: Mint) -> None:
    before = [each.id for each in achievements.every(mint)]
    programme.seed(mint, now=NOW)
    assert [each.id for each in achievements.every(mint)] == before
    assert len(mint.cabinet.ring("example-education").keys) == 2


def test_a_folder_without_an_issuer_is_no_programme(mint: Mint, tmp_path: Path) -> None:
    with pytest.raises(ProgrammeError):
        list(programme.load(mint, tmp_path, now=NOW))


def test_criteria_and_rubric_are_whole_pages(mint: Mint) -> None:
    for name in ("criteria.html", "rubric.html"):
        page = body(mint, f"http://127.0.0.1:8080/achievements/SEL1-v1/{name}").decode()
        assert page.startswith("<!doctype html>")
        assert '<html lang="en">' in page
        assert page.count("<h1>") == 1
        assert "Proficient" in page
        assert " style=" not in page
        assert "<script" not in page
