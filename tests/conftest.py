# SPDX-License-Identifier: Apache-2.0
"""For all tests: what is the same in every service and every house is made once per process.

Almost every test builds a service of its own, and most of that time went into compiling the same templates,
rules of addresses and statements of SQL again. They are kept by what they are made from. How a run is
spread over processors, and what they share, says ``tests.running``.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from flask import Flask
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from tests.on_postgresql.hooks import (  # noqa: F401  the option --database
    databases,
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
)

pytest_plugins = ("tests.running",)


class _Compiled(BytecodeCache):
    """Compiled templates by name and source."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        found = self._code.get((bucket.key, bucket.checksum))
        if found is not None:
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_compile = Rule.compile
_compiled: dict[tuple[Any, ...], dict[str, Any]] = {}


def _compile_once(rule: Rule) -> None:
    """Give a rule what an equal one was compiled to; converters keep no state, so both may share them."""
    assert rule.map is not None
    key = (
        type(rule),
        rule.rule,
        rule.subdomain,
        rule.host,
        rule.merge_slashes,
        rule.map.host_matching,
        tuple(rule.map.converters.items()),
        tuple(sorted((rule.defaults or {}).items())),
    )
    found = _compiled.get(key)
    if found is None:
        _compile(rule)
        names = ("_parts", "_trace", "_converters", "arguments")
        _compiled[key] = {name: copy(getattr(rule, name)) for name in names}
        _compiled[key] |= {name: getattr(rule, name).__func__ for name in ("_build", "_build_unknown")}
        return
    for name, value in found.items():
        setattr(rule, name, value.__get__(rule, None) if callable(value) else copy(value))


def _share_statements() -> None:
    """Let the engines of all databases of a kind keep their compiled statements together.

    A statement is kept by its dialect, of which each engine has its own; here those of a kind are equal.
    """
    statements: LRUCache[Any, Any] = LRUCache(5_000)
    begin = Engine.__init__

    def begin_with_statements(engine: Engine, *args: Any, **named: Any) -> None:
        begin(engine, *args, **named)
        engine._compiled_cache = statements

    Engine.__init__ = begin_with_statements  # type: ignore[method-assign,assignment]
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
        kind.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]


_share_statements()
Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Compiled()}
Rule.compile = _compile_once  # type: ignore[method-assign,assignment]

# How long an example takes depends on what else the machine does; speed is measured in benchmarks.
settings.register_profile("hallmark", deadline=None)
settings.load_profile("hallmark")
