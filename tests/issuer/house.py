# SPDX-License-Identifier: Apache-2.0
"""Builders for the issuer's tests, and for the processes that fault tests kill."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import app
from issuer import issuance, programme, status_job
from issuer.award import AwardRequest, evidence_of
from issuer.mint import Mint
from issuer.store.credentials import StoredCredential
from service.settings import Settings
from tests.running import began, once, tables

# Near the true time, so that what the web service says about it at its own time fits.
NOW = began()


def open_mint(folder: Path, *, reached: Callable[[str], None] | None = None) -> Mint:
    """Open the issuer's room of the house in ``folder``."""
    mint = app.open_house(Settings(data=folder)).mint
    return mint if reached is None else replace(mint, reached=reached)


def make_house(folder: Path) -> Path:
    """Make a house with the sample programme."""
    return once("issuer-house", _make, folder)


def _make(folder: Path) -> None:
    mint = open_mint(folder)
    tables(mint.db)
    programme.seed(mint, now=NOW - timedelta(days=1))
    mint.db.close()


def request(**changes: Any) -> AwardRequest:
    """A request for SEL1 by somebody, with ``changes``."""
    values: dict[str, Any] = {
        "achievement": "SEL1-v1",
        "email": "Alex.Educator@school.example",
        "submission": "submission-1",
        "awarded_at": NOW,
        "name": "Alex Educator",
        "evidence": (evidence_of(b"a journal", name="Journal", salt=bytes(16), genre="Journal"),),
    }
    return AwardRequest(**{**values, **changes})


def issued(mint: Mint, *, now: datetime = NOW, **changes: Any) -> StoredCredential:
    """Award and issue."""
    written = issuance.award(mint, request(**changes), now=now)
    return issuance.issue(mint, written.award.key, now=now)


def lists_published(mint: Mint, *, now: datetime = NOW) -> None:
    """Do what the job of the status lists does, without the second for which it collects changes."""
    status_job.at_once(mint, now=now)


def verdict(mint: Mint, raw: bytes | None, *, now: datetime = NOW) -> str:
    """What the verifier says about ``raw``."""
    assert raw is not None
    return str(mint.examine(raw, now=now).verdict)


def members(found: StoredCredential) -> dict[str, Any]:
    """The signed JSON as a dictionary."""
    assert found.signed_json is not None
    read: dict[str, Any] = json.loads(found.signed_json)
    return read
