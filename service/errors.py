# SPDX-License-Identifier: Apache-2.0
"""The branch of service/ in the one error tree (``credentials.errors``).

::

    MalformedError   SettingsError ── NoHouseError
                     IdempotencyKeyError, TokenRequestError
                     RequestError ── BodyTooLargeError, MediaTypeError, NotAcceptableError, FormError,
                                     FieldsError
                     MailAddressError, MailContentError, JobUnknownError, SpreadsheetError, UnstorableError
    UnknownError     FetchError ── URLRefusedError, HostNotFoundError, AddressRefusedError,
                                   ConnectionFailedError, CertificateError, TimedOutError,
                                   RedirectRefusedError, ResponseTooLargeError, ResponseMalformedError,
                                   FetchLimitError, HostBusyError
                     MailDeliveryError
                     AccountFieldError
                     ExtraMissingError, CellLimitError
    RefusedError     TokenRequiredError, TokenRefusedError, ScopeRefusedError
                     SignInRequiredError, FreshSignInRequiredError, RoleRefusedError, CrossSiteError,
                     StaleFormError, SignInRefusedError, PasswordRefusedError, LinkRefusedError,
                     AddressTakenError, TooManyAttemptsError, NoSuchPersonError, NoSuchOrganisationError,
                     LastAdministratorError
                     IdempotencyKeyRequiredError, IdempotencyKeyReusedError, AlreadyThereError,
                     DatabaseInUseError, DatabaseNotEmptyError
    BrokenError      DatabaseUnavailableError, DatabaseOutdatedError, DatabaseUnsafeError, CopyDiffersError,
                     AuditUnavailableError,
                     UnguardedRouteError, HashingBusyError
                     StorageFullError, StorageUnavailableError, FileMissingError, FileDamagedError,
                     TypesettingError, TypesettingBusyError
                     CellBusyError, CellBrokenError
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from credentials.errors import BrokenError, MalformedError, RefusedError, UnknownError


class SettingsError(MalformedError):
    """A setting is unknown, or has a value that we cannot work with."""

    code = "settings"


class NoHouseError(SettingsError):
    """The data folder holds nothing of ours yet."""

    code = "settings.no-house"


# -- requests ---------------------------------------------------------------------------------------------


class RequestError(MalformedError):
    """The request is not one that we can take."""

    code = "request"


class BodyTooLargeError(RequestError):
    """The body has more bytes, or the form more parts, than this address takes."""

    code = "request.too-large"


class MediaTypeError(RequestError):
    """The body is of a kind that this address does not take."""

    code = "request.media-type"


class NotAcceptableError(RequestError):
    """None of the forms that ``Accept`` asks for exists here."""

    code = "request.not-acceptable"


class FormError(RequestError):
    """The form is damaged, or a field that stands once was sent twice."""

    code = "request.form"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault in one member: where (JSON Pointer), a stable code, and a sentence."""

    pointer: str
    code: str
    detail: str


class FieldsError(RequestError):
    """Members of the request are missing, unknown or of the wrong kind; ``findings`` names each."""

    code = "request.fields"

    def __init__(self, message: str, *, findings: Sequence[Finding]) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


# -- access -----------------------------------------------------------------------------------------------


class TokenRequestError(MalformedError):
    """A token cannot be made with this label, these scopes or this lifetime."""

    code = "access.token-request"


class TokenRequiredError(RefusedError):
    """This address needs an access token, and none was sent."""

    code = "access.token-required"


class TokenRefusedError(RefusedError):
    """The access token is unknown, expired or revoked."""

    code = "access.token-refused"


class ScopeRefusedError(RefusedError):
    """The access token is good, but not for this."""

    code = "access.scope-refused"


# -- people who are signed in -----------------------------------------------------------------------------


class SignInRequiredError(RefusedError):
    """This address is for people who are signed in."""

    code = "access.sign-in-required"


class FreshSignInRequiredError(RefusedError):
    """This needs a password or link given within the last minutes."""

    code = "access.fresh-sign-in-required"


class RoleRefusedError(RefusedError):
    """This address is for people with another role."""

    code = "access.role-refused"


class CrossSiteError(RefusedError):
    """A page of another site sent this, so it was not done."""

    code = "access.cross-site"


class StaleFormError(RefusedError):
    """The form does not belong to this sign-in, so it was not taken."""

    code = "access.stale-form"


# -- accounts ---------------------------------------------------------------------------------------------


class AccountFieldError(MalformedError):
    """A field of an account or organisation does not fit; the path names it."""

    code = "account.field"


class SignInRefusedError(RefusedError):
    """Address and password do not fit together, or there is no such account."""

    code = "account.sign-in-refused"


class PasswordRefusedError(RefusedError):
    """The password is too short, too long, or one that others try first."""

    code = "account.password-refused"


class LinkRefusedError(RefusedError):
    """The link was used already, is too old, or was never sent."""

    code = "account.link-refused"


class AddressTakenError(RefusedError):
    """Another account has this e-mail address."""

    code = "account.address-taken"


class TooManyAttemptsError(RefusedError):
    """This was tried too often within a short time."""

    code = "account.too-many-attempts"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds


class NoSuchPersonError(RefusedError):
    """There is no person with this id, or the account was erased."""

    code = "account.no-such-person"


class NoSuchOrganisationError(RefusedError):
    """There is no organisation with this short name."""

    code = "account.no-such-organisation"


class LastAdministratorError(RefusedError):
    """The only administrator of an organisation cannot be taken away."""

    code = "account.last-administrator"


class HashingBusyError(BrokenError):
    """More passwords are being checked at the moment than our memory allows."""

    code = "account.busy"


# -- doing a thing once -----------------------------------------------------------------------------------


class IdempotencyKeyRequiredError(RefusedError):
    """This request creates something and needs an ``Idempotency-Key``."""

    code = "idempotency.key-required"


class IdempotencyKeyError(MalformedError):
    """The ``Idempotency-Key`` is not 1 to 255 visible ASCII characters."""

    code = "idempotency.key"


class IdempotencyKeyReusedError(RefusedError):
    """The ``Idempotency-Key`` was used before, with other content."""

    code = "idempotency.key-reused"


# -- the network (service.fetch) --------------------------------------------------------------------------


class FetchError(UnknownError):
    """Something at another host could not be asked. It is neither a yes nor a no."""

    code = "fetch"


class URLRefusedError(FetchError):
    """We do not fetch such an address: only https, port 443 and public host names."""

    code = "fetch.url-refused"


class HostNotFoundError(FetchError):
    """The host's name leads to no address."""

    code = "fetch.host-not-found"


class AddressRefusedError(FetchError):
    """The host's name leads to an address that is not public."""

    code = "fetch.address-refused"


class ConnectionFailedError(FetchError):
    """The host refused or broke off the connection."""

    code = "fetch.connection-failed"


class CertificateError(FetchError):
    """The host could not prove by its certificate that it is the host we asked for."""

    code = "fetch.certificate"


class TimedOutError(FetchError):
    """The host did not answer in time."""

    code = "fetch.timed-out"


class NoTimeLeftError(TimedOutError):
    """The host was asked when too little time was left; that says nothing about the host."""

    code = "fetch.no-time-left"


class RedirectRefusedError(FetchError):
    """The host sent us elsewhere, or in circles."""

    code = "fetch.redirect-refused"


class ResponseTooLargeError(FetchError):
    """The answer has more bytes than we take."""

    code = "fetch.too-large"


class ResponseMalformedError(FetchError):
    """The answer is not proper HTTP, or is compressed although we asked for plain bytes."""

    code = "fetch.malformed"


class FetchLimitError(FetchError):
    """One check asked for more addresses than we fetch."""

    code = "fetch.limit"


class HostBusyError(FetchError):
    """We are already asking this host, or the name service, as often as we allow."""

    code = "fetch.busy"


# -- our own side -----------------------------------------------------------------------------------------


class DatabaseUnavailableError(BrokenError):
    """The database cannot be reached, is locked for too long, or its disk is full."""

    code = "database.unavailable"


class DatabaseOutdatedError(BrokenError):
    """The tables in the database are not those of this version."""

    code = "database.outdated"


class DatabaseUnsafeError(BrokenError):
    """The database server is set up so that it may lose what it has acknowledged."""

    code = "database.unsafe"


class DatabaseInUseError(RefusedError):
    """Somebody else is connected to a database that is to be moved."""

    code = "database.in-use"


class DatabaseNotEmptyError(RefusedError):
    """A house is to be moved into a database that holds something already."""

    code = "database.not-empty"


class CopyDiffersError(BrokenError):
    """What arrived in another database is not what was sent; nothing of it was kept."""

    code = "database.copy-differs"


class UnstorableError(MalformedError):
    """A text has the character U+0000, or a text or number is larger than the database keeps."""

    code = "database.unstorable"


class AuditUnavailableError(BrokenError):
    """The audit line could not be written, so the act did not happen either."""

    code = "audit.unavailable"


class AlreadyThereError(RefusedError):
    """What should be made is there already, and making it again would change it."""

    code = "already-there"


class UnguardedRouteError(BrokenError):
    """A route says nothing about who may use it; the service does not start like that."""

    code = "access.unguarded-route"


# -- files (service.files) --------------------------------------------------------------------------------


class StorageFullError(BrokenError):
    """There is no room left for files; nothing was stored."""

    code = "files.full"


class StorageUnavailableError(BrokenError):
    """The place of files cannot be read or written."""

    code = "files.unavailable"


class FileMissingError(BrokenError):
    """A file that should be there is not."""

    code = "files.missing"


class FileDamagedError(BrokenError):
    """A file is there, and is not what was stored."""

    code = "files.damaged"


# -- mail and jobs ----------------------------------------------------------------------------------------


class MailAddressError(MalformedError):
    """This is no e-mail address, or no name beside one, that a mail can carry."""

    code = "mail.address"


class MailContentError(MalformedError):
    """A mail cannot be built like this: a line break in a header, or too much attached."""

    code = "mail.content"


class MailDeliveryError(UnknownError):
    """A mail could not be handed over.

    Attributes:
        reason: Why, as a code without anybody's words or address.
        final: The server said no for good; trying again would change nothing.
        whole: It is about the server and not about this one mail, so others need not be tried now.
    """

    code = "mail.delivery"

    def __init__(self, message: str, *, reason: str, final: bool = False, whole: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.final = final
        self.whole = whole


class JobUnknownError(MalformedError):
    """There is no job of this name."""

    code = "jobs.unknown"


# -- spreadsheets -----------------------------------------------------------------------------------------


class SpreadsheetError(MalformedError):
    """A file is no table that we can read; the sentence names row and column."""

    code = "spreadsheet"


# -- documents for print (service.typeset) ----------------------------------------------------------------


class ExtraMissingError(UnknownError):
    """This needs a library that comes with an extra, which is not installed here."""

    code = "extra.missing"


class TypesettingError(BrokenError):
    """A document for print could not be set."""

    code = "typesetting"


class TypesettingBusyError(BrokenError):
    """As many documents for print are being set at the moment as our memory allows."""

    code = "typesetting.busy"


# -- work on bytes of strangers (service.cell) ------------------------------------------------------------


class CellBusyError(BrokenError):
    """More such work is being done at the moment than our machine allows."""

    code = "cell.busy"


class CellLimitError(UnknownError):
    """The work took more memory or time than the limits; nothing is known about the bytes."""

    code = "cell.limit"


class CellBrokenError(BrokenError):
    """The process for the work could not be started, or failed."""

    code = "cell.broken"
