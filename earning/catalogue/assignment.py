# SPDX-License-Identifier: Apache-2.0
"""A micro-credential as a page tells it: rubric tables, the pass rule in words, the kinds of evidence.

The same value is made of a version in the catalogue and of a draft, so a preview is the very page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from earning.catalogue.stacks import Stack, audience_words, restricted
from earning.catalogue.version import Version
from issuer.micro_credential import Artefact, Criterion, MicroCredential, Part
from service.text import count

_KINDS: Final[Mapping[str, str]] = {"text": "text", "file": "a file", "link": "a link"}


@dataclass(frozen=True, slots=True)
class RubricTable:
    """Criteria of one part that share their levels, so that they fit one table."""

    title: str
    levels: tuple[str, ...]
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """What stands on the page of a micro-credential.

    Attributes:
        others: Other versions of the same code, the newest first.
        is_draft: Whether this is the preview of a text that was not published.
    """

    version: Version
    text: MicroCredential
    stacks: tuple[Stack, ...]
    others: tuple[Version, ...]
    issuer_name: str
    issuer_path: str
    is_sample: bool
    image_path: str
    is_draft: bool = False

    @property
    def rubric(self) -> tuple[RubricTable, ...]:
        """The whole rubric, a table for each part and scale."""
        return rubric(self.text)

    @property
    def pass_rule(self) -> tuple[str, ...]:
        """What has to be reached, in sentences."""
        return pass_rule(self.text)

    @property
    def evidence(self) -> tuple[tuple[Part, Artefact], ...]:
        """Every piece of evidence with the part that asks for it."""
        return tuple((part, artefact) for part in self.text.parts for artefact in part.artefacts)

    @property
    def meant_for(self) -> str:
        """The audiences, for people."""
        return ", ".join(audience_words(each) for each in self.version.audience)

    @property
    def restrictions(self) -> tuple[str, ...]:
        """Which stacks are for some educators only."""
        return restricted(self.stacks)

    @property
    def words(self) -> tuple[int, int] | None:
        """How many words all prompts with a guide ask for together, or None if none has one."""
        guides = [prompt.words for part in self.text.parts for prompt in part.prompts if prompt.words]
        return (sum(low for low, _ in guides), sum(high for _, high in guides)) if guides else None


def rubric(text: MicroCredential) -> tuple[RubricTable, ...]:
    """Return the rubric as tables: a part's criteria stand together where they have the same levels."""
    titles = {part.id: part.title for part in text.parts}
    groups: dict[tuple[str, tuple[str, ...]], list[Criterion]] = {}
    for part in text.parts:
        for criterion in text.criteria:
            if criterion.part == part.id:
                levels = tuple(name for name, _ in criterion.levels)
                groups.setdefault((criterion.part, levels), []).append(criterion)
    return tuple(
        RubricTable(title=titles[part], levels=levels, criteria=tuple(criteria))
        for (part, levels), criteria in groups.items()
    )


def pass_rule(text: MicroCredential) -> tuple[str, ...]:
    """Return the pass rule in sentences, part by part."""
    sentences = []
    for part in text.parts:
        own = [criterion for criterion in text.criteria if criterion.part == part.id]
        needed: dict[str, list[Criterion]] = {}
        for criterion in own:
            if criterion.required is not None:
                needed.setdefault(criterion.required, []).append(criterion)
        optional = [criterion.title for criterion in own if criterion.required is None]
        for level, criteria in needed.items():
            everyone = len(criteria) + len(optional) == len(own)
            which = _which(criteria, everyone=everyone)
            top = all(criterion.levels[-1][0] == level for criterion in criteria)
            sentences.append(f"{part.title}: {which} at “{level}”{'' if top else ' or above'}.")
        if optional:
            sentences.append(
                f"{part.title}: {_joined(optional)} may be left open and keeps nobody from passing."
            )
    return tuple(sentences)


def kinds_words(artefact: Artefact) -> str:
    """Return what one may hand in: ``text, a file or a link``."""
    return _joined([_KINDS.get(kind, kind) for kind in artefact.kinds], word="or")


def guide_words(words: tuple[int, int] | None) -> str:
    """Return the word guide of a prompt, or ""."""
    if words is None:
        return ""
    low, high = words
    amount = f"{low:,}" if low == high else f"{low:,}–{high:,}"
    return f"{amount} words as a guide"


def _which(criteria: list[Criterion], *, everyone: bool) -> str:
    if len(criteria) == 1:
        return f"“{criteria[0].title}”"
    if everyone:
        return f"all {count(len(criteria), 'criterion', 'criteria')}"
    return _joined([f"“{criterion.title}”" for criterion in criteria])


def _joined(parts: list[str], *, word: str = "and") -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"
