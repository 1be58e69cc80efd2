# SPDX-License-Identifier: Apache-2.0
"""A small world of issuers in memory. It implements the verifier's ``Fetch``; no test needs a network.

::

    world = World()
    union = world.issuer("union")
    badge = union.mint()
    assert world.look(badge).verdict == "valid"
    union.revoke(badge)
    assert world.look(badge).verdict == "revoked"

Documents are made when they are asked for, from the issuer's state and the world's clock, with the
functions of ``credentials``. Keys follow from names, so that a failing test fails again. Whatever stands in
``world.served`` is served instead of the real document: bytes, a ``Fetched``, or an error to raise.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from credentials import controller_document, did, status_list
from credentials.dates import format_datetime
from credentials.digests import digest_multibase
from credentials.document import write
from credentials.errors import UnknownError
from credentials.identity import IdentityObject
from credentials.proofs import data_integrity, vc_jwt
from credentials.proofs.vc_jwt import CREDENTIALS_V1
from credentials.status_list import BitstringStatusListEntry
from credentials.verification_method import KeyAlgorithm, PublicKey, VerificationMethod
from verifier.asked import Asked
from verifier.errors import UnresolvableError
from verifier.intake import read, read_url
from verifier.ports import ACCEPT_JSON, Fetched, KnownIssuer
from verifier.registry import IssuerList, NoList
from verifier.report import Report
from verifier.status_source import NoMemory
from verifier.verify import examine

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
CONTEXTS = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"
OWNER = "dana.reyes@school.example"
EVIDENCE = b"A lesson plan, as it was handed in."
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

Members = dict[str, Any]


@dataclass(slots=True)
class Clock:
    """The world's time; it moves only when told to."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def advance(self, *, months: int = 0, **span: float) -> None:
        self.moment += timedelta(days=30 * months) + timedelta(**span)


@dataclass(frozen=True, slots=True)
class MemorySigner:
    """A Signer whose key follows from a word. For tests only."""

    verification_method: str
    algorithm: KeyAlgorithm
    word: str

    @property
    def public_key(self) -> PublicKey:
        return PublicKey.from_cryptography(self._key().public_key())

    def sign(self, data: bytes) -> bytes:
        key = self._key()
        if isinstance(key, Ed25519PrivateKey):
            return key.sign(data)
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def _key(self) -> Ed25519PrivateKey | ec.EllipticCurvePrivateKey:
        seed = hashlib.sha256(f"{self.algorithm}:{self.word}".encode()).digest()
        if self.algorithm is KeyAlgorithm.ED25519:
            return Ed25519PrivateKey.from_private_bytes(seed)
        return ec.derive_private_key(1 + int.from_bytes(seed, "big") % (P256_ORDER - 1), ec.SECP256R1())


@dataclass(slots=True)
class Generation:
    """One pair of keys of an issuer: Ed25519 for proofs, P-256 for JWTs."""

    number: int
    revoked: datetime | None = None
    expires: datetime | None = None
    relationship: str = "assertionMethod"
    listed: bool = True


@dataclass(slots=True)
class Issuer:
    """Somebody who issues, with everything that can go wrong there."""

    world: World
    name: str
    id: str
    title: str
    secret: str
    generations: list[Generation] = field(default_factory=lambda: [Generation(1)])
    set_bits: dict[str, set[int]] = field(default_factory=lambda: {"revocation": set(), "suspension": set()})
    minted: int = 0
    frozen: dict[str, bytes] = field(default_factory=dict)

    # -- what it says about itself ------------------------------------------------------------------------

    @property
    def site(self) -> str:
        return f"https://{self.name}.example"

    @property
    def profile(self) -> Members:
        return {"id": self.id, "type": ["Profile"], "name": self.title, "url": f"{self.site}/"}

    def signer(self, algorithm: KeyAlgorithm = KeyAlgorithm.ED25519) -> MemorySigner:
        """The newest key of a kind."""
        return self._signer(self.generations[-1], algorithm)

    def document(self) -> Members:
        """Its controller document as it stands now."""
        methods: list[tuple[Generation, VerificationMethod]] = []
        for generation in self.generations:
            for algorithm in (KeyAlgorithm.ED25519, KeyAlgorithm.P256):
                signer = self._signer(generation, algorithm)
                kind = "Multikey" if algorithm is KeyAlgorithm.ED25519 else "JsonWebKey"
                methods.append(
                    (
                        generation,
                        VerificationMethod(
                            signer.verification_method,
                            kind,
                            self.id,
                            signer.public_key,
                            expires=generation.expires,
                            revoked=generation.revoked,
                        ),
                    )
                )
        shown = [(generation, method) for generation, method in methods if generation.listed]
        members: Members = controller_document.build(did=self.id, methods=[method for _, method in shown])
        members.pop("assertionMethod")
        for generation, method in shown:
            members.setdefault(generation.relationship, []).append(method.id)
        return members

    def jwks(self) -> Members:
        """Its key set."""
        keys = [
            {
                **self._signer(g, KeyAlgorithm.P256).public_key.to_jwk(),
                "kid": self._key_id(g, KeyAlgorithm.P256),
            }
            for g in self.generations
            if g.listed
        ]
        return {"iss": self.id, "keys": keys}

    # -- what it issues -----------------------------------------------------------------------------------

    def draft(self, *, suspension: bool = False, status: bool = True, **members: Any) -> Members:
        """An unsigned badge with criteria, a rubric result and evidence; ``members`` replace or add."""
        self.minted += 1
        url = f"{self.site}/achievements/teamwork"
        index = 1_000 + 7 * self.minted
        salt = hashlib.sha256(f"{self.name}:{self.minted}".encode()).hexdigest()[:32]
        levels = [
            {"id": f"{url}#level-{n}", "type": ["RubricCriterionLevel"], "name": name, "points": str(n)}
            for n, name in ((1, "Emerging"), (2, "Proficient"), (3, "Leading"))
        ]
        draft: Members = {
            "@context": list(CONTEXTS),
            "id": f"{self.site}/credentials/{self.minted}",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": "Teamwork in the classroom",
            "issuer": self.profile,
            "validFrom": format_datetime(self.world.clock.now()),
            "awardedDate": format_datetime(self.world.clock.now()),
            "credentialSubject": {
                "type": ["AchievementSubject"],
                "identifier": [IdentityObject.create(OWNER, salt=salt).to_members()],
                "achievement": {
                    "id": url,
                    "type": ["Achievement"],
                    "achievementType": "MicroCredential",
                    "name": "Teamwork in the classroom",
                    "description": "Plans and leads group work in which every pupil has a part.",
                    "criteria": {"id": f"{url}/criteria", "narrative": "Two lessons, planned and reviewed."},
                    "alignment": [
                        {
                            "type": ["Alignment"],
                            "targetName": "Collaboration",
                            "targetUrl": "https://standards.example/collaboration",
                        }
                    ],
                    "resultDescription": [
                        {
                            "id": f"{url}#planning",
                            "type": ["ResultDescription"],
                            "name": "Planning",
                            "resultType": "RubricCriterionLevel",
                            "requiredLevel": f"{url}#level-2",
                            "rubricCriterionLevel": levels,
                        }
                    ],
                    "tag": ["teamwork", "planning"],
                },
                "result": [
                    {
                        "type": ["Result"],
                        "resultDescription": f"{url}#planning",
                        "achievedLevel": f"{url}#level-3",
                    }
                ],
            },
            "evidence": [
                {
                    "id": f"{self.site}/evidence/{self.minted}",
                    "type": ["Evidence"],
                    "name": "Lesson plan",
                    "digestMultibase": digest_multibase(EVIDENCE),
                }
            ],
        }
        if status:
            entries = [self.entry(index, "revocation").to_members()]
            if suspension:
                entries.append(self.entry(index, "suspension").to_members())
            draft["credentialStatus"] = entries if suspension else entries[0]
        return {**draft, **members}

    def draft_v1(self, *extensions: str, **members: Any) -> Members:
        """An unsigned badge in the older data model (VCDM 1.1), with further contexts."""
        draft = self.draft(status=False)
        del draft["evidence"][0]["digestMultibase"], draft["awardedDate"]
        draft["issuanceDate"] = draft.pop("validFrom")
        return {**draft, "@context": [CREDENTIALS_V1, CONTEXTS[1], DATA_INTEGRITY, *extensions], **members}

    def entry(self, index: int, purpose: str) -> BitstringStatusListEntry:
        """A status entry of its own list."""
        url = self.list_url(purpose)
        return BitstringStatusListEntry(
            id=f"{url}#{index}", status_purpose=purpose, status_list_index=index, status_list_credential=url
        )

    def list_url(self, purpose: str = "revocation") -> str:
        """Where its list for a purpose stands."""
        return f"{self.site}/status/{purpose}"

    def mint(self, *, jwt: bool = False, **options: Any) -> bytes:
        """Draft and sign."""
        return self.sign(self.draft(**options), jwt=jwt)

    def sign(
        self, members: Mapping[str, Any], *, jwt: bool = False, signer: MemorySigner | None = None
    ) -> bytes:
        """Sign whatever is given, without asking whether it is true."""
        if jwt:
            return vc_jwt.encode(members, signer=signer or self.signer(KeyAlgorithm.P256)).encode()
        return write(
            data_integrity.add_proof(members, signer=signer or self.signer(), created=self.world.clock.now())
        )

    # -- what it takes back -------------------------------------------------------------------------------

    def revoke(self, credential: bytes) -> None:
        self._set(credential, "revocation")

    def suspend(self, credential: bytes) -> None:
        self._set(credential, "suspension")

    def reinstate(self, credential: bytes) -> None:
        for index in _indices(credential, "suspension"):
            self.set_bits["suspension"].discard(index)

    def status_list(self, purpose: str = "revocation", **members: Any) -> Members:
        """Its list as it would publish it now, unsigned."""
        now = self.world.clock.now()
        composed: Members = status_list.compose_list(
            id=self.list_url(purpose),
            issuer_members=self.profile,
            status_purpose=purpose,
            encoded_list=status_list.encode(self.set_bits[purpose]),
            valid_from=now,
            valid_until=now + timedelta(hours=1),
        )
        return {**composed, **members}

    def serve_old_status_list(self, purpose: str = "revocation") -> None:
        """Keep serving the list of this moment, whatever happens later."""
        self.frozen[self.list_url(purpose)] = self.sign(self.status_list(purpose))

    # -- what happens to its keys -------------------------------------------------------------------------

    def rotate_key(self) -> None:
        """Make a new pair; the old one stays listed."""
        self.generations.append(Generation(self.generations[-1].number + 1))

    def lose_key(self) -> None:
        """List no key any more, and make a new one that nobody has signed with."""
        for generation in self.generations:
            generation.listed = False
        self.rotate_key()

    def compromise_key(self, *, since: datetime) -> None:
        """Say that the newest pair is not to be believed since then."""
        self.generations[-1].revoked = since

    # -- inside -------------------------------------------------------------------------------------------

    def _key_id(self, generation: Generation, algorithm: KeyAlgorithm) -> str:
        if self.id.startswith("did:key:"):
            return f"{self.id}#{self.id.removeprefix('did:key:')}"
        return f"{self.id}#{str(algorithm).lower()}-{generation.number}"

    def _signer(self, generation: Generation, algorithm: KeyAlgorithm) -> MemorySigner:
        word = f"{self.secret}:{generation.number}"
        return MemorySigner(self._key_id(generation, algorithm), algorithm, word)

    def _set(self, credential: bytes, purpose: str) -> None:
        for index in _indices(credential, purpose):
            self.set_bits[purpose].add(index)


class World:
    """Issuers, a clock, and everything that can be fetched."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.issuers: dict[str, Issuer] = {}
        self.served: dict[str, bytes | Fetched | Exception] = {}
        self.offline: set[str] = set()
        self.requests: list[str] = []
        self.memory = NoMemory()
        self._documents: dict[tuple[object, ...], bytes] = {}
        self.list: list[KnownIssuer] | None = None

    def issuer(self, name: str, *, title: str | None = None, id: str | None = None) -> Issuer:
        """The did:web issuer of this name; it comes into being when first asked for."""
        if name not in self.issuers:
            own_id = id or did.did_web_for(f"{name}.example")
            self.issuers[name] = Issuer(self, name, own_id, title or f"The {name.title()}", secret=name)
        return self.issuers[name]

    def https_issuer(self, name: str) -> Issuer:
        """An issuer that is named by an https address."""
        return self.issuer(name, id=f"https://{name}.example/issuer")

    def did_key_issuer(self, name: str) -> Issuer:
        """An issuer whose name is its key."""
        key = MemorySigner("", KeyAlgorithm.ED25519, f"{name}:1").public_key
        return self.issuer(name, id=did.did_key_for(key))

    def impostor_of(self, name: str) -> Issuer:
        """Somebody with keys of their own who claims to be ``name``, and publishes nothing there."""
        real = self.issuer(name)
        return Issuer(self, real.name, real.id, real.title, secret=f"impostor of {name}")

    def go_offline(self, name: str) -> None:
        """Nothing of this issuer answers any more."""
        self.offline.add(name)

    def recognise(self, *issuers: Issuer) -> None:
        """Put issuers on the reader's list."""
        self.list = [KnownIssuer(did=issuer.id, name=issuer.title) for issuer in issuers]

    def look(self, raw: bytes, *, expected_recipient: str | None = None, **options: Any) -> Report:
        """Examine ``raw`` in this world, now."""
        if expected_recipient is not None:
            options["asked"] = Asked(recipient=expected_recipient)
        registry = NoList() if self.list is None else IssuerList(tuple(self.list))
        return examine(
            read(raw),
            now=self.clock.now(),
            fetch=self,
            **{"registry": registry, "memory": self.memory, **options},
        )

    def look_at(self, url: str) -> Report:
        """Examine what stands at ``url``."""
        return examine(read_url(url, fetch=self), now=self.clock.now(), fetch=self, memory=self.memory)

    def network(self, url: str, *, max_bytes: int, accept: str = ACCEPT_JSON) -> Fetched:
        """Serve by URL, as ``service.fetch`` does: a did:web is asked for at its did.json."""
        if url.endswith("/.well-known/did.json"):
            url = did.did_web_for(url.split("/")[2])
        return self(url, max_bytes=max_bytes, accept=accept)

    def __call__(self, name: str, *, max_bytes: int, accept: str = ACCEPT_JSON) -> Fetched:
        """Serve a document by its name, as ``verifier.ports.Fetch``."""
        del accept
        self.requests.append(name)
        found = self.served.get(name)
        if isinstance(found, Exception):
            raise found
        if isinstance(found, Fetched):
            return found
        if found is None:
            found = self._made(name)
        if found is None:
            return Fetched(name, 404, "", b"")
        if len(found) > max_bytes:
            raise UnresolvableError("The answer is too large.")
        return Fetched(name, 200, "application/json", found)

    def _made(self, name: str) -> bytes | None:
        for issuer in self.issuers.values():
            names = (issuer.id, issuer.site)
            if not name.startswith(names):
                continue
            if issuer.name in self.offline:
                raise UnresolvableError(f"{issuer.name} did not answer.")
            if name in issuer.frozen:
                return issuer.frozen[name]
            # Made once for each state that they follow from; signing each time would make tests slow.
            state = (name, self.clock.moment, repr(issuer.generations), repr(issuer.set_bits))
            if state not in self._documents:
                made = self._make(issuer, name)
                if made is None:
                    return None
                self._documents[state] = made
            return self._documents[state]
        return None

    def _make(self, issuer: Issuer, name: str) -> bytes | None:
        if name == issuer.id:
            return write(issuer.document())
        if name == f"{issuer.site}/.well-known/jwks.json":
            return write(issuer.jwks())
        for purpose in issuer.set_bits:
            if name == issuer.list_url(purpose):
                return issuer.sign(issuer.status_list(purpose))
        return None


def members_of(credential: bytes) -> Members:
    """Return a changeable copy of a signed JSON credential."""
    members: Members = json.loads(credential)
    return copy.deepcopy(members)


def outcome_of(report: Report, check: str) -> str:
    """Return the outcome of one check of a report."""
    return next(str(c.outcome) for c in report.checks if c.check == check)


def explanation_of(report: Report, check: str) -> str:
    """Return what one check of a report says."""
    return next(c.explanation for c in report.checks if c.check == check)


def timed_out(host: str) -> UnknownError:
    """Return the error of a host that does not answer."""
    return UnresolvableError(f"{host} did not answer within 5 seconds.")


def _indices(credential: bytes, purpose: str) -> list[int]:
    members: Members = json.loads(
        credential if credential.startswith(b"{") else vc_jwt.parse_jwt(credential.decode()).payload.raw
    )
    entries = members.get("credentialStatus", [])
    return [
        int(entry["statusListIndex"])
        for entry in (entries if isinstance(entries, list) else [entries])
        if entry["statusPurpose"] == purpose
    ]
