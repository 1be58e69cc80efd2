# SPDX-License-Identifier: Apache-2.0
"""What lists tell: each names an object that only some may find in it (authorisation matrix)."""

from __future__ import annotations

from typing import Final

from tests.attacks.matrix_people import SIGNED_IN, Who

MANAGER, STATE_MANAGER = frozenset((Who.MANAGER,)), frozenset((Who.STATE_MANAGER,))
REVIEWER, OUTSIDER = frozenset((Who.REVIEWER,)), frozenset((Who.OUTSIDER,))
OWNER, STRANGER = frozenset((Who.OWNER,)), frozenset((Who.STRANGER,))
ADMINISTRATOR: Final = frozenset((Who.ADMINISTRATOR,))
NOBODY: Final[frozenset[Who]] = frozenset()

# page, the name of what it may tell of, and whom
LISTS: Final[tuple[tuple[str, str, frozenset[Who]], ...]] = (
    ("/work", "owner.draft", OWNER),
    ("/work", "owner.awarded", OWNER),
    ("/work", "stranger.reading", STRANGER),
    ("/goals", "goals", OWNER),
    ("/awards", "credential", OWNER),
    ("/account", "session.owner", OWNER),
    ("/account", "session.manager", MANAGER),
    ("/account", "email.owner", OWNER),
    ("/communities", "community.owner", OWNER | {Who.MEMBER}),
    ("/communities", "community.stranger", SIGNED_IN),
    ("/reviews", "owner.reading.review", REVIEWER),
    ("/reviews", "stranger.reading.review", OUTSIDER),
    ("/reviews", "email.owner", NOBODY),
    ("/manage", "owner.sent", MANAGER),
    ("/manage", "stranger.reading", STATE_MANAGER),
    ("/manage/applications", "owner.draft", MANAGER),
    ("/manage/applications", "stranger.reading", STATE_MANAGER),
    ("/manage/applications?q=TPT1", "stranger.reading", STATE_MANAGER),
    ("/manage/applications?q=Owner", "owner.sent", MANAGER),
    ("/manage/cases", "case.education", MANAGER),
    ("/manage/cases", "case.state", STATE_MANAGER),
    ("/manage/questions", "question.wa", MANAGER | {Who.WA}),
    ("/manage/questions", "question.vt", MANAGER | {Who.VT}),
    ("/manage/catalogue", "draft.education", MANAGER),
    ("/manage/catalogue", "draft.state", STATE_MANAGER),
    ("/manage/catalogue", "/manage/portals/wa", frozenset((Who.WA,))),
    ("/manage/catalogue", "/manage/portals/vt", frozenset((Who.VT,))),
    ("/manage/reviewers", "name.colleague", MANAGER),
    ("/manage/reviewers", "name.outsider", STATE_MANAGER),
    ("/manage/reviewers.csv", "email.colleague", MANAGER),
    ("/manage/reviewers.csv", "email.outsider", STATE_MANAGER),
    ("/manage/seasons", "/manage/seasons/wa/", MANAGER),
    ("/affiliate/example-wa", "credential.link", frozenset((Who.WA,))),
    ("/affiliate/example-vt", "email.owner", frozenset((Who.VT,))),
    ("/affiliate/example-wa/certificates", "pd-certificate.wa", frozenset((Who.WA,))),
    ("/affiliate/example-wa/certificates", "pd-certificate.vt", NOBODY),
    ("/affiliate/example-wa/attendance", "attested.wa", frozenset((Who.WA,))),
    ("/affiliate/example-wa/attendance/people", "attested.wa", frozenset((Who.WA,))),
    ("/affiliate/example-wa/attendance", "attested.vt", NOBODY),
    ("/affiliate/example-vt/attendance.csv", "attested.vt", frozenset((Who.VT,))),
    ("/recognizer/example-district/attestations", "attested.district", frozenset((Who.RECOGNIZER,))),
    ("/recognizer/example-district/attestations", "attested.state", NOBODY),
    ("/awards/affiliate", "credential.link", OWNER),
    ("/admin/people", "email.owner", ADMINISTRATOR),
    ("/admin/people", "email.wa", ADMINISTRATOR | {Who.WA_ADMINISTRATOR}),
    ("/admin/people?q=owner", "email.owner", ADMINISTRATOR),
)
