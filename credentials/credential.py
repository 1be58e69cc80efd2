# SPDX-License-Identifier: Apache-2.0
"""OpenBadgeCredential: the award itself, and what all credentials have around their subject.

Open Badges 3.0, "AchievementCredential" (https://www.imsglobal.org/spec/ob/v3p0/#achievementcredential), over
the Verifiable Credentials Data Model 2.0. The older form (VCDM 1.1: ``issuanceDate``, ``expirationDate``) is
read and never written. A view is for asking; the credential remains its bytes (``document``). Proofs, status
entries and embedded endorsements are kept as they are: ``proofs.data_integrity``, ``status_list`` and
``endorsement`` read them.

    >>> badge = OpenBadgeCredential.read(document)                          # doctest: +SKIP
    >>> badge.credential_subject.achievement.name                           # doctest: +SKIP
    'Family Engagement'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Final

from credentials.document import Json
from credentials.errors import StructureError
from credentials.evidence import Evidence
from credentials.profile import Image, Profile
from credentials.structure import As, Broken, Members, Structure
from credentials.subject import AchievementSubject

CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"
CREDENTIALS_V1: Final = "https://www.w3.org/2018/credentials/v1"
OPEN_BADGES: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CONTEXT: Final = (CREDENTIALS_V2, OPEN_BADGES)  # what we issue under, in this order

_OLDER_NAMES: Final[Mapping[str, str]] = {"validFrom": "issuanceDate", "validUntil": "expirationDate"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSchema(Structure):
    """A schema that the credential says it follows. https://www.imsglobal.org/spec/ob/v3p0/#credentialschema."""

    id: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshService(Structure):
    """Where a newer one can be asked for. https://www.imsglobal.org/spec/ob/v3p0/#refreshservice."""

    id: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedResource(Structure):
    """A document held to its digest. https://www.w3.org/TR/vc-data-model-2.0/#integrity-of-related-resources."""

    id: str
    digest_multibase: str | None = None
    digest_sri: Annotated[str | None, As("digestSRI")] = None
    media_type: str | None = None

    def rules(self) -> Iterator[Broken]:
        """Yield a missing digest."""
        if self.digest_multibase is None and self.digest_sri is None:
            yield (), "The related document has no digest."


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiableCredential(Structure):
    """What every credential has around its subject. https://www.w3.org/TR/vc-data-model-2.0/#credentials."""

    context: Annotated[tuple[object, ...], As("@context", required=True)] = CONTEXT
    id: str
    type: tuple[str, ...] = ("VerifiableCredential",)
    name: str | None = None
    description: str | None = None
    image: Image | None = None
    issuer: Profile | str  # a bare address is allowed by the schema; we always write a Profile
    valid_from: datetime
    valid_until: datetime | None = None
    awarded_date: datetime | None = None
    credential_subject: Structure
    evidence: tuple[Evidence, ...] = ()
    endorsement: tuple[Members, ...] = ()
    endorsement_jwt: tuple[str, ...] = ()
    related_resource: tuple[RelatedResource, ...] = ()
    credential_schema: tuple[CredentialSchema, ...] = ()
    credential_status: Annotated[tuple[Members, ...], As(alone=True)] = ()
    refresh_service: RefreshService | None = None
    terms_of_use: tuple[Members, ...] = ()
    proof: tuple[Members, ...] = ()

    @property
    def vcdm(self) -> str:
        """The version of the Verifiable Credentials Data Model, told by the first context: "2.0" or "1.1"."""
        return "1.1" if self.context[0] == CREDENTIALS_V1 else "2.0"

    @property
    def issuer_id(self) -> str:
        """The issuer's identifier, whichever form the issuer has."""
        return self.issuer if isinstance(self.issuer, str) else self.issuer.id

    @classmethod
    def older_names(cls, members: Members) -> Mapping[str, str]:
        """Return the names that VCDM 1.1 has for the dates, if this is such a credential."""
        return _OLDER_NAMES if is_vcdm_1(members) else {}

    def to_members(self) -> dict[str, Json]:
        """Return the members of the unsigned or signed credential, as ``Structure.to_members``.

        Raises:
            StructureError: The values break the data model, or this was read from the older form.
        """
        if self.vcdm != "2.0":
            raise StructureError("A credential of VCDM 1.1 is read and never written.", path="/@context/0")
        return super(VerifiableCredential, self).to_members()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBadgeCredential(VerifiableCredential):
    """The signed award. https://www.imsglobal.org/spec/ob/v3p0/#achievementcredential."""

    EXPECTED_TYPES: ClassVar = (
        frozenset({"VerifiableCredential"}),
        frozenset({"OpenBadgeCredential", "AchievementCredential"}),
    )

    type: tuple[str, ...] = ("VerifiableCredential", "OpenBadgeCredential")
    credential_subject: AchievementSubject


def is_vcdm_1(members: Members) -> bool:
    """Tell whether the first context is that of VCDM 1.1."""
    context = members.get("@context")
    return isinstance(context, list) and bool(context) and context[0] == CREDENTIALS_V1
