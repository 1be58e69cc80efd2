# SPDX-License-Identifier: Apache-2.0
"""Sends the requests of the authorisation matrix, and sees what they have changed.

The database is put back from a copy after everything that was allowed to change it.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from werkzeug.test import TestResponse

from service.db import Database
from tests.attacks.matrix import Kind, Line, Place
from tests.attacks.matrix_people import Who
from tests.attacks.matrix_world import World

_ACCEPT: Final = {"Accept": "text/html,*/*;q=0.5"}
BROWSER: Final[Mapping[str, str]] = {**_ACCEPT, "Sec-Fetch-Site": "same-origin"}
ELSEWHERE: Final[tuple[Mapping[str, str], ...]] = (
    {**_ACCEPT, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {**_ACCEPT, "Origin": "https://evil.example"},
    {**_ACCEPT, "Sec-Fetch-Site": "same-site"},
)
# What may be written while somebody is refused, or reads: who was refused, when a session was last used, and
# which status lists were seen, so that an older one is noticed (threats V7), and that a link for evaluators
# was used, which its educator is told.
BESIDE: Final = {
    "audit_log": None,
    "account_attempts": None,
    "seen_status_lists": None,
    "earning_evaluator_visits": None,
    "sessions": "seen_at",
}

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RANDOM: Final = re.compile(rf"{_UUID.pattern}|={{5,}}\d+==")  # numbers of requests; edges of parts of a mail
_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")
_SHAPES: Final = (
    (re.compile(r"[0-9a-f]{16}"), "0" * 16),
    (re.compile(r"[A-Za-z0-9_-]{43}"), "A" * 43),
    (re.compile(r"[A-Za-z0-9_-]{32}"), "A" * 32),
    (re.compile(r"[A-Z]+[0-9]"), "NONE1"),
    (re.compile(r"[a-z]{2}"), "zz"),
)


class Desk:
    """The service, its database, and a copy of how it was in the beginning."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.db: Database = world.app.extensions["hallmark"].db
        self._client = world.app.test_client(use_cookies=False)
        self._live = sqlite3.connect(world.folder / "hallmark.sqlite3")
        self._copy = sqlite3.connect(world.folder / "copy.sqlite3")
        self._live.execute("PRAGMA synchronous=OFF")
        self._live.backup(self._copy)
        self._files = world.folder / "files"
        self._kept = world.folder / "files-copy"
        shutil.copytree(self._files, self._kept)
        self._version = self._data_version()
        self._digests: dict[str, int] = {}

    def close(self) -> None:
        """Close both databases."""
        self._live.close()
        self._copy.close()

    # -- requests -----------------------------------------------------------------------------------------

    def send(
        self,
        line: Line,
        place: Place,
        who: Who,
        *,
        instead: Mapping[str, str] | None = None,
        csrf: bool = True,
        headers: Mapping[str, str] = BROWSER,
    ) -> TestResponse:
        """Send the request of ``line`` about ``place`` as ``who``; ``instead`` replaces identifiers."""
        values = {**self.values(place), **(instead or {})}
        key = self.world.keys[who]
        sent = dict(headers)
        if key.cookie:
            sent["Cookie"] = f"hallmark-session={key.cookie}"
        if key.bearer:
            sent["Authorization"] = f"Bearer {key.bearer}"
        options: dict[str, Any] = {"method": line.method, "headers": sent}
        options["query_string"] = {name[1:]: each for name, each in values.items() if name.startswith("?")}
        if line.kind is Kind.TOKEN:
            sent |= {"Idempotency-Key": "matrix", "Accept": "application/json"}
            options |= {"data": b"{}", "content_type": "application/json"}
        elif not line.is_safe:
            fields = {name: values[name] for name in place.form}
            options["data"] = {**fields, "csrf": key.csrf} if csrf and key.csrf else fields
        path = _PARAMETER.sub(lambda found: values[found[1]], line.route)
        return self._client.open(path, buffered=True, **options)

    def open(self, path: str, who: Who, **options: Any) -> TestResponse:
        """Open any address as ``who``."""
        key = self.world.keys[who]
        headers = {**BROWSER, "Cookie": f"hallmark-session={key.cookie}"}
        return self._client.open(path, headers=headers, buffered=True, **options)

    def values(self, place: Place) -> dict[str, str]:
        """Return the parameters and fields of a place."""
        return {name: self._value(each) for name, each in {**place.at, **place.form}.items()}

    def nothing(self, place: Place) -> dict[str, str]:
        """Return what names an object that does not exist, of the same shape."""
        if place.absent:
            return {name: self._value(each) for name, each in place.absent.items()}
        return {
            name: self._unused(self._value(each))
            for name, each in place.at.items()
            if name not in ("part", "number", "name") and not name.startswith("?")
        }

    def plain(self, answer: TestResponse, *named: Mapping[str, str]) -> tuple[object, ...]:
        """Return what an answer tells, without the identifiers that it was asked about."""
        text = _RANDOM.sub("·", answer.get_data().decode("utf-8", "replace"))
        for each in sorted({value for names in named for value in names.values()}, key=len, reverse=True):
            text = text.replace(each, "·") if each else text
        kept = ("Content-Type", "Cache-Control", "Vary", "Location")
        return (answer.status_code, *(answer.headers.get(name) for name in kept), text)

    def _value(self, name: str) -> str:
        return self.world.names.get(name, name)

    def _unused(self, value: str) -> str:
        if _UUID.fullmatch(value):
            return self.world.names["nobody"]
        return next((other for shape, other in _SHAPES if shape.fullmatch(value)), f"no-{value}")

    # -- what was changed ---------------------------------------------------------------------------------

    def state(self) -> Mapping[str, object]:
        """Return what every table holds as a number, but for what is written beside, and the kept files."""
        version = self._data_version()
        if version != self._version or not self._digests:
            names = self._live.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            self._digests = {
                name: self._digest(name) for (name,) in names if BESIDE.get(name, "") is not None
            }
            self._version = version
        return {**self._digests, "files": " ".join(_files(self._files))}

    def audited(self) -> list[str]:
        """Return the actions of all audit lines."""
        return [action for (action,) in self._live.execute("SELECT action FROM audit_log ORDER BY rowid")]

    def restore(self) -> None:
        """Put everything back, if something was changed since."""
        if self._data_version() != self._version:
            self._copy.backup(self._live)
            self._digests = {}
            self._version = self._data_version()
        if _files(self._files) != _files(self._kept):
            shutil.rmtree(self._files)
            shutil.copytree(self._kept, self._files)

    def _data_version(self) -> int:
        (version,) = self._live.execute("PRAGMA data_version").fetchone()
        return int(version)

    def _digest(self, table: str) -> int:
        columns = [row[1] for row in self._live.execute(f"PRAGMA table_info({table})")]
        wanted = ", ".join(f'"{each}"' for each in columns if each != BESIDE.get(table))
        rows = self._live.execute(f"SELECT {wanted} FROM {table}")  # noqa: S608  names of our own tables
        return hash(tuple(sorted(map(hash, rows))))


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
