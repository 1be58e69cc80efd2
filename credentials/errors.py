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


# -- dates, encodings, identifiers ------------------------------------------------------------------------


class DateError(MalformedError):
    """A text is not a date and time with a zone."""

    code = "date"


class MultibaseError(MalformedError):
    """A text is not what its encoding (base58btc, base64url) says it is."""

    code = "multibase"


class DigestError(MalformedError):
    """A digest is not written in a form that we read."""

    code = "digest"


class IdentityError(MalformedError):
    """An identity object is not written in a form that we read."""

    code = "identity"


class MalformedDIDError(MalformedError):
    """A decentralised identifier breaks the grammar of its method."""

    code = "did.malformed"


class UnknownDIDMethodError(UnknownError):
    """A decentralised identifier has a method that we do not resolve."""

    code = "did.unknown-method"


# -- public keys, verification methods and controller documents -------------------------------------------


class PublicKeyError(MalformedError):
    """A public key is not written in a form that we read, or is no key at all."""

    code = "key"


class UnsupportedKeyError(UnknownError):
    """A public key is of a kind that we do not carry."""

    code = "key.unsupported"


class WeakKeyError(WrongError):
    """A public key proves nothing: too short, or of small order."""

    code = "key.weak"


class PrivateKeyShownError(WrongError):
    """A private key stands where a public one belongs, so anybody could have signed."""

    code = "key.private"


class KeyUseError(WrongError):
    """A public key says of itself that it is not for this use."""

    code = "key.use"


class SignatureError(WrongError):
    """A signature does not fit the key and the data."""

    code = "signature"


class ControllerDocumentError(MalformedError):
    """A document does not have the form of a controller document."""

    code = "controller-document"


class ControllerDocumentIdError(WrongError):
    """A controller document speaks of another identifier than the one it was asked for."""

    code = "controller-document.id"


class MethodNotFoundError(WrongError):
    """A controller document does not contain the verification method."""

    code = "verification-method.not-found"


class MethodControllerError(WrongError):
    """A verification method belongs to another controller."""

    code = "verification-method.controller"


class MethodNotForAssertionsError(WrongError):
    """A controller document contains the verification method, but not for assertions."""

    code = "verification-method.not-for-assertions"


class MethodExpiredError(WrongError):
    """A verification method had expired when the proof was made."""

    code = "verification-method.expired"


class MethodRevokedError(WrongError):
    """A verification method had been revoked when the proof was made, or may have been."""

    code = "verification-method.revoked"


# -- Data Integrity proofs (credentials.proofs.data_integrity) --------------------------------------------


class ProofError(WrongError):
    """A proof does not have the form that a proof must have."""

    code = "proof"


class NoProofError(ProofError):
    """There is no proof at all."""

    code = "proof.missing"


class TooManyProofsError(ProofError):
    """There are more proofs than the limit."""

    code = "proof.too-many"


class ProofPurposeError(ProofError):
    """A proof was made for another purpose."""

    code = "proof.purpose"


class ProofExpiredError(ProofError):
    """A proof says of itself that it is no longer good."""

    code = "proof.expired"


class ProofChainError(ProofError):
    """A proof builds on a proof that is not there, or on itself."""

    code = "proof.chain"


class UnregisteredSuiteError(ProofError):
    """A proof names a cryptosuite that no specification registers."""

    code = "proof.unregistered-suite"


class UncarriedSuiteError(UnknownError):
    """A proof uses a registered cryptosuite that we do not carry."""

    code = "proof.uncarried-suite"


class ProofInvalidError(ProofError):
    """The signature of a proof does not fit the document and the key."""

    code = "proof.invalid"


# -- VC-JWT (credentials.proofs.jose, credentials.proofs.vc_jwt) ------------------------------------------


class JWTFormError(MalformedError):
    """A text is not a compact JWS of exactly three strictly encoded parts."""

    code = "jwt.form"


class JWTHeaderError(WrongError):
    """A JWT header says something that the profile forbids."""

    code = "jwt.header"


class JWTAlgorithmError(JWTHeaderError):
    """A JWT is signed with an algorithm that we do not allow, or that is not the key's own."""

    code = "jwt.algorithm"


class ClaimError(WrongError):
    """A JWT claim is missing, of the wrong type or out of range."""

    code = "jwt.claim"


class ClaimConflictError(ClaimError):
    """A JWT claim says something else than the credential."""

    code = "jwt.claim-conflict"


# -- structure and schema (credentials.structure, credentials.schema) -------------------------------------


class StructureError(WrongError):
    """The document breaks the data model of Open Badges 3.0 at one place."""

    code = "structure"


class SchemaDigestError(BrokenError):
    """A schema file of ours is not the file that was pinned."""

    code = "schema.digest"


# -- status (credentials.status_list, credentials.legacy_status) ------------------------------------------


class StatusError(UnknownError):
    """A status cannot be read. Never to be taken for "not revoked"."""

    code = "status"


class StatusEntryError(StatusError):
    """A status entry lacks something, or says it in a form that we do not read."""

    code = "status.entry"


class StatusTypeError(StatusError):
    """A status entry is of a kind that we do not read."""

    code = "status.unknown-type"


class StatusSizeError(StatusError):
    """A status takes more than one bit, so one bit does not say what it means."""

    code = "status.size"


class StatusIndexError(StatusError):
    """An index does not lie in the list."""

    code = "status.index"


class StatusListError(StatusError):
    """A document is not a status list in a form that we read."""

    code = "status.list"


class StatusEncodingError(StatusListError):
    """The bits of a status list are not one whole gzip member in base64url."""

    code = "status.encoding"


class StatusListTooLongError(StatusListError):
    """A status list inflates to more bytes than the limit."""

    code = "status.too-long"


class StatusListTooShortError(StatusListError):
    """A status list has so few entries that looking one up would tell whose it is."""

    code = "status.too-short"


# -- baked pictures (credentials.baking) ------------------------------------------------------------------


class BakingError(MalformedError):
    """A picture does not carry exactly one credential in the form that it must have."""

    code = "baking"


class NotAPictureError(BakingError):
    """The bytes are not a PNG or SVG picture."""

    code = "baking.not-a-picture"


class PictureDamagedError(BakingError):
    """A picture is damaged, or its parts do not say what they are."""

    code = "baking.damaged"


class PictureTooLargeError(BakingError):
    """A picture has more bytes, parts or levels than the limit."""

    code = "baking.too-large"


class ForbiddenMarkupError(BakingError):
    """An SVG picture holds a document type or entity, which we never read."""

    code = "baking.forbidden-markup"


class NoCredentialError(BakingError):
    """A picture carries no credential: it is just a picture."""

    code = "baking.no-credential"


class OpenBadges2Error(NoCredentialError):
    """A picture carries an Open Badges 2 assertion, which we recognise and never use."""

    code = "baking.open-badges-2"


class BakedTwiceError(BakingError):
    """A picture carries more than one credential, so readers would disagree."""

    code = "baking.twice"


class BakedFormError(BakingError):
    """A picture carries a credential in another form than the specification's."""

    code = "baking.form"


# -- JSON-LD contexts, the walk and canonicalisation (credentials.jsonld, credentials.rdf) ----------------


class ContextRefusedError(WrongError):
    """The contexts are not an array of addresses in an order that we accept."""

    code = "context.refused"


class UnknownContextError(UnknownError):
    """A context is not among those that we carry, and none is ever fetched."""

    code = "context.unknown"


class ContextDamagedError(BrokenError):
    """A context file of ours does not have the digest that is pinned."""

    code = "context.damaged"


class UnsignedContentError(WrongError):
    """The document holds something that a signature over it would not cover."""

    code = "content.unsigned"


class UnsupportedContentError(UnknownError):
    """The document holds a kind of JSON-LD that we do not translate."""

    code = "content.unsupported"


class WorkLimitError(UnknownError):
    """Canonicalising the document would cost more than the limit that the message names."""

    code = "work-limit"


class NQuadsError(MalformedError):
    """A text is not N-Quads."""

    code = "n-quads"
