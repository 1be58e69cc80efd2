# SPDX-License-Identifier: Apache-2.0
"""The VC-JWT form of what a bulk has issued, made when its last row is done.

ECDSA signs and verifies slower than Ed25519, and nobody waits for this form, so it does not stand between a
row and its credential. Each is verified before it is stored, the first of a chunk whole; of two that were
made the first stored wins. Rows are taken for a while, as by ``chunk``, so several may work here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from credentials.digests import sha256_hex
from credentials.document import parse
from credentials.proofs import vc_jwt
from credentials.verification_method import KeyAlgorithm
from issuer import issuance, self_check
from issuer.award import AwardState
from issuer.bulk.bulk import CHUNK, LEASE, MAILS_JOB
from issuer.mint import Mint
from issuer.store import bulk_follow as rows
from issuer.store.bulk_follow import Formless
from service import audit

_FIRST: Final = 0  # before the first row


@dataclass(slots=True)
class Former:
    """Makes forms for one worker.

    Attributes:
        name: Under which its rows are taken.
        actor: For audit lines.
    """

    mint: Mint
    name: str
    actor: str = "bulk"
    _reached: dict[str, int] = field(default_factory=dict, repr=False)  # row of each bulk, none before it

    def work(self, id: str, *, now: datetime) -> int:
        """Make the forms of one chunk of a bulk; return how many. 0: none is left that nobody has in hand."""
        taken = self._take(id, now=now)
        by_issuer: dict[str, list[Formless]] = {}
        for each in taken:
            by_issuer.setdefault(each.issuer, []).append(each)
        for slug, its in by_issuer.items():
            self._form(id, slug, its, now=now)
        return len(taken)

    def _take(self, id: str, *, now: datetime) -> tuple[Formless, ...]:
        with self.mint.db.transaction() as session:
            for after in dict.fromkeys((self._reached.get(id, _FIRST), _FIRST)):
                taken = rows.take_formless(
                    session, id, by=self.name, after=after, limit=CHUNK, now=now, until=now + LEASE
                )
                if taken:
                    self._reached[id] = taken[-1].number
                    return taken
            done = rows.all_formed(session, id) and rows.step_formed(session, id, now=now)
        if done:
            self.mint.ring(MAILS_JOB)
        return ()

    def _form(self, id: str, slug: str, taken: list[Formless], *, now: datetime) -> None:
        signer = self.mint.cabinet.batch_signer(slug, KeyAlgorithm.P256)
        made: list[tuple[int, str, bytes]] = []
        checked = False
        for each in taken:
            members = {name: value for name, value in parse(each.raw).members.items() if name != "proof"}
            token = vc_jwt.encode(members, signer=signer)
            parsed = vc_jwt.parse_jwt(token)
            vc_jwt.verify(parsed, public_key=signer.public_key)
            signed = token.encode("ascii")
            if not checked and each.state is AwardState.ISSUED:
                self_check.check(self.mint, signed, members, issuer=slug, now=now, accepted=issuance.VALID)
                checked = True
            made.append((each.number, each.key, signed))
        self.mint.reached("formed")
        with self.mint.db.transaction() as session:
            self.mint.cabinet.require_active(signer.public_key)
            stored = rows.write_forms(session, id, made)
            lines = "\n".join(f"{key} {sha256_hex(raw)}" for _, key, raw in made)
            audit.record(
                session,
                actor=self.actor,
                action="bulk.formed",
                subject=f"bulk:{id}",
                detail={
                    "count": stored,
                    "sha256": sha256_hex(lines.encode()),
                    "method": signer.verification_method,
                },
                now=now,
            )
        self.mint.reached("forms-stored")
