# SPDX-License-Identifier: Apache-2.0
"""Where the errors of earning meet HTTP: code → status and title."""

from __future__ import annotations

from service.problems import Row

ROWS = {
    "upload": Row(422, "This file cannot be taken"),
    "upload.name": Row(422, "The file needs another name"),
    "upload.empty": Row(422, "The file is empty"),
    "upload.too-large": Row(413, "The file is too large"),
    "upload.quota": Row(413, "There is no room for this file"),
    "upload.kind": Row(415, "This kind of file is not taken"),
    "upload.mismatch": Row(415, "The file is not what its name says"),
    "upload.ambiguous": Row(422, "The file is two things at once"),
    "upload.active": Row(422, "The file holds a program"),
    "upload.encrypted": Row(422, "The file is locked with a password"),
    "upload.harmful": Row(422, "The file looks harmful"),
    "upload.too-much": Row(413, "There is too much in the file"),
    "upload.uncleanable": Row(422, "The file cannot be cleaned"),
    "upload.damaged": Row(422, "The file is damaged"),
    "upload.broken": Row(503, "Files cannot be cleaned at the moment", retry_after=30),
    "work.unknown": Row(404, "There is no page here"),
    "work.state": Row(409, "This is not possible now"),
    "work.changed": Row(409, "This was changed elsewhere"),
    "work.time-over": Row(409, "The time has run out"),
    "work.incomplete": Row(422, "Something is still missing"),
    "work.extension": Row(422, "This is no extension"),
    "work.not-open": Row(409, "This is not open to you"),
    "work.field": Row(422, "Please look again"),
    "work.too-long": Row(422, "The text is too long"),
    "work.link": Row(422, "The link does not fit"),
    "evidence.unknown": Row(404, "There is nothing here"),
    "evidence.disclosure": Row(409, "This piece cannot be opened"),
    # the catalogue and its portals
    "catalogue.unknown": Row(404, "There is no such micro-credential"),
    "catalogue.state": Row(409, "This version cannot be changed in that way"),
    "portal.unknown": Row(404, "There is no such portal"),
    "draft.unknown": Row(404, "There is no such draft"),
    "draft.stale": Row(409, "Somebody else has changed this draft"),
    "draft.unfinished": Row(422, "The draft is not finished"),
    "question": Row(422, "The question needs something more"),
    # the review
    "review.unknown": Row(404, "There is no page here"),
    "review.nothing-waiting": Row(409, "Nothing waits for you"),
    "review.lease": Row(409, "This work is not with you any more"),
    "review.changed": Row(409, "This was changed in another window"),
    "review.unfinished": Row(422, "Something is still missing"),
    "review.field": Row(422, "Please look again"),
    "case": Row(409, "The case cannot be closed in this way"),
    # Communities and management.
    "community.unknown": Row(404, "There is no such community"),
    "community.field": Row(422, "Something about the community does not fit"),
    "community.invitation": Row(404, "This invitation is not good any more"),
    "community.state": Row(409, "This is not possible with the community now"),
    "community.limit": Row(422, "This community has as much as it may have"),
    "manage.unknown": Row(404, "There is nothing here"),
    "manage.season": Row(422, "The days of the season do not fit"),
    "manage.season-closed": Row(409, "This season is not changed any more"),
    "manage.reason": Row(422, "A reason is needed"),
    "import.unknown": Row(404, "There is no such import"),
    "import.empty": Row(422, "There is nobody to bring in"),
}
