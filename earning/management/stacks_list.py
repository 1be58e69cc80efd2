# SPDX-License-Identifier: Apache-2.0
"""Stacks and portals as choices of a form: name in addresses, and words."""

from __future__ import annotations

from earning.catalogue import gateway
from earning.programme import Programme
from earning.store import catalogue as rows


def choices(programme: Programme) -> tuple[tuple[str, str], ...]:
    """Return code and title of every stack, in the catalogue's order."""
    with programme.db.reading() as session:
        return tuple((code, f"{code}: {stack.title}") for code, stack in rows.stacks(session).items())


def portals(programme: Programme) -> tuple[tuple[str, str], ...]:
    """Return slug and state of every portal."""
    return tuple((slug, each.state) for slug, each in gateway.every(programme).items())
