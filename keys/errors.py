# SPDX-License-Identifier: Apache-2.0
"""The branch of the error tree that grows in this room.

None of these ever carries a private key, a passphrase, the text that was read, or another library's words
about it: what cannot be opened is named, and that is all. The public sees their codes through ``problems``.
"""

from __future__ import annotations

from credentials.errors import BrokenError, RefusedError


class CustodyError(BrokenError):
    """A private key could not be reached, opened or stored. It never says more than which one."""

    code = "keys.custody"


class UnsupportedCustodyError(RefusedError):
    """The custody URI names a place for keys that this version does not reach."""

    code = "keys.unsupported-custody"


class UnreadableKeyError(RefusedError):
    """What was given as a private key is in no form that we take. The text is never repeated."""

    code = "keys.unreadable"


class WeakKeyError(RefusedError):
    """The key is too weak, malformed, or known to the whole world."""

    code = "keys.weak"


class KeyReusedError(RefusedError):
    """The key belongs to an issuer already; every key has one owner and one life."""

    code = "keys.reused"


class NoActiveKeyError(RefusedError):
    """The issuer has no active key of this algorithm, so nothing can be signed with it."""

    code = "keys.no-active-key"


class KeyStateError(RefusedError):
    """The key is not in a state that allows this step."""

    code = "keys.state"


class NoSuchKeyError(RefusedError):
    """The issuer has no key of this id."""

    code = "keys.no-such-key"


class NoSuchIssuerError(RefusedError):
    """There is no issuer of this name."""

    code = "keys.no-such-issuer"


class IssuerExistsError(RefusedError):
    """The name or the DID belongs to an issuer already."""

    code = "keys.issuer-exists"


class IssuerNameError(RefusedError):
    """The short name of an issuer is not lower-case letters, digits and single hyphens."""

    code = "keys.issuer-name"
