# SPDX-License-Identifier: Apache-2.0
"""Contexts, compiled once: what each word means in each state that a walk can be in.

PyLD's own context processor does the work, so that its reading of JSON-LD 1.1 (Context Processing Algorithm,
https://www.w3.org/TR/json-ld11-api/#context-processing-algorithm) stays the reference. It is private there; a
test fails when its signature moves, and PyLD is pinned below 4 for it.

A *state* is an active context, and the state to go back to when an object ends. Only contexts that we carry
are compiled. Everything that grows is bounded, because the keys come from strangers: tables by ``TABLES``,
states by ``STATES`` and ``STATES_IN_FLIGHT``, combinations of types by ``TYPES``. Keys are made of our own
words and addresses only, never of a stranger's text, so that their size is bounded too. Entries are
immutable and stored by one assignment, so threads share them; only filling takes ``PYLD_LOCK``, because PyLD
is not thread-safe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from threading import RLock
from typing import Any

from pyld import jsonld

from credentials.errors import ContextRefusedError, WorkLimitError
from credentials.jsonld.contexts import ContextStore

TABLES = 32  # arrays of contexts kept; we carry a dozen contexts, and one table takes about half a megabyte
STATES = 64  # states kept for one table; the largest badge of the specification needs 22
STATES_IN_FLIGHT = 96  # states after which a document is refused; each costs about a millisecond
TYPES = 32  # combinations of types kept for one state; the largest badge of the specification needs 12
TYPE_NAMES = 8  # types in a combination that is kept; three are the most seen

PYLD_LOCK = RLock()

# An absolute IRI (RFC 3987, section 2.2), without the characters that turn the direction of writing (section
# 4.1), without spaces and without U+FEFF, which nobody sees. Web addresses name a host (RFC 9110, 4.2).
# The first alternative is what nearly all are; quantifiers are possessive, so that no text takes long.
_UCS = (
    r"\xa1-\u061b\u061d-\u167f\u1681-\u1fff\u200b-\u200d\u2010-\u2027\u2030-\u205e\u2060-\u2065\u206a-\u2fff"
    r"\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufefe\uff00-\uffef"
    + "".join(f"\\U{plane:04x}0000-\\U{plane:04x}fffd" for plane in range(1, 14))
    + r"\U000e1000-\U000efffd"
)
_PRIVATE = r"\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_OCTET = "%[0-9A-Fa-f]{2}"


def _run(characters: str) -> str:
    return f"[{characters}]*+(?:{_OCTET}[{characters}]*+)*+"


_NAME = rf"A-Za-z0-9._~{_UCS}!$&'()*+,;=\-"
_PATH = _run(f"{_NAME}:@/")
_TAIL = rf"(?:\?{_run(f'{_NAME}:@/?{_PRIVATE}')})?+(?:\#{_run(f'{_NAME}:@/?')})?+"
_BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IP_4 = rf"{_BYTE}(?:\.{_BYTE}){{3}}"
_LAST = rf"(?:[0-9A-Fa-f]{{1,4}}:[0-9A-Fa-f]{{1,4}}|{_IP_4})"
_HEX = "[0-9A-Fa-f]{1,4}"
_IP_6 = "|".join(
    (
        rf"(?:{_HEX}:){{6}}{_LAST}",
        rf"::(?:{_HEX}:){{5}}{_LAST}",
        *(rf"(?:(?:{_HEX}:){{0,{n}}}{_HEX})?::(?:{_HEX}:){{{4 - n}}}{_LAST}" for n in range(5)),
        rf"(?:(?:{_HEX}:){{0,5}}{_HEX})?::{_HEX}",
        rf"(?:(?:{_HEX}:){{0,6}}{_HEX})?::",
    )
)
_LITERAL = rf"\[(?:{_IP_6}|v[0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\]"
_AUTHORITY = rf"(?:{_run(f'{_NAME}:')}@)?(?:{_LITERAL}|{_run(_NAME)})(?::[0-9]*)?"

is_iri = re.compile(
    r"https?://[a-z0-9][A-Za-z0-9.-]*+(?::[0-9]++)?+(?:/[A-Za-z0-9._~!$&'()*+,;=:@/-]*+)?+(?:\#[A-Za-z0-9._~/-]*+)?+"
    r"|(?!(?i:https?):(?!//(?:[^/?\#@]*+@)?+[^:/?\#]))[A-Za-z][A-Za-z0-9+.-]*+:"
    rf"(?://{_AUTHORITY}(?=[/?\#]|\Z)|(?!//)){_PATH}{_TAIL}"
).fullmatch


class Kind(IntEnum):
    """What the values of a term are."""

    NAME = 1  # the id, and @context: nothing that is said
    TYPE = 2
    TEXT = 3
    IRI = 4
    VOCAB = 5
    OTHER = 6  # not for the walk


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a state.

    Attributes:
        name: As it stands in JSON.
        kind: What its values are.
        iri: What it means.
        predicate: The same, as N-Quads has it.
        datatype: Of its literals; "" where the value decides.
        closing: What follows the text of a literal: the quotation mark, and the datatype.
        before: What stands in an N-Quads line between subject and text.
        after: What stands in it behind the text.
        is_text: A text among its values is one literal, and nothing else has to be known.
        is_single: A value that is no array gives one object of a quad.
        is_list: Order counts (``@container: @list``).
        is_graph: Each value is a graph of its own (``@container: @graph``).
        has_scope: It brings a context of its own.
    """

    name: str
    kind: Kind
    iri: str = ""
    predicate: str = ""
    datatype: str = ""
    closing: str = '"'
    before: str = ""
    after: str = ""
    is_text: bool = False
    is_single: bool = False
    is_list: bool = False
    is_graph: bool = False
    has_scope: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What a combination of types means in a state: the types themselves, and the state inside the object."""

    iris: tuple[str, ...]
    state: State


class State:
    """An active context, compiled.

    Attributes:
        terms: Every word by name.
        outside: The state to go back to where an object ends: itself, but for a type-scoped one.
        id_name: The word for ``@id``.
        type_name: The word for ``@type``.
        prefixes: Words that would make compact IRIs.
        meanings: All IRIs that have a word.
        is_plain: The walk can work in it: no ``@vocab``, base, default language or direction.
        types: Combinations of types that were seen, by the types as they stand in JSON; words only.
    """

    __slots__ = (
        "_scoped",
        "_table",
        "context",
        "id_name",
        "is_plain",
        "meanings",
        "outside",
        "prefixes",
        "terms",
        "type_name",
        "types",
    )

    def __init__(self, table: _Table, context: Mapping[str, Any], *, outside: State | None) -> None:
        self._table = table
        self.context = context
        self.outside = self if outside is None else outside
        mappings: Mapping[str, Any] = context["mappings"]
        self.terms: dict[str, Term] = {
            name: table.term(name, mapping) for name, mapping in mappings.items() if mapping is not None
        }
        ids = [term.name for term in self.terms.values() if term.kind is Kind.NAME]
        type_names = [term.name for term in self.terms.values() if term.kind is Kind.TYPE]
        self.id_name = ids[0] if ids else "@id"
        self.type_name = type_names[0] if type_names else "@type"
        self.prefixes = frozenset(
            name for name, mapping in mappings.items() if mapping and mapping["_prefix"]
        )
        self.meanings = frozenset(term.iri for term in self.terms.values() if term.iri)
        self.is_plain = (
            len(ids) <= 1
            and len(type_names) <= 1
            and not any(key in context for key in ("@vocab", "@base", "@language", "@direction"))
        )
        self.terms["@context"] = _CONTEXT
        self.types: dict[tuple[str, ...], Typed] = {}
        self._scoped: dict[object, State] = {}

    def remember(self, names: tuple[str, ...], typed: Typed) -> Typed:
        """Keep what a combination of a few of our words means; beyond the limit, begin anew."""
        if len(names) <= TYPE_NAMES and all(name in self.terms for name in names):
            if len(self.types) >= TYPES:
                self.types = {}
            self.types[tuple(self.terms[name].name for name in names)] = typed
        return typed

    @property
    def is_crowded(self) -> bool:
        """Tell whether its table takes no new states: one document, or many at once, have filled it."""
        return self._table.states > STATES_IN_FLIGHT

    def alone(self) -> State:
        """Return the state in which a document begins, in a table that it shares with nobody."""
        with PYLD_LOCK:
            return _Table(self._table.urls, self._table.store).root

    def inside(self, term: Term) -> State:
        """Return the state in which an object begins that is a value of ``term``.

        JSON-LD 1.1 API, Expansion, steps 7 and 8: step back from a type-scoped context first, then apply the
        property-scoped one, which may override protected terms.
        """
        return self._value_states(term)[1] if term.has_scope else self.outside

    def at_value(self, term: Term) -> State:
        """Return the state in which texts are read that are values of ``term``."""
        return self._value_states(term)[0] if term.has_scope else self

    def of_types(self, names: tuple[str, ...]) -> State:
        """Return the state inside an object with the types ``names``: sorted, each with its own context."""
        return self._scoped.get(names) or self._fill_types(names)

    def embedded(self, urls: tuple[str, ...]) -> State:
        """Return the state inside an embedded credential that names the contexts ``urls`` again."""
        return self._scoped.get(("@context", urls)) or self._fill_embedded(urls)

    def _value_states(self, term: Term) -> tuple[State, State]:
        at_value = self._scoped.get(("@value", term.name))
        inside = self._scoped.get(("@inside", term.name))
        return (at_value, inside) if at_value and inside else self._fill_value_states(term)

    def _fill_value_states(self, term: Term) -> tuple[State, State]:
        with PYLD_LOCK:
            if ("@inside", term.name) in self._scoped:  # another thread was quicker
                return self._value_states(term)
            scope = self.context["mappings"][term.name]["@context"]
            context = self._table.process(self.context, scope, override_protected=True)
            outside = None if self.outside is self else self.outside
            at_value = self._table.state(context, outside=outside)
            # The scope is looked up again where the object begins, and applied to the state stepped back to.
            again = (context["mappings"].get(term.name) or {}).get("@context")
            base = context.get("previousContext", context)
            inside = at_value.outside
            if again is not None:
                inside = self._table.state(
                    self._table.process(base, again, override_protected=True), outside=None
                )
            self._scoped["@value", term.name] = at_value
            self._scoped["@inside", term.name] = inside
            return at_value, inside

    def _fill_types(self, names: tuple[str, ...]) -> State:
        with PYLD_LOCK:
            if names in self._scoped:  # another thread was quicker
                return self._scoped[names]
            context = self.context
            for name in names:
                scope = self.context["mappings"][name]["@context"]
                context = self._table.process(context, scope, propagate=False)
            state = self._table.state(context, outside=self.outside)
            self._scoped[names] = state
            return state

    def _fill_embedded(self, urls: tuple[str, ...]) -> State:
        with PYLD_LOCK:
            if ("@context", urls) in self._scoped:  # another thread was quicker
                return self._scoped["@context", urls]
            context = self._table.process(self.context, list(urls))
            outside = None if self.outside is self else self.outside
            state = self._table.state(context, outside=outside)
            self._scoped["@context", urls] = state
            return state


def compile_contexts(urls: tuple[str, ...], *, store: ContextStore) -> State:
    """Return the state in which a document begins that names the contexts ``urls``.

    Raises:
        ContextRefusedError: They cannot be combined.
    """
    key = store.key(urls)
    table = _tables.get(key)
    if table is None or table.states > STATES:
        with PYLD_LOCK:
            table = _tables.get(key)
            if table is None or table.states > STATES:
                table = _Table(urls, store)
                if key not in _tables and len(_tables) >= TABLES:
                    _tables.pop(next(iter(_tables)))
                _tables[key] = table
    return table.root


class _Table:
    """All states that begin with one array of contexts, and PyLD to make them."""

    def __init__(self, urls: tuple[str, ...], store: ContextStore) -> None:
        def load(url: str, _options: object) -> dict[str, Any]:
            return {"contextUrl": None, "documentUrl": url, "document": store.load(url), "tag": "static"}

        self.urls = urls
        self.store = store
        self.states = 0
        self._terms: dict[tuple[str, int], tuple[Term, Any]] = {}
        self._processor = jsonld.JsonLdProcessor()
        self._options = {
            "base": None,
            "contextResolver": jsonld.ContextResolver({}, load),
            "documentLoader": load,
            "processingMode": "json-ld-1.1",
        }
        initial = self._processor._get_initial_context(self._options)
        self.root = self.state(self.process(initial, list(urls)), outside=None)

    def process(
        self,
        active: Mapping[str, Any],
        local: object,
        *,
        override_protected: bool = False,
        propagate: bool = True,
    ) -> Mapping[str, Any]:
        try:
            return self._processor._process_context(
                active, local, self._options, override_protected=override_protected, propagate=propagate
            )
        except jsonld.JsonLdError as error:
            raise ContextRefusedError(
                "The contexts contradict each other.", path="/@context", got=error.code
            ) from error

    def state(self, context: Mapping[str, Any], *, outside: State | None) -> State:
        self.states += 1
        if self.states > STATES_IN_FLIGHT:
            raise WorkLimitError(
                f"More than {STATES_IN_FLIGHT} combinations of types (limit STATES_IN_FLIGHT)."
            )
        return State(self, context, outside=outside)

    def term(self, name: str, mapping: Mapping[str, Any]) -> Term:
        """Return the term for PyLD's ``mapping``; states share the ones that did not change."""
        kept = self._terms.get((name, id(mapping)))
        if kept is None:
            # The mapping is kept with the term, so that its address is not used again.
            kept = self._terms[name, id(mapping)] = (_read_term(name, mapping), mapping)
        return kept[0]


_tables: dict[tuple[str, ...], _Table] = {}

_CONTEXT = Term("@context", Kind.NAME)

_PLAIN_CONTAINERS: tuple[set[str], ...] = (set(), {"@set"}, {"@list"}, {"@graph"}, {"@graph", "@set"})


def _read_term(name: str, mapping: Mapping[str, Any]) -> Term:
    iri = mapping["@id"]
    if iri == "@id":
        return Term(name, Kind.NAME)
    if iri == "@type":
        return Term(name, Kind.TYPE)
    container = set(mapping.get("@container", ()))
    coercion = mapping.get("@type", "@none")
    scope = mapping.get("@context", mapping)
    is_plain = (
        not mapping["reverse"]
        and not mapping.get("@language")
        and not mapping.get("@direction")
        and "@nest" not in mapping
        and "@index" not in mapping
        and container in _PLAIN_CONTAINERS
        and scope is not None
        and scope is not False
        and isinstance(iri, str)
        and is_iri(iri)
        and coercion != "@json"
    )
    if not is_plain:
        return Term(name, Kind.OTHER, iri=str(iri), has_scope=False)
    kind = {"@id": Kind.IRI, "@vocab": Kind.VOCAB}.get(coercion, Kind.TEXT)
    datatype = "" if coercion.startswith("@") else coercion
    closing = f'"^^<{datatype}>' if datatype else '"'
    return Term(
        name,
        kind,
        iri=iri,
        predicate=f"<{iri}>",
        datatype=datatype,
        closing=closing,
        before=f' <{iri}> "',
        after=f"{closing} .\n",
        is_text=kind is Kind.TEXT and container <= {"@set"},
        is_single=container <= {"@set"},
        is_list="@list" in container,
        is_graph="@graph" in container,
        has_scope="@context" in mapping,
    )
