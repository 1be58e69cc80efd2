# SPDX-License-Identifier: Apache-2.0
"""One version of a micro-credential, as its TOML file says it.

The file's structure: competency, method, research, parts with prompts and artefacts, scales, criteria. The
pass rule is data: an award needs every criterion that has a ``required`` level at or above it; a criterion
without one is optional. Nothing here knows Open Badges; ``achievements`` turns this into the spec's noun.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from issuer.toml_reader import Table, read_table

CODE = re.compile(r"[A-Z][A-Z0-9]{0,15}")
VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}")
NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
AUDIENCES: Final = (
    "all",
    "teachers",
    "ESPs",
    "ESAs",
    "paraeducators",
    "early career",
    "substitutes",
    "cooperating teachers",
    "administrators",
)
KINDS: Final = ("text", "file", "link")
CRITERIA_MAX: Final = 40  # each becomes nodes of every credential; the longest rubric seen has 12


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question of a part; ``words`` is a guide and never a gate."""

    id: str
    text: str
    words: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something to hand in.

    ``shared`` lets each of a team hand in one and the same piece; the text tells so as well. ``name`` is the
    short word for the kind of evidence, such as "Observation log".
    """

    id: str
    text: str
    kinds: tuple[str, ...]
    required: bool
    name: str | None = None
    shared: bool = False

    @property
    def label(self) -> str:
        """Return the short word for lists: the name, or else what the id says."""
        return self.name or self.id.replace("-", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the assignment."""

    id: str
    title: str
    prompts: tuple[Prompt, ...]
    artefacts: tuple[Artefact, ...]


@dataclass(frozen=True, slots=True)
class Criterion:
    """One row of the rubric: levels with their descriptors, low to high; ``required`` passes."""

    id: str
    part: str
    title: str
    levels: tuple[tuple[str, str], ...]
    required: str | None

    def rank(self, level: str) -> int:
        """Return the place of ``level``, 0 for the lowest; raises KeyError for a level that it has not."""
        for rank, (name, _) in enumerate(self.levels):
            if name == level:
                return rank
        raise KeyError(level)


@dataclass(frozen=True, slots=True)
class Source:
    """A citation, with a link where there is one."""

    cite: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Alignment:
    """A standard of others that this speaks to."""

    name: str
    url: str
    framework: str | None
    code: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class MicroCredential:
    """The whole assignment in one version."""

    code: str
    version: str
    title: str
    language: str
    stacks: tuple[str, ...]
    keywords: tuple[str, ...]
    audience: tuple[str, ...]
    hours: tuple[int, int]
    needs_students: bool
    competency: str
    method: str
    components: tuple[tuple[str, str], ...]
    research: tuple[Source, ...]
    resources: tuple[Source, ...]
    parts: tuple[Part, ...]
    criteria: tuple[Criterion, ...]
    alignments: tuple[Alignment, ...]

    @property
    def key(self) -> str:
        """Name of this version, stable for ever: ``SEL1-v1``."""
        return f"{self.code}-v{self.version}"


def read(source: bytes, *, name: str) -> MicroCredential:
    """Read one TOML file.

    Raises:
        ProgrammeError: Something is missing, unknown, of the wrong type or contradicts something else.
    """
    table = read_table(source, name=name)
    parts = _parts(table)
    method = table.table("method")
    if method is None:
        raise table.wrong("method", "is missing")
    micro_credential = MicroCredential(
        code=_fitting(table, "code", CODE, "capitals and digits, like SEL1"),
        version=_fitting(table, "version", VERSION, "a number, like 1 or 2.1"),
        title=table.text("title"),
        language=_fitting(table, "language", LANGUAGE, "a language tag, like en", default="en"),
        stacks=_all_fit(table, "stacks", CODE, "capitals and digits", required=True),
        keywords=table.texts("keywords"),
        audience=_audience(table),
        hours=_hours(table),
        needs_students=table.boolean("needs_students", default=False),
        competency=table.text("competency"),
        method=method.text("key"),
        components=tuple(_component(item) for item in method.tables("components")),
        research=tuple(_source(item) for item in table.tables("research")),
        resources=tuple(_source(item) for item in table.tables("resource")),
        parts=parts,
        criteria=_criteria(table, {part.id for part in parts}),
        alignments=tuple(_alignment(item) for item in table.tables("alignment")),
    )
    method.done()
    table.done()
    return micro_credential


def _fitting(
    table: Table, name: str, pattern: re.Pattern[str], expected: str, default: str | None = None
) -> str:
    value = table.text(name) if default is None else table.optional_text(name) or default
    if not pattern.fullmatch(value):
        raise table.wrong(name, f"must be {expected}")
    return value


def _all_fit(
    table: Table, name: str, pattern: re.Pattern[str], expected: str, *, required: bool
) -> tuple[str, ...]:
    values = table.texts(name, required=required)
    if any(not pattern.fullmatch(value) for value in values):
        raise table.wrong(name, f"must hold {expected} only")
    return values


def _audience(table: Table) -> tuple[str, ...]:
    values = table.texts("audience", required=True)
    for value in values:
        if value not in AUDIENCES:
            raise table.wrong("audience", f"names {value!r}; known are {', '.join(AUDIENCES)}")
    return values


def _hours(table: Table) -> tuple[int, int]:
    hours = table.table("hours")
    if hours is None:
        raise table.wrong("hours", "is missing")
    low = hours.optional_integer("min", low=1, high=1000)
    high = hours.optional_integer("max", low=1, high=1000)
    hours.done()
    if low is None or high is None or low > high:
        raise table.wrong("hours", "must have min and max, min first")
    return low, high


def _component(table: Table) -> tuple[str, str]:
    component = table.text("title"), table.text("text")
    table.done()
    return component


def _source(table: Table) -> Source:
    source = Source(cite=table.text("cite"), url=_link(table, "url"))
    table.done()
    return source


def _link(table: Table, name: str) -> str | None:
    value = table.optional_text(name)
    if value is not None and not re.fullmatch(r'https?://[^\s<>"{}|\\^`]+', value):
        raise table.wrong(name, "must be a link that begins with https:// or http://")
    return value


def _alignment(table: Table) -> Alignment:
    url = _link(table, "url")
    if url is None:
        raise table.wrong("url", "is missing")
    alignment = Alignment(
        name=table.text("name"),
        url=url,
        framework=table.optional_text("framework"),
        code=table.optional_text("code"),
        description=table.optional_text("description"),
    )
    table.done()
    return alignment


def _parts(table: Table) -> tuple[Part, ...]:
    parts = []
    for item in table.tables("part"):
        part = Part(
            id=_fitting(item, "id", NAME, "small letters, digits and hyphens"),
            title=item.text("title"),
            prompts=tuple(_prompt(prompt) for prompt in item.tables("prompt")),
            artefacts=tuple(_artefact(artefact) for artefact in item.tables("artefact")),
        )
        _different(item, "prompt", [prompt.id for prompt in part.prompts])
        _different(item, "artefact", [artefact.id for artefact in part.artefacts])
        item.done()
        parts.append(part)
    if not parts:
        raise table.wrong("part", "is missing; a micro-credential has at least one")
    _different(table, "part", [part.id for part in parts])
    return tuple(parts)


def _prompt(table: Table) -> Prompt:
    guide = table.table("words")
    words: tuple[int, int] | None = None
    if guide is not None:
        numbers = guide.integers("guide")
        guide.done()
        if len(numbers) != 2 or not 0 < numbers[0] <= numbers[1]:
            raise table.wrong("words", "must be { guide = [lowest, highest] }")
        words = (numbers[0], numbers[1])
    prompt = Prompt(
        id=_fitting(table, "id", NAME, "small letters, digits and hyphens"),
        text=table.text("text"),
        words=words,
    )
    table.done()
    return prompt


def _artefact(table: Table) -> Artefact:
    kinds = table.texts("kinds", required=True)
    for kind in kinds:
        if kind not in KINDS:
            raise table.wrong("kinds", f"names {kind!r}; known are {', '.join(KINDS)}")
    artefact = Artefact(
        id=_fitting(table, "id", NAME, "small letters, digits and hyphens"),
        text=table.text("text"),
        kinds=kinds,
        required=table.boolean("required", default=True),
        name=table.optional_text("name"),
        shared=table.boolean("shared", default=False),
    )
    table.done()
    return artefact


def _criteria(table: Table, parts: set[str]) -> tuple[Criterion, ...]:
    scales: dict[str, tuple[str, ...]] = {}
    for item in table.tables("scale"):
        name = _fitting(item, "id", NAME, "small letters, digits and hyphens")
        levels = item.texts("levels", required=True)
        if len(levels) < 2:
            raise item.wrong("levels", "must have at least two levels, low to high")
        if len({level_id(level) for level in levels}) != len(levels):
            raise item.wrong("levels", "has two names that differ only in signs")
        item.done()
        if name in scales:
            raise table.wrong("scale", f"names {name!r} twice")
        scales[name] = levels
    criteria = tuple(_criterion(item, scales, parts) for item in table.tables("criterion"))
    if not 1 <= len(criteria) <= CRITERIA_MAX:
        raise table.wrong("criterion", f"must appear 1 to {CRITERIA_MAX} times")
    _different(table, "criterion", [criterion.id for criterion in criteria])
    if all(criterion.required is None for criterion in criteria):
        raise table.wrong("criterion", "never has a required level, so anything would pass")
    return criteria


def _criterion(table: Table, scales: dict[str, tuple[str, ...]], parts: set[str]) -> Criterion:
    scale = table.text("scale")
    if scale not in scales:
        raise table.wrong("scale", f"names {scale!r}, which is no scale of this file")
    part = table.text("part")
    if part not in parts:
        raise table.wrong("part", f"names {part!r}, which is no part of this file")
    descriptors = table.table("descriptors")
    levels: list[tuple[str, str]] = []
    if descriptors is not None:
        levels = [(level, descriptors.text(level)) for level in scales[scale]]
        descriptors.done()
    required = table.optional_text("required")
    if descriptors is None:
        raise table.wrong("descriptors", "is missing; each level says what it looks like")
    if required is not None and required not in scales[scale]:
        raise table.wrong("required", f"names {required!r}, which is no level of the scale")
    criterion = Criterion(
        id=_fitting(table, "id", NAME, "small letters, digits and hyphens"),
        part=part,
        title=table.text("title"),
        levels=tuple(levels),
        required=required,
    )
    table.done()
    return criterion


def level_id(level: str) -> str:
    """Return the level's name as part of an id: ``Not yet`` → ``not-yet``."""
    return re.sub(r"[^a-z0-9]+", "-", level.casefold()).strip("-") or "level"


def _different(table: Table, name: str, ids: list[str]) -> None:
    if len(set(ids)) != len(ids):
        raise table.wrong(name, "has two entries with one id")
