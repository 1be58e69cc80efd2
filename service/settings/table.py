# SPDX-License-Identifier: Apache-2.0
"""The table of settings: each has a good default, its limits, and one line of documentation."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from service.addresses import public_host
from service.mailbox import Mailbox, read_mailbox
from service.settings.checks import (
    MAIL_PORTS,
    THIS_MACHINE,
    check_files,
    check_mail,
    check_title,
    check_within,
    public_url,
    wrong,
)

FALLBACK_DID_HOST: Final = "badges.hallmark.example"  # used where public_url is no public https name


def _doc(sentence: str, *, limits: tuple[int, int] | None = None) -> dict[str, Any]:
    """Return what is said about a setting, and the least and the most that a number may be."""
    return {"doc": sentence, "limits": limits}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, checked. Build it by ``load``, or directly in tests.

    Raises:
        SettingsError: A value does not fit; ``path`` names the setting.
    """

    data: Path = field(
        default=Path("data"), metadata=_doc("Folder of everything we keep: settings, database, sealed keys.")
    )
    public_url: str = field(
        default="http://127.0.0.1:8080",
        metadata=_doc("Base of every link we publish; fixed for ever once something was published."),
    )
    did_host: str = field(
        default="",
        metadata=_doc(
            "Host in our did:web names. Default: the host of public_url if that is a public https name, "
            f"otherwise {FALLBACK_DID_HOST}."
        ),
    )
    title: str = field(default="Hallmark", metadata=_doc("Name of this site, shown on every page."))
    host: str = field(default="127.0.0.1", metadata=_doc("Address that `hallmark serve` listens on."))
    port: int = field(
        default=8080, metadata=_doc("Port that `hallmark serve` listens on.", limits=(0, 65_535))
    )
    threads: int = field(
        default=8, metadata=_doc("Requests that one process works on at the same time.", limits=(1, 256))
    )
    processes: int = field(
        default=1,
        metadata=_doc(
            "Processes of `hallmark serve`, as many as there are cores; with several, jobs have one of their "
            "own. Limits that are counted in memory count in each.",
            limits=(1, 64),
        ),
    )
    database_url: str = field(
        default="",
        repr=False,  # may hold a password
        metadata=_doc(
            "Address of the database: `sqlite:///PATH`, or `postgresql://USER:PASSWORD@HOST/NAME` with the "
            "extra `postgres`. Default: hallmark.sqlite3 in the data folder."
        ),
    )
    keys_passphrase_file: Path = field(
        default=Path(),
        metadata=_doc(
            "File with the passphrase that seals keys at rest. Default: keys-passphrase in the data folder."
        ),
    )
    keys_folder: Path = field(
        default=Path(),
        metadata=_doc(
            "Folder of sealed keys; several machines share it, and all but one may be unable to write there. "
            "Default: keys in the data folder."
        ),
    )
    offline_documents: Path | None = field(
        default=None,
        metadata=_doc("Folder with a map.json; with it, documents are looked up there and nowhere else."),
    )
    trusted_proxies: int = field(
        default=0,
        metadata=_doc(
            "How many reverse proxies stand before us; only then are their forwarding headers believed.",
            limits=(0, 8),
        ),
    )
    trusted_hosts: tuple[str, ...] = field(
        default=(),
        metadata=_doc(
            "Host names that requests may carry; empty allows any, since no link is made from them."
        ),
    )
    checks_per_minute: int = field(
        default=60,
        metadata=_doc(
            "Checks that one address may ask for per minute; 0 sets no limit.", limits=(0, 1_000_000)
        ),
    )
    receipt_issuer: str = field(
        default="",
        metadata=_doc(
            "Short name of the issuer in whose name receipts of checks are signed. Default: the first one."
        ),
    )
    receipt_days: int = field(
        default=2_557, metadata=_doc("Days for which a receipt of a check is kept at its address (7 years).")
    )
    batch_days: int = field(
        default=7, metadata=_doc("Days for which the answers about many at once are kept; files go at once.")
    )
    review_days: int = field(
        default=20,
        metadata=_doc(
            "Days within which an educator can usually expect the answer of reviewers.", limits=(1, 365)
        ),
    )
    max_body_bytes: int = field(
        default=27_262_976,
        metadata=_doc(
            "Most bytes that any request body may have (26 MiB); a route's own limit may be lower.",
            limits=(1_024, 31_457_280),
        ),
    )
    mail_from: str = field(
        default="",
        metadata=_doc(
            "Sender of all mails, `name@host` or `Name <name@host>`. Default: hallmark@ and our did_host."
        ),
    )
    mail_host: str = field(
        default="",
        metadata=_doc(
            "Mail server (SMTP) that takes our mails. Without one they land as files in the outbox folder."
        ),
    )
    mail_port: int = field(
        default=0,
        metadata=_doc(
            "Port of the mail server. Default: 587 for starttls, 465 for tls, 25 for none.",
            limits=(1, 65_535),
        ),
    )
    mail_security: str = field(
        default="starttls",
        metadata=_doc("Protection on the way to the mail server: starttls, tls or none."),
    )
    mail_user: str = field(default="", metadata=_doc("User name at the mail server; empty for no log-in."))
    mail_password: str = field(
        default="", repr=False, metadata=_doc("Password at the mail server; better in a file, see below.")
    )
    mail_password_file: Path | None = field(
        default=None, metadata=_doc("File with the password at the mail server, instead of mail_password.")
    )
    mail_ca_file: Path | None = field(
        default=None,
        metadata=_doc("Certificates to trust at the mail server. Default: those that this machine trusts."),
    )
    files_url: str = field(
        default="",
        metadata=_doc(
            "Bucket for the files that people bring, `s3://bucket/prefix`; several machines share it. "
            "Without one they lie in the data folder. Needs the extra `s3`."
        ),
    )
    files_endpoint: str = field(
        default="",
        metadata=_doc(
            "Address of the S3-compatible store, `https://…`. Default: Amazon's own in files_region."
        ),
    )
    files_region: str = field(
        default="us-east-1", metadata=_doc("Region of the bucket, as the store calls it.")
    )
    files_access_key: str = field(
        default="",
        metadata=_doc("Name of our key at the store (access key id); empty for the role of this machine."),
    )
    files_secret_key: str = field(
        default="",
        repr=False,
        metadata=_doc("Secret half of our key at the store; better in a file, see below."),
    )
    files_secret_key_file: Path | None = field(
        default=None, metadata=_doc("File with the secret half, instead of files_secret_key.")
    )
    files_ca_file: Path | None = field(
        default=None,
        metadata=_doc("Certificates to trust at the store, besides those that this machine trusts."),
    )
    workers: int = field(
        default=1,
        metadata=_doc(
            "Threads in `hallmark serve` for mails and other jobs; 0 if `hallmark work` runs beside it.",
            limits=(0, 16),
        ),
    )
    bulk_processes: int = field(
        default=0,
        metadata=_doc(
            "Processes that work on bulks of awards beside `hallmark serve` or `hallmark work`, which starts "
            "them when there is one. Default: one for each core, at most 8.",
            limits=(1, 64),
        ),
    )
    demo: bool = field(
        default=False,
        metadata=_doc(
            "Whether this is a demonstration: its pages show everybody's mail at /outbox, and sign anybody "
            "in as a sample person. Only with a public_url on this machine, and under its local names."
        ),
    )
    lease_hours: int = field(
        default=72,
        metadata=_doc(
            "Hours that work stays with a reviewer; this can be prolonged twice by as much.",
            limits=(1, 2_000),
        ),
    )
    second_reading_percent: int = field(
        default=10,
        metadata=_doc(
            "How many of a hundred submissions are read twice, beside those on which two readings differ.",
            limits=(0, 100),
        ),
    )
    log_level: str = field(
        default="info",
        metadata=_doc("Least important log lines that are written: debug, info, warning, error."),
    )

    def __post_init__(self) -> None:
        """Check every value, and fill in what follows from the others."""

        def derive(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        derive("data", self.data.expanduser().absolute())
        derive("public_url", public_url(self.public_url))
        url = urlsplit(self.public_url)
        own_host = public_host(url.hostname or "") if url.scheme == "https" and url.port is None else None
        derive("did_host", self.did_host or own_host or FALLBACK_DID_HOST)
        if public_host(self.did_host) != self.did_host:
            raise wrong("did_host", self.did_host, "a public host name in lower case, without port")
        derive("database_url", self.database_url or f"sqlite:///{self.data / 'hallmark.sqlite3'}")
        if self.keys_passphrase_file == Path():
            derive("keys_passphrase_file", self.data / "keys-passphrase")
        if self.keys_folder == Path():
            derive("keys_folder", self.data / "keys")
        check_title(self.title)
        self._require_mail()
        derive("mail_port", self.mail_port or MAIL_PORTS[self.mail_security])
        derive("files_url", self.files_url.rstrip("/"))
        derive("files_endpoint", self.files_endpoint.rstrip("/"))
        self._require_files()
        derive("bulk_processes", self.bulk_processes or min(os.cpu_count() or 1, 8))
        for item in fields(self):
            if (limits := item.metadata["limits"]) is not None:
                check_within(item.name, getattr(self, item.name), *limits)
        if self.demo and not self.is_local:
            raise wrong("demo", self.demo, f"false, since {self.public_url} is not on this machine")
        if self.log_level not in ("debug", "info", "warning", "error"):
            raise wrong("log_level", self.log_level, "debug, info, warning or error")

    def _require_mail(self) -> None:
        check_mail(
            sender=self.mail_from,
            fallback=self._own_mail,
            security=self.mail_security,
            user=self.mail_user,
            host=self.mail_host,
            has_password=bool(self.mail_password),
            has_file=self.mail_password_file is not None,
        )

    def _require_files(self) -> None:
        check_files(
            url=self.files_url,
            endpoint=self.files_endpoint,
            access_key=self.files_access_key,
            secret_key=self.files_secret_key,
            secret_key_file=self.files_secret_key_file,
        )

    @property
    def _own_mail(self) -> str:
        return f"hallmark@{self.did_host}"

    @property
    def sender(self) -> Mailbox:
        """Who our mails come from; without a name of its own it has the title."""
        sender = read_mailbox(self.mail_from or self._own_mail)
        return Mailbox(address=sender.address, name=sender.name or self.title)

    @property
    def is_local(self) -> bool:
        """Whether the site's address leads to this very machine, for everybody who opens it."""
        return urlsplit(self.public_url).hostname in THIS_MACHINE

    def answers_to(self, host: str) -> bool:
        """Tell whether requests may carry this ``Host``; ``trusted_hosts`` is looked at besides.

        A demonstration lets everybody in who reaches this machine. So it answers under the names of the
        machine only: else a site could point its own name here and use what its visitor's browser sees.
        """
        try:
            return not self.demo or urlsplit(f"//{host}").hostname in THIS_MACHINE
        except ValueError:
            return False

    @property
    def https(self) -> bool:
        """Whether the public reaches us by https."""
        return self.public_url.startswith("https://")
