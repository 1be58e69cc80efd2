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

import copy
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, TypeAlias, cast

import jsonschema_rs

from credentials.credential import CREDENTIALS_V1, CREDENTIALS_V2, is_vcdm_1
from credentials.document import Json, pointer
from credentials.errors import SchemaDigestError

Flavour: TypeAlias = Literal["strict", "compaction"]
Finding: TypeAlias = tuple[str, str]  # JSON Pointer, sentence

FILE: Final = "ob_v3p0_achievementcredential_schema.json"
SHA256: Final = "b7358e895f492e74055dc6bfc7ffc420d0e497f90c4579fb83d9519b86d393ea"
FINDINGS = 50  # findings; nobody mends more at once, and each is a sentence in an answer
VALUES = 2_000  # values; of a larger document only the first finding is told. The largest badge has 600
SENTENCE_CHARS = 300  # characters of one finding

_OLDER_DATES: Final[Mapping[str, str]] = {"validFrom": "issuanceDate", "validUntil": "expirationDate"}
_NO_FORM: Final = "The value is none of those that the schema allows"
_Kind = jsonschema_rs.ValidationErrorKind
_OPEN: Final = (_Kind.OneOfNotValid, _Kind.OneOfMultipleValid, _Kind.AnyOf)
_Place: TypeAlias = tuple[str | int, ...]
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
    kind, older = _kind(members), is_vcdm_1(members)
    warnings = tuple(_odd_status(members))
    strict = _validator("strict", kind, older)
    if strict.is_valid(document):
        return SchemaResult("strict", warnings=warnings)
    if _validator("compaction", kind, older).is_valid(document):
        return SchemaResult("compaction", warnings=(*_told(_errors(strict, document)), *warnings))
    return SchemaResult(None, errors=_in_arrays(strict, document), warnings=warnings)


def _in_arrays(strict: jsonschema_rs.Draft201909Validator, document: dict[str, Json]) -> tuple[Finding, ...]:
    """Return what is wrong apart from single values, by putting each into an array and looking again.

    Only the strict flavour is asked: it offers hardly any alternatives, so that its findings are plain, and
    the cost of a finding does not grow with the document.
    """
    copied = copy.deepcopy(document)
    wrapped: set[_Place] = set()
    errors = _errors(strict, copied)
    while single := [tuple(error.instance_path) for error in errors if _is_single(error)]:
        for place in single:
            owner = _at(copied, place[:-1])
            owner[place[-1]] = [owner[place[-1]]]
            wrapped.add(place)
        errors = _errors(strict, copied)
    return _told(errors, wrapped)


def _told(
    errors: Iterable[jsonschema_rs.ValidationError], wrapped: Set[_Place] = frozenset()
) -> tuple[Finding, ...]:
    """Return errors as findings, the outermost place first; a step into an array of our own is no step."""
    found: dict[Finding, None] = {}
    for error in errors:
        whole = tuple(error.instance_path)
        steps = [step for index, step in enumerate(whole) if whole[:index] not in wrapped]
        sentence = _NO_FORM if isinstance(error.kind, _OPEN) else error.message[:SENTENCE_CHARS]
        found[(pointer(*steps), sentence)] = None
    return tuple(sorted(found, key=lambda finding: (finding[0].count("/"), finding[0]))[:FINDINGS])


def _errors(
    validator: jsonschema_rs.Draft201909Validator, document: dict[str, Json]
) -> list[jsonschema_rs.ValidationError]:
    """Return every error of a document of usual size, and the first one of a larger one.

    The library collects all errors before it hands out one, and each holds what it is about.
    """
    if _has_more_values(document, VALUES):
        try:
            validator.validate(document)
        except jsonschema_rs.ValidationError as error:
            return [error]
        return []
    return list(validator.iter_errors(document))


def _has_more_values(node: Json, most: int) -> bool:
    left = [node]
    while left and most >= 0:
        top = left.pop()
        most -= 1
        if isinstance(top, dict):
            left.extend(top.values())
        elif isinstance(top, list):
            left.extend(top)
    return most < 0


def _is_single(error: jsonschema_rs.ValidationError) -> bool:
    """Tell whether the error is a value that the compaction flavour would let stand for an array."""
    return (
        isinstance(error.kind, _Kind.Type)
        and error.kind.types == ["array"]
        and isinstance(error.instance, dict | str)
        and bool(error.instance_path)
    )


def _at(node: Any, place: _Place) -> Any:
    for step in place:
        node = node[step]
    return node


def _odd_status(members: Mapping[str, Json]) -> Iterator[Finding]:
    if isinstance(members.get("credentialStatus"), list):
        yield (
            "/credentialStatus",
            "Several status entries are allowed by W3C, and not by the Open Badges schema.",
        )


def _kind(members: Mapping[str, Json]) -> str:
    kinds = members.get("type")
    return _CREDENTIALS[isinstance(kinds, list) and "EndorsementCredential" in kinds]


@cache
def _validator(flavour: Flavour, kind: str, older: bool) -> jsonschema_rs.Draft201909Validator:
    schema = published()
    if flavour == "strict":
        schema = strict(schema)
    schema = _amended(schema, flavour)
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


def _amended(schema: dict[str, Json], flavour: Flavour) -> dict[str, Json]:
    """Let several status entries stand, each checked; ask for what only the strict flavour asks for.

    "An address or a Profile" is said as a condition, which means the same and gives plainer findings.
    """
    entry: Json = {"$ref": "#/$defs/CredentialStatus"}
    several: Json = {"type": "array", "minItems": 1, "items": entry}
    defs = _object(schema, "$defs")
    for credential in _credentials(schema):
        _object(credential, "properties")["credentialStatus"] = {
            "if": {"type": "array"},
            "then": several,
            "else": entry,
        }
    if flavour == "strict":
        _object(defs, "CredentialStatus")["required"] = ["id", "type"]
        profile: Json = {"$ref": "#/$defs/Profile"}
        defs["ProfileRef"] = {"if": {"type": "string"}, "then": True, "else": profile}
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
