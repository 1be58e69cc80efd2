# SPDX-License-Identifier: Apache-2.0
"""How a class of the Open Badges 3.0 data model is declared, and the one reader and the one builder of all.

A class of the model is a frozen dataclass whose annotations are the specification's table: ``str`` is a
text, ``datetime`` a time with a zone, an ``Enum`` a closed enumeration and ``Enum | Extension`` an open one,
another structure a nested object, ``tuple[X, ...]`` a multi-valued member; a field without default is
required. Member names are the field names in camel case; ``As`` spells the others. ``rules`` holds what a
table cannot say.

Open Badges 3.0, "Serialization" (https://www.imsglobal.org/spec/ob/v3p0/#serialization), is kept here: arrays
where the table says so and nowhere else, no nulls, no empty arrays. On reading, a single value may stand for
an array of one ("Compacted document form"). Members that no table names are left alone: whether somebody
signed them is what the walk finds out.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, ClassVar, Final, Protocol, Self, TypeAlias, cast, runtime_checkable

from credentials.dates import format_datetime, parse_datetime
from credentials.document import Document, Json, pointer
from credentials.errors import DateError, MalformedError, StructureError

Members: TypeAlias = Mapping[str, Json]
Broken: TypeAlias = tuple[tuple[str | int, ...], str]  # the steps to a place, and what is wrong there

_EXTENSION = re.compile(r"ext:[A-Za-z0-9._|-]+")
_ABSENT: Final = object()
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Extension(str):
    """A value that an issuer adds to an open enumeration: ``ext:`` and a name of its own."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class As:
    """How a member is written, where that does not follow from its field.

    Attributes:
        name: The member's name.
        alone: One value stands alone, several in an array.
        required: It is required on reading, although there is a default for building.
    """

    name: str | None = None
    alone: bool = False
    required: bool = False


@runtime_checkable
class Part(Protocol):
    """A class that reads and writes itself, such as ``identity.IdentityObject``."""

    def to_members(self) -> dict[str, Json]:
        """Return the members as a credential shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A class of the data model, as a read-only view of its members."""

    EXPECTED_TYPES: ClassVar[tuple[frozenset[str], ...]] = ()  # one of each; empty: the default of ``type``

    @classmethod
    def read(cls, source: Document | Members, *, path: str = "") -> Self:
        """Read a document, or the members of an object that stands at ``path``.

        Raises:
            StructureError: The first place that breaks the data model, with a sentence.
        """
        members = source.members if isinstance(source, Document) else source
        older_names = cls.older_names(members)
        values: dict[str, object] = {}
        for row in table(cls):
            name = older_names.get(row.name, row.name) if older_names else row.name
            value: Any = members.get(name, _ABSENT)
            if value is _ABSENT:
                if row.required:
                    raise StructureError(f'{_a(cls.__name__)} has no "{name}".', path=path, expected=name)
            elif row.is_text and type(value) is str:
                values[row.field] = value  # nothing can be wrong with it, so nobody asks for its place
            else:
                step = row.step if name == row.name else pointer(name)
                values[row.field] = row.read(value, path + step)
        structure = cls(**values)
        for steps, sentence in structure.rules():
            raise StructureError(sentence, path=path + pointer(*steps))
        return structure

    def to_members(self) -> dict[str, Json]:
        """Return the members in the order of the table, multi-valued ones as arrays.

        What is written is read back, so that nothing is written that would be refused.

        Raises:
            StructureError: The values break the data model.
        """
        members = _build(self)
        self.read(members)
        return members

    @classmethod
    def older_names(cls, members: Members) -> Mapping[str, str]:
        """Return the names that members have instead of ours in an older version of the data model."""
        return {}

    def rules(self) -> Iterator[Broken]:
        """Yield each rule that the values break."""
        yield from ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a class's table."""

    field: str
    name: str
    required: bool
    many: bool
    alone: bool
    read_one: Callable[[Json, str], object]
    expected_types: tuple[frozenset[str], ...] = ()
    step: str = ""  # JSON Pointer to it, inside its object
    is_text: bool = False  # any text, once

    def read(self, value: Json, path: str) -> object:
        """Return what the field holds, or raise a StructureError with its place."""
        found: object
        if value is None:
            raise StructureError(f'"{self.name}" is null; a member without a value is left out.', path=path)
        if not self.many:
            if isinstance(value, list):
                raise StructureError(f'"{self.name}" has one value, without an array around it.', path=path)
            found = self.read_one(value, path)
        elif isinstance(value, list):
            if not value:
                raise StructureError(f'"{self.name}" is an empty array; it is left out instead.', path=path)
            found = tuple([self.read_one(item, f"{path}/{index}") for index, item in enumerate(value)])
        else:
            found = (self.read_one(value, path),)
        for names in self.expected_types:
            if names.isdisjoint(found if isinstance(found, tuple) else (found,)):
                raise StructureError(f'The type lacks "{" or ".join(sorted(names))}".', path=path)
        return found


def table(cls: type[Structure]) -> tuple[Row, ...]:
    """Return the table of a class, compiled once from its annotations."""
    return _compiled(cast(Any, cls))


@cache
def _compiled(cls: type[Structure]) -> tuple[Row, ...]:
    # ``Json`` names itself, so it cannot be evaluated; here it only stands inside ``Members``.
    hints = typing.get_type_hints(cls, localns={"Json": object}, include_extras=True)
    return tuple(_row(cls, field, hints[field.name]) for field in dataclasses.fields(cls))


def _row(cls: type[Structure], field: dataclasses.Field[Any], annotation: Any) -> Row:
    how = As()
    if typing.get_origin(annotation) is Annotated:
        annotation, how = typing.get_args(annotation)
    kinds = _alternatives(annotation)
    many = typing.get_origin(kinds[0]) is tuple
    if many:
        kinds = _alternatives(typing.get_args(kinds[0])[0])
    expected: tuple[frozenset[str], ...] = ()
    if field.name == "type" and field.default is not dataclasses.MISSING:
        names = field.default if isinstance(field.default, tuple) else (field.default,)
        expected = cls.EXPECTED_TYPES or tuple(frozenset({name}) for name in names)
    return Row(
        field=field.name,
        name=how.name or _camel(field.name),
        step=pointer(how.name or _camel(field.name)),
        required=field.default is dataclasses.MISSING or field.name == "type" or how.required,
        many=many,
        alone=how.alone,
        read_one=_reader(kinds),
        expected_types=expected,
        is_text=kinds[0] is str and not many and not expected,
    )


def _alternatives(annotation: Any) -> list[Any]:
    """Return the members of a union, without None; of anything else, itself."""
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return [kind for kind in typing.get_args(annotation) if kind is not types.NoneType]
    return [annotation]


def _reader(kinds: list[Any]) -> Callable[[Json, str], object]:
    """Return what reads one value of an annotation."""
    kind = kinds[0]
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if typing.get_origin(kind) is Mapping:
        return _read_object
    if issubclass(kind, Enum):
        return _choice(kind, is_open=Extension in kinds)
    if issubclass(kind, Structure):
        return _nested(kind, or_text=str in kinds)
    return _part(kind)


def _read_text(value: Json, path: str) -> str:
    if not isinstance(value, str):
        raise StructureError("A text is expected here.", path=path, got=type(value).__name__)
    return value


def _read_number(value: Json, path: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise StructureError("A number is expected here.", path=path, got=type(value).__name__)
    return value


def _read_moment(value: Json, path: str) -> datetime:
    try:
        return parse_datetime(value)
    except DateError as error:
        raise StructureError(error.message, path=path, got=error.got) from error


def _read_date(value: Json, path: str) -> date:
    text = _read_text(value, path)
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise StructureError("This is not a date like 2026-02-27.", path=path, got=text[:40])


def _read_object(value: Json, path: str) -> Members:
    if not isinstance(value, dict):
        raise StructureError("An object is expected here.", path=path, got=type(value).__name__)
    return value


def _read_anything(value: Json, path: str) -> object:
    if value is None:
        raise StructureError("A null stands here.", path=path)
    return value


def _choice(kind: type[Enum], *, is_open: bool) -> Callable[[Json, str], object]:
    values: dict[Json, Enum] = {choice.value: choice for choice in kind}

    def read(value: Json, path: str) -> object:
        text = _read_text(value, path)
        if text in values:
            return values[text]
        if is_open and _EXTENSION.fullmatch(text):
            return Extension(text)
        raise StructureError("This is not one of the values of the enumeration.", path=path, got=text[:80])

    return read


def _nested(kind: type[Structure], *, or_text: bool) -> Callable[[Json, str], object]:
    def read(value: Json, path: str) -> object:
        return (
            value if or_text and isinstance(value, str) else kind.read(_read_object(value, path), path=path)
        )

    return read


def _part(kind: Any) -> Callable[[Json, str], object]:
    def read(value: Json, path: str) -> object:
        members = _read_object(value, path)
        if members.get("type") != kind.__name__:
            raise StructureError(f'The type is not "{kind.__name__}".', path=path + pointer("type"))
        try:
            return kind.read(members)
        except MalformedError as error:
            raise StructureError(error.message, path=path + (error.path or "")) from error

    return read


_SIMPLE: Final[dict[Any, Callable[[Json, str], object]]] = {
    str: _read_text,
    float: _read_number,
    datetime: _read_moment,
    date: _read_date,
    object: _read_anything,
}


def _build(structure: Structure) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for row in table(type(structure)):
        value = getattr(structure, row.field)
        if value is None or value == ():
            continue
        if not row.many:
            members[row.name] = _write(value)
        elif row.alone and len(value) == 1:
            members[row.name] = _write(value[0])
        else:
            members[row.name] = [_write(item) for item in value]
    return members


def _write(value: Any) -> Json:
    if isinstance(value, Structure):
        return _build(value)
    if isinstance(value, Part):
        return value.to_members()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return format_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Extension):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    written: Json = value
    return written


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _a(name: str) -> str:
    return f"{'An' if name[0] in 'AEIOU' else 'A'} {name}"
