# SPDX-License-Identifier: Apache-2.0
"""Statements about many rows at once, with little work for each.

SQLAlchemy looks at every parameter of every row: for a chunk of a bulk that took longer than the database
itself. Here a statement is written once for each database, and rows are given to the driver as they are; and
a list of keys, however long, is one parameter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Dialect,
    String,
    Table,
    any_,
    bindparam,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Insert, Update

Processor = Callable[[Any], Any]


class Many:
    """An INSERT or UPDATE for many rows that differ in some parameters.

    Args:
        statement: With a ``bindparam`` for each of ``names``, which say its type, and no list of values.
        names: What differs; rows are tuples in this order.
        same: Parameters that are the same for all rows of one call.
    """

    def __init__(self, statement: Insert | Update, names: Sequence[str], same: Sequence[str] = ()) -> None:
        self._statement: Final = statement
        self._names: Final = (*names, *same)
        self._known: Final[dict[str, _Written]] = {}  # by name of the database; few, and the same ones

    @classmethod
    def insert(
        cls, table: Table, names: Sequence[str], same: Sequence[str] = (), **constants: object
    ) -> Many:
        """Return what makes rows of some columns, with constants in others."""
        given: dict[str, object] = {name: bindparam(name) for name in (*names, *same)}
        return cls(insert(table).values({**given, **constants}), names, same)

    def run(self, session: Session, rows: Sequence[tuple[Any, ...]], *same: Any) -> int:
        """Write all rows in the session's transaction; return how many were found or made.

        Args:
            session: A writing transaction.
            rows: A tuple for each row. None is written where there are none.
            same: What is the same for all of them.
        """
        if not rows:
            return 0
        connection = session.connection()
        written = self._known.get(connection.dialect.name)
        if written is None:
            written = self._known[connection.dialect.name] = _Written(
                self._statement, self._names, connection.dialect
            )
        done = connection.exec_driver_sql(written.sql, written.parameters(rows, same))
        return int(done.rowcount)


class _Written:
    """A statement as one database reads it."""

    def __init__(self, statement: Insert | Update, names: Sequence[str], dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self.names = names
        self.processors: dict[int, Processor] = {}
        self.constants: dict[str, Any] = {}
        for name, value in compiled.params.items():
            processor = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            if name not in names:
                self.constants[name] = value if processor is None else processor(value)
            elif processor is not None:
                self.processors[names.index(name)] = processor
        pool = (*names, *self.constants)
        order = compiled.positiontup
        self.take = None if order is None else itemgetter(*(pool.index(name) for name in order))

    def parameters(self, rows: Sequence[tuple[Any, ...]], same: tuple[Any, ...]) -> list[Any]:
        """Return the parameters of each row, as the driver takes them."""
        processors = self.processors
        differ = len(self.names) - len(same)
        tail = tuple(
            processors[place](value) if place in processors else value
            for place, value in enumerate(same, start=differ)
        ) + tuple(self.constants.values())
        mine = [(place, made) for place, made in processors.items() if place < differ]
        given: Any = rows
        if mine:
            given = [list(row) for row in rows]
            for place, made in mine:
                for row in given:
                    row[place] = made(row[place])
        if self.take is not None:
            return [self.take((*row, *tail)) for row in given]
        names = (*self.names, *self.constants)
        return [dict(zip(names, (*row, *tail), strict=True)) for row in given]


def among(session: Session, column: ColumnElement[Any], values: Collection[str | int]) -> ColumnElement[bool]:
    """Return the condition that ``column`` is one of ``values``, which are one parameter."""
    if session.get_bind().dialect.name == "sqlite":
        listed = func.json_each(json.dumps(list(values))).table_valued("value")
        return column.in_(select(listed.c.value))
    kind = column.type if not isinstance(column.type, String) else String()
    return column == any_(literal(list(values), ARRAY(kind)))
