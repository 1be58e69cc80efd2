# SPDX-License-Identifier: Apache-2.0
"""What the settings are checked by: one function for each thing that can be wrong with them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from service.errors import MailAddressError, SettingsError
from service.mailbox import read_mailbox

THIS_MACHINE: Final = ("localhost", "127.0.0.1", "::1")
MAIL_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}  # RFC 6409, RFC 8314, RFC 5321
_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9._-]{1,100}){0,8}")


def public_url(value: str) -> str:
    """Return ``value`` as scheme, host and port only: links are made by putting a path after it."""
    expected = "http:// or https:// and a host, with nothing after it"
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError as error:
        raise wrong("public_url", value, expected) from error
    host = url.hostname or ""
    plain = url.path in ("", "/") and not url.query and not url.fragment and "@" not in url.netloc
    if url.scheme not in ("http", "https") or not host or not plain or not value.isascii() or " " in value:
        raise wrong("public_url", value, expected)
    shown_host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[url.scheme]
    return f"{url.scheme}://{shown_host}" + ("" if port in (None, usual) else f":{port}")


def check_title(value: str) -> None:
    """Refuse a title that no page can show."""
    if not value.strip() or len(value) > 100 or not value.isprintable():
        raise wrong("title", value, "1 to 100 printable characters")


def check_mail(
    *, sender: str, fallback: str, security: str, user: str, host: str, has_password: bool, has_file: bool
) -> None:
    """Refuse a sender that is none, two passwords, and one that would travel in the open.

    Args:
        sender: ``mail_from``.
        fallback: Who sends where that is empty.
        security: ``mail_security``.
        user: ``mail_user``.
        host: ``mail_host``.
        has_password: Whether ``mail_password`` is given.
        has_file: Whether ``mail_password_file`` is given.
    """
    try:
        read_mailbox(sender or fallback)
    except MailAddressError as error:
        raise wrong("mail_from", sender, "name@host or Name <name@host>") from error
    if security not in MAIL_PORTS:
        raise wrong("mail_security", security, "starttls, tls or none")
    if has_password and has_file:
        raise SettingsError("Give mail_password or mail_password_file, not both.", path="mail_password_file")
    if user and security == "none" and host not in THIS_MACHINE:
        raise wrong("mail_security", "none", "starttls or tls, since a password would travel in the open")


def check_files(
    *, url: str, endpoint: str, access_key: str, secret_key: str, secret_key_file: Path | None
) -> None:
    """See that files go to a place that can be meant, and only there; the names are those of ``files_…``."""
    if not url:
        if any((endpoint, access_key, secret_key, secret_key_file)):
            raise SettingsError("Without files_url there is no store to reach.", path="files_url")
        return
    if _BUCKET.fullmatch(url) is None:
        raise wrong("files_url", url, "s3://bucket or s3://bucket/prefix")
    if endpoint:
        _files_endpoint(endpoint)
    if secret_key and secret_key_file is not None:
        raise SettingsError(
            "Give files_secret_key or files_secret_key_file, not both.", path="files_secret_key_file"
        )
    if bool(access_key) is not (bool(secret_key) or secret_key_file is not None):
        raise SettingsError("files_access_key and its secret half belong together.", path="files_access_key")


def _files_endpoint(value: str) -> None:
    try:
        url = urlsplit(value)
        host, _port = url.hostname, url.port
    except ValueError as error:
        raise wrong("files_endpoint", value, "https:// and a host") from error
    is_plain = not url.path and not url.query and not url.fragment and "@" not in url.netloc
    if url.scheme not in ("http", "https") or not host or not is_plain:
        raise wrong("files_endpoint", value, "https:// and a host")
    if url.scheme == "http" and host not in THIS_MACHINE:
        raise wrong("files_endpoint", value, "https://…, since files would travel in the open")


def check_within(name: str, value: int, lowest: int, highest: int) -> None:
    """Refuse a number outside its limits, which belong to it."""
    if not lowest <= value <= highest:
        raise wrong(name, value, f"{lowest} to {highest}")


def wrong(name: str, value: object, expected: str) -> SettingsError:
    """Return the error about a value that does not fit."""
    return SettingsError(
        f"The setting {name} must be {expected}; it is {str(value)[:100]!r}.",
        path=name,
        got=value,
        expected=expected,
    )
