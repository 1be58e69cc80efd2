# SPDX-License-Identifier: Apache-2.0
"""How much room the files of an application have, and which of them outlive their place in the draft."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from earning.errors import UploadQuotaError, WorkFieldError
from earning.programme import Programme
from earning.scrub import UPLOAD_QUOTA
from earning.store import artefacts as artefact_rows
from earning.store import pieces
from earning.work.submissions import Artefact, SubmissionState
from earning.work.work import Workplace
from issuer.award import EVIDENCE_MAX

PIECES: Final = EVIDENCE_MAX - 1  # of one application; the written answers are one more piece of the award


def require_room(programme: Programme, work: Workplace, old: Artefact | None, size: int) -> None:
    """See that ``size`` more bytes fit beside all files that are kept, if ``old`` is replaced.

    Raises:
        WorkFieldError: There are too many pieces.
        UploadQuotaError: There is no room.
    """
    others = [each for each in work.artefacts if old is None or each.id != old.id]
    if len(others) >= PIECES:
        raise WorkFieldError(
            f"Up to {PIECES} pieces fit. Remove one, or put several into one file.", path="file"
        )
    with programme.db.reading() as session:
        kept = pieces.kept_bytes(session, work.application.id)
    if old is not None and not is_kept(programme, work, old):
        kept -= old.size
    # A link needs no room, and may be added also where there is none.
    if size and kept + size > UPLOAD_QUOTA:
        raise UploadQuotaError(
            f"All files of one application together may have {UPLOAD_QUOTA // 1_048_576} MiB, also those "
            "that were sent before. Remove one first; your text is saved.",
            expected=UPLOAD_QUOTA,
        )


def drop(programme: Programme, work: Workplace, piece: Artefact, *, now: datetime) -> None:
    """Take a piece out of the draft, and delete its file if it is not kept."""
    keep = is_kept(programme, work, piece)
    with programme.db.transaction() as session:
        artefact_rows.remove_artefact(session, piece.id, keep_file=keep, now=now)
        if piece.file is not None and not keep:
            artefact_rows.after_commit(session, partial(programme.files.delete, piece.file))


def is_kept(programme: Programme, work: Workplace, piece: Artefact) -> bool:
    """Tell whether a file outlives its place in the draft: a reviewer has it, had it, or may still get it."""
    sent = [each for each in work.submissions if piece.id in (sent.id for sent in each.artefacts)]
    if any(each.state is not SubmissionState.WITHDRAWN for each in sent):
        return True
    with programme.db.reading() as session:
        return bool(sent) and pieces.was_ever_leased(session, [each.id for each in sent])
