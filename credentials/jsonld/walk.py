# SPDX-License-Identifier: Apache-2.0
"""JSON to quads in one strict pass over compiled contexts.

JSON-LD 1.1 Processing Algorithms (https://www.w3.org/TR/json-ld11-api/), "Expansion" and "Deserialize JSON-LD
to RDF", for the part of JSON-LD that credentials use, and with none of its silences. Where the algorithms
drop something, a signature over the quads would not cover it; here it is refused, with its place. Whatever a
reader finds in the JSON is in the quads, and under the word that the reader knows:

- Every member is a word of the contexts. What is written as an IRI although there is a word for it is
  refused too: readers look for the word.
- No null, no empty array (but for ``@list``), no array in an array, no ``@``-members, no blank node ids.
- Every id, type and reference is an absolute, well-formed IRI, written in full.
- Every quad is new: a value that stands twice could have been added without changing the signature.
  ``shared_ids`` tells which repetitions among objects with one id are sound.
- ``@context`` stands at the root, and in embedded credentials, where it must stand.

Text is any text that JSON can hold: a signature over controls is right, if somebody made one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from operator import eq
from typing import NoReturn, TypeAlias

from credentials.document import Json, pointer
from credentials.errors import (
    ContextRefusedError,
    UnsignedContentError,
    UnsupportedContentError,
    WorkLimitError,
)
from credentials.jsonld import contexts
from credentials.jsonld.contexts import ContextStore
from credentials.jsonld.numbers import number_literal
from credentials.jsonld.shared_ids import Mention, check
from credentials.jsonld.tables import Kind, State, Term, Typed, is_iri
from credentials.rdf.canonical import CANONICAL_BYTES
from credentials.rdf.nquads import (
    DEFAULT_GRAPH,
    RDF_FIRST,
    RDF_NIL,
    RDF_REST,
    RDF_TYPE,
    Quad,
    escape,
    is_plain,
)

IRI_CHARS = 2_048  # characters, but for data: IRIs; an id is repeated in every quad of its object

Path: TypeAlias = tuple["Path | None", str | int] | None  # linked from the leaf to the root

_CREDENTIAL = "<https://www.w3.org/2018/credentials#VerifiableCredential>"
_NAME, _TYPE, _TEXT, _IRI, _OTHER = Kind.NAME, Kind.TYPE, Kind.TEXT, Kind.IRI, Kind.OTHER
_BYTES_PER_QUAD = 120  # bytes besides the subject, on the average; only for the early end of absurd documents


def walk(members: Mapping[str, Json], root: State, *, store: ContextStore) -> list[Quad]:
    """Return the quads of a document whose contexts are compiled in ``root``; each quad once.

    Raises:
        UnsignedContentError: The quads would not cover something; ``path`` says what.
        ContextRefusedError: An ``@context`` where none may stand, or none where one must.
        UnsupportedContentError: JSON-LD that is not for the walk.
        WorkLimitError: More than ``CANONICAL_BYTES``, or ``STATES_IN_FLIGHT`` in this document alone.
    """
    try:
        return _attempt(members, root, store=store)
    except WorkLimitError:
        if not root.is_crowded:
            raise
    # Others may have filled the table that we share: a document is only judged by what it needs itself.
    return _attempt(members, root.alone(), store=store)


def walk_lines(
    members: Mapping[str, Json], root: State, *, store: ContextStore
) -> tuple[list[bytes], list[Quad]]:
    """Return what ``walk`` returns, parted: the N-Quads lines of quads that are final, and all other quads.

    Final is a quad of the default graph without a blank node; most are, and as lines they are made once,
    UTF-8, in order.

    Raises:
        HallmarkError: As ``walk``.
    """
    lines: list[bytes] = []
    try:
        return lines, _attempt(members, root, store=store, lines=lines)
    except WorkLimitError:
        if not root.is_crowded:
            raise
    lines = []
    return lines, _attempt(members, root.alone(), store=store, lines=lines)


def _attempt(
    members: Mapping[str, Json], root: State, *, store: ContextStore, lines: list[bytes] | None = None
) -> list[Quad]:
    """Return the quads of a document; final ones are put into ``lines``, if it is given."""
    written: list[str] | None = None if lines is None else []
    first = _Walk(store, lines=written)
    first.node(members, root, None)
    said = first.quads
    repeats = first.ids_recur or len(set(said)) != len(said)
    if lines is not None and written:
        lines += [line.encode() for line in written]
        lines.sort()
        repeats = repeats or any(map(eq, lines, islice(lines, 1, None)))
    if repeats:
        # Seldom: go again, and take notes of which object says what.
        second = _Walk(store, mentions=[])
        second.node(members, root, None)
        check(second.mentions or (), second.quads)
        if lines is not None:
            lines.clear()
        return list(dict.fromkeys(second.quads))
    if not said and not lines:
        raise UnsignedContentError("The document says nothing that could be signed.", path="")
    return said


class _Walk:
    """One pass over one document."""

    __slots__ = ("_blank_nodes", "_bytes", "_ids", "_lines", "_store", "ids_recur", "mentions", "quads")

    def __init__(
        self,
        store: ContextStore,
        *,
        mentions: list[Mention] | None = None,
        lines: list[str] | None = None,
    ) -> None:
        self.quads: list[Quad] = []
        self.mentions = mentions
        self._lines = lines
        self.ids_recur = False
        self._ids: set[str | tuple[str | int, str]] = set()
        self._blank_nodes = 0
        self._bytes = 0
        self._store = store

    def node(
        self,
        node: Mapping[str, Json],
        state: State,
        path: Path,
        graph: str | int = DEFAULT_GRAPH,
        place: str = "",
    ) -> str | int:
        """Emit the quads of an object, and return its name or blank node.

        Args:
            node: The object.
            state: In which it begins.
            path: Where it stands.
            graph: The graph it belongs to.
            place: The predicate that leads to it.
        """
        if path is not None and "@context" in node:
            state = self._embedded(node["@context"], state, path)
        if not state.is_plain:
            raise UnsupportedContentError("The contexts are not for the strict walk.", path="/@context")
        subject, width = self._name(node, state, path, graph)
        types: tuple[str, ...] = ()
        if state.type_name in node:
            typed = self._types(node[state.type_name], state, path)
            types, state = typed.iris, typed.state
        self._spend(width * (len(node) + len(types)))
        if path is not None and (_CREDENTIAL in types) is not ("@context" in node):
            _refuse_contexts(path)
        if self.mentions is not None:
            # Notes are taken of what each object says by itself.
            said: list[Quad] = []
            self._members(node, state, path, (subject, graph, width, types), said=said, lines=None)
            self.quads += said
            words = {state.terms[name].predicate or RDF_TYPE: name for name in node if name in state.terms}
            self.mentions.append(Mention(_pointer(path), place, subject, graph, said, words))
            return subject
        # A quad of the default graph without a blank node is written at once, where lines are wanted.
        lines = self._lines if graph == DEFAULT_GRAPH and subject.__class__ is str else None
        self._members(node, state, path, (subject, graph, width, types), said=self.quads, lines=lines)
        return subject

    def _members(
        self,
        node: Mapping[str, Json],
        state: State,
        path: Path,
        of: tuple[str | int, str | int, int, tuple[str, ...]],
        *,
        said: list[Quad],
        lines: list[str] | None,
    ) -> None:
        """Emit what the members of an object say.

        Args:
            node: The object.
            state: Inside it.
            path: Where it stands.
            of: Its name, graph, bytes for each quad, and types.
            said: Takes the quads.
            lines: Takes those that are final, if they are wanted as lines.
        """
        subject, graph, width, types = of
        terms = state.terms
        for name, value in node.items():
            term = terms.get(name)
            if term is None:
                self._refuse_name(name, state, path)
            predicate = term.predicate
            if term.is_text and value.__class__ is str:  # what most members are
                text = value if is_plain(value) else escape(value)
                if lines is None:
                    said.append((subject, predicate, f'"{text}{term.closing}', graph))
                else:
                    lines.append(f"{subject}{term.before}{text}{term.after}")
                continue
            objects: Sequence[str | int]
            if term.is_single and value.__class__ is not list:
                objects = (self._object(value, term, state, (path, name), graph),)
            elif term.kind is _TYPE:
                predicate, objects = RDF_TYPE, types
            elif term.kind is _NAME:
                continue
            else:
                objects = self._objects(value, term, state, (path, name), graph)
                self._spend(width * len(objects))
            for object_ in objects:
                if lines is None or object_.__class__ is not str:
                    said.append((subject, predicate, object_, graph))
                else:
                    lines.append(f"{subject} {predicate} {object_} .\n")

    def _name(
        self, node: Mapping[str, Json], state: State, path: Path, graph: str | int
    ) -> tuple[str | int, int]:
        """Return the name or blank node of an object, and about how many bytes each of its quads takes."""
        if state.id_name not in node:
            return self._new_blank_node(), _BYTES_PER_QUAD
        subject = self._iri(node[state.id_name], state, (path, state.id_name))
        known = subject if graph == DEFAULT_GRAPH else (graph, subject)
        if known in self._ids:
            self.ids_recur = True
        self._ids.add(known)
        return subject, _BYTES_PER_QUAD + (len(subject) if subject.isascii() else len(subject.encode()))

    def _new_blank_node(self) -> int:
        self._blank_nodes += 1
        return self._blank_nodes

    def _spend(self, size: int) -> None:
        """Count bytes before they are made: a long id is repeated in every quad of its object."""
        self._bytes += size
        if self._bytes > CANONICAL_BYTES:
            raise WorkLimitError(
                f"The canonical form would be larger than {CANONICAL_BYTES:,} bytes (limit CANONICAL_BYTES)."
            )

    def _types(self, value: Json, state: State, parent: Path) -> Typed:
        """Return what the types of an object mean, looked up in the state before (Expansion, step 11)."""
        if value.__class__ is list:
            try:
                known = state.types.get(tuple(value))  # type: ignore[arg-type]  # what is kept are texts
            except TypeError:
                known = None  # an object among them; it is refused below
            if known is not None:
                return known
        path = (parent, state.type_name)
        names = _texts(value)
        if not names:
            raise UnsignedContentError("A type is not a text.", path=_pointer(path))
        typed = state.types.get(names)
        if typed is not None:
            return typed
        iris = tuple(self._word(name, state, path) for name in names)
        scoped = tuple(
            sorted({name for name in names if name in state.terms and state.terms[name].has_scope})
        )
        try:
            inside = state.of_types(scoped) if scoped else state
        except ContextRefusedError as error:
            raise ContextRefusedError("These types cannot go together.", path=_pointer(path)) from error
        return state.remember(names, Typed(iris, inside))

    def _objects(
        self, value: Json, term: Term, state: State, path: Path, graph: str | int
    ) -> list[str | int]:
        """Return the objects of all quads that a member gives."""
        if term.kind is _OTHER:
            raise UnsupportedContentError(
                "A member of this kind is not for the strict walk.", path=_pointer(path)
            )
        if term.is_list:
            return [self._list(value, term, state, path, graph)]
        if not isinstance(value, list):
            return [self._object(value, term, state, path, graph)]
        if not value:
            raise UnsignedContentError(
                "An empty array says nothing that could be signed.", path=_pointer(path)
            )
        return [self._object(item, term, state, (path, index), graph) for index, item in enumerate(value)]

    def _object(self, value: Json, term: Term, state: State, path: Path, graph: str | int) -> str | int:
        """Return the object of the quad for one value."""
        if term.is_graph:
            return self._graph(value, term, state, path)
        if isinstance(value, str):
            if term.kind is _IRI:
                return self._iri(value, state, path)
            if term.kind is _TEXT:
                return f'"{escape(value)}{term.closing}'
            return self._word(value, state.at_value(term), path)
        if isinstance(value, dict):
            # A reference alone does not leave the type-scoped context (Expansion, step 7).
            is_reference = len(value) == 1 and state.id_name in value
            begin = state.at_value(term) if is_reference else state.inside(term)
            return self.node(value, begin, path, graph, term.predicate)
        if isinstance(value, (bool, int, float)):
            return number_literal(value, term.datatype)
        if value is None:
            raise UnsignedContentError("null says nothing that could be signed.", path=_pointer(path))
        raise UnsupportedContentError("An array stands in an array.", path=_pointer(path))

    def _list(self, value: Json, term: Term, state: State, path: Path, graph: str | int) -> str | int:
        """Emit an ordered list, and return its head (Deserialize JSON-LD to RDF, "List Conversion")."""
        items = value if isinstance(value, list) else [value]
        self._spend(2 * _BYTES_PER_QUAD * len(items))
        rest: str | int = RDF_NIL
        for index in reversed(range(len(items))):
            cell = self._new_blank_node()
            item = self._object(items[index], term, state, (path, index), graph)
            self.quads += ((cell, RDF_FIRST, item, graph), (cell, RDF_REST, rest, graph))
            rest = cell
        return rest

    def _graph(self, value: Json, term: Term, state: State, path: Path) -> int:
        """Emit an object as a graph of its own, and return the blank node that names the graph."""
        if not isinstance(value, dict):
            raise UnsupportedContentError("A graph is not written as an object.", path=_pointer(path))
        name = self._new_blank_node()
        emitted = len(self.quads)
        self.node(value, state.inside(term), path, name, term.predicate)
        if len(self.quads) == emitted:
            raise UnsignedContentError("The object says nothing that could be signed.", path=_pointer(path))
        return name

    def _iri(self, value: Json, state: State, path: Path) -> str:
        """Return an id or reference as a name: an absolute IRI, written in full."""
        if not isinstance(value, str) or not is_iri(value):
            raise UnsignedContentError(
                "An id or reference is not an absolute, well-formed IRI.",
                path=_pointer(path),
                got=value[:200] if isinstance(value, str) else None,
            )
        if len(value) > IRI_CHARS and not value.startswith("data:"):
            raise UnsignedContentError(
                f"An id or reference has more than {IRI_CHARS:,} characters (limit IRI_CHARS).",
                path=_pointer(path),
                got=len(value),
            )
        if state.prefixes and not value.startswith("https://"):
            prefix, _, rest = value.partition(":")
            if prefix in state.prefixes and not rest.startswith("//"):
                raise UnsignedContentError("An IRI is abbreviated.", path=_pointer(path), got=value[:200])
        return f"<{value}>"

    def _word(self, value: str, state: State, path: Path) -> str:
        """Return a type, or a value that may be a word: the word's meaning, or an IRI that has no word."""
        term = state.terms.get(value)
        if term is not None and term.predicate:
            return term.predicate
        if value in state.meanings:
            raise UnsignedContentError(
                "An IRI stands where the contexts have a word for it.", path=_pointer(path), got=value[:200]
            )
        return self._iri(value, state, path)

    def _embedded(self, value: Json, state: State, path: Path) -> State:
        """Return the state inside an embedded credential, which names its contexts again."""
        urls = contexts.read(value, path=(*_steps(path), "@context"), store=self._store)
        return state.embedded(urls)

    def _refuse_name(self, name: str, state: State, path: Path) -> NoReturn:
        place = _pointer((path, name))
        if name == "@value" or (name == "@language" and path is not None):
            raise UnsupportedContentError("A value is written as an object.", path=place)
        if name.startswith("@"):
            raise UnsignedContentError("A member begins with @.", path=place)
        if name in state.meanings:
            raise UnsignedContentError(
                "A member is written as an IRI where the contexts have a word for it.", path=place
            )
        raise UnsignedContentError(
            "A member is not a word of the document's contexts, so that no signature covers it.", path=place
        )


def _refuse_contexts(path: Path) -> NoReturn:
    raise ContextRefusedError(
        "Contexts stand at the root of a document and of an embedded credential, and nowhere else.",
        path=_pointer(path),
    )


def _texts(value: Json) -> tuple[str, ...]:
    """Return the one text, or all of them, or none where anything else is among them."""
    if isinstance(value, str):
        return (value,)
    texts = [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
    return tuple(texts) if isinstance(value, list) and len(texts) == len(value) else ()


def _steps(path: Path) -> list[str | int]:
    steps: list[str | int] = []
    while path is not None:
        path, step = path
        steps.append(step)
    return steps[::-1]


def _pointer(path: Path) -> str:
    return pointer(*_steps(path))
