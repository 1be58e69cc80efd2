# SPDX-License-Identifier: Apache-2.0
"""Every public page in every state, with sample values: to look at, and for the layout tests.

``python -m tests.journeys.gallery OUT`` takes the screenshots: 320 and 1280 pixels wide, light and dark.
No credential is signed and no check is made here; what the pages say is invented. The journeys through the
real service are in ``test_*.py`` beside this.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, render_template, request
from jinja2 import StrictUndefined

from issuer import artwork, qr
from service.headers import CONTENT_SECURITY_POLICY
from tests.journeys.browser import launch, picture, serve

ROOT = Path(__file__).resolve().parent.parent.parent
ID = "https://badges.hallmark.example/credentials/8b1c2f5e-9a3d-4a70-b0b7-2f3c1d9e6a11"
PATH = "/credentials/8b1c2f5e-9a3d-4a70-b0b7-2f3c1d9e6a11"
NOW = datetime(2026, 5, 4, 14, 3, tzinfo=UTC)
AWARDED = datetime(2026, 2, 27, 9, 30, tzinfo=UTC)

RESULTS = (
    ("Noticing", "Proficient", "Names own triggers with two or more situations and says what each one felt like.", "Proficient"),
    ("Naming effects", "Exemplary", "Shows, with a dated note, how an own reaction changed what a learner or colleague did next, and what was learned from it.", "Proficient"),
    ("Choosing a practice", "Proficient", "Chooses a practice that fits the trigger and explains why.", "Proficient"),
    ("Keeping it up", "Proficient", "Four weeks of journal entries with honest gaps.", "Proficient"),
)  # fmt: skip


def summary(**other: Any) -> SimpleNamespace:
    """What a credential says, for people."""
    said: dict[str, Any] = {
        "id": ID,
        "title": "Adult SEL 1: Self-Awareness",
        "kinds": ("OpenBadgeCredential",),
        "description": "The educator notices own emotions and triggers at work, names how they act on learners "
        "and colleagues, and keeps up a practice that makes a difference.",
        "criteria_narrative": "**Part 1.** Overview questions.\n\n**Part 2.** A journal of four weeks and a plan.\n\n**Part 3.** A reflection.",
        "criteria_url": "https://badges.hallmark.example/achievements/sel1/criteria",
        "image_url": "https://badges.hallmark.example/achievements/sel1/image.svg",
        "achievement_id": "https://badges.hallmark.example/achievements/sel1",
        "achievement_type": "MicroCredential",
        "version": "1",
        "human_code": "SEL1",
        "language": "en",
        "tags": ("stack:SEL",),
        "recipient_name": "Maya Example",
        "issuer_id": "did:web:badges.hallmark.example",
        "issuer_name": "Example Education Association",
        "issuer_url": "https://badges.hallmark.example/",
        "awarded_on": AWARDED,
        "valid_from": AWARDED,
        "valid_until": None,
        "activity_start": datetime(2025, 10, 1, tzinfo=UTC),
        "activity_end": datetime(2026, 2, 11, tzinfo=UTC),
        "results": tuple(
            SimpleNamespace(
                criterion=criterion,
                level=level,
                level_description=means,
                required_level=required,
                points=None,
                status=None,
                value=None,
                met=True,
            )
            for criterion, level, means, required in RESULTS
        ),
        "evidence": (
            SimpleNamespace(
                id=None,
                name="Journal of four weeks",
                description="Twenty dated entries about situations at work.",
                genre="Journal",
                narrative=None,
                digest="uEiA…",
            ),
            SimpleNamespace(
                id="https://badges.hallmark.example/evidence/plan.pdf",
                name="Plan for the second half of the year",
                description="Three practices, when they are used, and how they are kept up.",
                genre="Plan",
                narrative=None,
                digest="uEiB…",
            ),
        ),
        "alignments": (
            SimpleNamespace(
                name="InTASC Standard 9: Professional learning and ethical practice",
                url="https://ccsso.org/resource-library/intasc",
                framework="InTASC Model Core Teaching Standards",
                code="9",
            ),
        ),
        "narrative": None,
    }
    return SimpleNamespace(**{**said, **other})


TITLES = {
    "structure": ("Form", "This is a complete Open Badges 3.0 credential."),
    "signed_content": ("Signed content", "Everything shown was signed."),
    "proof": ("Signature", "The signature fits: nothing was changed."),
    "issuer": ("Issuer's key", "The key belongs to badges.hallmark.example and may sign awards."),
    "validity": ("Dates", "In force since February 27, 2026, no end date."),
    "status": ("Withdrawal and review", "Not withdrawn and not under review, as of 41 seconds ago."),
    "schema": ("Published schema", "It follows the published schema."),
    "recipient": ("Whose it is", "You did not ask."),
    "evidence": ("Evidence", "You did not ask."),
    "endorsement": ("Endorsements", "It carries none."),
    "trust": ("On your list", "Example Education Association is on your list."),
    "lookalike": ("Look-alike names", "The issuer's name is not confusable with one you know."),
}
SKIPPED = {"recipient": "not-applicable", "evidence": "not-applicable", "endorsement": "not-applicable"}


def report(
    verdict: str, sentence: str, *, recognised: bool | None = True, **said: tuple[str, str]
) -> SimpleNamespace:
    """What the verifier found; ``said`` replaces (outcome, explanation) of single checks."""
    checks = []
    for name, (title, text) in TITLES.items():
        outcome, explanation = said.get(name, (SKIPPED.get(name, "pass"), text))
        checks.append(
            SimpleNamespace(
                check=name,
                outcome=outcome,
                title=title,
                explanation=explanation,
                spec="VC Data Integrity 1.0, Verify Proof: https://www.w3.org/TR/vc-data-integrity/#verify-proof",
                path="/credentialSubject/achievement/extra" if outcome == "fail" and name == "signed_content" else None,
            )
        )  # fmt: skip
    return SimpleNamespace(
        verdict=verdict,
        sentence=sentence,
        recognised_issuer=recognised,
        summary=summary(),
        checks=tuple(checks),
        verified_at=NOW,
        issuer=None,
    )


LATER = ("indeterminate", "This could not be looked at.")
STATES = {
    "valid": report(
        "valid",
        "Genuine and in force. Example Education Association says that Maya Example demonstrated this.",
    ),
    "unknown-issuer": report(
        "valid",
        "Genuine and in force. Whether you rely on badges.hallmark.example is your decision.",
        recognised=False,
        trust=("fail", "Genuine, but Example Education Association is not on your list; relying on it is your decision."),
    ),
    "expired": report(
        "expired",
        "Genuine, but it is over. It ended on January 1, 2026.",
        validity=("fail", "It ended on January 1, 2026."),
    ),
    "not-yet-valid": report(
        "not-yet-valid",
        "Genuine, but its time has not come. It begins on June 1, 2026.",
        validity=("fail", "It begins on June 1, 2026."),
    ),
    "suspended": report(
        "suspended",
        "Genuine, and under review by the issuer. It does not count until the review ends.",
        status=("fail", "Under review by the issuer: it does not count until the review ends."),
    ),
    "revoked": report(
        "revoked", "Withdrawn by the issuer.", status=("fail", "Withdrawn by the issuer.")
    ),
    "undetermined": report(
        "undetermined",
        "We could not finish checking: badges.hallmark.example did not answer within 5 seconds. "
        "This is neither a yes nor a no. Try again.",
        recognised=None,
        proof=LATER,
        issuer=("indeterminate", "The key document of badges.hallmark.example could not be reached."),
    ),
    "unsigned-content": report(
        "unsigned-content",
        "Someone added content that the issuer never signed: /credentialSubject/achievement/extra.",
        signed_content=("fail", "/credentialSubject/achievement/extra was not signed by anybody."),
        proof=LATER,
    ),
    "invalid": report(
        "invalid",
        "Not genuine: The signature does not fit: something was changed, or it was not signed with this key.",
        recognised=None,
        proof=("fail", "The signature does not fit: something was changed, or it was not signed with this key."),
    ),
    "wrong-recipient": report(
        "wrong-recipient",
        "Genuine, but issued to somebody else.",
        recipient=("fail", "It was issued to a different address."),
    ),
}  # fmt: skip

LINKS = tuple(
    SimpleNamespace(label=label, path=f"{PATH}.{suffix}", media_type=kind)
    for label, suffix, kind in (
        ("JSON", "json", "application/vc+ld+json"),
        ("JWT", "jwt", "application/vc+jwt"),
        ("PNG", "png", "image/png"),
        ("SVG", "svg", "image/svg+xml"),
    )
)


def credential_page(state: str) -> SimpleNamespace:
    """The values of the credential page in ``state``."""
    return SimpleNamespace(
        id=ID,
        path=PATH,
        findings=STATES[state],
        summary=STATES[state].summary,
        checked_at=NOW,
        status_reason="It was issued for another person's work." if state == "revoked" else None,
        status_since=NOW if state in ("revoked", "suspended") else None,
        image_path="/achievements/sel1/image.svg",
        achievement_path="/achievements/sel1",
        issuer_path="/issuers/example",
        criteria_path="/achievements/sel1/criteria",
        rubric_path="/achievements/sel1/rubric",
        criteria_html="<p><strong>Part 1.</strong> Overview questions.</p><p><strong>Part 2.</strong> A journal.</p>",
        sha256="9f2c1b7a4e5d6f80112233445566778899aabbccddeeff00112233445566778a",
        verify_path=f"/verify?url={ID}",
        qr_path=f"{PATH}/qr.svg",
        links=LINKS,
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
ROWS = tuple(
    SimpleNamespace(
        id=f"https://badges.hallmark.example/achievements/{code.lower()}",
        path=f"/achievements/{code.lower()}",
        code=code,
        version="1",
        title=title,
        competency=summary().description,
        stacks=(stack,),
        hours=hours,
        audience=("all",),
        image_path=f"/achievements/{code.lower()}/image.svg",
        issuer_name="Example Education Association",
        issuer_path="/issuers/example",
    )
    for code, stack, title, hours in CATALOGUE
)
STACKS = {code.lower(): stack for code, stack, _, _ in CATALOGUE}
ISSUER = SimpleNamespace(
    slug="example",
    path="/issuers/example",
    did="did:web:badges.hallmark.example",
    name="Example Education Association",
    url="https://badges.hallmark.example/",
    description="A fictional association of educators that reviews and awards micro-credentials.",
    email="awards@badges.hallmark.example",
    address=("1 Sample Street", "Springfield"),
    image_path=None,
    sample=True,
)
LEVELS = (
    ("Not yet", "Names feelings in general words only.", False),
    ("Proficient", "Names own triggers with two or more situations and says what each one felt like.", True),
    ("Exemplary", "Shows how noticing changed what was done next, with dated notes.", False),
)


def achievement_page() -> SimpleNamespace:
    """The values of the achievement page."""
    return SimpleNamespace(
        row=ROWS[0],
        needs_students=False,
        language="en",
        method_html="<p>Keep a short journal for four weeks; look back each Friday; choose one practice.</p>",
        components=(("Noticing", "<p>Write down what happened before you reacted.</p>"),),
        research=(("Jennings and Greenberg, The prosocial classroom, 2009", "https://doi.org/10.3102/0034654308325693"),),
        parts=(
            SimpleNamespace(
                title="Part 1: Overview",
                prompts=(SimpleNamespace(text="Where do you work, and with whom?", guide="150–200 words, a guide"),),
                artefacts=(),
            ),
            SimpleNamespace(title="Part 2: Artefacts", prompts=(), artefacts=("Journal of four weeks", "Plan")),
        ),
        rubric=tuple(
            SimpleNamespace(
                id=f"#{n}",
                title=title,
                part="Part 2",
                levels=tuple(
                    SimpleNamespace(id=f"#{n}-{name}", name=name, descriptor=text, required=required)
                    for name, text, required in LEVELS
                ),
            )
            for n, (title, *_) in enumerate(RESULTS)
        ),
        newer=None,
        links=(SimpleNamespace(label="JSON", path="/achievements/sel1", media_type="application/ld+json"),),
        sample=True,
    )  # fmt: skip


def issuer_page() -> SimpleNamespace:
    """The values of the issuer page."""
    key = "did:web:badges.hallmark.example#"
    return SimpleNamespace(
        issuer=ISSUER,
        keys=(
            SimpleNamespace(id=key + "ed25519-2", algorithm="Ed25519", state="active", since=AWARDED, until=None),
            SimpleNamespace(id=key + "p256-1", algorithm="P-256", state="active", since=AWARDED, until=None),
            SimpleNamespace(id=key + "ed25519-1", algorithm="Ed25519", state="retired", since=AWARDED, until=NOW),
            SimpleNamespace(id=key + "ed25519-0", algorithm="Ed25519", state="compromised", since=AWARDED, until=NOW),
        ),
        achievements=ROWS,
        links=(SimpleNamespace(label="did.json", path="/issuers/example/did.json", media_type="application/did+ld+json"),),
    )  # fmt: skip


SAMPLES = (
    SimpleNamespace(label="Adult SEL 1, Maya Example", path="/credential/valid", verdict="valid"),
    SimpleNamespace(label="Restorative Practices", path="/credential/revoked", verdict="revoked"),
)

PAGES = (
    "/",
    "/verify",
    "/verify?problem",
    "/achievements/sel1",
    "/issuers/example",
    *(f"/credential/{state}" for state in STATES),
    *(f"/answer/{state}" for state in STATES),
)


def create_gallery() -> Flask:
    """Build the gallery, with the headers of the real service."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.jinja_env.undefined = StrictUndefined
    add = app.add_url_rule

    def badge(code: str) -> Response:
        drawn = artwork.svg(code.upper(), stack=STACKS.get(code, "SEL"), label="Badge image")
        return Response(drawn, mimetype="image/svg+xml")

    def form() -> str:
        return render_template("verifier/form.html")

    def wrong() -> str:
        told = {
            "title": "This is a picture without a credential inside",
            "detail": "Ask for the link or the original file.",
        }
        return render_template("verifier/form.html", problem=told, typed={"text": "https://", "recipient": "m@x.example"})  # fmt: skip

    home = SimpleNamespace(issuers=(ISSUER,), achievements=ROWS, sample=True)
    add("/", "home", lambda: render_template("issuer/home.html", view=home, samples=SAMPLES))
    add("/verify", "form", lambda: wrong() if "problem" in request.args else form())
    add(
        "/achievements/sel1",
        "sel1",
        lambda: render_template("issuer/achievement.html", view=achievement_page()),
    )
    add("/achievements/<code>/image.svg", "badge", badge)
    add("/issuers/example", "issuer", lambda: render_template("issuer/issuer.html", view=issuer_page()))
    add("/credential/<state>", "credential", lambda state: render_template("issuer/credential.html", view=credential_page(state)))  # fmt: skip
    add("/answer/<state>", "answer", lambda state: render_template("verifier/answer.html", report=STATES[state], source="badge.png"))  # fmt: skip
    add(f"{PATH}/qr.svg", "qr", lambda: Response(qr.svg(ID), mimetype="image/svg+xml"))

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
