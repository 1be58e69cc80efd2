# SPDX-License-Identifier: Apache-2.0
"""Drafts of programme content: one text with two views, a form and TOML, and every fault with its place.

A draft may be anything, so that nothing typed is lost: half a form, or a text that is no TOML yet. What is
published is read by the same strict reader as the files of a programme (``issuer.micro_credential``). Places
are those of the form's fields: ``part.0.prompt.1.text``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from earning.catalogue import toml_writer
from issuer import micro_credential
from issuer.errors import ProgrammeError
from issuer.micro_credential import AUDIENCES, CODE, CRITERIA_MAX, KINDS, VERSION, MicroCredential
from issuer.toml_reader import FILE_BYTES

Members = dict[str, Any]

FILE: Final = "draft.toml"  # how messages of the reader call it


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is being written. ``published`` names the version that it became."""

    id: str
    issuer: str
    code: str
    source: bytes
    revision: int
    edited_by: str
    edited_at: datetime
    published: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps a draft from being published, and the field where it can be mended."""

    place: str
    says: str


def blank(code: str, *, issuer_language: str = "en") -> Members:
    """Return a new micro-credential with the parts and scales that most of them have."""
    return {
        "code": code,
        "version": "1",
        "title": "",
        "language": issuer_language,
        "stacks": [],
        "audience": ["all"],
        "hours": {"min": 10, "max": 15},
        "needs_students": False,
        "competency": "",
        "method": {"key": "", "components": [{"title": "", "text": ""}]},
        "part": [
            {
                "id": "part-1",
                "title": "Part 1: Overview questions",
                "prompt": [{"id": "context", "text": "", "words": {"guide": [250, 300]}}],
            },
            {
                "id": "part-2",
                "title": "Part 2: Artefacts and rubric",
                "artefact": [{"id": "artefact-1", "text": "", "kinds": ["file"], "required": True}],
            },
            {"id": "part-3", "title": "Part 3: Reflection", "prompt": [{"id": "reflection", "text": ""}]},
        ],
        "scale": [
            {"id": "rubric", "levels": ["Developing", "Basic", "Proficient"]},
            {"id": "pass", "levels": ["Not yet", "Passing"]},
        ],
        "criterion": [{"id": "criterion-1", "part": "part-2", "scale": "rubric", "required": "Proficient"}],
    }


def members(source: bytes) -> Members:
    """Return the values of a draft's text.

    Raises:
        ProgrammeError: It is no TOML, or too long.
    """
    if len(source) > FILE_BYTES:
        raise ProgrammeError(f"The text is larger than {FILE_BYTES:,} bytes.", got=len(source))
    try:
        return tomllib.loads(source.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError as error:
        raise ProgrammeError(f"The text is not UTF-8 (byte {error.start}).") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ProgrammeError(f"The text is not TOML: {error}.") from error


def write(values: Mapping[str, Any]) -> bytes:
    """Return the text of a draft with these values; what was left empty is left out."""
    return toml_writer.write(_pruned(dict(values))).encode("utf-8")


def read(source: bytes) -> MicroCredential:
    """Return what a draft says, as strictly as a programme file.

    Raises:
        ProgrammeError: It has a fault.
    """
    return micro_credential.read(source.replace(b"\r\n", b"\n"), name=FILE)


def faults(source: bytes, *, stacks: Collection[str]) -> tuple[Fault, ...]:
    """Return everything that keeps a draft from being published, in the order of the form."""
    try:
        values = members(source)
    except ProgrammeError as error:
        return (Fault("text", str(error)),)
    odd = unknown(values)
    if odd is not None:
        found = [Fault("text", f"{odd} is nothing that the form knows. Mend it in the text.")]
    else:
        found = [Fault(place, says) for place, says in _faults(values, stacks)]
    try:
        read(source)
    except ProgrammeError as error:
        place = _place(str(error.got))
        if not any(fault.place == place or fault.place.startswith(f"{place}.") for fault in found):
            known = place and odd is None
            says = str(error).removeprefix(f"{FILE}: ")
            if not found or known:
                found.append(Fault(place if known else "text", says))
    return tuple(found)


# -- what the form can show -------------------------------------------------------------------------------

_TEXT, _TEXTS, _NUMBER, _YES = "a text", "a list of texts", "a whole number", "true or false"
_SOURCE: Final = {"cite": _TEXT, "url": _TEXT}
SHAPE: Final[Mapping[str, Any]] = {
    "code": _TEXT,
    "version": _TEXT,
    "title": _TEXT,
    "language": _TEXT,
    "stacks": _TEXTS,
    "keywords": _TEXTS,
    "audience": _TEXTS,
    "hours": {"min": _NUMBER, "max": _NUMBER},
    "needs_students": _YES,
    "competency": _TEXT,
    "method": {"key": _TEXT, "components": [{"title": _TEXT, "text": _TEXT}]},
    "research": [_SOURCE],
    "resource": [_SOURCE],
    "part": [
        {
            "id": _TEXT,
            "title": _TEXT,
            "prompt": [{"id": _TEXT, "text": _TEXT, "words": {"guide": "numbers"}}],
            "artefact": [
                {
                    "id": _TEXT,
                    "name": _TEXT,
                    "text": _TEXT,
                    "kinds": _TEXTS,
                    "required": _YES,
                    "shared": _YES,
                }
            ],
        }
    ],
    "scale": [{"id": _TEXT, "levels": _TEXTS}],
    "criterion": [
        {
            "id": _TEXT,
            "part": _TEXT,
            "title": _TEXT,
            "scale": _TEXT,
            "required": _TEXT,
            "descriptors": "levels",
        }
    ],
    "alignment": [{"name": _TEXT, "url": _TEXT, "framework": _TEXT, "code": _TEXT, "description": _TEXT}],
}


def unknown(values: object, shape: Any = SHAPE, place: str = "") -> str | None:
    """Return the place of something that the form could not show and would lose, or None."""
    if isinstance(shape, str):
        return None if _is_of(values, shape) else place
    if isinstance(shape, list):
        if not isinstance(values, list):
            return place
        inner = ((item, shape[0], f"{place}[{index}]") for index, item in enumerate(values))
        return next((odd for item in inner if (odd := unknown(*item))), None)
    if not isinstance(values, dict):
        return place
    for name, value in values.items():
        here = f"{place}.{name}" if place else name
        if name not in shape:
            return here
        odd = unknown(value, shape[name], here)
        if odd is not None:
            return odd
    return None


def _is_of(value: object, kind: str) -> bool:
    if kind == _TEXT:
        return isinstance(value, str)
    if kind == _YES:
        return isinstance(value, bool)
    if kind == _NUMBER:
        return type(value) is int
    if kind == _TEXTS:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if kind == "numbers":
        return isinstance(value, list) and all(type(each) is int for each in value)
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


# -- faults -----------------------------------------------------------------------------------------------


def _faults(values: Members, stacks: Collection[str]) -> Iterator[tuple[str, str]]:
    if not CODE.fullmatch(values.get("code", "")):
        yield "code", "The code has capitals and digits, like SEL1."
    if not VERSION.fullmatch(values.get("version", "")):
        yield "version", "The version is a number, like 1 or 2.1."
    yield from _needs(values, "", title="The title is missing.", competency="The competency is missing.")
    if not values.get("stacks"):
        yield "stacks", "Choose at least one stack."
    for stack in values.get("stacks", []):
        if stack not in stacks:
            yield "stacks", f"There is no stack {stack[:40]}."
    if not values.get("audience"):
        yield "audience", f"Choose whom it is for: {', '.join(AUDIENCES)}."
    hours = values.get("hours", {})
    if not 0 < hours.get("min", 0) <= hours.get("max", 0):
        yield "hours.min", "The hours need a lowest and a highest estimate, the lowest first."
    yield from _needs(values.get("method", {}), "method.", key="The key method is missing.")
    for number, item in enumerate(values.get("method", {}).get("components", [])):
        yield from _needs(
            item, f"method.components.{number}.", title="This component has no title.", text="It has no text."
        )
    yield from _part_faults(values)
    yield from _rubric_faults(values)
    for name in ("research", "resource"):
        for number, item in enumerate(values.get(name, [])):
            yield from _needs(item, f"{name}.{number}.", cite="Say what is cited.")
    for number, item in enumerate(values.get("alignment", [])):
        yield from _needs(
            item, f"alignment.{number}.", name="The standard has no name.", url="It has no link."
        )


def _part_faults(values: Members) -> Iterator[tuple[str, str]]:
    if not values.get("part"):
        yield "part", "It needs at least one part."
    for number, part in enumerate(values.get("part", [])):
        place = f"part.{number}."
        yield from _needs(part, place, title="This part has no title.")
        for index, prompt in enumerate(part.get("prompt", [])):
            yield from _needs(prompt, f"{place}prompt.{index}.", text="This prompt has no text.")
            guide = prompt.get("words", {}).get("guide")
            if guide is not None and (len(guide) != 2 or not 0 < guide[0] <= guide[1]):
                yield f"{place}prompt.{index}.low", "The word guide needs two numbers, the lower one first."
        for index, artefact in enumerate(part.get("artefact", [])):
            yield from _needs(artefact, f"{place}artefact.{index}.", text="Say what is to be handed in.")
            if not artefact.get("kinds") or any(kind not in KINDS for kind in artefact["kinds"]):
                yield f"{place}artefact.{index}.kinds", "Choose text, file or link."


def _rubric_faults(values: Members) -> Iterator[tuple[str, str]]:
    scales = {scale.get("id"): scale.get("levels", []) for scale in values.get("scale", [])}
    for number, scale in enumerate(values.get("scale", [])):
        if len(scale.get("levels", [])) < 2:
            yield f"scale.{number}.levels", "A scale has at least two levels, from low to high."
    criteria = values.get("criterion", [])
    if not 1 <= len(criteria) <= CRITERIA_MAX:
        yield "criterion", f"The rubric has 1 to {CRITERIA_MAX} criteria."
    parts = {part.get("id") for part in values.get("part", [])}
    for number, criterion in enumerate(criteria):
        place = f"criterion.{number}."
        yield from _needs(criterion, place, title="This criterion has no title.")
        if criterion.get("part") not in parts:
            yield f"{place}part", "Choose the part that it belongs to."
        if criterion.get("scale") not in scales:
            yield f"{place}scale", "Choose a scale."
            continue
        levels = scales[criterion["scale"]]
        descriptors = criterion.get("descriptors", {})
        for level in levels:
            if not descriptors.get(level, "").strip():
                yield f"{place}descriptor.{level}", f"Say what “{level}” looks like."
        for level in descriptors:
            if level not in levels:
                yield f"{place}descriptor.{level}", f"“{level}” is no level of the scale any more."
        if criterion.get("required") not in (None, *levels):
            yield f"{place}required", "Choose the level that passes, or “optional”."
    if criteria and all(criterion.get("required") is None for criterion in criteria):
        yield "criterion", "No criterion has a level that passes, so anything would pass."


def _needs(item: Members, place: str, **fields: str) -> Iterator[tuple[str, str]]:
    for name, says in fields.items():
        if not item.get(name, "").strip():
            yield f"{place}{name}", says


def _place(got: str) -> str:
    """Turn the reader's place (``draft.toml: part[0].title``) into the form's (``part.0.title``)."""
    if not got.startswith(f"{FILE}: "):
        return ""
    return re.sub(r"\[(\d+)\]", r".\1", got.removeprefix(f"{FILE}: "))


def _pruned(value: Any) -> Any:
    """Leave out empty texts, empty lists of plain values and empty tables; rows of a list stay."""
    if isinstance(value, dict):
        inner = {name: _pruned(each) for name, each in value.items()}
        return {name: each for name, each in inner.items() if each not in ("", None, {}, [])}
    if isinstance(value, list):
        return [_pruned(each) for each in value if each not in ("", None)]
    return value
