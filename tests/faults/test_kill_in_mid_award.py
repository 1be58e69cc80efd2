# SPDX-License-Identifier: Apache-2.0
"""Kill -9 between the last reading and the award mail: one credential, one mail, whatever happened."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from sqlalchemy import text

from earning.review import awarding, review
from earning.store import reviews as rows
from earning.work.applications import State
from issuer import issuance
from issuer.store import credentials as credential_rows
from service import audit, clock
from tests import warm
from tests.earning import reviewing as it
from tests.earning.house import make_house, open_programme

pytestmark = pytest.mark.fault
STEPS = (*issuance.STEPS, "decided", *(f"award-{step}" for step in awarding.STEPS))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_house(tmp_path_factory.mktemp("house"))


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_there_is_one_credential_and_one_mail(
    template: Path, tmp_path: Path, step: str
) -> None:
    folder = Path(shutil.copytree(template, tmp_path / "data"))
    programme = open_programme(folder)
    robin = it.reviewer(programme, "Robin Reviewer")
    application = it.applied(programme, it.author(programme))
    piece = it.artefact(programme, application)
    it.send(programme, application, artefacts=(piece,))
    leased = review.lease(programme, robin, now=clock.now())
    review.rate(programme, robin, leased.id, it.draft(programme, leased), now=clock.now())
    programme.db.close()
    command = ("tests.faults.award_crash", str(folder), robin.id, leased.id)
    killed = warm.run(*command, step)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    programme = open_programme(folder)
    now = clock.now()
    with programme.db.reading() as session:
        is_finished = bool(rows.finished(session, leased.submission))
    if not is_finished:  # Nothing of the decision was committed: the reviewer sends it once more.
        again = warm.run(*command, "none")
        assert again.returncode == 0, again.stderr
    issuance.resume(programme.mint, now=now)
    awarding.award(programme, now=now)
    awarding.award(programme, now=now)
    found = it.found(programme, application.id)
    assert found.state is State.AWARDED
    with programme.db.reading() as session:
        assert credential_rows.unfinished(session) == ()
        assert session.execute(text("SELECT key FROM issuer_credentials")).scalars().all() == [found.award]
        mails = session.execute(text("SELECT count(*) FROM mails WHERE kind = 'awarded'")).scalar_one()
        assert audit.check(session) is None
    assert mails == 1
    assert found.award is not None
    signed = issuance.issue(programme.mint, found.award, now=now)
    assert str(programme.mint.examine(signed.signed_json or b"", now=now).verdict) == "valid"
    programme.db.close()
