# SPDX-License-Identifier: Apache-2.0
"""Where a private key is kept, by URI; and the signer that it becomes.

======================  =====================================================================================
``file:NAME.key``       sealed in the folder of keys (``file_key``); made by ``hallmark keys new``
``env:VARIABLE``        handed in by the environment (``env_key``)
``pkcs11:`` ``kms:``    not in this version: said so, and nothing is tried
======================  =====================================================================================

The passphrase of sealed keys is the first of: ``HALLMARK_KEYS_PASSPHRASE``, the first line of the file that
``HALLMARK_KEYS_PASSPHRASE_FILE`` names, and the first line of the file that the settings name. If that one
lies in the data folder, it is made with the first key, and a warning says so: whoever copies the data folder
then has both halves, which is right for trying and wrong for production (threat K1).

A process that opens a key writes no core file from then on.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn

from credentials.verification_method import KeyAlgorithm, PublicKey
from keys import env_key, file_key
from keys.errors import CustodyError, UnsupportedCustodyError
from keys.private_key import PrivateKey, unsafe_from_seed
from keys.sealed import Passphrase
from service import log

PASSPHRASE_VARIABLE = "HALLMARK_KEYS_PASSPHRASE"  # noqa: S105  # names of variables
PASSPHRASE_FILE_VARIABLE = "HALLMARK_KEYS_PASSPHRASE_FILE"  # noqa: S105

_NOT_YET = {
    "pkcs11": "a hardware security module",
    "kms": "a cloud key service",
    "awskms": "a cloud key service",
    "gcpkms": "a cloud key service",
    "azurekms": "a cloud key service",
}


class KeySigner:
    """A ``credentials.proofs.signer.Signer``: bytes in, raw signature out, under one verification method."""

    __slots__ = ("_key", "_verification_method")

    def __init__(self, key: PrivateKey, *, verification_method: str) -> None:
        self._key: Final = key
        self._verification_method: Final = verification_method

    @property
    def verification_method(self) -> str:
        """The DID URL under which the public half is published."""
        return self._verification_method

    @property
    def algorithm(self) -> KeyAlgorithm:
        """What it signs with."""
        return self._key.algorithm

    @property
    def public_key(self) -> PublicKey:
        """The half that everybody may see."""
        return self._key.public_key

    def sign(self, data: bytes) -> bytes:
        """Return the raw signature over ``data``."""
        return self._key.sign(data)

    def __repr__(self) -> str:
        return f"<KeySigner {self._verification_method}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A signer is neither copied nor sent anywhere.")


class Custody:
    """The places where this house keeps private keys, opened with the passphrase of this process.

    Args:
        folder: Where sealed keys lie.
        passphrase_file: Where their passphrase is read, if the environment does not give it. Made when it is
            missing, there is no key yet, and it lies beside ``folder``.
        environ: The environment of the process.
    """

    __slots__ = ("_environ", "_passphrase", "_passphrase_file", "folder")

    def __init__(self, folder: Path, *, passphrase_file: Path, environ: Mapping[str, str]) -> None:
        self.folder: Final = folder
        self._passphrase_file: Final = passphrase_file
        self._environ: Final = environ
        self._passphrase: Passphrase | None = None

    def open(self, uri: str) -> PrivateKey:
        """Open the private key that ``uri`` names.

        Raises:
            CustodyError: It could not be reached or opened.
            UnsupportedCustodyError: The URI names a place that this version does not reach.
            UnreadableKeyError, WeakKeyError: The environment holds something else than a good key.
        """
        scheme, name = split(uri)
        refuse_core_dumps()
        if scheme == file_key.SCHEME:
            return file_key.read(self.folder, name, self._unlock(new=False))
        return env_key.read(self._environ, name)

    def seal(self, key: PrivateKey, *, name: str) -> str:
        """Keep ``key`` as a sealed file, durably, and return its custody URI.

        Raises:
            CustodyError: It could not be written, or there are sealed keys and no passphrase for them.
        """
        refuse_core_dumps()
        return file_key.write(self.folder, f"{name}{file_key.SUFFIX}", key, self._unlock(new=True))

    def _unlock(self, *, new: bool) -> Passphrase:
        """Find the passphrase, once per process; with ``new``, make one if there is nothing to open yet."""
        if self._passphrase is None:
            self._passphrase = self._find(new=new)
        return self._passphrase

    def _find(self, *, new: bool) -> Passphrase:
        if text := self._environ.get(PASSPHRASE_VARIABLE):
            return Passphrase(text)
        if named := self._environ.get(PASSPHRASE_FILE_VARIABLE):
            return file_key.read_passphrase(
                Path(os.path.expanduser(named)), what=f"The file that {PASSPHRASE_FILE_VARIABLE} names"
            )
        own = self._passphrase_file
        if own.exists():
            return file_key.read_passphrase(own, what="The passphrase file of the settings")
        if not new or own.parent != self.folder.parent or file_key.has_keys(self.folder):
            raise CustodyError(
                f"The passphrase of the signing keys is not here: set {PASSPHRASE_VARIABLE} or "
                f"{PASSPHRASE_FILE_VARIABLE}."
            )
        if file_key.generate_passphrase(own):
            print(
                f"No passphrase for signing keys was given, so one was made and written to {own}.\n"
                f"In production keep it elsewhere ({PASSPHRASE_VARIABLE} or {PASSPHRASE_FILE_VARIABLE}): "
                "whoever copies this data folder can sign in your name.",
                file=sys.stderr,
            )
        return file_key.read_passphrase(own, what="The passphrase file of the settings")

    def __repr__(self) -> str:
        return f"<Custody {self.folder}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A custody is neither copied nor sent anywhere.")


def split(uri: str) -> tuple[str, str]:
    """Return scheme and name of a custody URI that this version reaches.

    Raises:
        UnsupportedCustodyError: It does not reach there; the sentence says where it does.
    """
    scheme, _, name = uri.partition(":")
    if scheme in (file_key.SCHEME, env_key.SCHEME):
        return scheme, name
    if scheme in _NOT_YET:
        raise UnsupportedCustodyError(
            f"Keys in {_NOT_YET[scheme]} ({scheme}:) are not reached by this version; file: and env: are."
        )
    raise UnsupportedCustodyError("A key is kept in file: or env:; this names another place.")


def refuse_core_dumps() -> None:
    """Let this process and its children write no core file: it would hold the opened keys (threat K1)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def unsafe_signer_from_seed(seed: bytes, verification_method: str) -> KeySigner:
    """Return an Ed25519 signer from a seed that the caller chose, for benchmarks and tests.

    Nothing is sealed, judged or recorded, and whoever knows the seed can sign: never for an issuer.
    """
    log.event("keys.unsafe-signer", verification_method=verification_method)
    return KeySigner(unsafe_from_seed(seed), verification_method=verification_method)
