# SPDX-License-Identifier: Apache-2.0
"""The verifier's eye on our own documents: before signing (lint), and on what was signed.

Both look at the world of this house only: the issuer's DID document and the status lists that we publish.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from credentials.document import Json
from issuer import lint as rules
from issuer import status_publisher
from issuer.errors import SelfCheckError
from issuer.mint import Mint
from keys.publish import did_document


def lint(
    mint: Mint,
    members: Mapping[str, Json],
    *,
    did: str,
    now: datetime,
    forms: tuple[str, ...],
    accepted: frozenset[str],
    own: bool,
) -> None:
    """Lint ``members`` with our published status lists; raises what ``issuer.lint.lint`` does."""
    rules.lint(
        members,
        did=did,
        examine=mint.examine,
        now=now,
        lists=_own_lists(mint, members, now=now),
        forms=forms,
        accepted=accepted,
        own=own,
    )


def check(
    mint: Mint,
    signed: bytes,
    members: Mapping[str, Json],
    *,
    issuer: str,
    now: datetime,
    accepted: frozenset[str],
) -> None:
    """Verify what we signed with what a stranger would be given: our own DID document and lists.

    Raises:
        SelfCheckError: The verifier has something against it.
    """
    documents = {**_own_lists(mint, members, now=now), **_own_document(mint, issuer)}
    _require_accepted(mint, signed, documents, now=now, accepted=accepted)


def check_all(
    mint: Mint,
    signed: Sequence[tuple[bytes, Mapping[str, Json]]],
    *,
    issuer: str,
    now: datetime,
    accepted: frozenset[str],
) -> None:
    """Verify several awards that we composed, each as ``check`` does; our documents are looked up once.

    Raises:
        SelfCheckError: The verifier has something against one of them.
    """
    lists: dict[str, bytes] = {}
    for _, members in signed:
        if not all(address in lists for address, _, _ in own_entries(mint, members)):
            lists.update(_own_lists(mint, members, now=now))
    with mint.db.reading():  # one moment and one connection for all that is looked up; nothing is fetched
        documents = {**lists, **_own_document(mint, issuer)}
        for raw, _ in signed:
            _require_accepted(mint, raw, documents, now=now, accepted=accepted)


def _require_accepted(
    mint: Mint, signed: bytes, documents: Mapping[str, bytes], *, now: datetime, accepted: frozenset[str]
) -> None:
    findings = mint.examine(signed, now=now, documents=documents)
    reason = rules.judge(findings, accepted)
    if reason is not None:
        raise SelfCheckError(f"What we signed does not verify. {reason}", got=str(findings.verdict))


def _own_document(mint: Mint, issuer: str) -> dict[str, bytes]:
    """Return the DID document of an issuer of ours, by name."""
    ring = mint.cabinet.ring(issuer)
    return {ring.did: did_document(ring)}


def own_entries(mint: Mint, members: Mapping[str, Json]) -> Iterator[tuple[str, str, Json]]:
    """Yield address, id and index of each status entry that points into our lists."""
    status = members.get("credentialStatus")
    prefix = status_publisher.list_url(mint, "")
    for entry in status if isinstance(status, list) else [status]:
        address = entry.get("statusListCredential") if isinstance(entry, dict) else None
        if isinstance(entry, dict) and isinstance(address, str) and address.startswith(prefix):
            yield address, address.removeprefix(prefix), entry.get("statusListIndex")


def _own_lists(mint: Mint, members: Mapping[str, Json], *, now: datetime) -> dict[str, bytes]:
    """Return our published lists that the document points to, by address."""
    return {
        address: status_publisher.current(mint, list_id, now=now).body
        for address, list_id, _ in own_entries(mint, members)
    }
