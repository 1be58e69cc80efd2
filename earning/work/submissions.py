# SPDX-License-Identifier: Apache-2.0
"""What is sent to the reviewers, and what is still missing from it. Rules only.

Places name where something stands in the assignment: ``part-1/context`` is a prompt or an artefact of a part,
``reply/<criterion>`` the answer to a comment on that criterion. A word guide is advice and never a gap.

A submission is a snapshot: what is written or removed afterwards changes nothing in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from issuer.micro_credential import Artefact as Asked
from issuer.micro_credential import MicroCredential, Prompt

ANSWER_CHARS: Final = (
    30_000  # characters of one answer, some 5,000 words; the longest guide seen asks for 800
)
PLACE_CHARS: Final = 120  # characters
REPLY: Final = "reply/"
PRIVATE: Final = "private"
LINK: Final = "link"  # by the links of evaluators only; chosen after the award, never sent
PUBLIC: Final = "public"
AI_NONE: Final = "none"
AI_ASSISTED: Final = "assisted"
AI_WORDS_CHARS: Final = 2_000  # characters
_WORD: Final = re.compile(r"\w+(?:['’\-]\w+)*")
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Artefact:
    """A piece of evidence at a place: a cleaned file, or a link.

    Attributes:
        kind: ``file`` or ``link``.
        name: What it is called; neutral for files.
        file: Its name in the store of files.
        made_on: When it was made, if the educator says so.
        is_existing: Whether it comes from practice before applying.
        salt: What its digest is salted with in the award, hexadecimal; unused for what is public.
        disclosure: ``private``, ``link`` or ``public`` (``earning.work.disclosure``).
        removed: What was taken out of the file, in words.
        findings: What looked like names or addresses of people, in words.
        state: ``ready``, ``quarantined`` or ``removed``.
    """

    id: str
    place: str
    kind: str
    name: str
    description: str = ""
    file: str | None = None
    media_type: str | None = None
    size: int = 0
    url: str | None = None
    made_on: date | None = None
    is_existing: bool = False
    salt: str = ""
    removed: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    state: str = "ready"
    disclosure: str = PRIVATE
    added_at: datetime | None = None

    @property
    def is_public(self) -> bool:
        """Whether it is to be public with the award."""
        return self.disclosure == PUBLIC


@dataclass(frozen=True, slots=True)
class Answer:
    """What is written at a place; ``revision`` counts how often it was saved."""

    place: str
    text: str
    revision: int
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Statements:
    """What an educator states when sending work in.

    Attributes:
        students: No student can be recognised in it, or consent was obtained.
        own_work: It is the educator's own.
        judged: It may be read and judged by reviewers.
        ai: ``none`` or ``assisted``; ``ai_words`` then says how.
        shared_with: With whom an artefact was made together, in words; "" if alone.
        publish: Of what is to be public: nobody can be recognised in it, consent was obtained, and it may be
            published.
    """

    students: bool = False
    own_work: bool = False
    judged: bool = False
    ai: str = ""
    ai_words: str = ""
    shared_with: str = ""
    publish: bool = False


class SubmissionState(StrEnum):
    """Where a submission is."""

    WAITING = "waiting"
    DECIDED = "decided"
    INCOMPLETE = "incomplete"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Submission:
    """All parts sent together; ``attempt`` counts those that were complete, ``number`` all of them."""

    id: str
    application: str
    number: int
    attempt: int | None
    state: SubmissionState
    version: str
    answers: Mapping[str, str]
    replies: Mapping[str, str]
    artefacts: tuple[Artefact, ...]
    statements: Statements
    submitted_at: datetime
    expected_by: datetime
    decided_at: datetime | None

    def at(self, place: str) -> tuple[Artefact, ...]:
        """Return the artefacts at ``place``, in their order."""
        return tuple(each for each in self.artefacts if each.place == place)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing: where, and what to do about it. ``anchor`` is the id of the field."""

    place: str
    sentence: str

    @property
    def anchor(self) -> str:
        """Return the id of the field on the page."""
        return anchor(self.place)


@dataclass(frozen=True, slots=True)
class Draft:
    """All that the educator has written and added so far."""

    answers: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    artefacts: tuple[Artefact, ...] = ()


def anchor(place: str) -> str:
    """Return ``place`` as the id of an element: ``part-1/context`` → ``part-1.context``."""
    return place.replace("/", ".")


def prompt_place(part: str, prompt: Prompt) -> str:
    """Return the place of a prompt."""
    return f"{part}/{prompt.id}"


def artefact_place(part: str, asked: Asked) -> str:
    """Return the place of something to hand in."""
    return f"{part}/{asked.id}"


def reply_place(criterion: str) -> str:
    """Return the place of the answer to the comment on ``criterion``."""
    return REPLY + criterion


def text_places(assignment: MicroCredential, unmet: Iterable[str] = ()) -> tuple[str, ...]:
    """Return all places where one may write: prompts, artefacts that may be a text, replies to ``unmet``."""
    places = []
    for part in assignment.parts:
        places += [prompt_place(part.id, prompt) for prompt in part.prompts]
        places += [artefact_place(part.id, asked) for asked in part.artefacts if "text" in asked.kinds]
    return (*dict.fromkeys(places), *(reply_place(criterion) for criterion in unmet))


def asked_at(assignment: MicroCredential, place: str) -> Asked | None:
    """Return what is to be handed in at ``place``, if anything."""
    for part in assignment.parts:
        for asked in part.artefacts:
            if artefact_place(part.id, asked) == place:
                return asked
    return None


def words(text: str) -> int:
    """Return how many words ``text`` has, as people count: ``don't`` and ``well-being`` are one each."""
    return len(_WORD.findall(text))


def gaps(assignment: MicroCredential, draft: Draft, *, unanswered: Iterable[str] = ()) -> tuple[Gap, ...]:
    """Return every gap, in the order of the assignment.

    Args:
        assignment: The version that was applied for.
        draft: What there is.
        unanswered: Criteria with a comment that asks for an answer.
    """
    found = []
    for part in assignment.parts:
        for prompt in part.prompts:
            place = prompt_place(part.id, prompt)
            if not draft.answers.get(place, "").strip():
                found.append(Gap(place, f"{part.title}: answer “{_short(prompt.text)}”"))
        for asked in part.artefacts:
            place = artefact_place(part.id, asked)
            if asked.required and not _is_there(asked, place, draft):
                found.append(Gap(place, f"{part.title}: add “{_short(asked.text)}”"))
        for piece in draft.artefacts:
            if piece.state == "quarantined" and piece.place.startswith(f"{part.id}/"):
                found.append(
                    Gap(piece.place, f"{part.title}: replace or remove “{piece.name}”, which was set aside")
                )
    for criterion in assignment.criteria:
        place = reply_place(criterion.id)
        if criterion.id in unanswered and not draft.answers.get(place, "").strip():
            found.append(Gap(place, f"Your answer to the comment on “{_short(criterion.title)}”"))
    return tuple(found)


def statement_gaps(statements: Statements, *, publishes: bool = False) -> tuple[Gap, ...]:
    """Return what is missing among the statements; ``publishes`` if a piece is to be public."""
    found = []
    if not statements.students:
        found.append(Gap("statement/students", "The statement on students’ privacy"))
    if not statements.own_work:
        found.append(Gap("statement/own-work", "The statement that this is your own work"))
    if not statements.judged:
        found.append(Gap("statement/judged", "Your permission that reviewers read and judge it"))
    if statements.ai not in (AI_NONE, AI_ASSISTED):
        found.append(Gap("statement/ai", "Whether you used AI"))
    elif statements.ai == AI_ASSISTED and not statements.ai_words.strip():
        found.append(Gap("statement/ai-words", "How you used AI, in a sentence"))
    if publishes and not statements.publish:
        found.append(Gap("statement/publish", "The second confirmation, for what is to be public"))
    return tuple(found)


def content(version: str, draft: Draft) -> bytes:
    """Return the snapshot of ``draft`` as the JSON that is kept."""
    return json.dumps(
        {
            "version": version,
            "answers": {
                p: t for p, t in sorted(draft.answers.items()) if not p.startswith(REPLY) and t.strip()
            },
            "replies": {
                p.removeprefix(REPLY): t
                for p, t in sorted(draft.answers.items())
                if p.startswith(REPLY) and t.strip()
            },
            "artefacts": [_sent(piece) for piece in draft.artefacts if piece.state == "ready"],
        },
        ensure_ascii=False,
    ).encode()


def read_content(content: bytes) -> tuple[str, Mapping[str, str], Mapping[str, str], tuple[Artefact, ...]]:
    """Return version, answers, replies and artefacts of a snapshot."""
    read = json.loads(content)
    return (
        read["version"],
        MappingProxyType(read["answers"]),
        MappingProxyType(read["replies"]),
        tuple(_received(piece) for piece in read["artefacts"]),
    )


def emptied_content(content: bytes) -> bytes:
    """Return a snapshot without anything that its educator wrote or added."""
    version, *_ = read_content(content)
    return json.dumps({"version": version, "answers": {}, "replies": {}, "artefacts": []}).encode()


def write_statements(statements: Statements) -> str:
    """Return the JSON that is kept of ``statements``."""
    return json.dumps(asdict(statements), ensure_ascii=False)


def read_statements(text: str) -> Statements:
    """Return what ``write_statements`` wrote."""
    known = set(Statements.__dataclass_fields__)
    return Statements(**{name: value for name, value in json.loads(text or "{}").items() if name in known})


_SENT: Final = (
    "id",
    "place",
    "kind",
    "name",
    "description",
    "file",
    "media_type",
    "size",
    "url",
    "is_existing",
    "salt",
    "disclosure",
)


def _sent(piece: Artefact) -> dict[str, Any]:
    made: dict[str, Any] = {name: getattr(piece, name) for name in _SENT}
    made["made_on"] = piece.made_on.isoformat() if piece.made_on else None
    return made


def _received(piece: Mapping[str, Any]) -> Artefact:
    made_on = date.fromisoformat(piece["made_on"]) if piece.get("made_on") else None
    return Artefact(made_on=made_on, **{name: piece[name] for name in _SENT})


def _is_there(asked: Asked, place: str, draft: Draft) -> bool:
    if "text" in asked.kinds and draft.answers.get(place, "").strip():
        return True
    return any(piece.place == place and piece.state == "ready" for piece in draft.artefacts)


def _short(text: str, most: int = 90) -> str:
    first = " ".join(text.split())
    return first if len(first) <= most else first[: most - 1].rsplit(" ", 1)[0] + "…"
