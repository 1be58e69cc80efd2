# SPDX-License-Identifier: Apache-2.0
"""From awards of one issuer to papers: documents with their random places, ready to be intended and signed.

What is known of a frame (``credentials.stencil``) is used again: a document whose frame was composed and
linted before is filled in, and linted over its slots only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from credentials.digests import sha256_hex
from credentials.document import Json
from credentials.errors import BrokenError, HallmarkError
from credentials.proofs.batch import STENCILS, Batch, Prepared
from issuer import issuance, lint, self_check
from issuer.bulk import sketch
from issuer.bulk.drafting import Drafting, Wanted
from issuer.bulk.sketch import Shape
from issuer.mint import Mint
from issuer.store import status as status_rows
from issuer.store.bulk_drafts import Draft
from issuer.store.status import Place


@dataclass(slots=True)
class Known:
    """What was composed and linted before; a worker keeps it from one chunk to the next.

    Attributes:
        linted: Frames whose text was linted whole.
    """

    linted: set[bytes] = field(default_factory=set, repr=False)
    _by_issuer: dict[str, _Frames] = field(default_factory=dict, repr=False)

    def frames(self, slug: str, profile: Mapping[str, Json]) -> dict[Shape, bytes | None]:
        """Return the frames that are known of an issuer: as long as its profile is the same, they stay."""
        known = self._by_issuer.get(slug)
        if known is None or known.profile != profile or len(known.by_shape) >= STENCILS:
            known = self._by_issuer[slug] = _Frames(profile)
        return known.by_shape


@dataclass(frozen=True, slots=True)
class _Frames:
    """The frame of each shape that an issuer's awards have had; None: those are composed, one by one."""

    profile: Mapping[str, Json]
    by_shape: dict[Shape, bytes | None] = field(default_factory=dict, repr=False)


@dataclass(slots=True)
class Paper:
    """An award of a chunk with its document and its places."""

    wanted: Wanted
    places: tuple[Place, ...]
    prepared: Prepared

    def draft(self) -> Draft:
        """Return it as it is written down."""
        wanted, prepared = self.wanted, self.prepared
        return Draft(
            wanted.number,
            wanted.award,
            wanted.recipient,
            wanted.credential_id,
            prepared.raw,
            self.places,
            prepared.outline,
            prepared.values,
        )


def written(papers: Sequence[Paper]) -> tuple[list[Draft], list[str]]:
    """Return what is written down of each, and what the audit log names of it."""
    drafts = [each.draft() for each in papers]
    return drafts, [f"{each.award.key} {sha256_hex(each.document)}" for each in drafts]


@dataclass(slots=True)
class Press:
    """Makes papers of the awards of one issuer in a chunk.

    Attributes:
        mint: The opened room.
        batch: Prepares them for one key and time.
        drafting: Composes.
        slug: The issuer.
        now: When the chunk is worked on.
        known: What was composed and linted before.
    """

    mint: Mint
    batch: Batch
    drafting: Drafting
    slug: str
    now: datetime
    known: Known
    _frames: dict[Shape, bytes | None] = field(init=False, repr=False)
    _did: str = ""

    def __post_init__(self) -> None:
        """Look up what is known of the issuer."""
        self._frames = self.known.frames(self.slug, self.drafting.issuer(self.slug))

    def papers(self, wanted: Sequence[Wanted], odd: list[Wanted]) -> list[Paper]:
        """Return the papers; what cannot be signed like this goes to ``odd``."""
        found: list[Paper] = []
        places = self.drafting.draw(self.slug, len(wanted))
        for each, its in zip(wanted, places, strict=True):
            try:
                found.append(Paper(each, its, self.prepare(each, its)))
            except BrokenError:
                raise
            except HallmarkError:
                odd.append(each)
        return found

    def make_room(self, session: Any, papers: Sequence[Paper]) -> bool:
        """Give new places to those whose places were taken by others since they were drawn; tell if so."""
        drawn: dict[str, list[int]] = defaultdict(list)
        for paper in papers:
            for place in paper.places:
                drawn[place.list].append(place.position)
        taken = {
            list_id: set(status_rows.taken_positions(session, list_id, its)) for list_id, its in drawn.items()
        }
        if not any(taken.values()):
            return False
        for paper in papers:
            if any(place.position in taken[place.list] for place in paper.places):
                paper.places = self.drafting.draw_again(paper.places, taken, drawn)
                paper.prepared = self.prepare(paper.wanted, paper.places)
        return True

    def prepare(self, wanted: Wanted, places: tuple[Place, ...]) -> Prepared:
        """Return what is going to be signed; linted, whole or over its slots."""
        shape = sketch.shape(wanted.award, places)
        frame = self._frames.get(shape)
        values = self.drafting.values(wanted, places)
        prepared = None if frame is None else self.batch.prepare_like(frame, values)
        if prepared is not None and frame in self.known.linted and lint.are_plain(values):
            return prepared
        prepared = self._prepare_whole(wanted, places)
        if shape not in self._frames:
            self._frames[shape] = prepared.frame if prepared.values == values else None
        return prepared

    def _prepare_whole(self, wanted: Wanted, places: tuple[Place, ...]) -> Prepared:
        members = self.drafting.compose(wanted, places)
        prepared = self.batch.prepare(members)
        if prepared.frame in self.known.linted and lint.are_plain(prepared.values):
            return prepared
        self._did = self._did or self.mint.cabinet.did_of(self.slug)
        self_check.lint(
            self.mint,
            members,
            did=self._did,
            now=self.now,
            forms=(lint.JSON, lint.JWT),
            accepted=issuance.VALID,
            own=True,
        )
        if lint.are_plain([prepared.raw.decode()]):  # else its order may depend on what stands in the slots
            self.known.linted.add(prepared.frame)
        return prepared
