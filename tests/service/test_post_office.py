# SPDX-License-Identifier: Apache-2.0
"""Mails leave by SMTP, shown with a real server on loopback, or as files; killed workers double nothing."""

from __future__ import annotations

import email
import email.policy
import signal
import ssl
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service import audit
from service.db import Database
from service.errors import SettingsError
from service.mail import Attachment, MailState
from service.mail_queue import LEASE, PAUSES
from service.post_office import FOLDER, PostOffice
from service.settings import Settings
from tests import warm
from tests.faults import mail_crash
from tests.service.internet import contexts
from tests.service.letters import ADA, NOW, find, post
from tests.service.smtp import MailServer, ServerMaker

MINUTE = timedelta(minutes=1)


@pytest.fixture
def server_maker() -> Iterator[ServerMaker]:
    """Return a function that starts a mail server; all are stopped at the end."""
    made: list[MailServer] = []

    def make(*, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None) -> MailServer:
        made.append(MailServer(tls=tls, starttls=starttls))
        return made[-1].start()

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def server(server_maker: ServerMaker) -> MailServer:
    return server_maker()


def smtp(settings: Settings, server: MailServer, **changes: Any) -> Settings:
    return replace(
        settings,
        **{"mail_host": "localhost", "mail_port": server.port, "mail_security": "none", **changes},
    )


# -- by SMTP ----------------------------------------------------------------------------------------------


def test_a_mail_reaches_the_server(settings: Settings, db: Database, server: MailServer) -> None:
    post(db, name="Ada Éxample", attachments=(Attachment("a.txt", "text/plain", b".\r\n..\r\n"),))
    assert PostOffice(db, smtp(settings, server)).deliver(NOW) == 1
    [(sender, recipients, raw)] = server.mails
    assert sender == "hallmark@badges.hallmark.example"
    assert recipients == [ADA]
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Subject"] == "Mails arrive"
    [file] = message.iter_attachments()
    assert file.get_payload(decode=True) == b".\r\n..\r\n"
    assert find(db).state is MailState.SENT


def test_a_mail_is_sent_once(settings: Settings, db: Database, server: MailServer) -> None:
    post(db)
    office = PostOffice(db, smtp(settings, server))
    assert [office.deliver(NOW), office.deliver(NOW), office.deliver(NOW + LEASE * 2)] == [1, 0, 0]
    assert len(server.mails) == 1


def test_one_connection_takes_many(settings: Settings, db: Database, server: MailServer) -> None:
    for number in range(5):
        post(db, key=f"k{number}", to=f"p{number}@teachers.example")
    assert PostOffice(db, smtp(settings, server)).deliver(NOW) == 5
    assert server.recipients == [f"p{number}@teachers.example" for number in range(5)]


@pytest.mark.parametrize("way", ["starttls", "tls"])
def test_the_way_is_protected_and_we_log_in(
    settings: Settings, db: Database, server_maker: ServerMaker, tmp_path: Path, way: str
) -> None:
    tls, _ = contexts(tmp_path, ["localhost"])
    server = server_maker(**{way: tls})
    (tmp_path / "password").write_text("secret\n")
    post(db)
    site = smtp(
        settings,
        server,
        mail_security=way,
        mail_user="hallmark",
        mail_password_file=tmp_path / "password",
        mail_ca_file=tmp_path / "authority.pem",
    )
    assert PostOffice(db, site).deliver(NOW) == 1
    assert server.logins == [(b"hallmark", b"secret")]
    assert server.recipients == [ADA]


@pytest.mark.parametrize(("name", "trusted"), [("localhost", False), ("mail.other.example", True)])
def test_a_server_that_cannot_prove_who_it_is_gets_nothing(
    db: Database, server_maker: ServerMaker, tmp_path: Path, name: str, trusted: bool
) -> None:
    settings = Settings(data=tmp_path)
    tls, _ = contexts(tmp_path, [name])
    server = server_maker(starttls=tls)
    post(db)
    authority = tmp_path / "authority.pem" if trusted else None
    site = smtp(settings, server, mail_security="starttls", mail_user="u", mail_ca_file=authority)
    assert PostOffice(db, site).deliver(NOW) == 0
    assert find(db).reason == "certificate"
    assert not server.logins
    assert not server.mails


def test_nothing_is_sent_without_the_protection_asked_for(
    settings: Settings, db: Database, server: MailServer
) -> None:
    post(db)
    site = smtp(settings, server, mail_security="starttls", mail_user="u", mail_password="secret")
    assert PostOffice(db, site).deliver(NOW) == 0
    assert find(db).reason == "not-offered"
    assert not server.logins
    assert not server.mails


def test_a_wrong_password_is_no_fault_of_the_mail(
    settings: Settings, db: Database, server_maker: ServerMaker, tmp_path: Path
) -> None:
    tls, _ = contexts(tmp_path, ["localhost"])
    server = server_maker(starttls=tls)
    for key in ("k1", "k2"):
        post(db, key=key)
    site = smtp(
        settings,
        server,
        mail_security="starttls",
        mail_user="u",
        mail_password="wrong",
        mail_ca_file=tmp_path / "authority.pem",
    )
    assert PostOffice(db, site).deliver(NOW) == 0
    assert find(db).reason == "log-in"
    assert find(db).state is MailState.WAITING
    assert find(db, "k2").attempts == 0  # The server was asked once, not once for each mail.


def test_a_password_file_that_is_gone_is_told(
    settings: Settings, db: Database, server_maker: ServerMaker, tmp_path: Path
) -> None:
    tls, _ = contexts(tmp_path, ["localhost"])
    site = smtp(
        settings,
        server_maker(starttls=tls),
        mail_security="starttls",
        mail_user="u",
        mail_password_file=tmp_path / "gone",
        mail_ca_file=tmp_path / "authority.pem",
    )
    post(db)
    with pytest.raises(SettingsError):
        PostOffice(db, site).deliver(NOW)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("550 5.1.1 ada@teachers.example is unknown", MailState.GIVEN_UP),
        ("450 4.2.1 greylisted", MailState.WAITING),
    ],
)
def test_a_refused_recipient_does_not_hold_up_the_others(
    settings: Settings, db: Database, server: MailServer, answer: str, state: MailState
) -> None:
    server.answers[ADA] = answer
    found = post(db)
    post(db, key="k2", to="ben@teachers.example")
    assert PostOffice(db, smtp(settings, server)).deliver(NOW) == 1
    assert server.recipients == ["ben@teachers.example"]
    assert (find(db).state, find(db).reason) == (state, f"refused-{answer[:3]}")
    with db.reading() as session:
        lines = audit.lines(session, subject=f"mail:{found.id}")
    assert len(lines) == (state is MailState.GIVEN_UP)
    assert ADA not in repr(lines)


@pytest.mark.parametrize(
    ("answer", "state"), [("554 looks like spam", MailState.GIVEN_UP), ("451 later", MailState.WAITING)]
)
def test_refused_content_is_told_by_its_number(
    settings: Settings, db: Database, server: MailServer, answer: str, state: MailState
) -> None:
    server.data_answer = answer
    post(db)
    assert PostOffice(db, smtp(settings, server)).deliver(NOW) == 0
    assert (find(db).state, find(db).reason) == (state, f"refused-{answer[:3]}")


def test_a_server_that_was_down_gets_its_mails_when_it_is_up(
    settings: Settings, db: Database, server: MailServer
) -> None:
    server.stop()
    for number in range(3):
        post(db, key=f"k{number}")
    office = PostOffice(db, smtp(settings, server))
    assert office.deliver(NOW) == 0
    assert (find(db, "k0").reason, find(db, "k0").due_at) == ("not-reachable", NOW + PAUSES[0])
    assert find(db, "k1").attempts == 0
    server.start()
    assert office.deliver(NOW) == 2
    assert office.deliver(NOW + PAUSES[0]) == 1
    assert len(server.mails) == 3
    assert find(db, "k0").reason is None


def test_a_server_that_leaves_in_between_is_asked_again_later(
    settings: Settings, db: Database, server: MailServer
) -> None:
    server.answers[ADA] = "421 4.3.2 shutting down"
    post(db)
    post(db, key="k2", to="ben@teachers.example")
    assert PostOffice(db, smtp(settings, server)).deliver(NOW) == 0
    assert find(db).state is MailState.WAITING
    assert find(db, "k2").attempts == 0


def test_a_mail_leaves_the_database_before_any_network(
    settings: Settings, db: Database, server: MailServer
) -> None:
    """While the server thinks, others can write."""
    post(db)
    seen: list[bool] = []
    answer = server.data_answer

    class Asking(str):
        __slots__ = ()

        def startswith(self, *args: Any) -> bool:
            post(db, key="meanwhile", now=NOW + MINUTE)
            seen.append(True)
            return answer.startswith(*args)

    server.data_answer = Asking(answer)
    assert PostOffice(db, smtp(settings, server)).deliver(NOW) == 1
    assert seen == [True]


# -- as files ---------------------------------------------------------------------------------------------


def files(settings: Settings) -> list[Path]:
    return sorted((settings.data / FOLDER).glob("*"))


def test_without_a_server_mails_are_private_files(settings: Settings, db: Database) -> None:
    post(db)
    post(db, key="k2", kind="returned")
    assert PostOffice(db, settings).deliver(NOW) == 2
    assert [path.name for path in files(settings)] == ["0001-trial.eml", "0002-returned.eml"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(settings)} == {0o600}
    assert stat.S_IMODE((settings.data / FOLDER).stat().st_mode) == 0o700
    message = email.message_from_bytes(files(settings)[0].read_bytes(), policy=email.policy.default)
    assert message["To"] == ADA


def test_a_folder_that_cannot_be_written_costs_no_mail(settings: Settings, db: Database) -> None:
    post(db)
    (settings.data / FOLDER).write_text("in the way")
    office = PostOffice(db, settings)
    assert office.deliver(NOW) == 0
    assert (find(db).state, find(db).reason) == (MailState.WAITING, "disk")
    (settings.data / FOLDER).unlink()
    assert office.deliver(NOW + PAUSES[0]) == 1


def test_a_long_run_ends_and_rings_for_the_next(
    settings: Settings, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leases are counted from the start of the run, so it must not go on for longer than they last."""
    for number in range(3):
        post(db, key=f"k{number}")
    ticks = iter([0.0, 1.0, 119.0, 121.0])
    monkeypatch.setattr("service.post_office.clock.monotonic", lambda: next(ticks))
    rung: list[str] = []
    assert PostOffice(db, settings, more=lambda: rung.append("mail")).deliver(NOW) == 2
    assert rung == ["mail"]


def test_old_addresses_are_taken_away(settings: Settings, db: Database) -> None:
    post(db)
    office = PostOffice(db, settings)
    office.deliver(NOW)
    assert office.tidy(NOW + timedelta(days=89)) == 0
    assert office.tidy(NOW + timedelta(days=90)) == 1
    assert find(db).address == ""


# -- killed -----------------------------------------------------------------------------------------------


@pytest.mark.fault
@pytest.mark.parametrize("instant", mail_crash.INSTANTS)
def test_a_worker_killed_at_each_instant_loses_and_doubles_no_mail(
    settings: Settings, db: Database, instant: str
) -> None:
    count = 6
    for number in range(count):
        post(db, key=f"k{number}")
    for round_ in range(3):
        moment = NOW + LEASE * round_
        done = warm.run("tests.faults.mail_crash", instant, "2", str(settings.data), moment.isoformat())
        assert done.returncode == -signal.SIGKILL, done.stderr
    PostOffice(db, settings).deliver(NOW + LEASE * 4)
    assert all(find(db, f"k{number}").state is MailState.SENT for number in range(count))
    assert [path.name for path in files(settings)] == [f"{i:04d}-trial.eml" for i in range(1, count + 1)]
    ids = [email.message_from_bytes(path.read_bytes())["Message-ID"] for path in files(settings)]
    assert len(set(ids)) == count
