# SPDX-License-Identifier: Apache-2.0
"""What stands on the public pages, gathered into the values of ``views``.

The page of a credential has a module of its own (``credential_page``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from issuer import achievement, achievements, profiles, publish
from issuer.achievement import Achievement
from issuer.award import SAMPLE_SUBMISSION
from issuer.micro_credential import Criterion, MicroCredential, Part
from issuer.mint import Mint
from issuer.profiles import Issuer
from issuer.store import credentials as rows
from issuer.views import (
    AchievementPage,
    AchievementRow,
    CriterionView,
    HomePage,
    IssuerPage,
    IssuerView,
    KeyView,
    LevelView,
    Link,
    PartView,
    PromptView,
    SampleView,
)
from service.markdown import render

FIRST = 12  # micro-credentials on the first page; all of them are in the catalogue
SAMPLES = 12  # sample credentials on the first page; each is examined when it is shown


def home(mint: Mint, *, now: datetime, portals: Sequence[tuple[str, str]] = ()) -> HomePage:
    """Return what the first page shows: who issues, what can be earned, samples of the demo, ``portals``."""
    issuers = profiles.every(mint)
    newest, total = achievements.newest_of_each(mint, limit=FIRST)
    return HomePage(
        issuers=tuple(_issuer(mint, each) for each in issuers if not each.profile.recognizer),
        achievements=tuple(_row(mint, each) for each in newest),
        total=total,
        portals=tuple(portals),
        sample=any(each.profile.sample for each in issuers),
        samples=tuple(_samples(mint, {each.slug for each in issuers if each.profile.sample}, now=now)),
    )


def _samples(mint: Mint, sample_issuers: set[str], *, now: datetime) -> Iterator[SampleView]:
    """Yield what the demo has made; nobody else's credential is ever listed."""
    with mint.db.reading() as session:
        made = rows.signed_of_submission(session, SAMPLE_SUBMISSION)[:SAMPLES]
    for key in made:
        found = publish.find(mint, key)
        if found.issuer not in sample_issuers or found.signed_json is None:
            continue
        summary, findings = publish.said(found), mint.examine(found.signed_json, now=now)
        label = " · ".join(part for part in (summary.title, summary.recipient_name) if part)
        yield SampleView(label=label, path=f"/credentials/{key}", verdict=str(findings.verdict))


def issuer_page(
    mint: Mint,
    slug: str,
    *,
    lists: Callable[[str], Sequence[tuple[str, str]]] = lambda _did: (),
    rules: Callable[[str], Sequence[tuple[str, str]]] = lambda _slug: (),
) -> IssuerPage:
    """Return the page of an issuer or recognizer.

    Args:
        mint: The opened room.
        slug: Short name.
        lists: On which lists of recognised issuers it stands.
        rules: By which rules it decides, if it recognises.

    Raises:
        NoSuchIssuerError: There is none.
    """
    issuer = profiles.get(mint, slug)
    ring = mint.cabinet.ring(slug)
    keys = tuple(
        KeyView(
            id=ring.method_id(key),
            algorithm=str(key.algorithm),
            state=str(key.state),
            since=key.created,
            until=key.compromised_since or key.retired_at,
        )
        for key in ring.keys
    )
    own = [each for each in achievements.every(mint) if each.issuer == slug]
    path = issuer.profile.path()
    return IssuerPage(
        issuer=_issuer(mint, issuer),
        keys=keys,
        achievements=tuple(_row(mint, each) for each in own),
        links=(
            Link("Profile (JSON-LD)", f"{path}.json", publish.LD_TYPE),
            Link("DID document", f"{path}/did.json", "application/json"),
            Link("Key set", f"{path}/jwks.json", "application/jwk-set+json"),
        ),
        lists=tuple(lists(issuer.did)),
        rules=tuple(rules(slug)),
    )


def achievement_page(mint: Mint, key: str) -> AchievementPage:
    """Return the page of one version of a micro-credential.

    Raises:
        NoSuchAchievementError: There is none.
    """
    found = achievements.get(mint, key)
    micro_credential = found.micro_credential
    newest = achievements.newest(mint, micro_credential.code)
    is_older = newest is not None and newest.key != found.key
    path = achievement.path(found.key)
    return AchievementPage(
        row=_row(mint, found),
        needs_students=micro_credential.needs_students,
        language=micro_credential.language,
        method_html=str(render(micro_credential.method)),
        components=tuple((title, str(render(text))) for title, text in micro_credential.components),
        research=tuple((source.cite, source.url) for source in micro_credential.research),
        parts=tuple(_part(part) for part in micro_credential.parts),
        rubric=_rubric(found.id, micro_credential),
        newer=_row(mint, newest) if newest is not None and is_older else None,
        links=(
            Link("Achievement (JSON-LD)", f"{path}.json", publish.LD_TYPE),
            Link("Criteria as signed", f"{path}/criteria.html", "text/html"),
            Link("Rubric as signed", f"{path}/rubric.html", "text/html"),
            Link("Badge image (SVG)", f"{path}/image.svg", "image/svg+xml"),
            Link("Badge image (PNG)", f"{path}/image.png", "image/png"),
        ),
        sample=profiles.get(mint, found.issuer).profile.sample,
    )


def _issuer(mint: Mint, issuer: Issuer) -> IssuerView:
    profile = issuer.profile
    return IssuerView(
        slug=issuer.slug,
        path=profile.path(),
        did=issuer.did,
        name=profile.name,
        url=profile.url or mint.public_url + profile.path(),
        description=profile.description,
        email=profile.email,
        address=address(dict(profile.address)),
        image_path=profile.image_path(),
        sample=profile.sample,
        recognizer=profile.recognizer,
    )


def address(parts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines of an address: street; locality, region and postal code; country."""
    region = " ".join(parts[name] for name in ("region", "postal_code") if name in parts)
    town = ", ".join(part for part in (parts.get("locality", ""), region) if part)
    return tuple(line for line in (parts.get("street", ""), town, parts.get("country", "")) if line)


def _row(mint: Mint, found: Achievement) -> AchievementRow:
    micro_credential = found.micro_credential
    issuer = profiles.get(mint, found.issuer)
    low, high = micro_credential.hours
    path = achievement.path(found.key)
    return AchievementRow(
        id=found.id,
        path=path,
        code=micro_credential.code,
        version=micro_credential.version,
        title=micro_credential.title,
        competency=micro_credential.competency,
        stacks=micro_credential.stacks,
        hours=str(low) if low == high else f"{low}–{high}",
        audience=micro_credential.audience,
        image_path=f"{path}/image.svg",
        issuer_name=issuer.profile.name,
        issuer_path=issuer.profile.path(),
    )


def _part(part: Part) -> PartView:
    return PartView(
        title=part.title,
        prompts=tuple(
            PromptView(
                prompt.text,
                f"{prompt.words[0]}–{prompt.words[1]} words, as a guide" if prompt.words else "",
            )
            for prompt in part.prompts
        ),
        artefacts=tuple(
            artefact.text if artefact.required else f"{artefact.text} (optional)"
            for artefact in part.artefacts
        ),
    )


def _rubric(identifier: str, micro_credential: MicroCredential) -> tuple[CriterionView, ...]:
    parts = {part.id: part.title for part in micro_credential.parts}
    return tuple(
        CriterionView(
            id=achievement.criterion_id(identifier, criterion),
            title=criterion.title,
            part=parts[criterion.part],
            levels=_levels(identifier, criterion),
        )
        for criterion in micro_credential.criteria
    )


def _levels(identifier: str, criterion: Criterion) -> tuple[LevelView, ...]:
    return tuple(
        LevelView(
            id=achievement.achieved_level_id(identifier, criterion, name),
            name=name,
            descriptor=descriptor,
            required=name == criterion.required,
        )
        for name, descriptor in criterion.levels
    )
