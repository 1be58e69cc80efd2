# SPDX-License-Identifier: Apache-2.0
"""Kill -9 at each step of issuing: nothing is lost or doubled, everything is revocable (goal R1, F1)."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from sqlalchemy import text

from issuer import issuance, revocation
from issuer.award import AwardState
from issuer.mint import Mint
from issuer.revocation import Decision, Reason
from issuer.store import credentials as rows
from service import audit, clock
from tests import warm
from tests.issuer.house import make_house, open_mint, verdict

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_house(tmp_path_factory.mktemp("house"))


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    copy = Path(shutil.copytree(template, tmp_path / "data"))
    open_mint(copy).db.close()  # on PostgreSQL the copy's database is made here, not by several at once
    return copy


def start(folder: Path, step: str, key: str) -> warm.Process:
    return warm.Process("tests.faults.crash", str(folder), step, key)


def check(mint: Mint, *, acknowledged: dict[str, str]) -> None:
    """Assert what must hold whatever happened: goal R1."""
    issuance.resume(mint, now=clock.now())
    with mint.db.reading() as session:
        assert rows.unfinished(session) == ()
        assert audit.check(session) is None
        doubled = session.execute(
            text("SELECT idempotency_key FROM issuer_awards GROUP BY idempotency_key HAVING count(*) > 1")
        ).all()
        orphans = session.execute(
            text(
                "SELECT position FROM issuer_status_entries WHERE credential NOT IN "
                "(SELECT key FROM issuer_credentials WHERE issued_at IS NOT NULL)"
            )
        ).all()
        unrecorded = session.execute(
            text(
                "SELECT key FROM issuer_credentials WHERE signed_json IS NOT NULL AND key NOT IN "
                "(SELECT subject FROM audit_log WHERE action = 'credential.issued')"
            )
        ).all()
        entries = session.execute(text("SELECT count(credential) FROM issuer_status_entries")).scalar_one()
        keys = rows.every(session)
        asked = {
            key: awarded.key
            for key in acknowledged
            if (awarded := rows.award_by_idempotency_key(session, key)) is not None
        }
    assert not doubled
    assert not orphans
    assert not unrecorded
    assert entries == 2 * len(keys)
    assert {key: issuance.credential_url(mint, made) for key, made in asked.items()} == acknowledged
    for key in keys:
        found = issuance.issue(mint, key, now=clock.now())
        assert verdict(mint, found.signed_json, now=clock.now()) == "valid"
        assert verdict(mint, found.signed_jwt, now=clock.now()) == "valid"
    for key in keys:
        revocation.decide(mint, key, Decision(AwardState.REVOKED, Reason.OTHER), now=clock.now())
    for key in keys:
        found = issuance.issue(mint, key, now=clock.now())
        assert verdict(mint, found.signed_json, now=clock.now()) == "revoked"


@pytest.mark.parametrize("step", issuance.STEPS)
def test_killed_at_a_step(folder: Path, step: str) -> None:
    killed = start(folder, step, "key-1")
    out, _ = killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert out == ""
    # The client never got an answer and asks again, with the same key.
    again = start(folder, "none", "key-1")
    out, said = again.communicate(timeout=60)
    assert again.returncode == 0, said
    mint = open_mint(folder)
    check(mint, acknowledged={"key-1": out.strip()})
    mint.db.close()


def test_killed_while_two_ask_with_the_same_key(folder: Path) -> None:
    processes = [start(folder, step, "key-1") for step in ("intended", "none", "none")]
    told = [process.communicate(timeout=60) for process in processes]
    answers = {out.strip() for out, _ in told} - {""}
    assert [process.returncode for process in processes[1:]] == [0, 0], told
    assert len(answers) == 1
    mint = open_mint(folder)
    check(mint, acknowledged={"key-1": answers.pop()})
    mint.db.close()


def test_killed_at_any_moment(folder: Path) -> None:
    """The kill comes after a time that grows from run to run, wherever the process is then."""
    acknowledged: dict[str, str] = {}
    for number in range(6):
        process = start(folder, "none", f"key-{number}")
        process.wait(0.02 + 0.06 * number)
        process.kill()
        out, _ = process.communicate(timeout=60)
        if out.strip():
            acknowledged[f"key-{number}"] = out.strip()
    mint = open_mint(folder)
    check(mint, acknowledged=acknowledged)
    mint.db.close()
