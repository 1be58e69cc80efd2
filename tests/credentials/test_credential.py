# SPDX-License-Identifier: Apache-2.0
"""The data model is read and built by its tables; what breaks it is named with its place."""

from __future__ import annotations

import copy
import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from credentials import document, schema
from credentials.achievement import (
    Achievement,
    AchievementType,
    Alignment,
    AlignmentTargetType,
    Criteria,
    Related,
    ResultDescription,
    ResultType,
    RubricCriterionLevel,
)
from credentials.credential import (
    CONTEXT,
    CredentialSchema,
    OpenBadgeCredential,
    RefreshService,
    RelatedResource,
)
from credentials.endorsement import EndorsementCredential, EndorsementSubject
from credentials.errors import StructureError
from credentials.evidence import Evidence
from credentials.identity import IdentityObject
from credentials.profile import Address, GeoCoordinates, IdentifierEntry, IdentifierType, Image, Profile
from credentials.structure import Extension
from credentials.subject import AchievementSubject, Result, ResultStatus
from tests.credentials.badges import badge
from tests.vectors import shared

EXAMPLES = ["achievementAlignmentCase", "achievementAlignmentCe", "basicOpenBadgeCredential", "endorsement",
            "fullOpenBadge", "skillAssertionCase", "skillAssertionCtdl"]  # fmt: skip


def changed(*path: str | int, value: Any) -> dict[str, Any]:
    """Return a badge with ``value`` at ``path``; an ellipsis takes the member out."""
    members = copy.deepcopy(badge())
    owner: Any = members
    for step in path[:-1]:
        owner = owner[step]
    if value is ...:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    return members


def refused(members: dict[str, Any]) -> StructureError:
    with pytest.raises(StructureError) as caught:
        OpenBadgeCredential.read(members)
    return caught.value


def test_a_badge_is_read_and_built_without_loss() -> None:
    members = badge()
    read = OpenBadgeCredential.read(document.parse(document.write(members)))
    assert read.to_members() == members
    assert (read.vcdm, read.issuer_id) == ("2.0", "did:web:badges.example")
    assert read.valid_from == datetime(2026, 2, 27, 9, 30, tzinfo=UTC)
    achievement = read.credential_subject.achievement
    assert achievement.achievement_type is AchievementType.MICRO_CREDENTIAL
    assert achievement.tag == ("stack:FE", "families")
    assert read.credential_subject.result[1].status is ResultStatus.COMPLETED
    assert read.credential_status == (members["credentialStatus"],)
    assert isinstance(read.credential_subject.identifier[0], IdentityObject)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_the_specification_are_read_and_built_without_loss(name: str) -> None:
    page = shared(f"ob-spec-examples/{name}.html").read_text(encoding="utf-8")
    for text in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL):
        members = json.loads(html.unescape(text))
        kind = EndorsementCredential if "EndorsementCredential" in members["type"] else OpenBadgeCredential
        assert kind.read(members).to_members() == members


def everything() -> OpenBadgeCredential:
    """Return a credential in which every member of every class has a value."""
    image = Image(id="https://badges.example/a.png", caption="An octagon")
    entry = IdentifierEntry(identifier="9", identifier_type=Extension("ext:roster"))
    endorsement: dict[str, Any] = {
        "@context": list(CONTEXT),
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Word",
        "issuer": {"id": "did:web:a.example", "type": ["Profile"]},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": "urn:uuid:2",
            "type": ["EndorsementSubject"],
            "endorsementComment": "Good",
        },
    }
    profile = Profile(
        id="did:web:a.example",
        name="A",
        url="https://a.example/",
        phone="1",
        description="d",
        image=image,
        email="a@a.example",
        other_identifier=(entry,),
        official="o",
        family_name="f",
        given_name="g",
        additional_name="a",
        patronymic_name="p",
        honorific_prefix="h",
        honorific_suffix="s",
        family_name_prefix="von",
        date_of_birth=date(1970, 1, 2),
        endorsement=(endorsement,),
        endorsement_jwt=("a.b.c",),
        parent_org=Profile(id="did:web:b.example"),
        address=Address(
            address_country="Vermont",
            address_country_code="US",
            address_region="VT",
            address_locality="x",
            street_address="1",
            post_office_box_number="2",
            postal_code="3",
            geo=GeoCoordinates(latitude=44.2, longitude=-72),
        ),
    )
    alignment = Alignment(
        target_name="n",
        target_url="https://s.example/",
        target_code="c",
        target_description="d",
        target_framework="f",
        target_type=AlignmentTargetType.CF_ITEM,
    )
    level = RubricCriterionLevel(
        id="urn:uuid:l", name="Passing", description="d", level="2", points="2", alignment=(alignment,)
    )
    described = ResultDescription(
        id="urn:uuid:r",
        name="Reach",
        result_type=ResultType.RUBRIC_CRITERION_LEVEL,
        allowed_value=("1", "2"),
        required_level="urn:uuid:l",
        required_value="2",
        value_min="1",
        value_max="2",
        rubric_criterion_level=(level,),
        alignment=(alignment,),
    )
    achievement = Achievement(
        id="https://a.example/1",
        name="n",
        description="d",
        criteria=Criteria(id="https://a.example/c"),
        achievement_type=Extension("ext:Stack"),
        image=image,
        creator=profile,
        version="1",
        in_language="en",
        human_code="A1",
        other_identifier=(entry,),
        field_of_study="f",
        specialization="s",
        credits_available=1.5,
        tag=("t",),
        alignment=(alignment,),
        related=(Related(id="urn:uuid:x", in_language="es", version="2"),),
        result_description=(described,),
        endorsement=(endorsement,),
        endorsement_jwt=("a.b.c",),
    )
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    subject = AchievementSubject(
        id="did:example:1",
        identifier=(IdentityObject.create("a@example.com", salt="s" * 22),),
        achievement=achievement,
        activity_start_date=moment,
        activity_end_date=moment,
        credits_earned=1,
        image=image,
        license_number="l",
        narrative="n",
        role="r",
        source=profile,
        term="t",
        result=(
            Result(
                result_description="urn:uuid:r",
                achieved_level="urn:uuid:l",
                value="2",
                status=ResultStatus.COMPLETED,
                alignment=(alignment,),
            ),
        ),
    )
    return OpenBadgeCredential(
        id="urn:uuid:c",
        name="n",
        description="d",
        image=image,
        issuer=profile,
        valid_from=moment,
        valid_until=moment,
        awarded_date=moment,
        credential_subject=subject,
        evidence=(
            Evidence(
                id="https://a.example/e",
                name="n",
                description="d",
                narrative="n",
                genre="g",
                audience="a",
                digest_multibase="uEi",
            ),
        ),
        endorsement=(endorsement,),
        endorsement_jwt=("a.b.c",),
        related_resource=(
            RelatedResource(
                id="https://a.example/p",
                digest_multibase="uEi",
                digest_sri="sha384-x",
                media_type="text/html",
            ),
        ),
        credential_schema=(
            CredentialSchema(id="https://a.example/s", type="1EdTechJsonSchemaValidator2019"),
        ),
        credential_status=({"id": "urn:uuid:s", "type": "BitstringStatusListEntry"},),
        refresh_service=RefreshService(id="https://a.example/r", type="1EdTechCredentialRefresh"),
        terms_of_use=({"type": "Terms"},),
        proof=({"type": "DataIntegrityProof"},),
    )


def test_every_class_and_member_is_built_read_and_passes_the_strict_schema() -> None:
    members = everything().to_members()
    assert OpenBadgeCredential.read(members).to_members() == members
    assert schema.findings(members).flavour == "strict", schema.findings(members)
    assert members["relatedResource"] == [
        {
            "id": "https://a.example/p",
            "digestMultibase": "uEi",
            "digestSRI": "sha384-x",
            "mediaType": "text/html",
        }
    ]


def test_every_member_that_the_schema_knows_is_one_of_ours() -> None:
    known: Any = schema.published()
    ours = {name for name, _ in _named(everything().to_members())} - {"statusPurpose"}
    theirs = set(known["properties"])
    for name, kind in known["$defs"].items():
        if name != "Proof":
            theirs |= set(kind.get("properties", ()))
    assert theirs <= ours, theirs - ours


def _named(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield name, value
            yield from _named(value)
    elif isinstance(node, list):
        for item in node:
            yield from _named(item)


def test_several_status_entries_are_written_as_an_array_and_one_alone() -> None:
    one = OpenBadgeCredential.read(badge())
    entry = badge()["credentialStatus"]
    several = OpenBadgeCredential.read(badge(credentialStatus=[entry, entry | {"id": "urn:uuid:2"}]))
    assert one.to_members()["credentialStatus"] == entry
    assert several.to_members()["credentialStatus"] == [entry, entry | {"id": "urn:uuid:2"}]


def test_unknown_members_are_left_to_the_walk() -> None:
    assert OpenBadgeCredential.read(badge(favouriteColour=None, other=[])) == OpenBadgeCredential.read(
        badge()
    )


ARRAYS: list[tuple[str | int, ...]] = [
    ("evidence",),
    ("credentialSubject", "identifier"),
    ("credentialSubject", "result"),
    ("credentialSubject", "achievement", "alignment"),
    ("credentialSubject", "achievement", "tag"),
    ("credentialSubject", "achievement", "resultDescription"),
    ("credentialSubject", "achievement", "resultDescription", 0, "rubricCriterionLevel"),
]


@pytest.mark.parametrize("path", ARRAYS)
def test_a_single_value_may_stand_for_an_array_and_is_built_as_one(path: tuple[str | int, ...]) -> None:
    members = badge()
    subject = members["credentialSubject"]  # whose references would not resolve in a shorter array
    for description in subject["achievement"]["resultDescription"]:
        description.pop("requiredLevel", None)
    subject["result"] = [{"type": ["Result"], "value": "1"}]
    owner: Any = members
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = owner[path[-1]][:1]
    expected = copy.deepcopy(members)
    owner[path[-1]] = owner[path[-1]][0]
    assert OpenBadgeCredential.read(members).to_members() == expected


@pytest.mark.parametrize("path", ARRAYS)
@pytest.mark.parametrize("value", [[], None, [None]])
def test_empty_arrays_and_nulls_are_refused_at_their_place(path: tuple[str | int, ...], value: Any) -> None:
    error = refused(changed(*path, value=value))
    assert error.path is not None
    assert error.path.startswith(document.pointer(*path))


SINGLE: list[tuple[str | int, ...]] = [
    ("id",), ("name",), ("issuer",), ("issuer", "name"), ("validFrom",), ("credentialSubject",),
    ("credentialSubject", "achievement"), ("credentialSubject", "achievement", "criteria"),
    ("credentialSubject", "achievement", "name"), ("credentialSubject", "identifier", 0, "type"),
    ("credentialSubject", "achievement", "achievementType"), ("evidence", 0, "name"),
]  # fmt: skip


@pytest.mark.parametrize("path", SINGLE)
@pytest.mark.parametrize("how", ["array", "null", "number", "object"])
def test_a_member_of_another_form_is_refused_at_its_place(path: tuple[str | int, ...], how: str) -> None:
    present: Any = badge()
    for step in path:
        present = present[step]
    value = {"array": [present], "null": None, "number": 5, "object": {"en": "x"}}[how]
    error = refused(changed(*path, value=value))
    assert error.path is not None
    assert error.path.startswith(document.pointer(*path))
    assert error.message


@pytest.mark.parametrize(
    "path",
    [
        ("@context",),
        ("id",),
        ("type",),
        ("issuer",),
        ("issuer", "id"),
        ("issuer", "type"),
        ("validFrom",),
        ("credentialSubject",),
        ("credentialSubject", "type"),
        ("credentialSubject", "achievement"),
        ("credentialSubject", "achievement", "id"),
        ("credentialSubject", "achievement", "type"),
        ("credentialSubject", "achievement", "name"),
        ("credentialSubject", "achievement", "description"),
        ("credentialSubject", "achievement", "criteria"),
        ("credentialSubject", "achievement", "alignment", 0, "targetUrl"),
        ("credentialSubject", "achievement", "resultDescription", 0, "resultType"),
        ("credentialSubject", "achievement", "resultDescription", 0, "rubricCriterionLevel", 0, "name"),
        ("credentialSubject", "result", 0, "type"),
        ("evidence", 0, "type"),
    ],
)
def test_a_missing_member_is_told_where_it_is_missing(path: tuple[str | int, ...]) -> None:
    error = refused(changed(*path, value=...))
    assert error.path == document.pointer(*path[:-1])
    assert f'"{path[-1]}"' in error.message


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("type",), ["VerifiableCredential"], "/type"),
        (("type",), ["OpenBadgeCredential"], "/type"),
        (("type",), "OpenBadgeCredential", "/type"),
        (("issuer", "type"), ["Person"], "/issuer/type"),
        (("credentialSubject", "identifier", 0, "type"), "Identity", "/credentialSubject/identifier/0/type"),
        (("credentialSubject", "identifier", 0, "hashed"), "yes", "/credentialSubject/identifier/0/hashed"),
        (
            ("credentialSubject", "identifier", 0, "identityType"),
            "email",
            "/credentialSubject/identifier/0/identityType",
        ),
        (
            ("credentialSubject", "achievement", "criteria"),
            {"type": "Criteria"},
            "/credentialSubject/achievement/criteria",
        ),
        (
            ("credentialSubject", "achievement", "achievementType"),
            "Kudos",
            "/credentialSubject/achievement/achievementType",
        ),
        (
            ("credentialSubject", "achievement", "achievementType"),
            "ext:",
            "/credentialSubject/achievement/achievementType",
        ),
        (
            ("credentialSubject", "achievement", "creditsAvailable"),
            True,
            "/credentialSubject/achievement/creditsAvailable",
        ),
        (
            ("credentialSubject", "result", 0, "resultDescription"),
            "urn:x",
            "/credentialSubject/result/0/resultDescription",
        ),
        (
            ("credentialSubject", "result", 0, "achievedLevel"),
            "urn:x",
            "/credentialSubject/result/0/achievedLevel",
        ),
        (("credentialSubject", "result", 1, "status"), ..., "/credentialSubject/result/1"),
        (("credentialSubject", "result", 1, "status"), "ext:Done", "/credentialSubject/result/1/status"),
        (
            ("credentialSubject", "achievement", "resultDescription", 0, "requiredLevel"),
            "urn:x",
            "/credentialSubject/achievement/resultDescription/0/requiredLevel",
        ),
        (("validFrom",), "2026-02-27", "/validFrom"),
        (("awardedDate",), "2026-02-30T00:00:00Z", "/awardedDate"),
        (("relatedResource",), [{"id": "https://a.example/"}], "/relatedResource/0"),
        (("issuer", "dateOfBirth"), "1970-02-30", "/issuer/dateOfBirth"),
        (("issuer", "dateOfBirth"), "19700201", "/issuer/dateOfBirth"),
        (("credentialStatus",), "https://a.example/", "/credentialStatus"),
        (("@context",), [None], "/@context/0"),
    ],
)
def test_what_breaks_a_rule_is_told_with_its_place(path: tuple[Any, ...], value: Any, place: str) -> None:
    assert refused(changed(*path, value=value)).path == place


def test_a_subject_must_be_named_by_an_id_or_an_identifier() -> None:
    members = changed("credentialSubject", "identifier", value=...)
    assert refused(members).path == "/credentialSubject"
    members["credentialSubject"]["id"] = "did:example:1"
    assert OpenBadgeCredential.read(members).credential_subject.id == "did:example:1"


def test_the_other_name_of_the_type_and_further_types_are_accepted() -> None:
    for kinds in (
        ["VerifiableCredential", "AchievementCredential"],
        ["OpenBadgeCredential", "VerifiableCredential", "Other"],
    ):
        assert OpenBadgeCredential.read(badge(type=kinds)).type == tuple(kinds)


def test_extensions_are_kept_where_an_enumeration_is_open() -> None:
    members = changed("credentialSubject", "achievement", "achievementType", value="ext:Stack-1")
    kind = OpenBadgeCredential.read(members).credential_subject.achievement.achievement_type
    assert isinstance(kind, Extension)
    assert kind == "ext:Stack-1"


def test_an_issuer_may_be_an_address_alone() -> None:
    assert OpenBadgeCredential.read(badge(issuer="did:web:a.example")).issuer_id == "did:web:a.example"


def test_vcdm_1_is_read_and_never_written() -> None:
    members = badge(issuanceDate="2026-01-01T00:00:00Z", expirationDate="2027-01-01T00:00:00Z", validFrom=...)
    members["@context"][0] = "https://www.w3.org/2018/credentials/v1"
    read = OpenBadgeCredential.read(members)
    assert (read.vcdm, read.valid_from.year, read.valid_until) == (
        "1.1",
        2026,
        datetime(2027, 1, 1, tzinfo=UTC),
    )
    with pytest.raises(StructureError):
        read.to_members()
    assert refused(members | {"issuanceDate": "x"}).path == "/issuanceDate"
    assert refused({name: value for name, value in members.items() if name != "issuanceDate"}).path == ""
    assert refused(badge(issuanceDate="2026-01-01T00:00:00Z", validFrom=...)).path == ""


def test_what_would_be_refused_is_not_built() -> None:
    with pytest.raises(StructureError) as caught:
        Achievement(id="urn:uuid:1", name="n", description="d", criteria=Criteria()).to_members()
    assert caught.value.path == "/criteria"
    with pytest.raises(StructureError):
        Achievement(
            id="u",
            name="n",
            description="d",
            criteria=Criteria(narrative="x"),
            achievement_type=Extension("x"),
        ).to_members()


def test_an_endorsement_is_read_and_built() -> None:
    endorsement = EndorsementCredential(
        id="urn:uuid:1",
        name="Ten hours",
        issuer=Profile(id="did:web:district.example", name="District"),
        valid_from=datetime(2026, 5, 4, tzinfo=UTC),
        credential_subject=EndorsementSubject(id="urn:uuid:2", endorsement_comment="Granted."),
    )
    members = endorsement.to_members()
    assert members["type"] == ["VerifiableCredential", "EndorsementCredential"]
    assert EndorsementCredential.read(members) == endorsement
    assert schema.findings(members).flavour == "strict"
    with pytest.raises(StructureError):
        EndorsementCredential.read(badge())
    with pytest.raises(StructureError):
        EndorsementCredential.read({name: value for name, value in members.items() if name != "name"})


def test_the_enumerations_are_those_of_the_schema() -> None:
    defs: Any = schema.published()["$defs"]

    def values(kind: str, member: str) -> set[str]:
        entry = defs[kind]["properties"][member]
        return set(entry.get("enum") or entry["oneOf"][0]["enum"])

    assert set(AchievementType) == values("Achievement", "achievementType")
    assert set(AlignmentTargetType) == values("Alignment", "targetType")
    assert set(ResultType) == values("ResultDescription", "resultType")
    assert set(ResultStatus) == values("Result", "status")
    assert set(IdentifierType) == values("IdentifierEntry", "identifierType")
