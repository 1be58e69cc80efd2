# SPDX-License-Identifier: Apache-2.0
"""How a run of the tests is spread over processors, and what all its workers share.

Whole files go to a worker (``--dist loadfile``), so what a module has made for its tests is made once. The
longest begin first, else the last worker would work alone at the end.

A run has one moment and one folder: what takes long to make, as a house with the sample programme, is made by
the worker that needs it first, and copied by all (``once``).
"""

from __future__ import annotations

import fcntl
import gc
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, partial, wraps
from pathlib import Path

import pytest

from issuer import artwork, cards, decoys
from service import clock, log
from service.db import Database
from tests.on_postgresql import keeping

LONGEST = (
    "journeys/test_accessibility.py",
    "attacks/test_w1_authorisation.py",
    "journeys/test_recognition.py",
    "journeys/test_showing.py",
    "journeys/test_pages.py",
    "journeys/test_workspace.py",
    "faults/test_kill_postgres.py",
    "faults/test_status_lists.py",
    "issuer/test_documents.py",
    "test_demo.py",
    "earning/test_publishing.py",
    "journeys/test_earning.py",
    "journeys/test_bulk.py",
    "journeys/test_takeback.py",
    "issuer/test_web.py",
    "attacks/test_v14_unpacking.py",
    "attacks/test_p1_canaries.py",
    "earning/test_web_work.py",
    "earning/test_web_catalogue.py",
    "attacks/test_d2_unsigned_addition.py",
    "attacks/test_i3_mass_actions.py",
    "faults/test_kill_in_mid_award.py",
    "faults/test_kill_in_mid_batch.py",
    "faults/test_kill_in_mid_bulk.py",
    "faults/test_kill_in_mid_issue.py",
    "faults/test_kill_in_mid_takeback.py",
    "issuer/test_revocation.py",
    "issuer/test_reissue.py",
    "issuer/test_status_job.py",
    "issuer/test_bulk_engine.py",
    "recognition/test_deciding.py",
    "service/test_jobs.py",
    "service/test_server.py",
    "test_house.py",
    "test_promises.py",
)

_FOLDER = "TESTS_FOLDER"  # in the environment: where this run keeps what its workers share
_BEGAN = "TESTS_BEGAN"  # and when it began


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="hallmark-tests-")
        os.environ[_FOLDER] = folder
        os.environ[_BEGAN] = began().isoformat()
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    share_pictures()
    # About once a day decoys of a status list stir by themselves. A run would meet that now and then, also in
    # tests that go back to the moment at which they were read; tests of it name its moment.
    decoys.STIRS = timedelta(days=1000)  # type: ignore[misc]


def share_pictures() -> None:
    """Draw each picture and each card once in a run: the same words always give the same bytes.

    ``tests/issuer/test_artwork.py`` and ``test_cards.py`` draw them anew.
    """
    artwork.png = wraps(artwork.png)(cache(partial(_drawn, artwork.png)))
    cards.draw = wraps(cards.draw)(cache(partial(_drawn, cards.draw)))  # type: ignore[attr-defined]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {f"tests/{name}": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays until the end: it was busy with looking at all modules again.

    What tests make is small, so it looks more seldom too.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Take back a test's ``log.configure``: its stream ends with it, and later tests would write to it."""
    root, own = logging.getLogger(), logging.getLogger("hallmark")
    ours, levels = _ours(root), (root.level, own.level)
    yield
    if _ours(root) != ours:
        root.handlers[:] = [each for each in root.handlers if each not in _ours(root)] + ours
    if (root.level, own.level) != levels:
        root.setLevel(levels[0])
        own.setLevel(levels[1])


def _ours(root: logging.Logger) -> list[logging.Handler]:
    return [each for each in root.handlers if isinstance(each.formatter, log._JsonFormatter)]


def began() -> datetime:
    """The moment of this run, in whole seconds: the same for all that its workers make and compare."""
    said = os.environ.get(_BEGAN)
    return datetime.fromisoformat(said) if said else clock.now().astimezone(UTC).replace(microsecond=0)


def once(name: str, make: Callable[[Path], object], folder: Path) -> Path:
    """Fill ``folder`` with what ``make`` puts into an empty one, which is done once in a run.

    Copies of a house must not notice that they are copies: nothing in it may name its folder or its process.
    """
    made = _made(name, make)
    if made is None:
        folder.mkdir(parents=True, exist_ok=True)
        make(folder)
    else:
        shutil.copytree(made, folder, dirs_exist_ok=True)
    return folder


def tables(database: Database) -> None:
    """Give a database its tables as ``upgrade`` does; for new files the migrations run once in a run."""
    path = Path(str(database._url.database))
    is_new = database._url.get_backend_name() == "sqlite" and not (path.exists() and path.stat().st_size)
    made = _made("tables", _migrated) if is_new else None
    if made is None:
        database.upgrade()
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy(made / "x.sqlite3", path)


def _drawn(draw: Callable[..., bytes], *said: object, **named: object) -> bytes:
    """A picture that is the same whoever draws it, drawn once in a run."""
    name = hashlib.sha256(repr((said, sorted(named.items()))).encode()).hexdigest()

    def keep(folder: Path) -> None:
        (folder / "picture").write_bytes(draw(*said, **named))

    made = _made(f"picture-{name}", keep)
    return draw(*said, **named) if made is None else (made / "picture").read_bytes()


def _migrated(folder: Path) -> None:
    database = Database(f"sqlite:///{folder / 'x.sqlite3'}")
    database.upgrade()
    database.close()


def _made(name: str, make: Callable[[Path], object]) -> Path | None:
    """The folder that ``make`` has filled in this run; None: there is nothing to share here."""
    shared = os.environ.get(_FOLDER)
    if shared is None:
        return None
    made = Path(shared) / name
    with Path(shared, f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            making = Path(shared, f"{name}.making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(mode=0o700)
            with keeping():
                make(making)
            making.rename(made)
    return made
