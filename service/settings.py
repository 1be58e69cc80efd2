# SPDX-License-Identifier: Apache-2.0
"""What can be configured: ``{data}/hallmark.toml``, then the environment, which wins.

Every setting is a field of ``Settings`` with a good default and one line of documentation; its name in the
environment is ``HALLMARK_`` and the field in capitals. An unknown name is an error with its place, because a
misspelt limit is a limit that does not hold. ``docs/settings.md`` is ``reference()``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from service.addresses import public_host
from service.errors import MailAddressError, SettingsError
from service.mailbox import Mailbox, read_mailbox

FILE_NAME: Final = "hallmark.toml"
PREFIX: Final = "HALLMARK_"
FALLBACK_DID_HOST: Final = "badges.hallmark.example"  # used where public_url is no public https name
_MAIL_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}  # RFC 6409, RFC 8314, RFC 5321
_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9._-]{1,100}){0,8}")
_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
# Variables with our prefix that are no settings: test data, and what custody reads from the environment.
_NOT_SETTINGS: Final = ("HALLMARK_VECTORS", "HALLMARK_KEYS_PASSPHRASE", "HALLMARK_KEY")
_KEY: Final = "HALLMARK_KEY_"  # begins the name of a private key; see `env:` in keys.custody
_ALIKE: Final = 0.9  # from which likeness on such a name is a misspelt setting instead


def _doc(sentence: str) -> dict[str, str]:
    return {"doc": sentence}


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
    port: int = field(default=8080, metadata=_doc("Port that `hallmark serve` listens on."))
    threads: int = field(default=8, metadata=_doc("Requests that one process works on at the same time."))
    processes: int = field(
        default=1,
        metadata=_doc(
            "Processes of `hallmark serve`, as many as there are cores; with several, jobs have one of their "
            "own. Limits that are counted in memory count in each."
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
            "How many reverse proxies stand before us; only then are their forwarding headers believed."
        ),
    )
    trusted_hosts: tuple[str, ...] = field(
        default=(),
        metadata=_doc(
            "Host names that requests may carry; empty allows any, since no link is made from them."
        ),
    )
    checks_per_minute: int = field(
        default=60, metadata=_doc("Checks that one address may ask for per minute; 0 sets no limit.")
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
        default=20, metadata=_doc("Days within which an educator can usually expect the answer of reviewers.")
    )
    max_body_bytes: int = field(
        default=27_262_976,
        metadata=_doc(
            "Most bytes that any request body may have (26 MiB); a route's own limit may be lower."
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
        metadata=_doc("Port of the mail server. Default: 587 for starttls, 465 for tls, 25 for none."),
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
            "Threads in `hallmark serve` for mails and other jobs; 0 if `hallmark work` runs beside it."
        ),
    )
    bulk_processes: int = field(
        default=0,
        metadata=_doc(
            "Processes that work on bulks of awards beside `hallmark serve` or `hallmark work`, which starts "
            "them when there is one. Default: one for each core, at most 8."
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
        metadata=_doc("Hours that work stays with a reviewer; this can be prolonged twice by as much."),
    )
    second_reading_percent: int = field(
        default=10,
        metadata=_doc(
            "How many of a hundred submissions are read twice, beside those on which two readings differ."
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
        derive("public_url", _public_url(self.public_url))
        url = urlsplit(self.public_url)
        own_host = public_host(url.hostname or "") if url.scheme == "https" and url.port is None else None
        derive("did_host", self.did_host or own_host or FALLBACK_DID_HOST)
        if public_host(self.did_host) != self.did_host:
            raise _wrong("did_host", self.did_host, "a public host name in lower case, without port")
        derive("database_url", self.database_url or f"sqlite:///{self.data / 'hallmark.sqlite3'}")
        if self.keys_passphrase_file == Path():
            derive("keys_passphrase_file", self.data / "keys-passphrase")
        if self.keys_folder == Path():
            derive("keys_folder", self.data / "keys")
        _within("port", self.port, 0, 65_535)
        _within("threads", self.threads, 1, 256)
        _within("processes", self.processes, 1, 64)
        _within("trusted_proxies", self.trusted_proxies, 0, 8)
        _within("checks_per_minute", self.checks_per_minute, 0, 1_000_000)
        _within("lease_hours", self.lease_hours, 1, 2_000)
        _within("second_reading_percent", self.second_reading_percent, 0, 100)
        _within("review_days", self.review_days, 1, 365)
        _within("max_body_bytes", self.max_body_bytes, 1_024, 31_457_280)
        if not self.title.strip() or len(self.title) > 100 or not self.title.isprintable():
            raise _wrong("title", self.title, "1 to 100 printable characters")
        self._check_mail(derive)
        derive("files_url", self.files_url.rstrip("/"))
        derive("files_endpoint", self.files_endpoint.rstrip("/"))
        self._check_files()
        _within("workers", self.workers, 0, 16)
        derive("bulk_processes", self.bulk_processes or min(os.cpu_count() or 1, 8))
        _within("bulk_processes", self.bulk_processes, 1, 64)
        if self.demo and not self.is_local:
            raise _wrong("demo", self.demo, f"false, since {self.public_url} is not on this machine")
        if self.log_level not in ("debug", "info", "warning", "error"):
            raise _wrong("log_level", self.log_level, "debug, info, warning or error")

    def _check_mail(self, derive: Callable[[str, object], None]) -> None:
        try:
            read_mailbox(self.mail_from or f"hallmark@{self.did_host}")
        except MailAddressError as error:
            raise _wrong("mail_from", self.mail_from, "name@host or Name <name@host>") from error
        if self.mail_security not in _MAIL_PORTS:
            raise _wrong("mail_security", self.mail_security, "starttls, tls or none")
        derive("mail_port", self.mail_port or _MAIL_PORTS[self.mail_security])
        _within("mail_port", self.mail_port, 1, 65_535)
        if self.mail_password and self.mail_password_file is not None:
            raise SettingsError(
                "Give mail_password or mail_password_file, not both.", path="mail_password_file"
            )
        if self.mail_user and self.mail_security == "none" and self.mail_host not in _THIS_MACHINE:
            raise _wrong(
                "mail_security", "none", "starttls or tls, since a password would travel in the open"
            )

    def _check_files(self) -> None:
        """See that files go to a place that can be meant, and only there."""
        given = (
            self.files_endpoint,
            self.files_access_key,
            self.files_secret_key,
            self.files_secret_key_file,
        )
        if not self.files_url:
            if any(given):
                raise SettingsError("Without files_url there is no store to reach.", path="files_url")
            return
        if _BUCKET.fullmatch(self.files_url) is None:
            raise _wrong("files_url", self.files_url, "s3://bucket or s3://bucket/prefix")
        if self.files_endpoint:
            try:
                url = urlsplit(self.files_endpoint)
                host, _port = url.hostname, url.port
            except ValueError as error:
                raise _wrong("files_endpoint", self.files_endpoint, "https:// and a host") from error
            is_plain = not url.path and not url.query and not url.fragment and "@" not in url.netloc
            if url.scheme not in ("http", "https") or not host or not is_plain:
                raise _wrong("files_endpoint", self.files_endpoint, "https:// and a host")
            if url.scheme == "http" and host not in _THIS_MACHINE:
                raise _wrong(
                    "files_endpoint", self.files_endpoint, "https://…, since files would travel in the open"
                )
        if self.files_secret_key and self.files_secret_key_file is not None:
            raise SettingsError(
                "Give files_secret_key or files_secret_key_file, not both.", path="files_secret_key_file"
            )
        if bool(self.files_access_key) is not (
            bool(self.files_secret_key) or bool(self.files_secret_key_file)
        ):
            raise SettingsError(
                "files_access_key and its secret half belong together.", path="files_access_key"
            )

    @property
    def sender(self) -> Mailbox:
        """Who our mails come from; without a name of its own it has the title."""
        sender = read_mailbox(self.mail_from or f"hallmark@{self.did_host}")
        return Mailbox(address=sender.address, name=sender.name or self.title)

    @property
    def is_local(self) -> bool:
        """Whether the site's address leads to this very machine, for everybody who opens it."""
        return urlsplit(self.public_url).hostname in _THIS_MACHINE

    def answers_to(self, host: str) -> bool:
        """Tell whether requests may carry this ``Host``; ``trusted_hosts`` is looked at besides.

        A demonstration lets everybody in who reaches this machine. So it answers under the names of the
        machine only: else a site could point its own name here and use what its visitor's browser sees.
        """
        try:
            return not self.demo or urlsplit(f"//{host}").hostname in _THIS_MACHINE
        except ValueError:
            return False

    @property
    def https(self) -> bool:
        """Whether the public reaches us by https."""
        return self.public_url.startswith("https://")


def load(data: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of the data folder ``data`` (default ``HALLMARK_DATA``, else ``./data``).

    A folder without a settings file has the defaults.

    Raises:
        SettingsError: Unknown name, wrong type or value; the message names file or variable.
    """
    environ = os.environ if environ is None else environ
    folder = data or Path(environ.get(f"{PREFIX}DATA") or "data")
    values = _from_file(folder / FILE_NAME) | _from_environment(environ)
    return Settings(**{**values, "data": folder})


def reference() -> str:
    """Return the Markdown table of all settings that ``docs/settings.md`` holds."""
    lines = [
        "| setting | environment | default | what it is |",
        "|---|---|---|---|",
    ]
    for item in fields(Settings):
        default = item.default
        if item.default is MISSING or default in ("", Path(), (), None):
            shown = "–"
        elif isinstance(default, str | Path):
            shown = f'`"{default}"`'
        elif isinstance(default, bool):
            shown = f"`{str(default).lower()}`"
        else:
            shown = f"`{default}`"
        lines.append(f"| `{item.name}` | `{PREFIX}{item.name.upper()}` | {shown} | {item.metadata['doc']} |")
    return "\n".join(lines) + "\n"


def write_file(settings: Mapping[str, str | int | bool]) -> str:
    """Return the text of a settings file with these values, in the order given."""
    lines = [
        "# Settings of this data folder; every name is explained in docs/settings.md.",
        "# The environment wins over this file: HALLMARK_PUBLIC_URL over public_url, and so on.",
    ]
    for name, value in settings.items():
        # JSON's string escapes are valid TOML basic strings (TOML 1.0, section String).
        shown = str(value).lower() if isinstance(value, int) else '"' + _escaped(value) + '"'
        lines.append(f"{name} = {shown}")
    return "\n".join(lines) + "\n"


_TYPES: Final = {item.name: str(item.type) for item in fields(Settings)}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}.") from error
    values = {}
    for name, value in table.items():
        where = f"{name} in {path}"
        if name == "data" or name not in _TYPES:
            raise SettingsError(f"Unknown setting {where}.{_guess(name)}", path=name)
        values[name] = _typed(name, value, where)
    return values


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX) or _is_for_others(variable):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name == "data":
            continue
        if name not in _TYPES or variable != variable.upper():
            raise SettingsError(
                f"Unknown setting {variable} in the environment.{_guess(name, *_others())}", path=name
            )
        value: Any = text
        if _TYPES[name] == "int":
            try:
                value = int(text)
            except ValueError as error:
                raise SettingsError(
                    f"{variable} must be a whole number.", path=name, got=text[:40]
                ) from error
        elif _TYPES[name] == "bool":
            value = {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
        elif _TYPES[name].startswith("tuple"):
            value = [part.strip() for part in text.split(",") if part.strip()]
        values[name] = _typed(name, value, variable)
    return values


def _is_for_others(variable: str) -> bool:
    """Tell whether a variable is no setting: test data, the passphrase itself, or a private key."""
    if variable in _NOT_SETTINGS:
        return True
    name = variable.removeprefix(PREFIX).lower()
    return variable.startswith(_KEY) and not get_close_matches(name, (*_TYPES, *_others()), cutoff=_ALIKE)


def _others() -> tuple[str, ...]:
    return tuple(
        each.removeprefix(PREFIX).lower() for each in _NOT_SETTINGS if each.startswith(f"{PREFIX}KEYS")
    )


def _typed(name: str, value: Any, where: str) -> Any:
    """Return ``value`` as the type of the setting ``name``; nothing is converted that changes its meaning."""
    kind = _TYPES[name]
    if kind == "int" and type(value) is int:
        return value
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "str" and isinstance(value, str):
        return value
    if kind.startswith("Path") and isinstance(value, str) and value:
        return Path(value).expanduser().absolute()
    if kind.startswith("tuple") and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    expected = {"int": "a whole number", "str": "a text", "bool": "true or false"}.get(kind, "a path")
    raise SettingsError(
        f"{where} must be {'a list of texts' if kind.startswith('tuple') else expected}.", path=name
    )


def _public_url(value: str) -> str:
    """Return ``value`` as scheme, host and port only: links are made by putting a path after it."""
    expected = "http:// or https:// and a host, with nothing after it"
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError as error:
        raise _wrong("public_url", value, expected) from error
    host = url.hostname or ""
    plain = url.path in ("", "/") and not url.query and not url.fragment and "@" not in url.netloc
    if url.scheme not in ("http", "https") or not host or not plain or not value.isascii() or " " in value:
        raise _wrong("public_url", value, expected)
    shown_host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[url.scheme]
    return f"{url.scheme}://{shown_host}" + ("" if port in (None, usual) else f":{port}")


def _within(name: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        raise _wrong(name, value, f"{lowest} to {highest}")


def _wrong(name: str, value: object, expected: str) -> SettingsError:
    return SettingsError(
        f"The setting {name} must be {expected}; it is {str(value)[:100]!r}.",
        path=name,
        got=value,
        expected=expected,
    )


def _guess(name: str, *others: str) -> str:
    close = get_close_matches(name, (*_TYPES, *others), n=1)
    return f" Did you mean {close[0]}?" if close else ""


def _escaped(text: str) -> str:
    return "".join(
        "\\" + char if char in '"\\' else char if char.isprintable() else f"\\U{ord(char):08x}"
        for char in text
    )
