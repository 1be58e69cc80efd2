# SPDX-License-Identifier: Apache-2.0
"""The branch of verifier/ in the one error tree (``credentials.errors``).

::

    MalformedError   NotACredentialError ── PictureOnlyError, WebPageError, OldBadgeError, PresentationError,
                                            UnsupportedContainerError, EmptyError, NothingThereError,
                                            SeveralError, FileLockedError, FileDamagedError,
                                            TooMuchInsideError, NothingInsideError, CodeIsNoLinkError
                     SourceError, CycleError, OfflineMapError
                     NoSuchIssuerListError, IssuerListError, IssuerFieldError
                     NoSuchReceiptError
                     TooManyItemsError, NoSuchBatchError, BatchQuestionError
                     DecisionFormError
    WrongError       NotFoundError, KeyNotShownError, NotGenuineError
    UnknownError     UnresolvableError, StatusUntrustedError, UndeterminedError, ListNotLoadedError
    RefusedError     ListChangedError, BatchesFullError
    BrokenError      UnpackingBusyError, UnpackingBrokenError
"""

from __future__ import annotations

from typing import Final

from credentials.errors import BrokenError, MalformedError, RefusedError, UnknownError, WrongError

# The errors that are answers about a credential. A BrokenError is none: then there is no verdict at all.
ANSWERS: Final = (MalformedError, WrongError, UnknownError)

# -- what was brought to us (verifier.intake) -------------------------------------------------------------


class NotACredentialError(MalformedError):
    """What was brought is no credential at all."""

    code = "credential.none"


class EmptyError(NotACredentialError):
    """Nothing was brought."""

    code = "credential.empty"


class PictureOnlyError(NotACredentialError):
    """This is a picture, and no credential is inside."""

    code = "credential.just-a-picture"


class WebPageError(NotACredentialError):
    """This is a web page about a credential, perhaps, but not the credential."""

    code = "credential.web-page"


class OldBadgeError(NotACredentialError):
    """This is a badge of Open Badges 2.0 or older, which proves itself in another way."""

    code = "credential.open-badges-2"


class PresentationError(NotACredentialError):
    """This is a presentation or an envelope around credentials, and not one credential."""

    code = "credential.presentation"


class UnsupportedContainerError(NotACredentialError):
    """This kind of file is not one that we look into."""

    code = "credential.unsupported-file"


class NothingThereError(NotACredentialError):
    """The address answers that nothing is there."""

    code = "credential.nothing-there"


class SeveralError(NotACredentialError):
    """More than one thing was brought at once."""

    code = "credential.several"


class TooManyItemsError(MalformedError):
    """More was brought than is checked at once."""

    code = "batch.too-many"


class FileLockedError(NotACredentialError):
    """The file is locked with a password."""

    code = "credential.locked-file"


class FileDamagedError(NotACredentialError):
    """The file cannot be opened as what it is."""

    code = "credential.damaged-file"


class TooMuchInsideError(NotACredentialError):
    """There is more in the file than we look at."""

    code = "credential.too-much"


class NothingInsideError(NotACredentialError):
    """The document carries neither a credential nor a link."""

    code = "credential.nothing-inside"


class CodeIsNoLinkError(NotACredentialError):
    """The QR code says something, but it is no link and no credential."""

    code = "credential.code-is-no-link"


class UnpackingBusyError(BrokenError):
    """More files are being opened at the moment than our machine allows."""

    code = "unpacking.busy"


class UnpackingBrokenError(BrokenError):
    """Our side could not do the work of opening a file."""

    code = "unpacking.broken"


class SourceError(MalformedError):
    """The address is not one that we open."""

    code = "source.address"


class NoSuchIssuerListError(MalformedError):
    """There is no list of recognised issuers with this short name."""

    code = "issuer-list.unknown"


class IssuerListError(MalformedError):
    """What should be a list of issuers cannot be read as one; ``faults`` name the places."""

    code = "issuer-list.form"

    def __init__(self, message: str, *, faults: tuple[tuple[str, str], ...] = ()) -> None:
        """Take the sentence, and pairs of JSON Pointer and sentence for each fault."""
        super().__init__(message, path=faults[0][0] if faults else None)
        self.faults = faults


class IssuerFieldError(MalformedError):
    """An entry of a list does not fit; ``path`` names the field."""

    code = "issuer-list.field"


class ListChangedError(RefusedError):
    """What was shown before it should count is not what waits now."""

    code = "issuer-list.changed"


class CycleError(MalformedError):
    """The days between which it should have been earned are none."""

    code = "asked.cycle"


class OfflineMapError(MalformedError):
    """The map of offline documents is not as agreed."""

    code = "offline-map"


class NoSuchReceiptError(MalformedError):
    """There is no receipt at this address, or it has ended."""

    code = "receipt.unknown"


class ReceiptsFullError(RefusedError):
    """So many receipts were kept within a day that no more are."""

    code = "receipt.full"


# -- documents of issuers (verifier.documents, verifier.resolve) ------------------------------------------


class NotFoundError(WrongError):
    """A document that should show something does not exist (404 or 410)."""

    code = "document.not-found"


class KeyNotShownError(WrongError):
    """Nothing that the issuer publishes shows that the key is the issuer's."""

    code = "key.not-shown"


class ListNotLoadedError(UnknownError):
    """The reader's list of recognised issuers could not be loaded."""

    code = "issuer-list.not-loaded"


class UnresolvableError(UnknownError):
    """A document could not be had: the host did not answer, or not with the document."""

    code = "document.unresolvable"


# -- status (verifier.status_source) ----------------------------------------------------------------------


class FileUnreadableError(UnknownError):
    """A file that was named on the command line is not there or cannot be read; others beside it can."""

    code = "document.unreadable-file"


class StatusUntrustedError(UnknownError):
    """A status list is there, but nothing shows that what it says is the issuer's newest word."""

    code = "status.untrusted-list"


# -- answers for callers that need a yes (verifier.verify) ------------------------------------------------


class NotGenuineError(WrongError):
    """The credential was examined, and the answer is a definite no."""

    code = "verdict.no"


class UndeterminedError(UnknownError):
    """The credential was examined, and the answer is neither a yes nor a no."""

    code = "verdict.undetermined"


# -- many at once (verifier.batching) ---------------------------------------------------------------------


class NoSuchBatchError(MalformedError):
    """There is no batch at this address, or not any more."""

    code = "batch.unknown"


class BatchQuestionError(MalformedError):
    """What was asked about a batch cannot be asked: a date, or a list of issuers that does not exist."""

    code = "batch.question"


class BatchesFullError(RefusedError):
    """So much waits to be checked already that nothing more is taken."""

    code = "batch.full"


# -- what a recognition is worth (verifier.decision_format) -----------------------------------------------


class DecisionFormError(MalformedError):
    """The document of a recognizer's decision is not as agreed."""

    code = "decision.form"
