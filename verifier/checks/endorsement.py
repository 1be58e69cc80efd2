# SPDX-License-Identifier: Apache-2.0
"""Do those who vouch for it really vouch for it?

Open Badges 3.0, "Endorsement" (https://www.imsglobal.org/spec/ob/v3p0/#endorsement): credentials inside the
credential, verified by the same rules, each with its own row. A statement apart: it never lifts or lowers the
verdict. An endorsement speaks of the object that it stands in, and of no other.
"""

from __future__ import annotations

from datetime import datetime

from credentials.document import Document, Json, write
from credentials.errors import WrongError
from verifier import explain
from verifier.checks.issuer import check_issuer
from verifier.checks.proof import check_proof
from verifier.checks.signed_content import check_signed_content
from verifier.checks.status import check_status
from verifier.checks.validity import check_validity
from verifier.embedded import ENDORSEMENT_PROOFS, ENDORSEMENTS, NESTED, Embedded, endorsements_in
from verifier.errors import ANSWERS
from verifier.intake import Container, Presented, read
from verifier.opened import Opened, latest, open_credential
from verifier.outcome import Check, Outcome
from verifier.party import party_of
from verifier.ports import Fetch
from verifier.securing import check_signatures
from verifier.status_source import StatusLists


def check_endorsements(
    opened: Opened, *, fetch: Fetch, now: datetime, lists: StatusLists
) -> tuple[Check, ...]:
    """Verify every embedded endorsement, up to the limit; what is beyond is a matter of structure."""
    found: list[Check] = []
    for entry in endorsements_in(opened):
        if len(found) == ENDORSEMENTS:
            break
        found.append(_check(entry, opened, fetch=fetch, now=now, lists=lists))
    return tuple(found) or (explain.say(explain.ENDORSEMENT_NONE),)


def _check(entry: Embedded, outer: Opened, *, fetch: Fetch, now: datetime, lists: StatusLists) -> Check:
    def bad(reason: str) -> Check:
        return explain.say(explain.ENDORSEMENT_BAD, path=entry.path, reason=reason)

    if entry.level > NESTED:
        return explain.say(explain.ENDORSEMENT_UNKNOWN, path=entry.path, reason="It stands too deep inside.")
    if outer.canonical is None:
        reason = "The credential around it could not be read."
        return explain.say(explain.ENDORSEMENT_UNKNOWN, path=entry.path, reason=reason)
    try:
        # There may be many of them, so the slow path, which the outer one may have taken, is not for them.
        inner = open_credential(_presented(entry.value, outer), general=False)
    except ANSWERS as error:
        return bad(error.message)
    subject = inner.members.get("credentialSubject")
    kinds = inner.members.get("type")
    if "EndorsementCredential" not in (kinds if isinstance(kinds, list) else [kinds]):
        return bad("It is no endorsement.")
    if not isinstance(subject, dict) or subject.get("id") != entry.endorsed_id or entry.endorsed_id is None:
        return bad("It speaks of something else.")
    if inner.claims_error is not None:
        return bad(inner.claims_error.message)
    if inner.presented.jwt is not None and isinstance(inner.canonical_error, WrongError):
        return bad(inner.canonical_error.message)
    signatures = check_signatures(inner, fetch=fetch, now=now, max_proofs=ENDORSEMENT_PROOFS)
    created = latest(*(signature.created for signature in signatures.found))
    checks = [
        check_signed_content(inner, signatures),
        check_proof(inner, signatures),
        check_issuer(inner, signatures),
        check_validity(inner, now=now, created=created),
    ]
    if all(check.outcome is Outcome.PASS for check in checks):
        # What nobody is shown to have signed sends us to no list.
        checks.append(check_status(inner, lists=lists).check)
    for outcome, sentence in (
        (Outcome.FAIL, explain.ENDORSEMENT_BAD),
        (Outcome.INDETERMINATE, explain.ENDORSEMENT_UNKNOWN),
    ):
        for check in checks:
            if check.outcome is outcome:
                return explain.say(sentence, path=entry.path, reason=check.explanation)
    party = party_of(inner.members)
    who = f"{party.name} ({party.address})" if party.name else party.address
    return explain.say(explain.ENDORSEMENT_HOLDS, path=entry.path, who=who)


def _presented(value: Json, outer: Opened) -> Presented:
    if isinstance(value, str):
        return read(value.encode("utf-8", errors="replace"))
    members = dict(value) if isinstance(value, dict) else {}
    # Embedded, it may leave its contexts to the credential around it; its signature then covers those.
    members = {"@context": outer.members.get("@context"), **members}
    document = Document(raw=write(members), members=members)
    return Presented(Container.JSON, document, None, document.raw)
