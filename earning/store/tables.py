# SPDX-License-Identifier: Apache-2.0
"""The tables of earning, in the order of the way to an award: catalogue, work, review, company.

Lists that are only read whole (audiences, snapshots, reports) are JSON in a text column. Every id is a random
UUID in its text form. What is unique among the living is a partial index, so that history can stay.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.db import Base

# -- the catalogue ----------------------------------------------------------------------------------------


class StackRow(Base):
    """A group of micro-credentials. ``only_for`` is a JSON list of audiences, empty for everybody."""

    __tablename__ = "earning_stacks"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text)
    colour: Mapped[int]
    only_for: Mapped[str] = mapped_column(Text)
    position: Mapped[int]


class CatalogueRow(Base):
    """One row: the mark of the catalogue, another one after each change of stacks or versions."""

    __tablename__ = "earning_catalogue"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    mark: Mapped[str] = mapped_column(String(32))


class VersionRow(Base):
    """One version of a micro-credential as the catalogue lists it; the text is the issuer's achievement.

    ``state`` is one of open, revision (closed to new applicants, a newer one is being written) and closed.
    ``words`` is what a search looks through, folded.
    """

    __tablename__ = "earning_versions"

    key: Mapped[str] = mapped_column(ForeignKey("issuer_achievements.key"), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), index=True)
    version: Mapped[str] = mapped_column(String(16))
    issuer: Mapped[str] = mapped_column(ForeignKey("issuer_profiles.slug"), index=True)
    title: Mapped[str] = mapped_column(Text)
    competency: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(35))
    hours_min: Mapped[int]
    hours_max: Mapped[int]
    needs_students: Mapped[bool]
    is_generated: Mapped[bool]
    words: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(index=True)  # order in the catalogue, unique
    state: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text)  # why it is closed, for those who would like to apply
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class VersionStackRow(Base):
    """A version stands in a stack, perhaps in several; ``position`` 0 is the first named."""

    __tablename__ = "earning_version_stacks"

    version: Mapped[str] = mapped_column(ForeignKey("earning_versions.key"), primary_key=True)
    stack: Mapped[str] = mapped_column(String(16), primary_key=True, index=True)
    position: Mapped[int]


class VersionAudienceRow(Base):
    """A version is meant for an audience (``issuer.micro_credential.AUDIENCES``)."""

    __tablename__ = "earning_version_audiences"

    version: Mapped[str] = mapped_column(ForeignKey("earning_versions.key"), primary_key=True)
    audience: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)


class DraftRow(Base):
    """Programme content that is being written; ``source`` is its TOML, as far as it goes."""

    __tablename__ = "earning_drafts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    issuer: Mapped[str] = mapped_column(ForeignKey("issuer_profiles.slug"), index=True)
    code: Mapped[str] = mapped_column(String(16))
    source: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int]
    edited_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    edited_at: Mapped[datetime]
    published: Mapped[str | None] = mapped_column(String(40))  # key of the version that it became


class PortalRow(Base):
    """The entry of an affiliate. ``source`` is its TOML without the seasons."""

    __tablename__ = "earning_portals"

    slug: Mapped[str] = mapped_column(String(20), primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisations.slug"))
    source: Mapped[bytes] = mapped_column(LargeBinary)
    revision: Mapped[int]
    updated_at: Mapped[datetime]


class SeasonRow(Base):
    """A portal's calendar: until which day to submit, and until which to revise. ``id``: wa/2026-27."""

    __tablename__ = "earning_seasons"

    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    portal: Mapped[str] = mapped_column(ForeignKey("earning_portals.slug"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    opens_on: Mapped[date] = mapped_column(Date)
    last_submission: Mapped[date] = mapped_column(Date)
    last_revision: Mapped[date] = mapped_column(Date)


class QuestionRow(Base):
    """A question to the people of the programme, and whom it was sent to."""

    __tablename__ = "earning_questions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    portal: Mapped[str | None] = mapped_column(ForeignKey("earning_portals.slug"))
    topic: Mapped[str] = mapped_column(String(40))
    person: Mapped[str | None] = mapped_column(ForeignKey("people.id"), index=True)
    email: Mapped[str] = mapped_column(String(255))
    text: Mapped[str] = mapped_column(Text)
    sent_to: Mapped[str] = mapped_column(String(255))
    asked_at: Mapped[datetime]


# -- the work ---------------------------------------------------------------------------------------------

_OVER = "('withdrawn', 'expired', 'denied')"


class ApplicationRow(Base):
    """One educator, one version, one clock (``earning.work.applications``).

    ``zone`` is pinned at applying. ``due_at`` is the last moment for the first complete submission;
    ``revise_by`` the last one for revisions, if the programme sets any. ``award`` names the credential.
    """

    __tablename__ = "earning_applications"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    version: Mapped[str] = mapped_column(ForeignKey("earning_versions.key"), index=True)
    portal: Mapped[str | None] = mapped_column(ForeignKey("earning_portals.slug"))
    season: Mapped[str | None] = mapped_column(ForeignKey("earning_seasons.id"))
    state: Mapped[str] = mapped_column(String(12), index=True)
    revision: Mapped[int]  # counts changes; a stale form is refused by it
    zone: Mapped[str] = mapped_column(String(64))
    applied_at: Mapped[datetime]
    due_at: Mapped[datetime]
    revise_by: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]  # the first complete submission
    ended_at: Mapped[datetime | None]
    shows_name: Mapped[bool]
    wants_reminders: Mapped[bool]
    award: Mapped[str | None] = mapped_column(String(36), unique=True)

    __table_args__ = (
        Index(
            "uq_earning_applications_alive",
            "person",
            "version",
            unique=True,
            sqlite_where=text(f"state NOT IN {_OVER}"),
            postgresql_where=text(f"state NOT IN {_OVER}"),
        ),
    )


class ExtensionRow(Base):
    """More time, with the reason for it."""

    __tablename__ = "earning_extensions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    application: Mapped[str] = mapped_column(ForeignKey("earning_applications.id"), index=True)
    was: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    granted_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    granted_at: Mapped[datetime]


class AnswerRow(Base):
    """What the educator has written at a place of the assignment (``part-1/context``).

    A place ``reply/<criterion>`` is the answer to the reviewer's comment on that criterion.
    """

    __tablename__ = "earning_answers"

    application: Mapped[str] = mapped_column(ForeignKey("earning_applications.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(120), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    saved_at: Mapped[datetime]


class ArtefactRow(Base):
    """A piece of evidence at a place of the assignment (``part-2/plan``): a scrubbed file, or a link.

    ``removed`` is the scrub report and ``findings`` what looked like names of people, both JSON. ``state`` is
    ready, quarantined or removed; what a submission holds is never deleted with the draft. ``disclosure`` is
    private, link or public: as it would be sent, and after the award whether it is open now. What was
    signed is what the submission says.
    """

    __tablename__ = "earning_artefacts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    application: Mapped[str] = mapped_column(ForeignKey("earning_applications.id"), index=True)
    place: Mapped[str] = mapped_column(String(120))
    position: Mapped[int]  # order at its place
    kind: Mapped[str] = mapped_column(String(8))  # file or link
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    file: Mapped[str | None] = mapped_column(String(36), unique=True)
    media_type: Mapped[str | None] = mapped_column(String(100))
    size: Mapped[int]  # bytes; 0 for a link
    url: Mapped[str | None] = mapped_column(Text)
    made_on: Mapped[date | None] = mapped_column(Date)
    is_existing: Mapped[bool]
    removed: Mapped[str] = mapped_column(Text)
    findings: Mapped[str] = mapped_column(Text)
    salt: Mapped[str] = mapped_column(String(32))  # hexadecimal, 128 bits; of the digest that is signed
    disclosure: Mapped[str] = mapped_column(String(8), default="private")
    state: Mapped[str] = mapped_column(String(12))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class EvaluatorLinkRow(Base):
    """A link by which somebody sees pieces behind an award that are not public; its digest is kept."""

    __tablename__ = "earning_evaluator_links"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    application: Mapped[str] = mapped_column(ForeignKey("earning_applications.id"), index=True)
    label: Mapped[str] = mapped_column(String(120))  # for whom, in the educator's words
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    shows_name: Mapped[bool]
    shows_answers: Mapped[bool]
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]  # that it will end


class EvaluatorVisitRow(Base):
    """One use of such a link: when, and which piece; never who or from where.

    ``piece`` is the id of one, "answers" for what was written, and empty for the page with all of them.
    """

    __tablename__ = "earning_evaluator_visits"

    id: Mapped[int] = mapped_column(primary_key=True)
    link: Mapped[str] = mapped_column(ForeignKey("earning_evaluator_links.id"), index=True)
    piece: Mapped[str | None] = mapped_column(String(36))
    at: Mapped[datetime]


class SubmissionRow(Base):
    """All parts sent together. ``content`` is the JSON of what was sent, never changed afterwards.

    ``attempt`` counts what was complete; ``state`` is one of waiting, decided, incomplete and withdrawn.
    ``school`` and ``local`` are the author's at that time, to keep reviewers apart from them.
    """

    __tablename__ = "earning_submissions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    application: Mapped[str] = mapped_column(ForeignKey("earning_applications.id"), index=True)
    number: Mapped[int]
    attempt: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(12), index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    statements: Mapped[str] = mapped_column(Text)
    school: Mapped[str] = mapped_column(String(200), default="")
    local: Mapped[str] = mapped_column(String(200), default="")
    submitted_at: Mapped[datetime]
    expected_by: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("application", "number", name="uq_earning_submissions_number"),)


class GoalRow(Base):
    """What somebody wants to get out of it: a note for themselves."""

    __tablename__ = "earning_goals"

    person: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]


# -- the review -------------------------------------------------------------------------------------------


class ReviewerRow(Base):
    """Somebody who reviews for an organisation; ``is_active`` false means: gets no new work.

    ``places`` is the JSON of the schools and locals that they had since: a changed profile separates nobody.
    """

    __tablename__ = "earning_reviewers"

    person: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisations.slug"), primary_key=True)
    is_active: Mapped[bool]
    places: Mapped[str] = mapped_column(Text, default="{}")
    since: Mapped[datetime]


class ReviewerSkillRow(Base):
    """A stack whose work a reviewer can judge."""

    __tablename__ = "earning_reviewer_skills"

    person: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisations.slug"), primary_key=True)
    stack: Mapped[str] = mapped_column(String(16), primary_key=True)


class ReviewRow(Base):
    """One reading of a submission by one reviewer; ``state`` is leased, finished, released or lapsed.

    ``missing`` is the JSON list of the places that were found empty; ``prolonged`` counts.
    """

    __tablename__ = "earning_reviews"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    submission: Mapped[str] = mapped_column(ForeignKey("earning_submissions.id"), index=True)
    reviewer: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    reading: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str | None] = mapped_column(String(12))  # pass, return or incomplete, when finished
    words: Mapped[str] = mapped_column(Text)  # to the educator, about the whole
    note: Mapped[str] = mapped_column(Text)  # private to the reviewer
    missing: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]
    prolonged: Mapped[int]
    leased_at: Mapped[datetime]
    leased_until: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_earning_reviews_reading",
            "submission",
            "reading",
            unique=True,
            sqlite_where=text("state IN ('leased', 'finished')"),
            postgresql_where=text("state IN ('leased', 'finished')"),
        ),
        Index(
            "uq_earning_reviews_reviewer",
            "submission",
            "reviewer",
            unique=True,
            sqlite_where=text("state IN ('leased', 'finished')"),
            postgresql_where=text("state IN ('leased', 'finished')"),
        ),
    )


class RatingRow(Base):
    """The level that a reading gives a criterion, and the comment on it."""

    __tablename__ = "earning_ratings"

    review: Mapped[str] = mapped_column(ForeignKey("earning_reviews.id"), primary_key=True)
    criterion: Mapped[str] = mapped_column(String(80), primary_key=True)
    level: Mapped[str | None] = mapped_column(String(80))
    comment: Mapped[str] = mapped_column(Text)


class DecisionRow(Base):
    """What became of a submission; ``content`` is the JSON of levels and comments that the educator sees."""

    __tablename__ = "earning_decisions"

    submission: Mapped[str] = mapped_column(ForeignKey("earning_submissions.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(12))  # passed, returned or incomplete
    content: Mapped[str] = mapped_column(Text)
    readings: Mapped[int]
    agreed: Mapped[bool | None]  # whether the readings agreed, if there was more than one
    decided_at: Mapped[datetime]


class CaseRow(Base):
    """Something to be looked into: student data that was seen, or suspected misconduct. Never a verdict.

    ``noticed_at`` is when the educator was told of it; the votes are those of the committee, once it voted.
    """

    __tablename__ = "earning_cases"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    submission: Mapped[str] = mapped_column(ForeignKey("earning_submissions.id"), index=True)
    artefact: Mapped[str | None] = mapped_column(ForeignKey("earning_artefacts.id"))
    kind: Mapped[str] = mapped_column(String(16))  # student-data or misconduct
    state: Mapped[str] = mapped_column(String(10))  # open or closed
    text: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    opened_at: Mapped[datetime]
    noticed_at: Mapped[datetime | None]
    votes_for: Mapped[int | None]
    votes_against: Mapped[int | None]
    votes_abstained: Mapped[int | None]
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(Text)


# -- the company ------------------------------------------------------------------------------------------


class CommunityRow(Base):
    """People who learn together. ``invite`` is the SHA-256 of the secret in the invitation link."""

    __tablename__ = "earning_communities"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    about: Mapped[str] = mapped_column(Text)
    portal: Mapped[str | None] = mapped_column(ForeignKey("earning_portals.slug"))
    local: Mapped[str] = mapped_column(String(120), index=True)
    contact: Mapped[str] = mapped_column(String(255))
    is_listed: Mapped[bool]
    invite: Mapped[str] = mapped_column(String(64), unique=True)
    started_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CommunityMemberRow(Base):
    """Who is in it; ``role`` is lead, member or mentor. Names are shown only of who agreed to it."""

    __tablename__ = "earning_community_members"

    community: Mapped[str] = mapped_column(ForeignKey("earning_communities.id"), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(8))
    shows_name: Mapped[bool]
    wants_mail: Mapped[bool]
    joined_at: Mapped[datetime]


class CommunityInviteRow(Base):
    """An invitation sent by mail: good once, for one role, until it ends. ``digest`` is of its secret."""

    __tablename__ = "earning_community_invites"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    community: Mapped[str] = mapped_column(ForeignKey("earning_communities.id"), index=True)
    role: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class CommunityDateRow(Base):
    """A day that a community has set itself, perhaps for one micro-credential."""

    __tablename__ = "earning_community_dates"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    community: Mapped[str] = mapped_column(ForeignKey("earning_communities.id"), index=True)
    code: Mapped[str | None] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(120))
    day: Mapped[date] = mapped_column(Date)


class ImportRow(Base):
    """People that a manager brings in from a file: looked at first, written once when that is confirmed.

    ``source`` is the file, wiped when it was used or got old; ``result`` is the JSON of what became of each
    row.
    """

    __tablename__ = "earning_imports"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8))  # checked, done or dropped
    source: Mapped[bytes] = mapped_column(LargeBinary)
    result: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
