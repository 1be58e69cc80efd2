# SPDX-License-Identifier: Apache-2.0
"""Profile: who issues, created, assessed or endorses; with the small classes that a Profile and others use.

Open Badges 3.0, "Profile", "Address", "GeoCoordinates", "IdentifierEntry", "Image"
(https://www.imsglobal.org/spec/ob/v3p0/#profile). Endorsements inside are kept as they are: each is a
credential of its own, which the verifier checks and reports apart (``endorsement``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from credentials.structure import Extension, Members, Structure


class IdentifierType(StrEnum):
    """What kind of identifier it is. https://www.imsglobal.org/spec/ob/v3p0/#identifiertypeenum."""

    NAME = "name"
    SOURCED_ID = "sourcedId"
    SYSTEM_ID = "systemId"
    PRODUCT_ID = "productId"
    USER_NAME = "userName"
    ACCOUNT_ID = "accountId"
    EMAIL_ADDRESS = "emailAddress"
    NATIONAL_IDENTITY_NUMBER = "nationalIdentityNumber"
    ISBN = "isbn"
    ISSN = "issn"
    LIS_SOURCED_ID = "lisSourcedId"
    ONE_ROSTER_SOURCED_ID = "oneRosterSourcedId"
    SIS_SOURCED_ID = "sisSourcedId"
    LTI_CONTEXT_ID = "ltiContextId"
    LTI_DEPLOYMENT_ID = "ltiDeploymentId"
    LTI_TOOL_ID = "ltiToolId"
    LTI_PLATFORM_ID = "ltiPlatformId"
    LTI_USER_ID = "ltiUserId"
    IDENTIFIER = "identifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Structure):
    """A picture by its address. https://www.imsglobal.org/spec/ob/v3p0/#image."""

    id: str
    type: str = "Image"
    caption: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierEntry(Structure):
    """An identifier in another system. https://www.imsglobal.org/spec/ob/v3p0/#identifierentry."""

    type: str = "IdentifierEntry"
    identifier: str
    identifier_type: IdentifierType | Extension


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoCoordinates(Structure):
    """A place on the map. https://www.imsglobal.org/spec/ob/v3p0/#geocoordinates."""

    type: str = "GeoCoordinates"
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Structure):
    """A postal address. https://www.imsglobal.org/spec/ob/v3p0/#address."""

    type: tuple[str, ...] = ("Address",)
    address_country: str | None = None
    address_country_code: str | None = None
    address_region: str | None = None
    address_locality: str | None = None
    street_address: str | None = None
    post_office_box_number: str | None = None
    postal_code: str | None = None
    geo: GeoCoordinates | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Structure):
    """An organisation or person. https://www.imsglobal.org/spec/ob/v3p0/#profile."""

    id: str
    type: tuple[str, ...] = ("Profile",)
    name: str | None = None
    url: str | None = None
    phone: str | None = None
    description: str | None = None
    image: Image | None = None
    email: str | None = None
    address: Address | None = None
    other_identifier: tuple[IdentifierEntry, ...] = ()
    official: str | None = None
    parent_org: Profile | None = None
    family_name: str | None = None
    given_name: str | None = None
    additional_name: str | None = None
    patronymic_name: str | None = None
    honorific_prefix: str | None = None
    honorific_suffix: str | None = None
    family_name_prefix: str | None = None
    date_of_birth: date | None = None
    endorsement: tuple[Members, ...] = ()
    endorsement_jwt: tuple[str, ...] = ()
