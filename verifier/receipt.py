# SPDX-License-Identifier: Apache-2.0
"""Receipts: a verdict that somebody wants to keep, with a signed statement over it.

Kept are the record (``verifier.receipt_record``), the credential that was examined, and an Open Badges 3.0
EndorsementCredential signed by whoever answers for this service. Its subject is the receipt's address; it
names the digests of the record and of what was examined, and says verdict and time in our own words only, so
that nobody can have us sign theirs (threat V14). Where nobody can sign, a receipt is unsigned and says so.

A receipt is made only when somebody asks for it, its address cannot be guessed, and it ends after
``receipt_days``. The issuer drops its own copy of the statement with the next tidying; its audit log says
that it has signed something, with digests and the time. ``receipt_room`` says how many are kept in a day.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from credentials.dates import format_datetime
from credentials.digests import digest_multibase
from credentials.document import Json, parse
from credentials.errors import UnknownError
from service import text
from service.db import Database
from service.errors import AddressRefusedError, URLRefusedError
from verifier import issuer_lists, receipt_room, receipt_words
from verifier import receipt_record as records
from verifier.asked import Asked
from verifier.bureau import Bureau
from verifier.errors import NoSuchReceiptError
from verifier.intake import Presented, read_url
from verifier.receipt_record import BATCH, CHECK, BatchLine, BatchSummary, Place
from verifier.report import Report
from verifier.store import receipts as rows
from verifier.store.receipts import StoredReceipt
from verifier.verdict import Verdict
from verifier.verify import unexamined

EXAMINED_BYTES: Final = 262_144  # bytes of a credential that are kept with its receipt; samples have 56 KB
RECORD_BYTES: Final = 4_194_304  # bytes; a report about 500 things has some 400,000

_CONTEXTS: Final = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt.

    Attributes:
        id: Random; the last part of its address.
        kind: ``check``, or ``batch`` for a report about many.
        address: Its page; also the subject of the signed statement.
        record: The exact bytes of the record.
        signed: The exact bytes of the signed statement; None: nobody could sign.
        examined: The credential that was examined, as JSON or JWT, if there was one of common size.
        made_at: When the check was made.
        ends_at: From when on it is not shown any more.
    """

    id: str
    kind: str
    address: str
    record: bytes
    signed: bytes | None
    examined: bytes | None
    made_at: datetime
    ends_at: datetime

    def members(self) -> Mapping[str, Json]:
        """Return what the record says."""
        return parse(self.record, max_bytes=RECORD_BYTES).members


@dataclass(frozen=True, slots=True)
class Looked:
    """One check, with everything that a receipt of it needs.

    Attributes:
        report: What was found.
        presented: What was examined; None where it could not be had.
        url: Where it stood, if it was brought as an address.
        list_title: Name of the list of issuers that was compared with.
        list_version: Which version of it.
    """

    report: Report
    presented: Presented | None
    url: str | None
    list_title: str | None
    list_version: int | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the signed statement holds, at this moment.

    Attributes:
        state: ``holds``, ``unsigned``, ``broken`` or ``unclear``.
        sentence: The same as a sentence.
    """

    state: str
    sentence: str


def look(
    bureau: Bureau, asked: Asked, *, presented: Presented | None, url: str | None, now: datetime
) -> Looked:
    """Examine what was brought, or what stands at ``url``; a host that is silent leaves it undetermined.

    Raises:
        MalformedError: The address is none, nothing is there, or what is there is no credential.
        URLRefusedError, AddressRefusedError: An address that we never open.
        NoSuchIssuerListError: There is no list of this name.
    """
    desk, version = bureau.desk, None
    if asked.issuers is not None:
        listing = issuer_lists.listing(bureau, asked.issuers)
        desk, version = desk.against(asked.issuers), None if listing is None else listing.version
    title = desk.registry.title
    if presented is None:
        try:
            presented = read_url(url or "", fetch=desk.documents(now=now))
        except (URLRefusedError, AddressRefusedError):
            raise
        except UnknownError as error:
            return Looked(unexamined(error, now=now), None, url, title, version)
    return Looked(desk.look(presented, now=now, asked=asked), presented, url, title, version)


def keep(bureau: Bureau, looked: Looked, asked: Asked, *, now: datetime) -> Receipt:
    """Keep a receipt of one check. What was typed to compare with is not in it.

    Raises:
        ReceiptsFullError: So many were kept within a day that no more are.
        HallmarkError: Whoever signs could not; nothing is kept then.
    """
    receipt_room.require(bureau, now=now)
    place = _place(bureau, now)
    record = records.of_check(
        place,
        looked.report,
        asked,
        presented=looked.presented,
        url=looked.url,
        listed=records.list_of(asked, looked.list_title, version=looked.list_version),
    )
    examined = None if looked.presented is None else records.inside(looked.presented)
    words = receipt_words.of_check(bureau, looked.report, looked.presented, asked, now=now)
    name = f"Verification receipt: {records.word(str(looked.report.verdict))}"
    signed = _sign(bureau, place, record, name=name, words=words, others=_named(looked.presented))
    fits = examined is not None and len(examined) <= EXAMINED_BYTES
    return _add(bureau, place, kind=CHECK, record=record, signed=signed, examined=examined if fits else None)


def keep_batch(
    bureau: Bureau, summary: BatchSummary, lines: Sequence[BatchLine], *, now: datetime
) -> Receipt:
    """Keep one report about many checks. Call it outside a transaction, since signing commits on its own.

    Raises:
        HallmarkError: Whoever signs could not; nothing is kept then.
    """
    place = _place(bureau, now)
    record = records.of_batch(place, summary, lines)
    counts = ", ".join(f"{each} {records.word(verdict)}" for verdict, each in records.tally(lines).items())
    stopped = (
        " The batch was stopped by somebody before everything was checked." if summary.is_cancelled else ""
    )
    words = (
        f"{bureau.settings.title} examined {records.checked(lines)} of {text.count(len(lines), 'thing')} "
        f"brought at once.{stopped} "
        f"The report was made on {text.time(now)}. The verdicts: {counts or 'none'}. "
        "What was found about each stands in the record whose digest is named here."
    )
    name = f"Verification report: {text.count(len(lines), 'result')}"
    signed = _sign(bureau, place, record, name=name, words=words, others=[])
    return _add(bureau, place, kind=BATCH, record=record, signed=signed, examined=None)


def find(bureau: Bureau, key: str, *, now: datetime) -> Receipt:
    """Return the receipt with this id.

    Raises:
        NoSuchReceiptError: There is none, or it has ended.
    """
    with bureau.db.reading() as session:
        found = rows.find(session, key, now=now)
    if found is None:
        raise NoSuchReceiptError("There is no receipt here: it has ended, or the link is not complete.")
    return _receipt(bureau, found)


def own_document(db: Database, public_url: str, name: str, *, now: datetime) -> tuple[str, bytes] | None:
    """Return what stands at a receipt's address, for whoever reads documents by name; or None.

    The link on a paper leads to the page; whoever checks that link is given the signed statement.
    """
    start = f"{public_url}/verify/receipts/"
    if not name.startswith(start):
        return None
    key, slash, rest = name.removeprefix(start).removesuffix(".json").partition("/record")
    if rest or not _UUID.fullmatch(key):
        return None
    with db.reading() as session:
        found = rows.find(session, key, now=now)
    if found is None:
        return None
    if found.signed is None or slash:
        return "application/json", found.record
    return "application/vc+ld+json", found.signed


def tidy(bureau: Bureau, *, now: datetime) -> int:
    """Delete what has ended, and the signer's copies, every day; return how many receipts have ended."""
    if bureau.seal is not None:
        bureau.seal.let_go(f"{bureau.public_url}/verify/receipts/", now=now)
    with bureau.db.transaction() as session:
        return rows.drop_ended(session, now=now)


def prove(bureau: Bureau, receipt: Receipt, *, now: datetime) -> Proof:
    """Check the signed statement as any stranger would, and that it names this very record."""
    if receipt.signed is None:
        return Proof(
            "unsigned",
            "This receipt is not signed, because nobody signs for this site. It is worth what you know of "
            "where you have it from.",
        )
    report = bureau.desk.examine(receipt.signed, now=now)
    if report.verdict is Verdict.UNDETERMINED:
        return Proof("unclear", f"The signature could not be checked just now. {report.sentence}")
    if report.verdict is not Verdict.VALID or not names(receipt.signed, receipt.record):
        return Proof("broken", f"The signature of this receipt does not hold. {report.sentence}")
    return Proof("holds", "The signature was checked just now, and it covers this very record.")


def names(signed: bytes, record: bytes) -> bool:
    """Tell whether a signed statement names ``record`` by its digest."""
    named = parse(signed).members.get("relatedResource")
    entries = named if isinstance(named, list) else [named]
    digest = digest_multibase(record)
    return any(isinstance(each, dict) and each.get("digestMultibase") == digest for each in entries)


def _place(bureau: Bureau, now: datetime) -> Place:
    key = str(uuid.uuid4())  # 122 random bits from the operating system
    return Place(key, f"{bureau.public_url}/verify/receipts/{key}", bureau.settings, now)


def _add(
    bureau: Bureau, place: Place, *, kind: str, record: bytes, signed: bytes | None, examined: bytes | None
) -> Receipt:
    ends_at = place.now + timedelta(days=bureau.settings.receipt_days)
    stored = StoredReceipt(place.key, kind, record, signed, examined, place.now, ends_at)
    with bureau.db.transaction() as session:
        rows.add(session, stored)
    return _receipt(bureau, stored)


def _receipt(bureau: Bureau, stored: StoredReceipt) -> Receipt:
    return Receipt(
        id=stored.id,
        kind=stored.kind,
        address=f"{bureau.public_url}/verify/receipts/{stored.id}",
        record=stored.record,
        signed=stored.signed,
        examined=stored.examined,
        made_at=stored.made_at,
        ends_at=stored.ends_at,
    )


def _sign(
    bureau: Bureau, place: Place, record: bytes, *, name: str, words: str, others: list[Json]
) -> bytes | None:
    """Return the statement signed, or None where nobody can sign."""
    issuer = None if bureau.seal is None else bureau.seal.issuer()
    if bureau.seal is None or issuer is None:
        return None
    named: list[Json] = [
        {
            "id": f"{place.address}/record.json",
            "mediaType": "application/json",
            "digestMultibase": digest_multibase(record),
        }
    ]
    members: dict[str, Json] = {
        "@context": list(_CONTEXTS),
        "id": f"{place.address}.json",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": name,
        "issuer": dict(issuer),
        "validFrom": format_datetime(place.now),
        "credentialSubject": {
            "id": place.address,
            "type": ["EndorsementSubject"],
            "endorsementComment": words,
        },
        "relatedResource": named + others,
    }
    return bureau.seal(members, now=place.now)


def _named(presented: Presented | None) -> list[Json]:
    """Name what was examined by its digest alone (RFC 6920, section 3): its own id proves nothing."""
    if presented is None:
        return []
    digest = base64.urlsafe_b64encode(hashlib.sha256(presented.raw).digest()).rstrip(b"=").decode("ascii")
    return [{"id": f"ni:///sha-256;{digest}", "digestMultibase": digest_multibase(presented.raw)}]
