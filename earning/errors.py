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


class ScrubbingBusyError(BrokenError):
    """As many files are being cleaned as we clean at once; nothing is wrong with this one."""

    code = "upload.busy"


class ScrubbingBrokenError(BrokenError):
    """The process that cleans files could not do its work."""

    code = "upload.broken"


# -- applying and working (earning.work.applying, earning.work.work, earning.work.submissions) ------------


class WorkUnknownError(RefusedError):
    """There is no such work, artefact or submission, or it is somebody else's; nobody learns which."""

    code = "work.unknown"


class TransitionError(RefusedError):
    """What was asked does not fit the state that the work is in."""

    code = "work.state"


class WorkChangedError(RefusedError):
    """The work was changed elsewhere since this page was opened."""

    code = "work.changed"


class TimeOverError(RefusedError):
    """The last second for submitting has passed."""

    code = "work.time-over"


class IncompleteError(RefusedError):
    """Something is missing, so it was not submitted; the list of gaps is on the page."""

    code = "work.incomplete"


class ExtensionError(RefusedError):
    """This is no extension: the day is not later, too far away, or there is nothing to extend."""

    code = "work.extension"


class ApplicationRefusedError(RefusedError):
    """One cannot apply for this, and the sentence says why."""

    code = "work.not-open"


class WorkFieldError(MalformedError):
    """A field of the work does not fit; ``path`` names it."""

    code = "work.field"


class AnswerTooLongError(WorkFieldError):
    """The answer is longer than what is kept."""

    code = "work.too-long"


class ArtefactLinkError(WorkFieldError):
    """The link is not one that a reviewer could open."""

    code = "work.link"


class EvidenceUnknownError(RefusedError):
    """There is no piece of evidence here that everybody may see; nobody learns why."""

    code = "evidence.unknown"


class DisclosureError(RefusedError):
    """A piece of evidence cannot be opened: it was signed as private, or set aside."""

    code = "evidence.disclosure"


# -- sharing (earning.sharing) ----------------------------------------------------------------------------


class EvaluatorLinkError(RefusedError):
    """This link shows nothing; nobody learns whether it ever did."""

    code = "sharing.link"


class SharingFieldError(MalformedError):
    """Something about a link, a name or a choice of awards does not fit; ``path`` names it."""

    code = "sharing.field"


class SharingStateError(RefusedError):
    """This award cannot be shared in this way now."""

    code = "sharing.state"


# -- the catalogue and its portals (earning.catalogue.catalogue, earning.catalogue.portals) ---------------


class NoSuchVersionError(RefusedError):
    """The catalogue has nothing of this name."""

    code = "catalogue.unknown"


class VersionStateError(RefusedError):
    """A version cannot be opened or closed from where it is."""

    code = "catalogue.state"


class NoSuchPortalError(RefusedError):
    """There is no portal of this name, or it is not the caller's."""

    code = "portal.unknown"


class NoSuchDraftError(RefusedError):
    """There is no draft of this name among those of the caller's programmes."""

    code = "draft.unknown"


class DraftStaleError(RefusedError):
    """Somebody else has changed the draft since the page was opened; both texts are kept."""

    code = "draft.stale"


class DraftUnfinishedError(RefusedError):
    """The draft has faults, so it cannot be published."""

    code = "draft.unfinished"


class QuestionError(MalformedError):
    """A question lacks something, so it was not sent."""

    code = "question"


# -- the review (earning.review.review, earning.review.cases, earning.review.awarding) --------------------


class ReviewUnknownError(RefusedError):
    """There is no such review, file or case, or it is somebody else's; nobody learns which."""

    code = "review.unknown"


class NothingWaitingError(RefusedError):
    """Nothing that fits this reviewer waits."""

    code = "review.nothing-waiting"


class LeaseError(RefusedError):
    """The time for this work is over, it was given back, or it cannot be prolonged any more."""

    code = "review.lease"


class ReviewChangedError(RefusedError):
    """The review was changed in another window since this page was opened."""

    code = "review.changed"


class ReadingUnfinishedError(RefusedError):
    """A level or a comment is missing, so nothing was sent; the list of gaps is on the page."""

    code = "review.unfinished"


class ReviewFieldError(MalformedError):
    """A field of the review does not fit; ``path`` names it."""

    code = "review.field"


class CaseError(RefusedError):
    """A case cannot be closed in this way: it is closed, or notice, time or majority is missing."""

    code = "case"


# -- communities and management (earning.company, earning.management) -------------------------------------


class NoSuchCommunityError(RefusedError):
    """There is no such community, or it is none that the caller is in; nobody learns which."""

    code = "community.unknown"


class CommunityFieldError(MalformedError):
    """A field of a community does not fit; ``path`` names it."""

    code = "community.field"


class InvitationError(RefusedError):
    """The invitation is not good, or not good any more."""

    code = "community.invitation"


class CommunityStateError(RefusedError):
    """The community has ended, or somebody must lead it first."""

    code = "community.state"


class CommunityLimitError(RefusedError):
    """A community has as many members, dates or invitations as it may have."""

    code = "community.limit"


class OversightUnknownError(RefusedError):
    """There is no such thing in the organisations that the caller manages; nobody learns more."""

    code = "manage.unknown"


class SeasonFieldError(MalformedError):
    """The days of a season do not fit together; ``path`` names the field."""

    code = "manage.season"


class SeasonClosedError(RefusedError):
    """A season that is past, or that work is counted in, is not changed like this."""

    code = "manage.season-closed"


class ReasonMissingError(MalformedError):
    """A reason has to be given."""

    code = "manage.reason"


class OwnWorkError(RefusedError):
    """Nobody decides about their own work."""

    code = "manage.own-work"


class ImportUnknownError(RefusedError):
    """There is no such import of the caller's, or it is too old."""

    code = "import.unknown"


class ImportEmptyError(RefusedError):
    """There is nothing in the file that could be brought in."""

    code = "import.empty"
