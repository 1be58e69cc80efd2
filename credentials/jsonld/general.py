# SPDX-License-Identifier: Apache-2.0
"""The general path: JSON-LD that the strict walk does not know, translated by PyLD and then held to account.

Used for verifying only: texts with a language, maps, and the contexts of test vectors. PyLD expands, in one
thread at a time, with our contexts and no base. It drops much without a word, so nothing is left to trust:

- before it, the form: no ``@``-members but those of a text with a language, no IRIs as member names, no null,
  no nested array, no empty one but for lists, and not more than PyLD can bear (siblings cost their square);
- in it, an undefined member is an error;
- after it, every text, number and truth value of the document must have come through, every name must be an
  absolute IRI, and no quad may come twice, by the same rule for objects with one id as in the walk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from pyld import jsonld

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
from credentials.jsonld.tables import PYLD_LOCK, compile_contexts, is_iri
from credentials.jsonld.walk import IRI_CHARS
from credentials.rdf.canonical import CANONICAL_BYTES
from credentials.rdf.nquads import (
    DEFAULT_GRAPH,
    RDF_FIRST,
    RDF_NIL,
    RDF_REST,
    RDF_TYPE,
    Quad,
    literal,
)

GENERAL_PATH_CONTAINERS = (
    1_000  # objects and arrays; PyLD takes 0.3 s for them, and 5 s for five times as many
)
GENERAL_PATH_VALUES = 4_000  # texts, numbers and truth values; PyLD takes 0.2 s for them in one array

_is_language = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*").fullmatch


def translate(members: Mapping[str, Json], *, store: ContextStore) -> list[Quad]:
    """Return the quads of a document, each once, by the general path.

    Raises:
        UnsignedContentError: The quads would not cover something.
        ContextRefusedError: An ``@context`` where none may stand, or contexts that contradict each other.
        UnsupportedContentError: JSON-LD that we do not translate.
        WorkLimitError: More than the limits above.
    """
    urls = contexts.read(members.get("@context"), store=store)
    form = _Form(store, compile_contexts(urls, store=store).meanings)
    form.read(members)
    expanded = _expand(members, store)
    quads = _Quads()
    if len(expanded) == 1:
        quads.node(expanded[0], "", DEFAULT_GRAPH)
    if quads.empty_lists != len(form.empty):
        raise UnsignedContentError("An empty array says nothing that could be signed.", path=form.empty[0])
    if quads.values != form.values:
        raise UnsignedContentError("Not everything in the document would be covered by a signature.", path="")
    check(quads.mentions, quads.quads)
    return list(dict.fromkeys(quads.quads))


def _expand(members: Mapping[str, Json], store: ContextStore) -> list[dict[str, Any]]:
    def load(url: str, _options: object) -> dict[str, Any]:
        return {"contextUrl": None, "documentUrl": url, "document": store.load(url), "tag": "static"}

    def drop(name: str | None) -> NoReturn:
        raise UnsignedContentError(
            "A member is not a word of the document's contexts, so that no signature covers it.",
            path="",
            got=(name or "")[:200],
        )

    options = {
        "base": None,
        "contextResolver": jsonld.ContextResolver({}, load),
        "documentLoader": load,
        "processingMode": "json-ld-1.1",
    }
    with PYLD_LOCK:
        try:
            return jsonld.JsonLdProcessor(on_property_dropped=drop).expand(dict(members), options)
        except jsonld.JsonLdError as error:
            raise UnsignedContentError(
                "The document is not JSON-LD that a signature could cover.", path="", got=error.code
            ) from error


class _Form:
    """The form of the document before expansion; counts what must come through."""

    def __init__(self, store: ContextStore, meanings: frozenset[str]) -> None:
        self.values = 0
        self.empty: list[str] = []
        self._meanings = meanings
        self._containers = 0
        self._bytes = 0
        self._store = store

    def read(self, node: Mapping[str, Json], path: tuple[str | int, ...] = ()) -> None:
        """Check an object and all below it."""
        self._count(path)
        if "@value" in node:
            self._read_text_with_language(node, path)
            return
        self._check_contexts(node, path)
        name = node.get("id")
        self._bytes += len(node) * (len(name) if isinstance(name, str) else 0)
        if self._bytes > CANONICAL_BYTES:
            raise WorkLimitError(
                f"The canonical form would be larger than {CANONICAL_BYTES:,} bytes (limit CANONICAL_BYTES)."
            )
        for word, value in node.items():
            if word == "@context":
                continue
            if word.startswith("@"):
                raise UnsignedContentError("A member begins with @.", path=pointer(*path, word))
            if ":" in word or (word == "type" and self._is_written_out(value)):
                raise UnsignedContentError(
                    "An IRI stands where the contexts have a word for it.", path=pointer(*path, word)
                )
            self._read_value(value, (*path, word))

    def _read_value(self, value: Json, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            self.read(value, path)
        elif isinstance(value, list):
            self._count(path)
            if not value:
                self.empty.append(pointer(*path))
            for index, item in enumerate(value):
                if isinstance(item, list):
                    raise UnsignedContentError("An array stands in an array.", path=pointer(*path, index))
                self._read_value(item, (*path, index))
        elif value is None:
            raise UnsignedContentError("null says nothing that could be signed.", path=pointer(*path))
        else:
            self.values += 1
            if self.values > GENERAL_PATH_VALUES:
                raise WorkLimitError(
                    f"More than {GENERAL_PATH_VALUES:,} values, outside the strict walk "
                    "(limit GENERAL_PATH_VALUES).",
                    path=pointer(*path),
                )

    def _is_written_out(self, types: Json) -> bool:
        names = types if isinstance(types, list) else [types]
        return any(isinstance(name, str) and name in self._meanings for name in names)

    def _read_text_with_language(self, node: Mapping[str, Json], path: tuple[str | int, ...]) -> None:
        language = node.get("@language")
        if node.keys() != {"@value", "@language"} or not isinstance(node["@value"], str):
            raise UnsignedContentError(
                "A value is written as an object, and not as a text with its language.", path=pointer(*path)
            )
        if not isinstance(language, str) or not _is_language(language):
            raise UnsignedContentError("A language is not well formed.", path=pointer(*path, "@language"))
        self.values += 1

    def _check_contexts(self, node: Mapping[str, Json], path: tuple[str | int, ...]) -> None:
        if not path:
            return
        types = node.get("type")
        is_credential = isinstance(types, list) and "VerifiableCredential" in types
        if is_credential is not ("@context" in node):
            raise ContextRefusedError(
                "Contexts stand at the root of a document and of an embedded credential, and nowhere else.",
                path=pointer(*path),
            )
        if is_credential:
            contexts.read(node["@context"], path=(*path, "@context"), store=self._store)

    def _count(self, path: tuple[str | int, ...]) -> None:
        self._containers += 1
        if self._containers > GENERAL_PATH_CONTAINERS:
            raise WorkLimitError(
                f"More than {GENERAL_PATH_CONTAINERS:,} objects and arrays, outside the strict walk "
                "(limit GENERAL_PATH_CONTAINERS).",
                path=pointer(*path),
            )


class _Quads:
    """Expanded JSON-LD becomes quads ("Deserialize JSON-LD to RDF"); counts what came through.

    Paths in expanded form lead through the IRIs of members.
    """

    def __init__(self) -> None:
        self.quads: list[Quad] = []
        self.mentions: list[Mention] = []
        self.values = 0
        self.empty_lists = 0
        self._blank_nodes = 0

    def node(self, node: Mapping[str, Any], path: str, graph: str | int, *, place: str = "") -> str | int:
        """Emit the quads of a node object, and return its name or blank node."""
        subject: str | int = self._new_blank_node() if "@id" not in node else self._iri(node["@id"], path)
        said: list[Quad] = []
        for iri, values in node.items():
            here = path + pointer(iri)
            if iri == "@id":
                continue
            if iri == "@type":
                said += [(subject, RDF_TYPE, self._iri(type_, here), graph) for type_ in values]
            elif iri.startswith("@"):
                raise UnsupportedContentError("JSON-LD that we do not translate.", path=here)
            else:
                predicate = f"<{iri}>"
                said += [
                    (subject, predicate, self._object(value, here, graph, predicate), graph)
                    for value in values
                ]
        self.quads += said
        words = {quad[1]: quad[1].strip("<>") for quad in said}
        self.mentions.append(Mention(path, place, subject, graph, said, words))
        return subject

    def _object(self, value: Mapping[str, Any], path: str, graph: str | int, place: str) -> str | int:
        if "@value" in value:
            return self._literal(value, path)
        if "@list" in value:
            return self._list(value["@list"], path, graph, place)
        if "@graph" in value:
            return self._graph(value, path, place)
        return self.node(value, path, graph, place=place)

    def _literal(self, value: Mapping[str, Any], path: str) -> str:
        content, datatype = value["@value"], value.get("@type", "")
        if value.keys() - {"@value", "@type", "@language"} or datatype == "@json":
            raise UnsupportedContentError("JSON-LD that we do not translate.", path=path)
        self.values += 1
        if not isinstance(content, str):
            return number_literal(content, datatype)
        if datatype and not is_iri(datatype):
            raise UnsignedContentError("A datatype is not an absolute IRI.", path=path)
        if datatype:
            return literal(content, datatype=datatype)
        return literal(content, language=value.get("@language", ""))

    def _list(self, items: list[Mapping[str, Any]], path: str, graph: str | int, place: str) -> str | int:
        self.empty_lists += not items
        rest: str | int = RDF_NIL
        for item in reversed(items):
            cell = self._new_blank_node()
            self.quads += (
                (cell, RDF_FIRST, self._object(item, path, graph, place), graph),
                (cell, RDF_REST, rest, graph),
            )
            rest = cell
        return rest

    def _graph(self, value: Mapping[str, Any], path: str, place: str) -> int:
        if value.keys() != {"@graph"} or len(value["@graph"]) != 1:
            raise UnsupportedContentError("JSON-LD that we do not translate.", path=path)
        name = self._new_blank_node()
        emitted = len(self.quads)
        self.node(value["@graph"][0], path, name, place=place)
        if len(self.quads) == emitted:
            raise UnsignedContentError("The object says nothing that could be signed.", path=path)
        return name

    def _iri(self, value: Any, path: str) -> str:
        self.values += 1
        if not isinstance(value, str) or not is_iri(value):
            raise UnsignedContentError(
                "An id, type or reference is not an absolute, well-formed IRI.", path=path
            )
        if len(value) > IRI_CHARS and not value.startswith("data:"):
            raise UnsignedContentError(
                f"An id, type or reference has more than {IRI_CHARS:,} characters (limit IRI_CHARS).",
                path=path,
            )
        return f"<{value}>"

    def _new_blank_node(self) -> int:
        self._blank_nodes += 1
        return self._blank_nodes
