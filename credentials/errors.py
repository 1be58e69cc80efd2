# SPDX-License-Identifier: Apache-2.0
"""The root of the one error tree. Five branches, by whose move it is.

::

    HallmarkError                 code, one sentence a stranger understands, where, got / expected
    ├─ MalformedError             the input is not what it says it is
    ├─ WrongError                 we checked, and it is not true
    ├─ UnknownError               we could not find out
    ├─ RefusedError               our rule says no
    └─ BrokenError                our side is broken

Each room grows its own leaves in its ``errors.py``. A leaf sets ``code``, a dotted kebab-case name that never
changes its meaning. Errors know no HTTP: ``problems.py`` of each room maps codes to statuses. An error never
carries a secret or a whole document.

The verifier turns ``WrongError`` into *fail* and ``UnknownError`` into *indeterminate*, never the other way.
"""

from __future__ import annotations

from typing import ClassVar


class HallmarkError(Exception):
    """Root of every error we raise on purpose.

    Args:
        message: One sentence that a stranger understands.
        path: JSON Pointer (RFC 6901) to the place in the document, if there is one; "" is the whole document.
        got: What was found, short and without secrets.
        expected: What was expected instead.
    """

    code: ClassVar[str] = "hallmark"

    def __init__(
        self, message: str, *, path: str | None = None, got: object = None, expected: object = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.got = got
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.message} (at {self.path})" if self.path else self.message


class MalformedError(HallmarkError):
    """The input is not what it says it is."""

    code = "malformed"


class WrongError(HallmarkError):
    """We checked, and it is not true."""

    code = "wrong"


class UnknownError(HallmarkError):
    """We could not find out. Never to be read as a yes."""

    code = "unknown"


class RefusedError(HallmarkError):
    """Our rule says no."""

    code = "refused"


class BrokenError(HallmarkError):
    """Our side is broken; the caller did nothing wrong."""

    code = "broken"


# -- documents (credentials.document) ---------------------------------------------------------------------


class DocumentError(MalformedError):
    """The bytes are not a document that we read."""

    code = "document"


class DocumentTooLargeError(DocumentError):
    """The document has more bytes than the limit."""

    code = "document.too-large"


class NotUtf8Error(DocumentError):
    """The bytes are not UTF-8 without a byte order mark (RFC 8259, section 8.1)."""

    code = "document.not-utf-8"


class NotJsonError(DocumentError):
    """The text is not JSON (RFC 8259)."""

    code = "document.not-json"


class DuplicateMemberError(DocumentError):
    """An object names a member twice, so readers would disagree about its value."""

    code = "document.duplicate-member"


class TooDeepError(DocumentError):
    """Objects and arrays are nested deeper than the limit."""

    code = "document.too-deep"


class TooManyContainersError(DocumentError):
    """There are more objects and arrays than the limit."""

    code = "document.too-many-containers"


class NumberError(DocumentError):
    """A number is too long, or is not finite."""

    code = "document.number"


class SurrogateError(DocumentError):
    """A text holds half of a surrogate pair, which UTF-8 cannot write."""

    code = "document.surrogate"


class NotAnObjectError(DocumentError):
    """The document is JSON, but not an object."""

    code = "document.not-an-object"
