# SPDX-License-Identifier: Apache-2.0
"""For all tests: what is the same in every service and every house is made once per process.

Almost every test builds a service of its own, and most of that time went into compiling the same templates
and the same builders of addresses again. Both are kept by what they are made from. So are the badge images,
which the same code and stack always give byte for byte; ``tests/issuer/test_artwork.py`` draws them anew.
How a run is spread over processors says ``tests.running``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from issuer import artwork
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


_compile = Rule._compile_builder
_builders: dict[tuple[Any, ...], Any] = {}


def _compile_once(rule: Rule, append_unknown: bool = True) -> Any:
    """Return the builder of a rule's addresses; converters keep no state, so equal rules may share one."""
    defaults = tuple(sorted((rule.defaults or {}).items()))
    key = (type(rule), rule.rule, rule.subdomain, rule.host, defaults, append_unknown)
    if key not in _builders:
        _builders[key] = _compile(rule, append_unknown)
    return _builders[key]


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Compiled()}
Rule._compile_builder = _compile_once  # type: ignore[assignment,method-assign]
artwork.png = cache(artwork.png)

# How long an example takes depends on what else the machine does; speed is measured in benchmarks.
settings.register_profile("hallmark", deadline=None)
settings.load_profile("hallmark")
