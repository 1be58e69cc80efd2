# SPDX-License-Identifier: Apache-2.0
"""How mails leave: by SMTP to the server of the settings, or as files where none is set.

``PostOffice.deliver`` is the job "mail". A mail is taken with a lease in one transaction, handed over outside
of any, and noted as sent in another. If the process dies after the server took the mail and before that was
noted, the mail is sent once more when the lease ends: SMTP has no way to ask (RFC 5321, section 4.5.4.1 wants
at-least-once too). The second copy carries the same Message-ID. A file is replaced by itself, so that there
is never a second one.

The server's certificate is checked; without the protection that the settings ask for, nothing is sent.
What a server answers may quote people, so only its code is kept.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Protocol

from service import clock, log, mail, mail_queue
from service.db import Database
from service.envelope import compose
from service.errors import MailDeliveryError, SettingsError
from service.mail import Mail
from service.mail_queue import Claimed
from service.settings import Settings

TIMEOUT: Final = 20.0  # seconds that a server may be silent
RUN_SECONDS: Final = 120.0  # after which a run ends and rings for the next: leases are counted from its start
FOLDER: Final = "outbox"
LAST: Final = "erased"  # kind of the mail after which nothing is kept of its reader

_BATCH: Final = 500

_PERMANENT: Final = range(500, 600)  # RFC 5321, section 4.2.1: "5yz Permanent Negative Completion reply"
_CLOSING: Final = 421  # section 4.2.3: "Service not available, closing transmission channel"


class Carrier(Protocol):
    """Takes messages and hands them over, one after the other."""

    def hand_over(self, message: EmailMessage, mail: Mail) -> None:
        """Hand a message over.

        Raises:
            MailDeliveryError: It was not taken.
        """


class PostOffice:
    """Sends what stands in the outbox. Safe to run several times at once, in any number of processes."""

    def __init__(self, db: Database, settings: Settings, *, more: Callable[[], None] = lambda: None) -> None:
        """Nothing is opened yet.

        Args:
            db: The database.
            settings: Server, sender, and the site's name and address.
            more: Called when a run ends although more is due.
        """
        self._db = db
        self._settings = settings
        self._more = more

    def deliver(self, now: datetime) -> int:
        """Send what is due; return how many mails were handed over."""
        begun, handed_over = clock.monotonic(), 0
        with self._carrier() as carrier:
            while clock.monotonic() - begun < RUN_SECONDS:
                with self._db.transaction() as session:
                    claimed = mail_queue.claim(session, now=now)
                if claimed is None:
                    return handed_over
                try:
                    self._send(carrier, claimed, now=now)
                except MailDeliveryError as error:
                    self._note_failure(claimed, error, now=now)
                    if error.whole:
                        return handed_over
                else:
                    handed_over += 1
        self._more()
        return handed_over

    def tidy(self, now: datetime) -> int:
        """Take addresses and words from mails that ended long ago; return how many.

        Files in the outbox of mails that were wiped, by that or by an erasure, go too.
        """
        with self._db.transaction() as session:
            done = mail.tidy(session, now=now)
        self._tidy_files()
        return done

    def _tidy_files(self) -> None:
        files = {path: _number(path) for path in (self._settings.data / FOLDER).glob("*.eml")}
        ids = sorted({number for number in files.values() if number is not None})
        gone: set[int] = set()
        with self._db.reading() as session:
            for start in range(0, len(ids), _BATCH):
                gone |= mail.wiped(session, ids[start : start + _BATCH])
        for path, number in files.items():
            if number in gone:
                path.unlink(missing_ok=True)

    def _send(self, carrier: Carrier, claimed: Claimed, *, now: datetime) -> None:
        message = compose(claimed.mail, claimed.content, self._settings, thread=claimed.thread, now=now)
        carrier.hand_over(message, claimed.mail)
        with self._db.transaction() as session:
            mail_queue.sent(session, claimed, now=now, keep=self._settings.demo)
            if claimed.mail.kind == LAST:
                mail.forget_one(session, claimed.mail.id)
        log.event("mail.sent", id=claimed.mail.id, kind=claimed.mail.kind)

    def _note_failure(self, claimed: Claimed, error: MailDeliveryError, *, now: datetime) -> None:
        with self._db.transaction() as session:
            if error.final:
                mail_queue.give_up(session, claimed.mail.id, reason=error.reason, now=now)
            again = not error.final and mail_queue.postpone(session, claimed, reason=error.reason, now=now)
        what = "mail.postponed" if again else "mail.given-up"
        log.event(what, level=30, id=claimed.mail.id, kind=claimed.mail.kind, reason=error.reason)

    @contextmanager
    def _carrier(self) -> Iterator[Carrier]:
        if not self._settings.mail_host:
            yield FileCarrier(self._settings.data / FOLDER)
            return
        carrier = SmtpCarrier(self._settings)
        try:
            yield carrier
        finally:
            carrier.close()


class FileCarrier:
    """Puts each mail as a file into a folder that only its owner can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hand_over(self, message: EmailMessage, mail: Mail) -> None:
        """Write ``NNNN-kind.eml``, whole or not at all; once more, it is the same file.

        Raises:
            MailDeliveryError: The folder cannot be written.
        """
        path = self._folder / f"{mail.id:04d}-{mail.kind}.eml"
        draft = path.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
                file.write(message.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink()
            raise MailDeliveryError("The outbox cannot be written.", reason="disk", whole=True) from error


class SmtpCarrier:
    """Hands mails to one server over one connection, made at the first mail."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def hand_over(self, message: EmailMessage, mail: Mail) -> None:
        """Send one message.

        Raises:
            MailDeliveryError: It was not taken; says whether it makes sense to try again, and with others.
        """
        with _understood():
            server = self._server = self._server or self._connect()
            server.sendmail(self._settings.sender.address, [mail.address], message.as_bytes())

    def close(self) -> None:
        """Take leave of the server."""
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
            self._server.close()

    def _connect(self) -> smtplib.SMTP:
        settings, name = self._settings, self._settings.sender.address.rpartition("@")[2]
        host, port = settings.mail_host, settings.mail_port
        context = ssl.create_default_context(cafile=settings.mail_ca_file)
        if settings.mail_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, name, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, port, name, timeout=TIMEOUT)
        with ExitStack() as on_failure:
            on_failure.callback(server.close)
            if settings.mail_security == "starttls":
                server.starttls(context=context)
            if settings.mail_user:
                server.login(settings.mail_user, _password(settings))
            on_failure.pop_all()
        return server


@contextmanager
def _understood() -> Iterator[None]:
    """Turn what may happen on the way into our one error, from the particular to the general."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise _refused(code, whole=False) from error
    except smtplib.SMTPDataError as error:
        raise _refused(error.smtp_code, whole=False) from error
    except smtplib.SMTPAuthenticationError as error:
        raise MailDeliveryError("The mail server refused our log-in.", reason="log-in", whole=True) from error
    except smtplib.SMTPResponseException as error:
        # Greeting, sender or protection refused: whatever its number, it is nothing about this one mail.
        raise MailDeliveryError(
            "The mail server refused us.", reason=f"server-{error.smtp_code}", whole=True
        ) from error
    except smtplib.SMTPNotSupportedError as error:
        raise MailDeliveryError(
            "The mail server does not offer what the settings ask for.", reason="not-offered", whole=True
        ) from error
    except ssl.SSLError as error:
        raise MailDeliveryError(
            "The mail server could not prove who it is.", reason="certificate", whole=True
        ) from error
    except TimeoutError as error:
        raise MailDeliveryError("The mail server is silent.", reason="timed-out", whole=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailDeliveryError(
            "The mail server cannot be reached.", reason="not-reachable", whole=True
        ) from error


def _number(path: Path) -> int | None:
    """Return the id of the mail that a file of the outbox holds."""
    number = path.name.partition("-")[0]
    return int(number) if number.isascii() and number.isdecimal() else None


def _refused(code: int, *, whole: bool) -> MailDeliveryError:
    return MailDeliveryError(
        "The mail server refused the mail.",
        reason=f"refused-{code}",
        final=code in _PERMANENT,
        whole=whole or code == _CLOSING,
    )


def _password(settings: Settings) -> str:
    if settings.mail_password_file is None:
        return settings.mail_password
    try:
        return settings.mail_password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            "The file with the password of the mail server cannot be read.", path="mail_password_file"
        ) from error
