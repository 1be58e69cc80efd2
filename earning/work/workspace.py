# SPDX-License-Identifier: Apache-2.0
"""The workspace as its pages show it: parts with their prompts, what is there, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from earning.work.submissions import (
    Answer,
    Artefact,
    Gap,
    anchor,
    artefact_place,
    prompt_place,
    words,
)
from earning.work.telling import Hint
from earning.work.work import Workplace, unknown
from issuer.micro_credential import Criterion, Part
from service import zones

_KINDS: Final = {"text": "text", "file": "a file", "link": "a link"}


@dataclass(frozen=True, slots=True)
class Field:
    """A place where one writes: a prompt, or an artefact that may be a text.

    Attributes:
        text: What is asked.
        guide: The word guide; advice and never a gate.
        answer: What is written so far.
        typed: What was typed and could not be saved; shown instead of the answer.
        fault: Why not.
    """

    place: str
    text: str
    guide: tuple[int, int] | None
    answer: Answer
    typed: str | None = None
    fault: str = ""

    @property
    def anchor(self) -> str:
        """The id of its element."""
        return anchor(self.place)

    @property
    def shown(self) -> str:
        """The text in the field."""
        return self.answer.text if self.typed is None else self.typed

    @property
    def words(self) -> int:
        """How many words there are."""
        return words(self.shown)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A place where pieces of evidence are added.

    Attributes:
        kinds: What it takes, in words.
        field: Where it may be a text instead.
    """

    place: str
    label: str
    text: str
    is_required: bool
    is_shared: bool
    takes_file: bool
    takes_link: bool
    kinds: str
    pieces: tuple[Artefact, ...]
    field: Field | None

    @property
    def anchor(self) -> str:
        """The id of its element."""
        return anchor(self.place)


@dataclass(frozen=True, slots=True)
class PartPage:
    """One part, to be worked on. ``previous`` and ``next`` are ids and titles of its neighbours."""

    part: Part
    fields: tuple[Field, ...]
    shelves: tuple[Shelf, ...]
    criteria: tuple[Criterion, ...]
    gaps: tuple[Gap, ...]
    previous: tuple[str, str] | None
    next: tuple[str, str] | None


def part_page(work: Workplace, part_id: str, *, typed: dict[str, tuple[str, str]] | None = None) -> PartPage:
    """Return one part of ``work``.

    Args:
        work: The workplace.
        part_id: Which part.
        typed: Texts that could not be saved, with the reason, by place.

    Raises:
        WorkUnknownError: There is no such part.
    """
    parts = work.assignment.parts
    at = next((place for place, each in enumerate(parts) if each.id == part_id), None)
    if at is None:
        raise unknown()
    part = parts[at]
    return PartPage(
        part=part,
        fields=tuple(
            _field(work, prompt_place(part.id, prompt), prompt.text, prompt.words, typed or {})
            for prompt in part.prompts
        ),
        shelves=_shelves(work, part, typed or {}),
        criteria=tuple(each for each in work.assignment.criteria if each.part == part.id),
        gaps=gaps_of(work, part.id),
        previous=(parts[at - 1].id, parts[at - 1].title) if at else None,
        next=(parts[at + 1].id, parts[at + 1].title) if at + 1 < len(parts) else None,
    )


def gaps_of(work: Workplace, part: str) -> tuple[Gap, ...]:
    """Return what is missing in one part."""
    return tuple(gap for gap in work.gaps if gap.place.startswith(f"{part}/"))


def gap_path(work: Workplace, gap: Gap | Hint) -> str:
    """Return the address of the field that a gap or a hint is about."""
    base, part = f"/work/{work.application.id}", gap.place.split("/")[0]
    if part == "reply":
        return f"{base}/feedback#{gap.anchor}"
    if part == "statement":
        return f"{base}/submit#{gap.anchor}"
    return f"{base}/parts/{part}#{gap.anchor}"


def shelf(work: Workplace, place: str) -> Shelf:
    """Return one place for evidence.

    Raises:
        WorkUnknownError: There is no such place.
    """
    for part in work.assignment.parts:
        for each in _shelves(work, part, {}):
            if each.place == place:
                return each
    raise unknown()


def reply_fields(work: Workplace, *, typed: dict[str, tuple[str, str]] | None = None) -> dict[str, Field]:
    """Return the fields for answers to comments, by criterion."""
    return {
        criterion: _field(work, f"reply/{criterion}", "Your answer", None, typed or {})
        for criterion in work.unanswered
    }


def saved_at(moment: datetime | None, zone: str) -> str:
    """Return when something was saved, as the educator's clock shows it: ``10:42``."""
    return "" if moment is None else f"{zones.local(moment, zone):%H:%M}"


def _field(
    work: Workplace,
    place: str,
    text: str,
    guide: tuple[int, int] | None,
    typed: dict[str, tuple[str, str]],
) -> Field:
    left, fault = typed.get(place, (None, ""))
    answer = work.answers.get(place, Answer(place, "", 0))
    return Field(place=place, text=text, guide=guide, answer=answer, typed=left, fault=fault)


def _shelves(work: Workplace, part: Part, typed: dict[str, tuple[str, str]]) -> tuple[Shelf, ...]:
    made = []
    for asked in part.artefacts:
        place = artefact_place(part.id, asked)
        made.append(
            Shelf(
                place=place,
                label=asked.label,
                text=asked.text,
                is_required=asked.required,
                is_shared=asked.shared,
                takes_file="file" in asked.kinds,
                takes_link="link" in asked.kinds,
                kinds=" or ".join(_KINDS[kind] for kind in asked.kinds),
                pieces=tuple(piece for piece in work.artefacts if piece.place == place),
                field=_field(work, place, asked.text, None, typed) if "text" in asked.kinds else None,
            )
        )
    return tuple(made)
