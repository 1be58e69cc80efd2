# SPDX-License-Identifier: Apache-2.0
"""Signing what is intended, a chunk at a time: in memory, verified, and stored in one commit.

What was intended by somebody who did not come further is signed here too, the same bytes again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from credentials.digests import sha256_hex
from credentials.document import parse
from credentials.errors import BrokenError, HallmarkError
from credentials.proofs.batch import Batch, Prepared
from credentials.stencil import Stencil
from credentials.verification_method import KeyAlgorithm
from issuer import issuance, retention, self_check
from issuer.award import AwardState
from issuer.bulk.bulk import Row, RowState
from issuer.errors import ConflictingRowsError, SelfCheckError
from issuer.mint import Mint
from issuer.store import bulk_work as rows
from issuer.store import credentials as credential_rows
from issuer.store import outlines
from issuer.store.bulk_work import Signed, Unsigned
from keys.custody import KeySigner
from keys.errors import KeyStateError
from service import audit, log

WHOLE: Final = 250  # of so many the first goes through the whole verifier
WITHDRAWN: Final = "It was withdrawn before it was signed."


@dataclass(slots=True)
class Bench:
    """Where one worker signs.

    Attributes:
        actor: For audit lines.
        stencils: Those that were cut, by frame.
    """

    mint: Mint
    actor: str
    stencils: dict[bytes, Stencil | None] = field(default_factory=dict, repr=False)

    def batch(self, signer: KeySigner, created: datetime) -> Batch:
        """Return what signs with one key at one time."""
        return Batch(signer, signer.public_key, created, stencils=self.stencils)

    def sign(
        self,
        id: str,
        slug: str,
        items: Sequence[tuple[int, str, Prepared]],
        batch: Batch,
        *,
        signer: KeySigner,
        now: datetime,
    ) -> None:
        """Sign what is intended, verify each, the first and one in ``WHOLE`` from its bytes, and store them.

        Args:
            id: The bulk.
            slug: The issuer.
            items: Row number, key, and what was intended.
            batch: Signs.
            signer: Whose key it is.
            now: This moment.

        Raises:
            ProofInvalidError, SelfCheckError: Something is wrong with the chunk; nothing of it is stored.
            KeyStateError: The key was taken out of use; no signature of this chunk becomes known.
        """
        names = {each: outlines.name(each) for each in {prepared.outline for _, _, prepared in items}}
        signed = [
            _kept(number, key, prepared, batch.finish(prepared), names[prepared.outline])
            for number, key, prepared in items
        ]
        looked_at = [(each.raw, parse(each.raw).members) for each in signed[::WHOLE]]
        for each in signed[::WHOLE]:
            if each.outline and outlines.fill(each.outline, each.kept) != each.raw:
                raise SelfCheckError("What is to be stored is not what was signed.")
        self_check.check_all(self.mint, looked_at, issuer=slug, now=now, accepted=issuance.VALID)
        self.mint.reached("signed")
        try:
            self._store(id, signed, {}, signer=signer, now=now)
        except ConflictingRowsError:
            left, gone = self._still_intended(id, signed, now=now)
            self._store(id, left, gone, signer=signer, now=now)
        self.mint.reached("stored")

    def finish(self, id: str, taken: Sequence[Row], *, now: datetime) -> None:
        """Sign and store what was intended by somebody who did not come that far."""
        with self.mint.db.reading() as session:
            found = rows.unsigned(session, {row.number: row.award for row in taken if row.award})
        alone = {each.number: each.key for each in found}
        groups: dict[tuple[str, datetime, str], list[Unsigned]] = defaultdict(list)
        for each in found:
            if each.state is AwardState.INTENDED and each.intended is not None:
                groups[each.issuer, each.intended.created, each.intended.method].append(each)
        for (slug, created, method), its in groups.items():
            signer = self.mint.cabinet.batch_signer(slug, KeyAlgorithm.ED25519)
            if signer.verification_method != method:
                continue  # the key was replaced since: each is intended anew
            try:
                self._sign_again(id, slug, its, signer, created=created, now=now)
            except (BrokenError, KeyStateError):
                raise
            except HallmarkError:
                continue  # each goes its own way, and is halted with its own reason
            for each in its:
                del alone[each.number]
        for number, key in alone.items():
            self.alone(Row(id, number, RowState.BEGUN, "", key), now=now)

    def alone(self, row: Row, *, now: datetime) -> None:
        """Finish one row whose award is written down, by the cycle for one.

        Only what is wrong with its document refuses it. What cannot be done at the moment (no key is active,
        our list cannot be read yet) is tried again when the row's lease ends.
        """
        if row.award is None:
            return
        try:
            issuance.issue(self.mint, row.award, now=now, actor=self.actor, was_asked=False)
        except BrokenError:
            raise
        except HallmarkError as error:
            log.event("bulk.row", level=logging.WARNING, error=error, id=row.award, code=error.code)
            with self.mint.db.transaction() as session:
                found = credential_rows.get(session, row.award)
                if found.halted is not None or found.state not in credential_rows.UNFINISHED:
                    rows.refuse(session, row.bulk, {row.number: error.message})
            return
        with self.mint.db.transaction() as session:
            self._forget(rows.finish(session, row.bulk, [row.number]), now=now)

    def _sign_again(
        self,
        id: str,
        slug: str,
        found: Sequence[Unsigned],
        signer: KeySigner,
        *,
        created: datetime,
        now: datetime,
    ) -> None:
        batch = self.batch(signer, created)
        items: list[tuple[int, str, Prepared]] = []
        for each in found:
            document = b"" if each.intended is None else each.intended.document
            members = dict(parse(document).members)
            prepared = batch.prepare(members)
            if prepared.raw != document:
                raise SelfCheckError("The document to be signed is not the one that was intended.")
            items.append((each.number, each.key, prepared))
        self.sign(id, slug, items, batch, signer=signer, now=now)

    def _store(
        self, id: str, signed: Sequence[Signed], gone: Mapping[int, str], *, signer: KeySigner, now: datetime
    ) -> None:
        """Commit signed bytes, if all of them are still to be stored and the key is still active.

        Raises:
            ConflictingRowsError: Some are stored already, or were withdrawn.
            KeyStateError: The key was taken out of use.
        """
        lines = [f"{each.key} {sha256_hex(each.raw)}" for each in signed]  # before it is this writer's turn
        with self.mint.db.transaction() as session:
            self.mint.cabinet.require_active(signer.public_key)
            rows.refuse(session, id, gone)
            if signed:
                self._forget(rows.write_signed(session, id, signed, now=now), now=now)
                self.record(session, "bulk.issued", id, lines, now=now, method=signer.verification_method)

    def _still_intended(
        self, id: str, signed: Sequence[Signed], *, now: datetime
    ) -> tuple[list[Signed], dict[int, str]]:
        """Return what is still to be stored, and why the withdrawn are not; note what others have stored."""
        with self.mint.db.transaction() as session:
            known = rows.signed_states(session, [each.key for each in signed])
            stored = [each.number for each in signed if known[each.key] is True]
            self._forget(rows.finish(session, id, stored), now=now)
        left = [each for each in signed if known[each.key] is None]
        return left, {each.number: WITHDRAWN for each in signed if known[each.key] is False}

    def _forget(self, keys: Sequence[str], *, now: datetime) -> None:
        """Forget in their awards whoever was forgotten after these were written down; in the same commit."""
        if keys:
            retention.erase(self.mint, keys, now=now, actor=self.actor)

    def record(
        self, session: Any, action: str, id: str, lines: Sequence[str], *, now: datetime, **detail: str
    ) -> None:
        """Write one audit line for a chunk: how many, and the digest of what it names, a line each."""
        audit.record(
            session,
            actor=self.actor,
            action=action,
            subject=f"bulk:{id}",
            detail={"count": len(lines), "sha256": sha256_hex("\n".join(lines).encode()), **detail},
            now=now,
        )


def _kept(number: int, key: str, prepared: Prepared, raw: bytes, name: bytes) -> Signed:
    """Return what is stored: the outline's name, the values and the proof, where there is an outline."""
    if not prepared.outline:
        return Signed(number, key, raw, raw)
    proof = raw[len(prepared.raw) - 1 :]  # it stands in place of the last brace
    return Signed(number, key, raw, outlines.short(name, prepared.values, proof), prepared.outline)
