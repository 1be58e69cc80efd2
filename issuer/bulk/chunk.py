# SPDX-License-Identifier: Apache-2.0
"""The issuing cycle for a chunk of a bulk: the steps of ``issuance``, each durable before the next begins.

1. Rows are taken for a while (``bulk.LEASE``).
2. *awarded, placed*: awards with their random ids and random places, in one commit.
3. *intended*: composed and linted; the exact bytes, the time and the key of the proofs are written down.
   Lint runs whole for the first of each frame (``credentials.stencil``), over the slots for the others.
4. *signed*: in memory; every signature is verified. The first of a chunk goes from its bytes through the
   whole verifier.
5. *stored*: signed bytes, audit line, and the state ``issued`` in one commit, if the key is still active.

Killed anywhere, the rows say how far it came, and another worker goes on from there, one by one
(``issuance.issue``). If something is wrong with a chunk as a whole, its rows go one by one, too: what is
wrong with one of them stands in nobody's way.
"""

from __future__ import annotations

import secrets
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

from credentials.digests import sha256_hex
from credentials.document import Json
from credentials.errors import HallmarkError
from credentials.identity import EMAIL_ADDRESS, normalised
from credentials.proofs.batch import Batch, Prepared
from credentials.stencil import Stencil
from credentials.verification_method import KeyAlgorithm
from issuer import achievements, issuance, lint, profiles, self_check, status_publisher
from issuer.award import SALT_BYTES, Award, AwardState, results
from issuer.bulk import content
from issuer.bulk.bulk import CHUNK, LEASE, BulkState, Row, RowState
from issuer.compose import compose
from issuer.errors import ConflictingRowsError, DuplicateAwardError
from issuer.mint import Mint
from issuer.status import LIST_ENTRIES
from issuer.store import bulks as rows
from issuer.store import credentials as credential_rows
from issuer.store.bulks import Begun
from issuer.store.status import Place
from keys.custody import KeySigner
from service import audit

_Places = dict[str, list[Place]]  # of each credential, revocation first

TRIES = 5  # how often places are drawn when another worker takes the same ones


@dataclass(slots=True)
class Worker:
    """One process at work on bulks: what it has cut and linted is kept for the next chunk.

    Attributes:
        actor: For audit lines.
    """

    mint: Mint
    actor: str = "bulk"
    stencils: dict[bytes, Stencil | None] = field(default_factory=dict, repr=False)
    linted: set[bytes] = field(default_factory=set, repr=False)

    def work(self, id: str, *, now: datetime) -> int:
        """Take one chunk of a bulk through the cycle; return how many rows were dealt with.

        0: nothing is left that nobody has in hand. The last one finished ends the bulk.
        """
        with self.mint.db.transaction() as session:
            bulk = rows.get(session, id)
            if bulk is None or bulk.state is not BulkState.RUNNING:
                return 0
            taken = rows.take(session, id, limit=CHUNK, now=now, until=now + LEASE)
            if not taken and rows.is_finished(session, id):
                rows.step(session, id, before=BulkState.RUNNING, after=BulkState.DONE, now=now)
                audit.record(session, actor=self.actor, action="bulk.done", subject=f"bulk:{id}", now=now)
        fresh = [row for row in taken if row.state is RowState.WAITING]
        for row in taken:
            if row.state is RowState.BEGUN:
                self._alone(row, now=now)
        if fresh:
            self._chunk(id, fresh, now=now)
        return len(taken)

    def _chunk(self, id: str, taken: Sequence[Row], *, now: datetime) -> None:
        wanted, refused = self._read(taken)
        try:
            begun, known, places = self._begin(id, wanted, now=now)
        except ConflictingRowsError:
            self._each_alone(id, wanted, now=now)
            begun, known, places = [], {}, {}
        refused |= known
        if refused:
            with self.mint.db.transaction() as session:
                rows.refuse(session, id, refused)
        by_issuer: dict[str, list[Begun]] = defaultdict(list)
        for each in begun:
            by_issuer[each.award.issuer].append(each)
        for slug, its in by_issuer.items():
            try:
                self._issue(id, slug, its, places, now=now)
            except HallmarkError:
                # Something is wrong with the chunk: each goes its own way, and is halted with its own reason.
                for each in its:
                    self._alone(Row(id, each.number, RowState.BEGUN, "", each.award.key), now=now)

    def _read(self, taken: Sequence[Row]) -> tuple[list[Begun], dict[int, str]]:
        """Return the awards that rows ask for, and why others are none."""
        wanted: list[Begun] = []
        refused: dict[int, str] = {}
        find = cache(partial(achievements.get, self.mint))
        for row in taken:
            try:
                request = content.read(row.content, idempotency_key=row.idempotency_key)
                achievement = find(request.achievement)
                results(achievement.micro_credential, request.levels)
            except HallmarkError as error:
                refused[row.number] = error.message
                continue
            key = str(uuid.uuid4())
            award = Award(
                key=key,
                issuer=achievement.issuer,
                request=request,
                salt=secrets.token_hex(SALT_BYTES),
                state=AwardState.AWARDED,
            )
            recipient = normalised(request.email, EMAIL_ADDRESS)
            wanted.append(Begun(row.number, award, recipient, issuance.credential_url(self.mint, key)))
        return wanted, refused

    def _begin(
        self, id: str, wanted: Sequence[Begun], *, now: datetime
    ) -> tuple[list[Begun], dict[int, str], _Places]:
        """Commit awards and places of a chunk; return the awards, which rows were awarded before, the places.

        Raises:
            ConflictingRowsError: Another worker writes down the same awards, or takes the same places.
        """
        for attempt in range(TRIES):
            try:
                with self.mint.db.transaction() as session, rows.conflicts():
                    begun, known = self._unknown(session, wanted)
                    places: _Places = defaultdict(list)
                    if begun:
                        rows.begin(session, id, begun, now=now)
                        drawn = list(self._draw(session, begun, now=now))
                        rows.place(session, drawn)
                        for key, place in drawn:
                            places[key].append(place)
                        self._record(session, "bulk.awarded", id, [each.award.key for each in begun], now=now)
            except ConflictingRowsError:
                if attempt == TRIES - 1:
                    raise
            else:
                if begun:
                    self.mint.reached("placed")
                return begun, known, places
        raise AssertionError("the last attempt returns or raises")

    def _unknown(self, session: Any, wanted: Sequence[Begun]) -> tuple[list[Begun], dict[int, str]]:
        known = rows.known_awards(
            session, [each.award for each in wanted], [each.recipient for each in wanted]
        )
        begun: list[Begun] = []
        refused: dict[int, str] = {}
        seen: set[tuple[str, str, str]] = set()
        for place, each in enumerate(wanted):
            request = each.award.request
            mark = (request.achievement, each.recipient, request.submission)
            if place in known or mark in seen:
                refused[each.number] = "This submission has been awarded already."
            else:
                begun.append(each)
            seen.add(mark)
        return begun, refused

    def _draw(self, session: Any, begun: Sequence[Begun], *, now: datetime) -> Iterator[tuple[str, Place]]:
        """Yield random places for each award, in the order in which they were drawn."""
        by_issuer: dict[str, list[str]] = defaultdict(list)
        for each in begun:
            by_issuer[each.award.issuer].append(each.award.key)
        for slug, keys in by_issuer.items():
            for purpose in status_publisher.purposes(profiles.get(self.mint, slug)):
                list_id = status_publisher.open_list(session, issuer=slug, purpose=purpose, now=now)
                drawn: dict[int, None] = {}
                while len(drawn) < len(keys):
                    more = [secrets.randbelow(LIST_ENTRIES) for _ in keys[len(drawn) :]]
                    taken = rows.taken_positions(session, list_id, more)
                    drawn |= dict.fromkeys(each for each in more if each not in taken)
                for key, position in zip(keys, drawn, strict=True):
                    yield key, Place(list_id, position, purpose, is_set=False)

    def _issue(self, id: str, slug: str, begun: Sequence[Begun], places: _Places, *, now: datetime) -> None:
        """Intend, sign and store awards of one issuer."""
        signer = self.mint.cabinet.batch_signer(slug, KeyAlgorithm.ED25519)
        created = now.replace(microsecond=0)
        batch = Batch(signer, signer.public_key, created, stencils=self.stencils)
        members = list(self._compose(slug, begun, places, now=now))
        prepared = [batch.prepare(each) for each in members]
        self._lint(slug, members, prepared, now=now)
        keys = [each.award.key for each in begun]
        with self.mint.db.transaction() as session:
            documents = [(key, each.raw) for key, each in zip(keys, prepared, strict=True)]
            rows.intend(session, documents, created=created, method=signer.verification_method)
            self._record(session, "bulk.intended", id, [sha256_hex(raw) for _, raw in documents], now=now)
        self.mint.reached("intended")
        signed = [batch.finish(each) for each in prepared]
        self_check.check(self.mint, signed[0], members[0], issuer=slug, now=now, accepted=issuance.VALID)
        self.mint.reached("signed")
        self._store(
            id,
            signer,
            [(each.number, key, raw) for each, key, raw in zip(begun, keys, signed, strict=True)],
            now=now,
        )
        self.mint.reached("stored")

    def _compose(
        self, slug: str, begun: Sequence[Begun], places: _Places, *, now: datetime
    ) -> Iterator[dict[str, Json]]:
        issuer = profiles.get(self.mint, slug).members(public_url=self.mint.public_url)
        find = cache(partial(achievements.get, self.mint))
        for each in begun:
            yield compose(
                each.award,
                credential_id=each.credential_id,
                issuer=issuer,
                achievement=find(each.award.request.achievement),
                entries=status_publisher.entries(self.mint, tuple(places[each.award.key])),
                valid_from=now,
            )

    def _lint(
        self, slug: str, members: Sequence[Mapping[str, Json]], prepared: Sequence[Prepared], *, now: datetime
    ) -> None:
        did = self.mint.cabinet.did_of(slug)
        for document, each in zip(members, prepared, strict=True):
            if each.frame in self.linted and lint.are_plain(each.values):
                continue
            self_check.lint(
                self.mint,
                document,
                did=did,
                now=now,
                forms=(lint.JSON, lint.JWT),
                accepted=issuance.VALID,
                own=True,
            )
            if lint.are_plain([each.raw.decode()]):  # else its order may depend on what stands in the slots
                self.linted.add(each.frame)

    def _store(
        self, id: str, signer: KeySigner, signed: Sequence[tuple[int, str, bytes]], *, now: datetime
    ) -> None:
        with self.mint.db.transaction() as session:
            self.mint.cabinet.require_active(signer.public_key)
            if rows.write_signed(session, id, signed, now=now) != len(signed):
                states = rows.states_of(session, [key for _, key, _ in signed])
                gone = {
                    number: "It was withdrawn before it was signed."
                    for number, key, _ in signed
                    if states.get(key) is not AwardState.ISSUED
                }
                rows.refuse(session, id, gone)
            digests = [f"{key} {sha256_hex(raw)}" for _, key, raw in signed]
            self._record(session, "bulk.issued", id, digests, now=now, method=signer.verification_method)

    def _alone(self, row: Row, *, now: datetime) -> None:
        """Finish one row whose award is written down, by the cycle for one."""
        if row.award is None:
            return
        try:
            issuance.issue(self.mint, row.award, now=now, actor=self.actor)
        except HallmarkError as error:
            with self.mint.db.transaction() as session:
                found = credential_rows.get(session, row.award)
                if found.halted is not None or found.state not in credential_rows.UNFINISHED:
                    rows.refuse(session, row.bulk, {row.number: error.message})
                else:
                    rows.give_back(session, row.bulk, [row.number])
            return
        with self.mint.db.transaction() as session:
            rows.mark(session, row.bulk, row.number, award=row.award, state=RowState.ISSUED)

    def _each_alone(self, id: str, wanted: Sequence[Begun], *, now: datetime) -> None:
        """Award and issue rows one by one, since they cannot be written down together."""
        for each in wanted:
            try:
                written = issuance.award(self.mint, each.award.request, now=now, actor=self.actor)
            except DuplicateAwardError as error:
                with self.mint.db.transaction() as session:
                    rows.refuse(session, id, {each.number: error.message})
                continue
            with self.mint.db.transaction() as session:
                rows.mark(session, id, each.number, award=written.award.key, state=RowState.BEGUN)
            self._alone(Row(id, each.number, RowState.BEGUN, "", written.award.key), now=now)

    def _record(
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
