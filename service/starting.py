# SPDX-License-Identifier: Apache-2.0
"""What is looked at before the service starts: files that the settings name must be there.

Without this, a house would start, and the first award or mail would find out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from service.errors import SettingsError
from service.settings import PREFIX, Settings

PASSPHRASE: Final = f"{PREFIX}KEYS_PASSPHRASE"  # the passphrase itself; with it, no file is read
_KEYS: Final = "*.key"  # sealed keys in their folder


def require_files(settings: Settings, environ: Mapping[str, str]) -> None:
    """Refuse to start without a file that a setting names and that will be needed later.

    The passphrase of keys may be missing where it will be made with the first key: beside a folder of keys
    that holds none yet, and not named in the environment.

    Args:
        settings: The settings.
        environ: The environment of the process.

    Raises:
        SettingsError: One is missing or cannot be read; ``path`` names the setting.
    """
    if not environ.get(PASSPHRASE) and not _is_made_later(settings, environ):
        _require(settings.keys_passphrase_file, "keys_passphrase_file", "the passphrase of the signing keys")
    if settings.mail_password_file is not None:
        _require(settings.mail_password_file, "mail_password_file", "the password at the mail server")
    if settings.mail_ca_file is not None:
        _require(settings.mail_ca_file, "mail_ca_file", "the certificates to trust at the mail server")


def _is_made_later(settings: Settings, environ: Mapping[str, str]) -> bool:
    return (
        not environ.get(f"{PASSPHRASE}_FILE")
        and settings.keys_passphrase_file.parent == settings.keys_folder.parent
        and not settings.keys_passphrase_file.exists()
        and next(settings.keys_folder.glob(_KEYS), None) is None
    )


def _require(path: Path, name: str, what: str) -> None:
    try:
        with path.open("rb") as stream:
            stream.read(1)
    except OSError as error:
        trouble = "is not there" if isinstance(error, FileNotFoundError) else "cannot be read"
        raise SettingsError(
            f"The file that the setting {name} names, with {what}, {trouble}: {path}.", path=name
        ) from error
