# SPDX-License-Identifier: Apache-2.0
"""Members of a JSON object, read by kind: what is missing or of another kind is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from credentials.dates import parse_datetime
from credentials.document import Json
from credentials.errors import DateError

Members = Mapping[str, Json]


def text_of(members: Members, name: str) -> str:
    """Return the text ``name``; "" without one."""
    value = members.get(name)
    return value if isinstance(value, str) else ""


def object_of(members: Members, name: str) -> Members:
    """Return the object ``name``; an empty one without one."""
    value = members.get(name)
    return value if isinstance(value, dict) else {}


def objects_of(members: Members, name: str) -> list[Members]:
    """Return the objects in the list ``name``."""
    value = members.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def moment_of(members: Members, name: str) -> datetime | None:
    """Return the moment ``name``; None for what is none."""
    try:
        return parse_datetime(members.get(name))
    except DateError:
        return None


def date_of(members: Members, name: str) -> date | None:
    """Return the day ``name``; None for what is none."""
    try:
        return date.fromisoformat(text_of(members, name))
    except ValueError:
        return None
