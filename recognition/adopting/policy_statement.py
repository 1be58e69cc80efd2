# SPDX-License-Identifier: Apache-2.0
"""The signed form of a published policy: a credential that others can check, in standard terms only.

An EndorsementCredential by whoever published the version. Its subject is the address of the exact text, and
``relatedResource`` names that text with its digest (Verifiable Credentials Data Model 2.0, "Integrity of
Related Resources", https://www.w3.org/TR/vc-data-model-2.0/#integrity-of-related-resources). It says that
this is the text, and nothing about anybody's award. It is made when somebody first asks for it, kept, and the
same ever after. Examples are signed by whoever signs for this site; where nobody can sign there is none, and
the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from credentials.dates import format_datetime
from credentials.digests import digest_multibase
from credentials.document import Json
from recognition.adopting import shelf
from recognition.adopting.shelf import HOUSE, StoredPolicy
from recognition.office import Office
from recognition.rule import policy_reader
from recognition.rule.policy_words import label
from recognition.store import policies as rows

TOML: Final = "application/toml"  # RFC 9618, section 4
SIGNED: Final = "application/vc+ld+json"
_CONTEXTS: Final = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)


def signed_form(office: Office, stored: StoredPolicy, *, now: datetime) -> bytes | None:
    """Return the credential about a version; None: nobody can sign for whoever published it.

    Call it outside a transaction, since signing commits on its own.

    Raises:
        HallmarkError: Whoever signs could not.
    """
    if stored.signed is not None:
        return stored.signed
    issuer = signer(office, stored.organisation)
    if issuer is None:
        return None
    members = compose(office.public_url, stored, issuer=issuer)
    seal = office.bureau.seal
    if stored.organisation == HOUSE:
        signed = None if seal is None else seal(members, now=now)
    else:
        signed = None if office.sign is None else office.sign(members, slug=stored.organisation, now=now)
    if signed is None:  # pragma: no cover  the signer was found a moment ago
        return None
    with office.db.transaction() as session:
        rows.keep_signed(session, stored.policy.id, stored.policy.version, signed)
        kept = rows.get(session, stored.policy.id, stored.policy.version)
    return signed if kept is None else kept.signed


def signer(office: Office, organisation: str) -> Mapping[str, Json] | None:
    """Return the Profile of who signs for a publisher; None: nobody can."""
    if organisation == HOUSE:
        return None if office.bureau.seal is None else office.bureau.seal.issuer()
    return None if office.sign is None else office.sign.issuer(organisation)


def compose(public_url: str, stored: StoredPolicy, *, issuer: Mapping[str, Json]) -> dict[str, Json]:
    """Return the unsigned credential; the same version and issuer give the same document."""
    policy, address = policy_reader.read(stored.policy.source), f"{public_url}{stored.path}"
    return {
        "@context": list(_CONTEXTS),
        "id": f"{address}.json",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": f"Rule: {policy.id}, version {policy.version}",
        "issuer": dict(issuer),
        "validFrom": format_datetime(stored.added_at),
        "credentialSubject": {
            "id": f"{address}.toml",
            "type": ["EndorsementSubject"],
            "endorsementComment": (
                f"This is the text of the rule {policy.id}, version {policy.version}, as we publish it. "
                f"Status: {label(policy).lower()}. SHA-256: {policy.sha256}."
            ),
        },
        "relatedResource": [
            {
                "id": f"{address}.toml",
                "mediaType": TOML,
                "digestMultibase": digest_multibase(policy.source),
            }
        ],
    }


def own_document(office: Office, name: str, *, now: datetime) -> tuple[str, bytes] | None:
    """Return what stands at a policy's address, for whoever reads documents by name; or None.

    The page's own link leads to the signed form, so that the link can be checked like any other; the address
    without a version means the version that its page shows.
    """
    start = f"{office.public_url}/policies/"
    if not name.startswith(start):
        return None
    id, _, rest = name.removeprefix(start).partition("/")
    version, dot, ending = rest.rpartition(".")
    if not dot or ending not in ("toml", "json"):
        version, ending = rest, "json"
    stored = shelf.published(office, id, version) if rest else shelf.newest(office, id, on=now.date())
    if stored is None:
        return None
    if ending == "toml":
        return TOML, stored.policy.source
    signed = signed_form(office, stored, now=now)
    return None if signed is None else (SIGNED, signed)
