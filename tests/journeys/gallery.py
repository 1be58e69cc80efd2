# SPDX-License-Identifier: Apache-2.0
"""Every public page in every state, with sample values: to look at, and for the layout tests.

``python -m tests.journeys.gallery OUT`` takes the screenshots: 320 and 1280 pixels wide, light and dark.
Nothing is signed here and no check is made: the outcomes are set, the sentences are the verifier's own. The
journeys through the real service are in ``test_*.py`` beside this.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, render_template, request
from jinja2 import StrictUndefined

from credentials.summary import AlignmentSummary, EvidenceSummary, ResultSummary, Summary, summarize
from issuer import artwork
from issuer.views import (
    AchievementPage,
    AchievementRow,
    CredentialPage,
    CriterionView,
    HomePage,
    Identity,
    IssuerPage,
    IssuerView,
    KeyView,
    LevelView,
    Link,
    Newer,
    PartView,
    Piece,
    Preview,
    PromptView,
    Spoken,
)
from service import markdown, qr, text
from service.headers import CONTENT_SECURITY_POLICY
from service.web import serve_static
from tests.journeys.browser import launch, picture, serve
from verifier import explain
from verifier.asked import NOTHING, Asked
from verifier.details import NO_DETAILS, Details, SignatureDetails, Sponsor, StatusDetails
from verifier.district import rows
from verifier.explain import Sentence, say
from verifier.outcome import Check
from verifier.party import Party
from verifier.ports import Source
from verifier.report import Report
from verifier.verdict import Verdict

ROOT = Path(__file__).resolve().parent.parent.parent
DID = "did:web:badges.hallmark.example"
HOST = "badges.hallmark.example"
ID = f"https://{HOST}/credentials/8b1c2f5e-9a3d-4a70-b0b7-2f3c1d9e6a11"
PATH = "/credentials/8b1c2f5e-9a3d-4a70-b0b7-2f3c1d9e6a11"
NOW = datetime(2026, 5, 4, 14, 3, tzinfo=UTC)
AWARDED = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)
ASSOCIATION = "Example Education Association"
COMPETENCY = (
    "The educator notices own emotions and triggers at work, names how they act on learners and colleagues, "
    "and keeps up a practice that makes a difference."
)
CRITERIA = (
    "**Part 1.** Overview questions.\n\n**Part 2.** A journal of four weeks and a plan.\n\n"
    "**Part 3.** A reflection on what has changed."
)
RESULTS = (
    (
        "Noticing",
        "Proficient",
        "Names own triggers with two or more situations and says what each one felt like.",
    ),
    (
        "Naming effects",
        "Exemplary",
        "Shows, with a dated note, how an own reaction changed what a learner or colleague did next, "
        "and what was learned from it.",
    ),
    ("Choosing a practice", "Proficient", "Chooses a practice that fits the trigger and explains why."),
    ("Keeping it up", "Proficient", "Four weeks of journal entries with honest gaps."),
)

SUMMARY = Summary(
    id=ID,
    title="Adult SEL 1: Self-Awareness",
    kinds=("VerifiableCredential", "OpenBadgeCredential"),
    description=COMPETENCY,
    criteria_narrative=CRITERIA,
    criteria_url=f"https://{HOST}/achievements/sel1/criteria",
    image_url=f"https://{HOST}/achievements/sel1/image.svg",
    achievement_id=f"https://{HOST}/achievements/sel1",
    achievement_type="MicroCredential",
    version="1",
    human_code="SEL1",
    language="en",
    tags=("stack:SEL",),
    recipient_name="Maya Example",
    issuer_id=DID,
    issuer_name=ASSOCIATION,
    issuer_url=f"https://{HOST}/",
    awarded_on=AWARDED,
    valid_from=AWARDED,
    valid_until=None,
    activity_start=datetime(2025, 10, 1, tzinfo=UTC),
    activity_end=datetime(2026, 2, 11, tzinfo=UTC),
    results=tuple(
        ResultSummary(
            criterion=criterion,
            level=level,
            level_description=means,
            required_level="Proficient",
            points=None,
            status=None,
            value=None,
            required_value=None,
            met=True,
        )
        for criterion, level, means in RESULTS
    ),
    evidence=(
        EvidenceSummary(
            id=None,
            name="Journal of four weeks",
            description="Twenty dated entries about situations at work.",
            genre="Journal",
            narrative=None,
            digest="uEiA",
        ),
        EvidenceSummary(
            id=f"https://{HOST}/evidence/plan.pdf",
            name="Plan for the second half of the year",
            description="Three practices, when they are used, and how they are kept up.",
            genre="Plan",
            narrative=None,
            digest="uEiB",
        ),
    ),
    alignments=(
        AlignmentSummary(
            name="InTASC Standard 9: Professional learning and ethical practice",
            url="https://ccsso.org/resource-library/intasc",
            framework="InTASC Model Core Teaching Standards",
            code="9",
        ),
    ),
    narrative=None,
)
BARE = summarize(  # a foreign badge that says as little as it may
    {
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
        "validFrom": "2026-02-27T09:30:00Z",
        "credentialSubject": {"type": "AchievementSubject", "achievement": {"name": "Participant"}},
    }
)

NAUGHTY = (
    '"><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>'
    "<iframe srcdoc='<script>parent.alert(4)</script>'></iframe>\u202egnp.live\u2066 {{ 7*7 }}\n\nValid"
)
MARKDOWN = (
    f"{NAUGHTY}\n\n[click](javascript:alert(5)) ![x](https://elsewhere.example/x.png) "
    "<style>*{display:none}</style> [d](data:text/html,<script>alert(6)</script>) [f](file:///etc/passwd)"
)
HOSTILE = summarize(
    {
        "type": [NAUGHTY],
        "issuer": {
            "id": "https://elsewhere.example/<script>",
            "name": NAUGHTY * 20,
            "url": "javascript:alert(7)",
        },
        "validFrom": NAUGHTY,
        "credentialSubject": {
            "name": NAUGHTY,
            "narrative": MARKDOWN,
            "achievement": {
                "id": "javascript:alert(8)",
                "name": NAUGHTY * 30,
                "description": NAUGHTY,
                "achievementType": NAUGHTY,
                "humanCode": NAUGHTY,
                "inLanguage": '"><script>alert(9)</script>',
                "version": NAUGHTY,
                "criteria": {"id": "data:text/html,<script>alert(10)</script>", "narrative": MARKDOWN},
                "image": {"id": "https://elsewhere.example/track.png", "type": "Image"},
                "alignment": [{"targetName": NAUGHTY, "targetUrl": "javascript:alert(11)"}],
                "resultDescription": [{"id": "urn:r", "name": NAUGHTY, "requiredValue": NAUGHTY}],
            },
            "result": [{"resultDescription": "urn:r", "value": NAUGHTY}],
        },
        "evidence": [
            {"id": "javascript:alert(12)", "name": NAUGHTY, "genre": NAUGHTY, "narrative": MARKDOWN}
        ],
    }
)

LIST = "the list “Exampleton School District”"
PASSED: tuple[Check, ...] = (
    say(explain.STRUCTURE_COMPLETE),
    say(explain.SIGNED_ALL),
    say(explain.PROOF_FITS),
    say(explain.ISSUER_MAY_SIGN, issuer=HOST),
    say(explain.VALID_FOREVER, begin="February 27, 2026"),
    say(explain.STATUS_CLEAR, age="February 27, 2026, 09:29 UTC"),
    say(explain.SCHEMA_FOLLOWS),
    say(explain.RECIPIENT_NOT_ASKED),
    say(explain.EVIDENCE_NOT_ASKED),
    say(explain.ENDORSEMENT_NONE),
    say(explain.TRUST_LISTED, issuer=HOST, list=LIST),
    say(explain.LOOKALIKE_NONE),
)
DETAILS = Details(
    signatures=(
        SignatureDetails(
            method=f"{DID}#ed25519-1",
            suite="eddsa-rdfc-2022",
            fits=True,
            created=AWARDED,
            controller=DID,
            key_read_at=f"https://{HOST}/.well-known/did.json",
            public_key="z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
            algorithm="Ed25519",
            key_expires=None,
            key_revoked=None,
        ),
    ),
    status=(
        StatusDetails(
            url=f"https://{HOST}/status/1/revocation",
            index=94_567,
            purpose="revocation",
            is_set=False,
            valid_from=NOW - timedelta(seconds=41),
            valid_until=NOW + timedelta(hours=1),
            source=str(Source.NETWORK),
            trouble="",
        ),
    ),
    sponsor=Sponsor(
        name=ASSOCIATION,
        address=("1 Sample Street", "Springfield IL 62701", "United States"),
        email=f"awards@{HOST}",
        url=f"https://{HOST}/",
    ),
    credential_digest="uEiCfLBt6Tl1vgBEiM0RVZneImaq7zN3u_wARIjNEVWZ3ig",
    canonical_sha256="9f2c1b7a4e5d6f80112233445566778899aabbccddeeff00112233445566778a",
    canonical=f'<{ID}> <https://schema.org/name> "{SUMMARY.title}" .\n' * 12,
)
REASON = f"{HOST} did not answer within 5 seconds."
PLACE = "/credentialSubject/achievement/extra"


def report(
    verdict: Verdict,
    *said: Check,
    recognised: bool | None = True,
    summary: Summary | None = SUMMARY,
    asked: Asked = NOTHING,
) -> Report:
    """What the verifier would say, if ``said`` had come out like that and all other checks had passed."""
    other = {check.check: check for check in said}
    checks = tuple(other.get(check.check, check) for check in PASSED)
    issuer = summary.issuer_id or "" if summary else ""
    address = HOST if issuer == DID else issuer[:24] + "…"
    found = Report(
        verdict=verdict,
        sentence=explain.sentence_for(verdict, checks, issuer=address, recognised=recognised),
        recognised_issuer=recognised,
        issuer=Party(id=issuer, name=ASSOCIATION, url=None, address=address),
        summary=summary,
        checks=checks,
        verified_at=NOW,
        status_as_of=NOW - timedelta(seconds=41),
        container="png",
        details=DETAILS if summary is SUMMARY else NO_DETAILS,
    )
    return replace(found, rows=rows(found, asked))


def unsure(check: str) -> Check:
    """A check that was not made because an earlier one could not be."""
    return say(Sentence(check, explain.SIGNED_UNREAD.outcome, explain.SIGNED_UNREAD.text))


NOT_LISTED = say(explain.TRUST_NOT_LISTED, issuer=HOST, list=LIST)
STATES = {
    "valid": report(Verdict.VALID),
    "unknown-issuer": report(Verdict.VALID, NOT_LISTED, recognised=False),
    "bare": report(Verdict.VALID, say(explain.STATUS_NONE), NOT_LISTED, recognised=None, summary=BARE),
    "hostile": report(Verdict.VALID, NOT_LISTED, recognised=False, summary=HOSTILE),
    "expired": report(Verdict.EXPIRED, say(explain.VALIDITY_ENDED, end="April 1, 2026")),
    "not-yet-valid": report(Verdict.NOT_YET_VALID, say(explain.VALIDITY_NOT_BEGUN, begin="June 1, 2026")),
    "suspended": report(Verdict.SUSPENDED, say(explain.STATUS_SUSPENDED)),
    "revoked": report(Verdict.REVOKED, say(explain.STATUS_REVOKED)),
    "undetermined": report(
        Verdict.UNDETERMINED,
        say(explain.ISSUER_UNREACHABLE, issuer=HOST, reason=REASON),
        say(explain.PROOF_NO_KEY),
        recognised=None,
    ),
    "unsigned-content": report(
        Verdict.UNSIGNED_CONTENT, say(explain.SIGNED_NOT, place=PLACE, path=PLACE), unsure("proof")
    ),
    "invalid": report(Verdict.INVALID, say(explain.PROOF_BROKEN), recognised=None),
    "not-a-badge": report(
        Verdict.INVALID,
        say(explain.STRUCTURE_BROKEN, reason="it ends in the middle."),
        recognised=None,
        summary=None,
    ),
    "wrong-recipient": report(
        Verdict.WRONG_RECIPIENT, say(explain.RECIPIENT_OTHER), asked=Asked(recipient="eve@school.example")
    ),
    "everything-asked": report(
        Verdict.VALID,
        say(explain.RECIPIENT_SAME),
        asked=Asked("maya@school.example", cycle_from=date(2025, 7, 1), cycle_until=date(2026, 6, 30)),
    ),
    "name-only": report(
        Verdict.VALID,
        say(explain.RECIPIENT_SAME_NAME),
        asked=Asked("Maya Example", cycle_from=date(2025, 11, 1)),
    ),
}
STATES["unread-list"] = report(Verdict.UNDETERMINED, say(explain.STATUS_UNKNOWN, reason=REASON))
ANSWERED = ("not-a-badge", "wrong-recipient", "everything-asked", "name-only")  # only where somebody asked
SHOWN = tuple(state for state in STATES if state not in ANSWERED)


# States of the page that are no verdicts: what they stand on, and what differs.
VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "superseded": (
        "valid",
        {
            "newer": Newer(
                url=f"https://{HOST}/credentials/5a0c",
                path="/credential/valid",
                on=NOW,
                reason="The name was corrected.",
            )
        },
    ),
    "nameless": ("valid", {"shown_name": None}),
    "erased": ("valid", {"shown_name": None, "is_erased": True}),
    "elsewhere": ("valid", {"elsewhere": "badges.mirror.example"}),
    "recognised": (
        "valid",
        {
            "spoken": (
                Spoken(
                    who="Exampleton School District",
                    text="Counts as 10 hours of salary advancement, by the rule of 2025.",
                    outcome="pass",
                    sentence="Exampleton School District (district.example) vouches for it; "
                    "that signature holds too.",
                    on=NOW,
                ),
                Spoken(
                    who=None,
                    text=None,
                    outcome="indeterminate",
                    sentence=f"A statement inside it could not be checked. {REASON}",
                    on=None,
                ),
            )
        },
    ),
}


def credential_page(state: str) -> CredentialPage:
    """The values of the credential page in ``state``."""
    state, changes = VARIANTS.get(state, (state, {}))
    return replace(_credential_page(state), **changes)


def _credential_page(state: str) -> CredentialPage:
    said = STATES[state].summary or SUMMARY
    title, issuer = said.title or "A credential", said.issuer_name or ""
    standings = ("shown on request", "public")
    return CredentialPage(
        id=ID,
        path=PATH,
        findings=STATES[state],
        summary=said,
        shown_name=said.recipient_name,
        checked_at=NOW,
        status_reason="It was issued for another person's work." if state == "revoked" else None,
        status_since=NOW if state in ("revoked", "suspended") else None,
        image_path="/achievements/sel1/image.svg",
        achievement_path="/achievements/sel1",
        issuer_path="/issuers/example",
        criteria_path="/achievements/sel1/criteria",
        rubric_path="/achievements/sel1/rubric",
        criteria_html=str(markdown.render(CRITERIA)),
        sha256="9f2c1b7a4e5d6f80112233445566778899aabbccddeeff00112233445566778a",
        verify_path=f"/verify?url={ID}",
        qr_path=f"{PATH}/qr.svg",
        links=(
            Link(label="JSON", path=f"{PATH}.json", media_type="application/vc+ld+json"),
            Link(label="JWT", path=f"{PATH}.jwt", media_type="application/vc+jwt"),
            Link(label="PNG", path=f"{PATH}.png", media_type="image/png"),
            Link(label="SVG", path=f"{PATH}.svg", media_type="image/svg+xml"),
            Link(label="PDF", path=f"{PATH}.pdf", media_type="application/pdf"),
        ),
        preview=Preview(
            title=f"{title}, {issuer}",
            description=said.description or "",
            image=f"https://{HOST}{PATH}/card.png?v=0123",
            image_alt=f"{title}, {issuer}",
            image_type="image/png",
            image_width=1200,
            image_height=627,
        ),
        identity=Identity(
            name=said.issuer_name or HOST,
            domain=HOST,
            did=DID,
            path="/issuers/example",
            address=("1 Sample Street", "Springfield, IL 62701", "United States"),
            key_id=f"{DID}#ed25519-1",
            key_since=AWARDED,
            key_state="active",
            sample=True,
        ),
        pieces=tuple(
            Piece(each, standings[place] if said is SUMMARY else "private")
            for place, each in enumerate(said.evidence)
        ),
        oembed_url=f"https://{HOST}/oembed?url={ID}&format=json",
    )


CATALOGUE = (
    ("SEL1", "SEL", "Adult SEL 1: Self-Awareness", "10–15"),
    ("DECC1", "DECC", "Exploring and Unpacking Bias", "15"),
    ("TRA1", "TRA", "Creating a Healing Centered Learning Environment", "10–15"),
    ("RP1", "RP", "Exploring Restorative Practices", "10–15"),
    ("NIEA1", "NIEA", "Acknowledging and Honoring Resilience of AI/AN Education", "15"),
    ("CM1", "CM", "Routines that Give Time Back", "10"),
    ("CLIM1", "CLIM", "Climate Justice in the Classroom", "15"),
    ("TLAP1", "TLAP", "Leading a Local Conversation", "15"),
)
STACKS = {code.lower(): stack for code, stack, _, _ in CATALOGUE}
ROWS = tuple(
    AchievementRow(
        id=f"https://{HOST}/achievements/{code.lower()}",
        path=f"/achievements/{code.lower()}",
        code=code,
        version="1",
        title=title,
        competency=COMPETENCY,
        stacks=(stack,),
        hours=hours,
        audience=("all",),
        image_path=f"/achievements/{code.lower()}/image.svg",
        issuer_name=ASSOCIATION,
        issuer_path="/issuers/example",
    )
    for code, stack, title, hours in CATALOGUE
)
ISSUER = IssuerView(
    slug="example",
    path="/issuers/example",
    did=DID,
    name=ASSOCIATION,
    url=f"https://{HOST}/",
    description="A fictional association of educators that reviews and awards micro-credentials.",
    email=f"awards@{HOST}",
    address=("1 Sample Street", "Springfield"),
    image_path=None,
    sample=True,
)
LEVELS = (
    ("Not yet", "Names feelings in general words only.", False),
    ("Proficient", "Names own triggers with two or more situations and says what each one felt like.", True),
    ("Exemplary", "Shows how noticing changed what was done next, with dated notes.", False),
)

ACHIEVEMENT = AchievementPage(
    row=ROWS[0],
    needs_students=False,
    language="en",
    method_html="<p>Keep a short journal for four weeks; look back each Friday; choose one practice.</p>",
    components=(("Noticing", "<p>Write down what happened before you reacted.</p>"),),
    research=(("The prosocial classroom, 2009", "https://doi.org/10.3102/0034654308325693"),),
    parts=(
        PartView(
            title="Part 1: Overview",
            prompts=(PromptView(text="Where do you work, and with whom?", guide="150–200 words, a guide"),),
            artefacts=(),
        ),
        PartView(title="Part 2: Artefacts", prompts=(), artefacts=("Journal of four weeks", "Plan")),
    ),
    rubric=tuple(
        CriterionView(
            id=f"#{title}",
            title=title,
            part="Part 2",
            levels=tuple(
                LevelView(id=f"#{title}-{name}", name=name, descriptor=words, required=required)
                for name, words, required in (LEVELS if title != "Keeping it up" else LEVELS[:2])
            ),
        )
        for title, *_ in RESULTS
    ),
    newer=None,
    links=(Link(label="JSON", path="/achievements/sel1", media_type="application/ld+json"),),
    sample=True,
)
ISSUER_PAGE = IssuerPage(
    issuer=ISSUER,
    keys=(
        KeyView(id=f"{DID}#ed25519-2", algorithm="Ed25519", state="active", since=AWARDED, until=None),
        KeyView(id=f"{DID}#p256-1", algorithm="P-256", state="active", since=AWARDED, until=None),
        KeyView(id=f"{DID}#ed25519-1", algorithm="Ed25519", state="retired", since=AWARDED, until=NOW),
        KeyView(id=f"{DID}#ed25519-0", algorithm="Ed25519", state="compromised", since=AWARDED, until=NOW),
    ),
    achievements=ROWS,
    links=(Link(label="did.json", path="/issuers/example/did.json", media_type="application/did+json"),),
)
HOME = HomePage(issuers=(ISSUER,), achievements=ROWS, sample=True)
EMPTY = HomePage(issuers=(), achievements=(), sample=False)
SAMPLES = (
    SimpleNamespace(label="Adult SEL 1, Maya Example", path="/credential/valid", verdict="valid"),
    SimpleNamespace(label="Restorative Practices", path="/credential/revoked", verdict="revoked"),
)
PROBLEM = {
    "title": "This is a picture without a credential inside",
    "detail": "Ask for the link or the original file. What you typed is still here.",
}

PAGES = (
    "/",
    "/empty",
    "/verify",
    "/verify?problem",
    "/achievements/sel1",
    "/issuers/example",
    *(f"/credential/{state}" for state in (*SHOWN, *VARIANTS)),
    *(f"/embed/{state}" for state in (*SHOWN, "superseded")),
    *(f"/answer/{state}" for state in STATES),
)


def create_gallery() -> Flask:
    """Build the gallery, with the policy and the words of the real service."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    serve_static(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters.update(
        day=text.day, time=text.time, age=text.age, markdown=markdown.render, plain=markdown.plain
    )
    app.jinja_env.globals.update(
        site_title="Hallmark", public_url=f"https://{HOST}", ago=text.ago, count=text.count
    )

    @app.get("/")
    def home() -> str:
        return render_template("issuer/home.html", view=HOME, samples=SAMPLES)

    @app.get("/empty")
    def empty() -> str:
        return render_template("issuer/home.html", view=EMPTY)

    @app.get("/verify")
    def form() -> str:
        if "problem" in request.args:
            typed = {"text": "https://", "recipient": "maya@school.example", "cycle_from": "2025-07-01"}
            return render_template("verifier/form.html", problem=PROBLEM, typed=typed)
        return render_template("verifier/form.html", lists=(("example-district", "Example District"),))

    @app.get("/achievements/sel1")
    def achievement() -> str:
        return render_template("issuer/achievement.html", view=ACHIEVEMENT)

    @app.get("/issuers/example")
    def issuer() -> str:
        return render_template("issuer/issuer.html", view=ISSUER_PAGE)

    @app.get("/credential/<state>")
    def credential(state: str) -> str:
        return render_template("issuer/credential.html", view=credential_page(state))

    @app.get("/embed/<state>")
    def embed(state: str) -> str:
        return render_template("issuer/embed.html", view=credential_page(state))

    @app.get("/answer/<state>")
    def answer(state: str) -> str:
        by_link = state not in ("valid", "not-a-badge")
        return render_template(
            "verifier/answer.html",
            report=STATES[state],
            source=ID if by_link else "badge.png",
            url=ID if by_link else None,
            repeat=f"/verify?url={ID}" if by_link else None,
            resend={"url": ID} if by_link else {},
        )

    @app.get("/achievements/<code>/image.svg")
    def badge(code: str) -> Response:
        drawn = artwork.svg(code.upper(), stack=STACKS.get(code, "SEL"), label="Badge image")
        return Response(drawn, mimetype="image/svg+xml")

    @app.get(f"{PATH}/qr.svg")
    def code() -> Response:
        return Response(qr.svg(ID), mimetype="image/svg+xml")

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response

    return app


def main(out: Path) -> None:
    """Take every page's picture."""
    out.mkdir(parents=True, exist_ok=True)
    with serve(create_gallery()) as base, launch() as browser:
        for width in (320, 1280):
            for scheme in ("light", "dark"):
                for path in PAGES:
                    name = path.strip("/").replace("/", "-").replace("?", "-") or "home"
                    shot = picture(browser, base + path, width=width, scheme=scheme)
                    (out / f"{name}-{width}-{scheme}.png").write_bytes(shot)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
