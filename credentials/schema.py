# SPDX-License-Identifier: Apache-2.0
"""The published JSON Schema of Open Badges 3.0, from our own pinned file; findings with JSON Pointers.

1EdTech publishes two flavours (draft 2019-09): *strict*, in which every multi-valued member is an array, and
*compaction*, in which a single value may stand alone (Open Badges 3.0, "Compacted document form"). Issued
documents pass the strict one. On verifying, strict is tried first and then compaction, with a warning, as
1EdTech's public validator does.

- The package carries the compaction flavour; the strict one is derived from it by taking, wherever it offers
  a single value or an array, the array alone. ``schemas/SOURCES.md`` says where the file is from and why.
- Several ``credentialStatus`` entries are allowed by W3C and by neither flavour; here each entry is checked.
- VCDM 1.1 has a schema that no package carries: its dates and base context are exchanged for the older ones.
- A schema pass proves nothing about signing: extra members are allowed and addresses are not looked at. No
  schema that a stranger names is ever read, and nothing is fetched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal, TypeAlias, cast

import jsonschema_rs

from credentials.credential import CREDENTIALS_V1, CREDENTIALS_V2, is_vcdm_1
from credentials.document import Json, pointer
from credentials.errors import SchemaDigestError

Flavour: TypeAlias = Literal["strict", "compaction"]
Finding: TypeAlias = tuple[str, str]  # JSON Pointer, sentence

FILE: Final = "ob_v3p0_achievementcredential_schema.json"
SHA256: Final = "b7358e895f492e74055dc6bfc7ffc420d0e497f90c4579fb83d9519b86d393ea"
FINDINGS = 50  # findings; nobody mends more at once, and each is a sentence in an answer
SENTENCE_CHARS = 300  # characters of one finding

_OLDER_DATES: Final[Mapping[str, str]] = {"validFrom": "issuanceDate", "validUntil": "expirationDate"}
_NO_FORM: Final = "The value has none of the forms that the schema allows"
_ErrorKind = jsonschema_rs.ValidationErrorKind
_CREDENTIALS: Final = ("AchievementCredential", "EndorsementCredential")


@dataclass(frozen=True, slots=True)
class SchemaResult:
    """What the schemas say.

    Attributes:
        flavour: The strictest flavour that the document passes; None if it passes neither.
        errors: Where and why it passes neither, shortest place first; empty if it passes one.
        warnings: What is odd and still passes, such as what only the strict flavour refuses.
    """

    flavour: Flavour | None
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()


def findings(members: Mapping[str, Json]) -> SchemaResult:
    """Check a credential (an award, or an endorsement by its type) against the published schema."""
    document = dict(members)
    kind = _kind(members)
    older = is_vcdm_1(members)
    warnings = tuple(_odd_status(members))
    strict = _errors(document, "strict", kind=kind, older=older)
    if not strict:
        return SchemaResult("strict", warnings=warnings)
    loose = _errors(document, "compaction", kind=kind, older=older)
    if not loose:
        return SchemaResult("compaction", warnings=tuple(strict) + warnings)
    return SchemaResult(None, errors=_clearest(strict, loose), warnings=warnings)


def _clearest(strict: list[Finding], loose: list[Finding]) -> tuple[Finding, ...]:
    """Return what is wrong in both flavours; the strict one, without alternatives, has the plainer words."""
    words = dict(reversed(strict))
    clearest = {(place, words.get(place, text) if text == _NO_FORM else text): None for place, text in loose}
    return tuple(sorted(clearest, key=lambda found: (found[0].count("/"), found[0])))


def _odd_status(members: Mapping[str, Json]) -> Iterator[Finding]:
    if isinstance(members.get("credentialStatus"), list):
        yield (
            "/credentialStatus",
            "Several status entries are allowed by W3C, and not by the Open Badges schema.",
        )


def _kind(members: Mapping[str, Json]) -> str:
    kinds = members.get("type")
    return _CREDENTIALS[isinstance(kinds, list) and "EndorsementCredential" in kinds]


def _errors(document: dict[str, Json], flavour: Flavour, *, kind: str, older: bool) -> list[Finding]:
    found: dict[Finding, None] = {}
    for error in _validator(flavour, kind, older).iter_errors(document):
        found.update(dict.fromkeys(_places(error)))
        if len(found) >= FINDINGS:
            break
    return list(found)[:FINDINGS]


def _places(error: jsonschema_rs.ValidationError) -> Iterator[Finding]:
    """Yield where an error really is: inside the one alternative whose form the value has, if any."""
    if isinstance(error.kind, _ErrorKind.OneOfNotValid | _ErrorKind.AnyOf):
        fitting = [branch for branch in error.kind.context if not _other_form(branch, error)]
        if len(fitting) == 1:
            for inner in fitting[0]:
                yield from _places(inner)
            return
        yield pointer(*error.instance_path), _NO_FORM
    else:
        yield pointer(*error.instance_path), error.message[:SENTENCE_CHARS]


def _other_form(branch: list[jsonschema_rs.ValidationError], error: jsonschema_rs.ValidationError) -> bool:
    return any(
        isinstance(inner.kind, _ErrorKind.Type | _ErrorKind.PropertyNames)
        and len(inner.instance_path) == len(error.instance_path)
        for inner in branch
    )


@cache
def _validator(flavour: Flavour, kind: str, older: bool) -> jsonschema_rs.Draft201909Validator:
    schema = published()
    if flavour == "strict":
        schema = strict(schema)
    schema = _amended(schema, needs_status_id=flavour == "strict")
    if older:
        schema = _vcdm_1(schema)
    if kind == "EndorsementCredential":
        schema = {"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": f"#/$defs/{kind}"}
    return jsonschema_rs.Draft201909Validator(schema, validate_formats=True, offline=True, mask="The value")


def published() -> dict[str, Json]:
    """Return the schema file of the package, its digest checked.

    Raises:
        SchemaDigestError: The file is not the one that was pinned.
    """
    raw = files("credentials").joinpath("schemas", FILE).read_bytes()
    if hashlib.sha256(raw).hexdigest() != SHA256:
        raise SchemaDigestError(f"The schema file {FILE} is not the one that was pinned.")
    schema: dict[str, Json] = json.loads(raw)
    return schema


def strict(node: Json) -> dict[str, Json]:
    """Return the strict flavour of a compaction schema: no single values for arrays, no language maps."""
    return cast("dict[str, Json]", _strict(node))


def _strict(node: Json) -> Json:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    rest = {name: _strict(value) for name, value in node.items() if name != "oneOf"}
    match node.get("oneOf"):
        case [_, ({"type": "array"} | {"allOf": _}) as several]:
            return rest | cast("dict[str, Json]", _strict(several))
        case [single, {"type": "object", "propertyNames": _}]:
            return rest | cast("dict[str, Json]", _strict(single))
        case None:
            return rest
        case alternatives:
            return rest | {"oneOf": _strict(alternatives)}


def _amended(schema: dict[str, Json], *, needs_status_id: bool) -> dict[str, Json]:
    """Let several status entries stand, each checked; ask for what only the strict flavour asks for."""
    entry: Json = {"$ref": "#/$defs/CredentialStatus"}
    several: Json = {"type": "array", "minItems": 1, "items": entry}
    for credential in _credentials(schema):
        _object(credential, "properties")["credentialStatus"] = {
            "if": {"type": "array"},
            "then": several,
            "else": entry,
        }
    if needs_status_id:
        _object(_object(schema, "$defs"), "CredentialStatus")["required"] = ["id", "type"]
    return schema


def _vcdm_1(schema: dict[str, Json]) -> dict[str, Json]:
    """Exchange the dates and the base context for those of VCDM 1.1."""
    for credential in _credentials(schema):
        properties = _object(credential, "properties")
        for name, older_name in _OLDER_DATES.items():
            properties[older_name] = properties.pop(name)
        required = cast("list[Json]", credential["required"])
        credential["required"] = ["issuanceDate" if name == "validFrom" else name for name in required]
        text = json.dumps(properties["@context"])
        properties["@context"] = json.loads(text.replace(CREDENTIALS_V2, CREDENTIALS_V1))
    return schema


def _credentials(schema: dict[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    return schema, _object(_object(schema, "$defs"), "EndorsementCredential")


def _object(owner: dict[str, Json], name: str) -> dict[str, Json]:
    return cast("dict[str, Json]", owner[name])
