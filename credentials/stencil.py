# SPDX-License-Identifier: Apache-2.0
"""Stencils: the canonical form of documents that differ in a few places only, cut once and filled often.

A school year of awards is one achievement a thousand times. Of 120 quads, some 80 are the same in all of
them, and only what stands in *slots* (``SLOTS``: ids, dates, the hashed recipient, results, evidence, places
in status lists) is new. A stencil is cut by the walk itself, from one document with a mark in each slot:

- Lines without a slot and without a blank node are written and sorted once.
- A blank node whose quads hold no slot keeps its first-degree hash; of the others it is taken again.
- Filled lines, labels and sorting are redone, as RDFC-1.0 says; the JSON is put together from its parts.

The law: filling gives, byte for byte, what walking and canonicalising the document gives (``canonicalize``),
and what ``document.write`` writes. Whatever could make a difference is not filled but left to the walk, which
judges it: two blank nodes that look alike, two lines that would be one, an id that stands twice or that the
walk would look at more closely. ``fill`` returns None then.

Values are never trusted: text is escaped as the walk escapes it, an IRI is taken only in its plain form.
Lines end at U+000A and nowhere else; other line ends of Unicode stand in literals as they are.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, TypeAlias

from credentials import outline
from credentials.document import Json, write
from credentials.jsonld import contexts
from credentials.jsonld.contexts import PACKAGED, ContextStore
from credentials.jsonld.tables import compile_contexts, is_iri
from credentials.jsonld.walk import IRI_CHARS, walk
from credentials.outline import encode_text
from credentials.rdf.nquads import Quad, escape, is_plain
from credentials.rdf.nquads import write as write_quad

FILLED_CHARS: Final = 65_536  # characters of all slots together; beyond, the walk counts what it may take
PARTS: Final = 200  # slots of one stencil; an award with 20 pieces of evidence has 150

_MARK: Final = "urn:x-hallmark-slot:"  # no document holds this; one that does is left to the walk
_SLOT: Final = ...  # what stands in a frame where a slot was; no JSON value is this

# Where a slot may be: the members that differ from one award to the next. True is a slot; a table goes on, in
# an object or in each object of an array. None of these words may be read as a term (``@vocab``).
Slots: TypeAlias = Mapping[str, "Slots | bool"]
SLOTS: Final[Slots] = {
    "id": True,
    "validFrom": True,
    "validUntil": True,
    "awardedDate": True,
    "credentialSubject": {
        "id": True,
        "identifier": {"identityHash": True, "salt": True},
        "activityStartDate": True,
        "activityEndDate": True,
        "narrative": True,
        "role": True,
        "licenseNumber": True,
        "term": True,
        "result": {"id": True, "achievedLevel": True, "value": True},
    },
    "evidence": {
        "id": True,
        "name": True,
        "description": True,
        "narrative": True,
        "genre": True,
        "audience": True,
        "digestMultibase": True,
    },
    "credentialStatus": {"id": True, "statusListIndex": True, "statusListCredential": True},
}


def part(members: Mapping[str, Json]) -> tuple[bytes, list[str]]:
    """Return the frame of ``members``, and what stands in its slots.

    The frame is everything but the slots, members in their order, as bytes that equal documents have in
    common and others have not; it is a key and nothing else. What is no text stays in the frame.
    """
    values: list[str] = []
    return marshal.dumps(_part(members, SLOTS, values), 0), values


def _part(value: Any, slots: Slots, values: list[str]) -> Any:
    if isinstance(value, list):
        return [_part(item, slots, values) for item in value]
    if not isinstance(value, Mapping):
        return value
    frame = dict(value)
    for name, below in slots.items():
        here = frame.get(name)
        if here is None:
            continue
        if below is not True:
            frame[name] = _part(here, below, values)  # type: ignore[arg-type]  # False is never written
        elif here.__class__ is str:
            values.append(here)
            frame[name] = _SLOT
    return frame


@dataclass(frozen=True, slots=True)
class Filled:
    """A document that was filled in: its canonical form, UTF-8, and its JSON without proof."""

    canonical: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class _Template:
    """A text with places, and which of the pool stands in each."""

    text: bytes
    order: tuple[int, ...]
    take: Callable[[Sequence[bytes]], Any]

    def fill(self, pool: Sequence[bytes]) -> bytes:
        filled: bytes = self.text % self.take(pool)
        return filled


@dataclass(frozen=True, slots=True)
class Stencil:
    """What documents with one frame have in common.

    Attributes:
        context: The documents' ``@context``.
        size: How many slots there are.
        iris: The slots with an IRI; in the others stands a text.
        names: The slots that name an object (``id``).
        references: The other slots with IRIs.
        taken: All other names and references, which no name may be.
        prefixes: What may not begin an IRI, since it would be an abbreviation.
        lines: The lines that never change, sorted.
        open_lines: The others, with labels behind the slots.
        hashes: First-degree hashes that never change, with the place of their node.
        touched: The blank nodes whose hash depends on slots: their place, and their lines.
        json: The document as JSON.
        outline: The same, as it can be kept (``credentials.outline``).
    """

    context: Json
    size: int
    iris: tuple[int, ...]
    names: tuple[int, ...]
    references: tuple[int, ...]
    taken: frozenset[str]
    prefixes: frozenset[str]
    lines: tuple[bytes, ...]
    static: frozenset[bytes]
    open_lines: _Template
    hashes: tuple[tuple[str, int], ...]
    touched: tuple[tuple[int, _Template], ...]
    json: _Template
    outline: bytes

    def fill(self, values: Sequence[str]) -> Filled | None:
        """Return the document with ``values`` (from ``part``) in its slots, or None: the walk has to look."""
        pool = self._pool(values)
        if pool is None:
            return None
        hashed = list(self.hashes)
        for node, template in self.touched:
            lines = template.fill(pool).split(b"\n")
            lines.sort()  # the empty one behind the last line end comes first
            hashed.append((hashlib.sha256(b"\n".join(lines[1:]) + b"\n").hexdigest(), node))
        hashed.sort()
        labels = [b""] * len(hashed)
        before = ""
        for place, (digest, node) in enumerate(hashed):
            if digest == before:
                return None  # two blank nodes look alike: RDFC-1.0 goes on to their neighbours
            before, labels[node] = digest, b"_:c14n%d" % place
        lines = self.open_lines.fill((*pool, *labels)).split(b"\n")
        del lines[-1]
        if len(set(lines)) != len(lines) or not self.static.isdisjoint(lines):
            return None  # a value stands twice: the walk asks whether it may
        lines += self.lines
        lines.sort()  # bytes of UTF-8 are in the order of their code points
        canonical = b"\n".join(lines) + b"\n"
        texts = [encode_text(value).encode() for value in values]
        return Filled(canonical, self.json.fill(texts))

    def _pool(self, values: Sequence[str]) -> list[bytes] | None:
        """Return the values as N-Quads has them, without brackets; None if the walk has to look at one."""
        if len(values) != self.size or sum(map(len, values)) > FILLED_CHARS:
            return None
        names = {values[slot] for slot in self.names}
        if len(names) != len(self.names) or not self.taken.isdisjoint(names):
            return None  # an id stands twice: the walk asks whether it may
        if any(values[slot] in names for slot in self.references):
            return None
        for slot in self.iris:
            value = values[slot]
            if not is_iri(value) or len(value) > IRI_CHARS:
                return None
            if value[:4] != "http" and value.partition(":")[0] in self.prefixes:
                return None
        if not is_plain("".join(values)):
            values = [escape(value) for value in values]  # an IRI holds nothing that is escaped
        return [value.encode() for value in values]


def cut(members: Mapping[str, Json], *, store: ContextStore = PACKAGED) -> Stencil | None:
    """Return the stencil for documents like ``members``; None where there is none.

    Raises:
        HallmarkError: What the walk refuses to sign.
    """
    values: list[str] = []
    frame = _part(members, SLOTS, values)
    if not 0 < len(values) <= PARTS or _MARK.encode() in write(members):
        return None
    marks = [f"{_MARK}{index}:" for index in range(len(values))]
    marked = _put(frame, iter(marks))
    root = compile_contexts(contexts.read(members.get("@context"), store=store), store=store)
    cutter = _Cutter(walk(marked, root, store=store), marks, _ids(frame, SLOTS))
    stencil = cutter.cut(write(marked).decode(), root, context=members["@context"])
    if stencil is None:
        return None
    # The law, for the document that it was cut from; tests show it for thousands of others.
    filled = stencil.fill(values)
    return stencil if filled is None or filled.raw == write(members) else None


def _put(frame: Any, marks: Any) -> Any:
    """Return a frame with the next mark in each slot, in the order in which ``part`` took them out."""
    return _put_below(frame, SLOTS, marks)


def _put_below(value: Any, slots: Slots, marks: Any) -> Any:
    if isinstance(value, list):
        return [_put_below(item, slots, marks) for item in value]
    if not isinstance(value, dict):
        return value
    made = dict(value)
    for name, below in slots.items():
        if made.get(name) is _SLOT:
            made[name] = next(marks)
        elif name in made and below is not True:
            made[name] = _put_below(made[name], below, marks)  # type: ignore[arg-type]
    return made


def _ids(value: Any, slots: Slots) -> list[bool]:
    """Return for each slot of a frame, in its order, whether it is an id."""
    if isinstance(value, list):
        return [each for item in value for each in _ids(item, slots)]
    found: list[bool] = []
    if isinstance(value, dict):
        for name, below in slots.items():
            if value.get(name) is _SLOT:
                found.append(name == "id")
            elif below is not True:
                found += _ids(value.get(name), below)  # type: ignore[arg-type]
    return found


class _Cutter:
    """Parts the quads of a marked document."""

    def __init__(self, quads: Sequence[Quad], marks: Sequence[str], ids: Sequence[bool]) -> None:
        self.quads = quads
        self.marks = marks
        self.ids = ids
        self.nodes: dict[int, list[Quad]] = {}
        for quad in quads:
            for each in {quad[0], quad[2], quad[3]}:
                if isinstance(each, int):
                    self.nodes.setdefault(each, []).append(quad)
        self.places = {node: place for place, node in enumerate(self.nodes)}

    def cut(self, text: str, root: Any, *, context: Json) -> Stencil | None:
        kinds = [self._is_iri(mark) for mark in self.marks]
        if None in kinds:
            return None
        names = {part for quad in self.quads for part in quad if isinstance(part, str) and part[:1] == "<"}
        lines: list[str] = []
        open_lines: list[str] = []
        for quad in self.quads:
            line = write_quad(quad, {node: f"\0{place}\0" for node, place in self.places.items()})[:-1]
            (open_lines if self._is_open(line) else lines).append(line)
        hashes, touched = [], []
        for node, its in self.nodes.items():
            mine = [write_quad(quad, _Seen(node))[:-1] for quad in its]
            if any(_MARK in line for line in mine):
                touched.append((self.places[node], self._template("".join(f"{line}\n" for line in mine))))
            else:
                mine.sort()
                digest = hashlib.sha256("".join(f"{line}\n" for line in mine).encode()).hexdigest()
                hashes.append((digest, self.places[node]))
        template = self._template(text, quoted=True)
        return Stencil(
            context=context,
            size=len(kinds),
            iris=tuple(slot for slot, is_iri_slot in enumerate(kinds) if is_iri_slot),
            names=tuple(slot for slot, is_id in enumerate(self.ids) if is_id),
            references=tuple(slot for slot, is_id in enumerate(self.ids) if kinds[slot] and not is_id),
            taken=frozenset(name[1:-1] for name in names if _MARK not in name),
            prefixes=frozenset(root.terms) | frozenset(root.prefixes),
            lines=tuple(sorted(line.encode() for line in lines)),
            static=frozenset(line.encode() for line in lines),
            open_lines=self._template("".join(f"{line}\n" for line in open_lines)),
            hashes=tuple(sorted(hashes)),
            touched=tuple(touched),
            json=template,
            outline=outline.write(template.text, template.order),
        )

    def _is_iri(self, mark: str) -> bool | None:
        """Tell whether a slot holds an IRI or a text; None: neither, or both."""
        is_name = any(f"<{mark}>" in (quad[0], quad[2]) for quad in self.quads)
        is_text = any(isinstance(quad[2], str) and quad[2].startswith(f'"{mark}"') for quad in self.quads)
        return is_name if is_name is not is_text else None

    @staticmethod
    def _is_open(line: str) -> bool:
        return _MARK in line or "\0" in line

    def _template(self, text: str, *, quoted: bool = False) -> _Template:
        """Return ``text`` with a place for each mark and label."""
        order: list[int] = []
        made: list[str] = []
        rest = text
        opening = f'"{_MARK}' if quoted else _MARK
        closing = ':"' if quoted else ":"
        while rest:
            at = _first(rest, opening, "\0")
            made.append(rest[:at].replace("%", "%%"))
            if at == len(rest):
                break
            if rest[at] == "\0":
                number, _, rest = rest[at + 1 :].partition("\0")
                order.append(len(self.marks) + int(number))
            else:
                number, _, rest = rest[at + len(opening) :].partition(closing)
                order.append(int(number))
            made.append("%b")
        return _Template("".join(made).encode(), tuple(order), _taker(order))


class _Seen(dict[int, str]):
    """Labels for a first-degree hash: this node is ``a``, every other ``z``."""

    def __init__(self, node: int) -> None:
        super().__init__({node: "_:a"})

    def __missing__(self, _node: int) -> str:
        return "_:z"


def _first(text: str, *wanted: str) -> int:
    found = [at for each in wanted if (at := text.find(each)) >= 0]
    return min(found, default=len(text))


def _taker(order: Sequence[int]) -> Callable[[Sequence[bytes]], Any]:
    """Return what takes the values for a template's places out of a pool, as a tuple."""
    if len(order) > 1:
        return itemgetter(*order)
    if order:
        return lambda pool: (pool[order[0]],)
    return lambda _pool: ()
