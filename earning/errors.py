# SPDX-License-Identifier: Apache-2.0
"""The leaves of earning in the one error tree (``credentials.errors``)."""

from __future__ import annotations

from credentials.errors import BrokenError, MalformedError, RefusedError

# -- uploads (earning.scrub) ------------------------------------------------------------------------------


class UploadRefusedError(RefusedError):
    """We do not take this file; nothing of it was stored, and nothing else was lost."""

    code = "upload"


class UploadNameError(UploadRefusedError):
    """The file has no name that we can tell its kind from."""

    code = "upload.name"


class UploadEmptyError(UploadRefusedError):
    """The file has no content."""

    code = "upload.empty"


class UploadTooLargeError(UploadRefusedError):
    """The file has more bytes than we take."""

    code = "upload.too-large"


class UploadQuotaError(UploadRefusedError):
    """All files of this application together would have more bytes than we take."""

    code = "upload.quota"


class UploadKindError(UploadRefusedError):
    """Files of this kind are not taken."""

    code = "upload.kind"


class UploadMismatchError(UploadRefusedError):
    """The content of the file is of another kind than the ending of its name says."""

    code = "upload.mismatch"


class UploadAmbiguousError(UploadRefusedError):
    """The file is two things at once, so that different programs would see different things in it."""

    code = "upload.ambiguous"


class UploadActiveError(UploadRefusedError):
    """The file holds a program: a macro, a script or a control."""

    code = "upload.active"


class UploadEncryptedError(UploadRefusedError):
    """The file is locked with a password, so nobody can read or clean it."""

    code = "upload.encrypted"


class UploadHarmfulError(UploadRefusedError):
    """The file is what virus scanners look for."""

    code = "upload.harmful"


class UploadTooMuchError(UploadRefusedError):
    """The file is small, but what is in it would take more memory, parts or time than we give."""

    code = "upload.too-much"


class UploadUncleanableError(UploadRefusedError):
    """Something in the file may tell who made it, and we cannot take that out."""

    code = "upload.uncleanable"


class UploadDamagedError(MalformedError):
    """The file is damaged, or not built as files of its kind are."""

    code = "upload.damaged"


class ScrubbingBrokenError(BrokenError):
    """The process that cleans files could not do its work."""

    code = "upload.broken"
