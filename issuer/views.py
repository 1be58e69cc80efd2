# SPDX-License-Identifier: Apache-2.0
"""What the issuer's pages are given: plain frozen values, no rows and no rules.

``templates/issuer/<page>.html`` receives one of these as ``view``. Paths are relative to the site; ``id``
values are the absolute links that were signed. HTML in a ``…_html`` field is safe to print: it went through
``service.markdown``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from credentials.summary import EvidenceSummary, Summary
from issuer.ports import Findings


@dataclass(frozen=True, slots=True)
class Link:
    """One way to take something along."""

    label: str
    path: str
    media_type: str


@dataclass(frozen=True, slots=True)
class IssuerView:
    """Who issues. Page: ``issuer.html``, as ``view.issuer``."""

    slug: str
    path: str
    did: str
    name: str
    url: str
    description: str
    email: str | None
    address: tuple[str, ...]
    image_path: str | None
    sample: bool
    recognizer: bool = False


@dataclass(frozen=True, slots=True)
class KeyView:
    """One key of an issuer, with its state (``active``, ``retired``, ``compromised``) and dates."""

    id: str
    algorithm: str
    state: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class AchievementRow:
    """One line in a list of micro-credentials."""

    id: str
    path: str
    code: str
    version: str
    title: str
    competency: str
    stacks: tuple[str, ...]
    hours: str
    audience: tuple[str, ...]
    image_path: str
    issuer_name: str
    issuer_path: str


@dataclass(frozen=True, slots=True)
class LevelView:
    """One level of a criterion; ``required`` marks the lowest one that passes."""

    id: str
    name: str
    descriptor: str
    required: bool


@dataclass(frozen=True, slots=True)
class CriterionView:
    """One row of the rubric; levels from low to high."""

    id: str
    title: str
    part: str
    levels: tuple[LevelView, ...]


@dataclass(frozen=True, slots=True)
class PromptView:
    """One question of a part, with its word guide ("250–300 words, a guide") or ""."""

    text: str
    guide: str


@dataclass(frozen=True, slots=True)
class PartView:
    """One part of the assignment with its prompts and the artefacts it asks for."""

    title: str
    prompts: tuple[PromptView, ...]
    artefacts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AchievementPage:
    """Page ``achievement.html``, as ``view``."""

    row: AchievementRow
    needs_students: bool
    language: str
    method_html: str
    components: tuple[tuple[str, str], ...]  # title, text as safe HTML
    research: tuple[tuple[str, str | None], ...]  # citation, link
    parts: tuple[PartView, ...]
    rubric: tuple[CriterionView, ...]
    newer: AchievementRow | None
    links: tuple[Link, ...]
    sample: bool


@dataclass(frozen=True, slots=True)
class IssuerPage:
    """Page ``issuer.html``, as ``view``."""

    issuer: IssuerView
    keys: tuple[KeyView, ...]
    achievements: tuple[AchievementRow, ...]
    links: tuple[Link, ...]
    lists: tuple[tuple[str, str], ...] = ()
    rules: tuple[tuple[str, str], ...] = ()  # by which a recognizer decides


@dataclass(frozen=True, slots=True)
class SampleView:
    """A credential of the demo, with what the verifier says about it now."""

    label: str
    path: str
    verdict: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """Page ``home.html``, as ``view``."""

    issuers: tuple[IssuerView, ...]
    achievements: tuple[AchievementRow, ...]
    sample: bool
    samples: tuple[SampleView, ...] = ()
    portals: tuple[tuple[str, str], ...] = ()  # title and path of the affiliates' entries
    total: int = 0  # how many micro-credentials there are; ``achievements`` are the first of them


@dataclass(frozen=True, slots=True)
class Preview:
    """What other sites show of a link to the page (Open Graph, https://ogp.me); everything is absolute."""

    title: str
    description: str
    image: str
    image_alt: str
    image_type: str
    image_width: int
    image_height: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the issuer is: what was signed, the address that answers for it, and the key that signed this.

    Attributes:
        domain: The host that answers for the DID.
        key_state: ``active``, ``retired`` or ``compromised``.
        sample: A fictional issuer.
    """

    name: str
    domain: str
    did: str
    path: str
    address: tuple[str, ...]
    key_id: str | None
    key_since: datetime | None
    key_state: str
    sample: bool


@dataclass(frozen=True, slots=True)
class Spoken:
    """What somebody says of the credential, signed inside it or beside it.

    Attributes:
        who: Who says it.
        text: In their words; None unless their signature holds.
        outcome: Of the check of it: ``pass``, ``fail`` or ``indeterminate``.
        sentence: That check's sentence.
        on: From when it is.
        path: Its own page here; "" for what stands inside the credential.
    """

    who: str | None
    text: str | None
    outcome: str
    sentence: str
    on: datetime | None
    path: str = ""


@dataclass(frozen=True, slots=True)
class Newer:
    """The newer issue of the same award that took the place of this one."""

    url: str
    path: str
    on: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence, and who may see it: ``public``, ``shown on request`` or ``private``."""

    said: EvidenceSummary
    standing: str


@dataclass(frozen=True, slots=True)
class CredentialPage:
    """Page ``credential.html``, as ``view``.

    ``findings`` is what the verifier said just now about the public bytes (verdict, sentence, checks);
    ``summary`` is what was signed, for people; ``status_reason`` is the issuer's public reason, if any;
    ``shown_name`` the name to say: signed in plain words, or shown by the earner and signed as a hash.
    """

    id: str
    path: str
    findings: Findings
    summary: Summary
    shown_name: str | None
    checked_at: datetime
    status_reason: str | None
    status_since: datetime | None
    image_path: str | None
    achievement_path: str | None
    issuer_path: str | None
    criteria_path: str | None
    rubric_path: str | None
    criteria_html: str
    sha256: str
    verify_path: str
    qr_path: str
    links: tuple[Link, ...]  # JSON, JWT, PNG, SVG, PDF
    preview: Preview
    identity: Identity
    oembed_url: str
    pieces: tuple[Piece, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    newer: Newer | None = None
    is_erased: bool = False
    is_indexed: bool = False
    has_panel: bool = False  # whether its earner has "Share and privacy" here
    elsewhere: str | None = None  # the host asked for, if it is neither ours nor the issuer's
