# SPDX-License-Identifier: Apache-2.0
"""The issuer's leaves of the one error tree (``credentials.errors``)."""

from __future__ import annotations

from credentials.errors import BrokenError, MalformedError, RefusedError


class ProgrammeError(MalformedError):
    """A file of the programme is not as agreed; the message names the place."""

    code = "programme"


class AwardRequestError(MalformedError):
    """What should be awarded is not told in a way that we can take."""

    code = "award.request"


class NoSuchIssuerError(RefusedError):
    """We have no issuer of this name."""

    code = "issuer.unknown"


class NoSuchAchievementError(RefusedError):
    """We award nothing of this name."""

    code = "achievement.unknown"


class NoSuchCredentialError(RefusedError):
    """We have signed no credential of this name."""

    code = "credential.unknown"


class NoSuchDocumentError(RefusedError):
    """We publish nothing under this name."""

    code = "document.unknown"


class FormToComeError(NoSuchDocumentError):
    """The credential is signed; this other form of it is being made."""

    code = "credential.form-to-come"


class NoSuchBulkError(RefusedError):
    """There is no bulk of awards with this number."""

    code = "bulk.unknown"


class AchievementFrozenError(RefusedError):
    """A version that was awarded never changes; a change is a new version."""

    code = "achievement.frozen"


class NotEarnedError(RefusedError):
    """A criterion was not met at the level that it requires."""

    code = "award.not-earned"


class DuplicateAwardError(RefusedError):
    """This submission has been awarded already."""

    code = "award.duplicate"


class ConflictingRowsError(RefusedError):
    """Another process wrote down the same at the same time; look again."""

    code = "rows.conflict"


class LintError(RefusedError):
    """The document would not verify everywhere, so we do not sign it."""

    code = "lint"


class ForeignIssuerError(RefusedError):
    """The document speaks in the name of an issuer that is not ours."""

    code = "sign.foreign-issuer"


class ForeignStatusError(RefusedError):
    """The document points into a status list at a place that is not its own."""

    code = "sign.foreign-status"


class StatusFinalError(RefusedError):
    """What was withdrawn stays withdrawn."""

    code = "status.final"


class StatusNotOfferedError(RefusedError):
    """The credential carries no status entry for this."""

    code = "status.not-offered"


class ManyStatusChangesError(RefusedError):
    """One by one, a program has put under review or withdrawn as many as one may in a day."""

    code = "status.second-person"


class EmbedRequestError(MalformedError):
    """A site asked how to embed something and did not say what."""

    code = "oembed.request"


class EmbedFormatError(RefusedError):
    """A site asked how to embed something in a form that we do not write."""

    code = "oembed.format"


class IssuedInsideTransactionError(BrokenError):
    """Issuing commits between its steps, so it cannot run inside a transaction of somebody else."""

    code = "issue.inside-transaction"


class SelfCheckError(BrokenError):
    """What we signed does not verify, or is not what we intended; it was not published."""

    code = "issue.self-check"


class StatusListError(BrokenError):
    """A status list could not be built, or its index space is used up."""

    code = "status.list-not-built"


class NotReissuableError(RefusedError):
    """There is nothing that could be issued again: no award of ours, or its person was forgotten."""

    code = "reissue.not-offered"


class ReissueBegunError(RefusedError):
    """Another re-issue of it has begun and is not finished."""

    code = "reissue.begun"


class UnverifiedError(RefusedError):
    """What we have signed does not verify at this moment, so no document of it is made."""

    code = "credential.unverified"


class DocumentChoiceError(MalformedError):
    """A document needs some credentials, and has room for so many."""

    code = "document.choice"


class BulkFileError(MalformedError):
    """A file of awards cannot be read as a whole; the sentence names the row."""

    code = "bulk.file"


class BulkStateError(RefusedError):
    """A bulk is not, or not any more, where this could be done."""

    code = "bulk.state"


class BulkCountError(RefusedError):
    """The number that was typed is not the number of awards, so perhaps something else was meant."""

    code = "bulk.count"


class BulkRowsBadError(RefusedError):
    """Some rows cannot become awards, and nobody said that they are left out."""

    code = "bulk.bad-rows"


class SecondPersonError(RefusedError):
    """Many awards are started by another person than the one who proposed them."""

    code = "bulk.second-person"


class SignedBeforeError(RefusedError):
    """Something was signed under this id already, and it is not this document."""

    code = "sign.id-taken"


class TakebackRequestError(MalformedError):
    """What is to be taken back is not told in a way that we can take."""

    code = "takeback.request"


class NoSuchTakebackError(RefusedError):
    """There is no such takeback, or it is another organisation's."""

    code = "takeback.unknown"


class TakebackCountError(RefusedError):
    """What was typed to confirm is not what is about to happen."""

    code = "takeback.count"


class TakebackChangedError(RefusedError):
    """Something has changed since the dry run was shown, so whoever agrees is asked again."""

    code = "takeback.changed"


class TakebackSecondPersonError(RefusedError):
    """This needs a second person, and whoever asks is the first one, or no person."""

    code = "takeback.second-person"


class TakebackStateError(RefusedError):
    """The takeback is not, or not any more, where this could be done."""

    code = "takeback.state"
