# SPDX-License-Identifier: Apache-2.0
"""The published schema: pinned, offline, strict first; the derived flavour is the published strict one."""

from __future__ import annotations

import copy
import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from credentials import schema
from credentials.errors import SchemaDigestError
from tests.credentials.badges import badge
from tests.vectors import available, shared

FOLDER = Path(schema.__file__).parent / "schemas"
EXAMPLES = [
    "achievementAlignmentCase",
    "achievementAlignmentCe",
    "basicOpenBadgeCredential",
    "endorsement",
    "fullOpenBadge",
    "skillAssertionCase",
    "skillAssertionCtdl",
]


def test_every_schema_file_is_the_one_that_sources_names() -> None:
    sources = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    files = list(FOLDER.glob("*.json"))
    assert [file.name for file in files] == [schema.FILE]
    for file in files:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        assert digest == schema.SHA256
        assert f"`{file.name}`" in sources
        assert f"`{digest}`" in sources


def test_a_schema_file_that_was_changed_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "SHA256", "0" * 64)
    with pytest.raises(SchemaDigestError):
        schema.published()


def test_the_schema_refers_to_nothing_outside_itself() -> None:
    references = re.findall(
        r'"\$(?:recursive|dynamic)?[rR]ef"\s*:\s*"([^"]*)"', json.dumps(schema.published())
    )
    assert references
    assert all(reference.startswith("#/$defs/") for reference in references)


def test_the_derived_strict_flavour_is_the_published_one() -> None:
    published = json.loads(shared("schemas/ob_v3p0_achievementcredential_schema.json").read_bytes())
    derived: Any = _plain(schema.strict(schema.published()))
    expected: Any = _plain(published)
    # What SOURCES.md says is different: three names, one newer member, one address that became optional.
    assert derived.pop("$id") != expected.pop("$id")
    defs, published_defs = derived["$defs"], expected["$defs"]
    assert defs["EndorsementCredential"]["properties"].pop("evidence") == derived["properties"]["evidence"]
    assert defs["CredentialStatus"].pop("required") == ["type"]
    assert published_defs["CredentialStatus"].pop("required") == ["id", "type"]
    for name in ("Context", "ProfileRef"):
        theirs, ours = published_defs.pop(name)["oneOf"], defs.pop(name)["anyOf"]
        assert sorted(map(json.dumps, theirs)) == sorted(map(json.dumps, ours))
    assert derived == expected


def _plain(node: Any) -> Any:
    """Take descriptions out."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if isinstance(node, dict):
        return {
            name: _plain(value)
            for name, value in node.items()
            if not (name in ("description", "$comment", "title") and isinstance(value, str))
        }
    return node


def test_a_badge_as_we_issue_it_passes_the_strict_flavour_without_a_word() -> None:
    assert schema.findings(badge()) == schema.SchemaResult("strict")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_of_the_specification_pass_the_strict_flavour(name: str) -> None:
    page = shared(f"ob-spec-examples/{name}.html").read_text(encoding="utf-8")
    for text in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL):
        assert schema.findings(json.loads(html.unescape(text))).flavour == "strict"


def test_the_signed_example_of_the_implementation_guide_passes_with_a_warning() -> None:
    members = json.loads(shared("ob-impl-testvector/obv3p0/signed-credential.json").read_bytes())
    found = schema.findings(members)
    assert found.flavour == "compaction"
    assert [place for place, _ in found.warnings] == ["/proof"]


@pytest.mark.parametrize(
    "path",
    [
        ("evidence",),
        ("credentialSubject", "identifier"),
        ("credentialSubject", "result"),
        ("credentialSubject", "achievement", "tag"),
        ("credentialSubject", "achievement", "alignment"),
        ("credentialSubject", "achievement", "resultDescription"),
    ],
)
def test_a_single_value_for_an_array_passes_only_with_a_warning_at_its_place(path: tuple[str, ...]) -> None:
    members = badge()
    owner: Any = members
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = owner[path[-1]][0]
    found = schema.findings(members)
    if path[-1] in ("result", "resultDescription", "identifier"):
        assert found.flavour == "compaction"
    assert "/" + "/".join(path) in [place for place, _ in found.warnings]


def wrong(*path: str | int, value: Any) -> dict[str, Any]:
    members = badge()
    owner: Any = members
    for step in path[:-1]:
        owner = owner[step]
    if value is ...:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    return members


@pytest.mark.parametrize(
    ("members", "place"),
    [
        (wrong("validFrom", value="2026-13-01T00:00:00Z"), "/validFrom"),
        (wrong("validFrom", value="2026-01-01"), "/validFrom"),
        (wrong("name", value=None), "/name"),
        (wrong("name", value=["x"]), "/name"),
        (wrong("credentialSubject", "achievement", "criteria", value=...), "/credentialSubject/achievement"),
        (wrong("evidence", 0, "type", value=...), "/evidence/0"),
        (wrong("credentialSubject", "identifier", 0, "extra", value=1), "/credentialSubject/identifier/0"),
        (
            wrong("credentialSubject", "achievement", "achievementType", value="Micro"),
            "/credentialSubject/achievement/achievementType",
        ),
        (wrong("issuer", value={"id": "did:web:x", "name": "X"}), "/issuer"),
        (wrong("credentialStatus", "type", value=5), "/credentialStatus/type"),
        (wrong("@context", 0, value="https://example.org/"), "/@context/0"),
        (wrong("type", value=["VerifiableCredential"]), "/type"),
    ],
)
def test_what_breaks_the_schema_is_found_at_its_place(members: dict[str, Any], place: str) -> None:
    found = schema.findings(members)
    assert found.flavour is None
    assert place in [pointer for pointer, _ in found.errors]
    assert all(sentence and len(sentence) <= schema.SENTENCE_CHARS for _, sentence in found.errors)


def test_a_mistake_beside_a_single_value_is_told_and_the_single_value_is_not() -> None:
    members = badge(evidence={"type": "Evidence", "name": 5})
    assert [place for place, _ in schema.findings(members).errors] == ["/evidence/name"]


def test_findings_do_not_repeat_what_the_document_says() -> None:
    members = wrong("credentialSubject", "achievement", "name", value={"secret": ["of somebody"]})
    found = schema.findings(members)
    assert found.errors
    assert "of somebody" not in repr(found)


def test_a_large_document_is_refused_with_its_first_finding() -> None:
    """The library copies what every error is about: 20,000 wrong names of 200 KB would take gigabytes."""
    names = {f"e{number}": number for number in range(20_000)}
    for members in (badge(name=names), badge(evidence=[{"type": 5}] * 9_000), badge(evidence=[5] * 60_000)):
        found = schema.findings(members)
        assert found.flavour is None
        assert len(found.errors) == 1


def test_there_are_never_more_findings_than_the_limit() -> None:
    found = schema.findings(badge(evidence=[{"type": 5} for _ in range(500)]))
    assert 0 < len(found.errors) <= schema.FINDINGS


def test_each_of_several_status_entries_is_checked() -> None:
    entry = badge()["credentialStatus"]
    several = schema.findings(badge(credentialStatus=[entry, entry | {"id": "urn:uuid:2"}]))
    assert several.flavour == "strict"
    assert [place for place, _ in several.warnings] == ["/credentialStatus"]
    bad = schema.findings(badge(credentialStatus=[entry, {"id": "urn:uuid:2"}]))
    assert [place for place, _ in bad.errors] == ["/credentialStatus/1"]
    assert schema.findings(badge(credentialStatus=[])).flavour is None


def test_a_status_entry_without_id_passes_only_with_a_warning() -> None:
    members = badge()
    del members["credentialStatus"]["id"]
    assert schema.findings(members).flavour == "compaction"


def test_an_endorsement_is_checked_as_one() -> None:
    members = badge(
        type=["VerifiableCredential", "EndorsementCredential"],
        credentialSubject={"id": "https://x.example/", "type": ["EndorsementSubject"]},
    )
    assert schema.findings(members).flavour == "strict"
    assert schema.findings(members | {"name": 5}).flavour is None
    del members["name"]
    assert schema.findings(members).flavour is None


def test_a_vcdm_1_badge_is_checked_with_its_own_dates() -> None:
    members = badge(issuanceDate="2026-01-01T00:00:00Z", validFrom=..., expirationDate="2027-01-01T00:00:00Z")
    members["@context"] = [
        "https://www.w3.org/2018/credentials/v1",
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
        "https://w3id.org/security/data-integrity/v2",
    ]
    assert schema.findings(members).flavour == "strict"
    assert schema.findings(members | {"issuanceDate": "yesterday"}).flavour is None
    assert schema.findings(members | {"expirationDate": "never"}).flavour is None
    without = {name: value for name, value in members.items() if name != "issuanceDate"}
    assert schema.findings(without | {"validFrom": "2026-01-01T00:00:00Z"}).flavour is None
    assert schema.findings(badge(issuanceDate="2026-01-01T00:00:00Z", validFrom=...)).flavour is None


@pytest.mark.skipif(not available("schemas"), reason="published vectors are not here")
def test_our_strict_result_is_that_of_the_published_strict_schema() -> None:
    import jsonschema_rs

    published = json.loads(shared("schemas/ob_v3p0_achievementcredential_schema.json").read_bytes())
    oracle = jsonschema_rs.Draft201909Validator(published, validate_formats=True, offline=True)
    kept, refused = 0, 0
    for place, value in _mutations():
        members = copy.deepcopy(badge())
        owner: Any = members
        for step in place[:-1]:
            owner = owner[step]
        if value is ...:
            del owner[place[-1]]
        else:
            owner[place[-1]] = value
        ours, theirs = schema.findings(members).flavour == "strict", oracle.is_valid(members)
        assert ours == theirs, (place, value)
        kept, refused = kept + theirs, refused + (not theirs)
    assert kept > 50
    assert refused > 200


def _mutations() -> list[tuple[tuple[str | int, ...], Any]]:
    """Every place of a badge, taken out or replaced by something of another form."""
    places: list[tuple[str | int, ...]] = []

    def walk(node: Any, path: tuple[str | int, ...]) -> None:
        entries: Any = (
            node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        )
        for step, value in entries:
            places.append((*path, step))
            walk(value, (*path, step))

    walk(badge(), ())
    several = ("credentialStatus",)  # here we take arrays, which the published schema does not
    values: list[Any] = [..., None, "x", 5, True, [], ["x"], {}, {"en": "x"}]
    return [
        (place, value)
        for place in places
        for value in values
        if not (place == several and isinstance(value, list))
    ]
