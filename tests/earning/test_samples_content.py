# SPDX-License-Identifier: Apache-2.0
"""The sample's stacks, portals, seasons, people and communities: complete, consistent, and nobody's."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import pytest

from earning.catalogue import portals, stacks
from earning.catalogue.portals import Portal
from earning.work.seasons import Season
from issuer import artwork, micro_credential, profile, programme
from issuer.micro_credential import AUDIENCES, MicroCredential
from service import zones
from service.accounts import organisations
from service.accounts.people import Role

FOLDER = files("earning") / "samples"
STATES = ("ma", "nh", "vt", "wa")
TEXTS = ("communities.toml", "people.toml", "revisions.toml", "stacks.toml")


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


@cache
def content() -> tuple[MicroCredential, ...]:
    return tuple(
        micro_credential.read(file.read_bytes(), name=file.name)
        for folder in programme.samples()
        for file in folder.iterdir()
        if file.name != programme.ISSUER_FILE
    )


def codes() -> set[str]:
    return {each.code for each in content()}


def portal(slug: str) -> tuple[Portal, tuple[Season, ...]]:
    file = FOLDER / "portals" / f"{slug}.toml"
    found, seasons, _ = portals.read_file(file.read_bytes(), name=file.name)
    return found, seasons


def people() -> dict[str, dict[str, Any]]:
    return {each["email"]: each for each in table("people.toml")["person"]}


# -- stacks --------------------------------------------------------------------------------------------------


def test_every_stack_in_use_is_told_and_no_other() -> None:
    told = {stack.code for stack in stacks.read((FOLDER / "stacks.toml").read_bytes())}
    assert told == {stack for each in content() for stack in each.stacks}


def test_a_stack_has_the_colour_of_its_badge_images() -> None:
    for stack in stacks.read((FOLDER / "stacks.toml").read_bytes()):
        assert stack.colour == artwork.colour_index(stack.code)
        assert stack.summary.count(".") == 1


def test_only_the_continuum_is_for_support_professionals_alone() -> None:
    read = stacks.read((FOLDER / "stacks.toml").read_bytes())
    assert {stack.code: stack.only_for for stack in read if stack.only_for} == {"PGC": ("ESPs",)}


def test_the_pairs_that_rules_ask_about_are_related_by_stack_and_not_throughout() -> None:
    stacks_of = {each.code: set(each.stacks) for each in content()}
    assert stacks_of["SEL1"] & stacks_of["TRA3"]
    assert stacks_of["TRA3"] & stacks_of["TRA1"]
    assert not stacks_of["SEL1"] & stacks_of["TRA1"]


# -- portals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", STATES)
def test_a_portal_names_its_affiliate_steps_contacts_and_a_running_season(slug: str) -> None:
    found, seasons = portal(slug)
    assert (found.slug, found.organisation, found.state) == (slug, f"example-{slug}", slug.upper())
    assert len(found.steps) >= 3
    assert found.contact("technical-help") is not None
    assert found.contact("content-support") is not None
    assert found.contact("communities") is not None
    assert any(season.is_running(date(2026, 11, 22)) for season in seasons)


@pytest.mark.parametrize("slug", STATES)
def test_a_portal_features_what_there_is(slug: str) -> None:
    found, _ = portal(slug)
    used = {stack for each in content() for stack in each.stacks}
    for featured in found.featured:
        assert set(featured.picked.codes) <= codes()
        assert set(featured.picked.stacks) <= used


@pytest.mark.parametrize("slug", STATES)
def test_what_a_portal_gives_is_never_more_certain_than_its_source(slug: str) -> None:
    found, _ = portal(slug)
    assert found.gifts
    assert {gift.status for gift in found.gifts} <= {"unverified", "invented"}


@pytest.mark.parametrize("slug", STATES)
def test_nobody_can_be_reached_under_what_is_invented(slug: str) -> None:
    found, _ = portal(slug)
    for contact in found.contacts:
        assert contact.email.endswith(".example")
        assert contact.telephone is None or re.search(r"\b555-01\d\d$", contact.telephone)


def test_washington_shows_its_audiences_lists_and_the_season_that_is_over() -> None:
    found, seasons = portal("wa")
    assert [each.id for each in found.featured if each.kind == "audience"] == [
        "substitutes",
        "paraeducators",
        "esas",
        "early-career",
    ]
    lists = {each.id: each.picked.codes for each in found.featured if each.kind == "requirement"}
    assert lists == {"equity": ("DECC1", "NIEA1", "CLIM1"), "stem": ("CLIM1", "CLIM2")}
    past = next(season for season in seasons if season.id == "wa/2023-24")
    assert (past.last_submission, past.last_revision) == (date(2024, 4, 26), date(2024, 5, 24))
    assert found.contact("clock-hours") is not None
    assert "not a state endorsement" in " ".join(gift.text for gift in found.gifts)


def test_vermont_tells_its_own_next_steps() -> None:
    text = " ".join(f"{step.title} {step.text}" for step in portal("vt")[0].steps)
    assert "PD certificate" in text
    assert "workshop" not in text
    assert portal("vt")[0].contact("certificates") is not None


# -- people and communities ----------------------------------------------------------------------------------


def test_organisations_are_those_of_issuers_and_portals_and_a_district() -> None:
    found = {each["slug"]: each for each in table("people.toml")["organisation"]}
    issuers = {
        profile.read((folder / programme.ISSUER_FILE).read_bytes(), name="issuer.toml")
        for folder in programme.samples()
    }
    assert {(slug, each["name"]) for slug, each in found.items() if each["kind"] == "programme"} == {
        (each.slug, each.name) for each in issuers
    }
    assert set(found) >= {portal(slug)[0].organisation for slug in STATES}
    assert {each["kind"] for each in found.values()} <= set(organisations.KINDS)
    assert {each["parent"] for each in found.values() if "parent" in each} <= set(found)


def test_there_is_somebody_for_every_role() -> None:
    roles = Counter(role["role"] for each in people().values() for role in each.get("roles", ()))
    assert set(roles) == {role.value for role in Role} - {Role.EDUCATOR.value}
    assert len([each for each in people().values() if each.get("skills")]) == 4
    assert roles["affiliate-officer"] == 4
    assert roles["programme-manager"] == 2
    jobs = {each.get("job") for each in people().values()}
    assert jobs >= {"teachers", "ESPs", "paraeducators", "substitutes", "ESAs", "early career"}


def test_people_are_told_whole_and_in_known_words() -> None:
    known = {each["slug"] for each in table("people.toml")["organisation"]}
    told = [each["email"] for each in table("people.toml")["person"]]
    assert len(set(told)) == len(told)
    for each in people().values():
        assert each["email"].endswith(".example")
        assert each["about"].endswith(".")
        assert zones.is_zone(each["zone"])
        assert each.get("job", "teachers") in AUDIENCES[1:]
        assert {role["organisation"] for role in each.get("roles", ())} <= known


def test_reviewers_come_from_different_schools_and_cover_every_stack() -> None:
    reviewers = [each for each in people().values() if each.get("skills")]
    assert len({each["school"] for each in reviewers}) == len(reviewers)
    assert len({each["local"] for each in reviewers}) == len(reviewers)
    skills = {skill for each in reviewers for skill in each["skills"]}
    assert skills == {stack for each in content() for stack in each.stacks}


def test_every_first_choice_of_a_sample_can_be_read_twice_without_a_conflict() -> None:
    """Second readings need another reviewer of the same programme; one school's are no use."""
    reviewers = [each for each in people().values() if each.get("skills")]
    for stack in ("SEL", "TRA", "DECC", "CLIM", "TPT"):
        assert sum(stack in each["skills"] for each in reviewers) >= 2, stack


def test_communities_are_of_people_that_there_are() -> None:
    found = table("communities.toml")["community"]
    assert len(found) == 2
    assert len({each["name"] for each in found}) == 2
    for community in found:
        roles = Counter(member["role"] for member in community["member"])
        assert set(roles) <= {"lead", "member", "mentor"}
        assert roles["lead"] == 1
        assert {member["email"] for member in community["member"]} <= set(people())
        assert community["contact"] in people()
        assert community["portal"] in STATES
        assert {day["code"] for day in community["date"] if "code" in day} <= codes()
        assert all(isinstance(day["day"], date) for day in community["date"])


def test_what_is_in_revision_is_a_version_that_there_is() -> None:
    newest = {each.code: each.key for each in sorted(content(), key=lambda each: each.version)}
    rows = table("revisions.toml")["revision"]
    assert len(rows) == 1
    assert all(row["key"] in newest.values() and row["reason"] for row in rows)


# -- all of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*TEXTS, *(f"portals/{slug}.toml" for slug in STATES)])
def test_every_file_says_that_it_is_a_sample(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert "ot affiliated with any association" in text.split("\n\n", 1)[0].replace("\n# ", " ")
    assert not re.search(r"\b(NEA|WEA|MTA|Vermont-NEA)\b", text)


def test_no_portal_repeats_a_sentence_of_another() -> None:
    told = [portal(slug)[0] for slug in STATES]
    texts = [step.text for each in told for step in each.steps]
    texts += [featured.text for each in told for featured in each.featured]
    assert [text for text, count in Counter(texts).items() if count > 1] == []


@pytest.mark.parametrize("slug", STATES)
def test_a_licence_endorsement_is_never_called_by_the_bare_word(slug: str) -> None:
    text = (FOLDER / "portals" / f"{slug}.toml").read_text(encoding="utf-8")
    bare = re.findall(r"(?<!licence )(?<!state )(?<!SEI )\bendorsement", text)
    assert bare == []
