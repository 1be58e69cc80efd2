# SPDX-License-Identifier: Apache-2.0
"""A micro-credential as the spec's noun: the Achievement, and the pages that a credential pins by digest.

Open Badges 3.0, #achievement, #resultdescription, #rubriccriterionlevel. Each criterion becomes one
ResultDescription of the type RubricCriterionLevel with its levels from low to high and the level that it
requires. RDF sets have no order, so ``level`` numbers the levels too: the order is signed.

``criteria.id`` is the page for people. The two documents that ``relatedResource`` names are exact bytes,
stored when the version is registered and served unchanged for ever. They have names of their own: two objects
with one ``id`` would be one node in the signed graph, and members could wander between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from credentials.digests import digest_multibase
from credentials.document import Json
from issuer.micro_credential import Criterion, MicroCredential, Part, level_id
from service.markdown import render

OB_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """Exact bytes that we publish under a path, for ever."""

    path: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Achievement:
    """One registered version: what was read, and what every credential says of it."""

    id: str
    issuer: str
    micro_credential: MicroCredential
    members: dict[str, Json]
    related: tuple[dict[str, Json], ...]

    @property
    def key(self) -> str:
        """Name of this version, such as ``SEL1-v1``."""
        return self.micro_credential.key


def path(key: str) -> str:
    """Return the path of the achievement's page."""
    return f"/achievements/{key}"


def criterion_id(achievement_id: str, criterion: Criterion) -> str:
    """Return the id of the ResultDescription for ``criterion``."""
    return f"{achievement_id}#{criterion.id}"


def achieved_level_id(achievement_id: str, criterion: Criterion, level: str) -> str:
    """Return the id of one level of ``criterion``."""
    return f"{achievement_id}#{criterion.id}.{level_id(level)}"


def members(micro_credential: MicroCredential, *, public_url: str) -> dict[str, Json]:
    """Return the Achievement object."""
    own_path = path(micro_credential.key)
    identifier = public_url + own_path
    made: dict[str, Json] = {
        "id": identifier,
        "type": ["Achievement"],
        "achievementType": "MicroCredential",
        "name": micro_credential.title,
        "description": micro_credential.competency,
        "criteria": {"id": f"{identifier}/criteria", "narrative": narrative(micro_credential)},
        "humanCode": micro_credential.code,
        "version": micro_credential.version,
        "inLanguage": micro_credential.language,
        "image": {
            "id": f"{identifier}/image.png",
            "type": "Image",
            "caption": f"Badge image: {micro_credential.title}",
        },
        "tag": [*(f"stack:{stack}" for stack in micro_credential.stacks), *micro_credential.keywords],
        "resultDescription": [
            _result_description(identifier, criterion) for criterion in micro_credential.criteria
        ],
    }
    if micro_credential.alignments:
        made["alignment"] = [
            {
                "type": ["Alignment"],
                "targetName": alignment.name,
                "targetUrl": alignment.url,
                **({"targetFramework": alignment.framework} if alignment.framework else {}),
                **({"targetCode": alignment.code} if alignment.code else {}),
                **({"targetDescription": alignment.description} if alignment.description else {}),
            }
            for alignment in micro_credential.alignments
        ]
    return made


def related(documents: tuple[StoredDocument, ...], *, public_url: str) -> tuple[dict[str, Json], ...]:
    """Return the ``relatedResource`` entries (VCDM 2.0, #integrity-of-related-resources) of ``documents``."""
    return tuple(
        {
            "id": public_url + document.path,
            "digestMultibase": digest_multibase(document.body),
            "mediaType": document.media_type,
        }
        for document in documents
    )


def documents(micro_credential: MicroCredential, *, issuer_name: str) -> tuple[StoredDocument, ...]:
    """Return the criteria and the rubric as self-contained pages, in exact bytes."""
    own_path = path(micro_credential.key)
    # ``render`` begins headings at the third level for other pages; here they stand below the one h1.
    criteria = str(render(narrative(micro_credential))).replace("<h4>", "<h2>").replace("</h4>", "</h2>")
    return (
        StoredDocument(
            f"{own_path}/criteria.html",
            "text/html",
            _page(micro_credential, issuer_name, "Criteria", criteria),
        ),
        StoredDocument(
            f"{own_path}/rubric.html",
            "text/html",
            _page(micro_credential, issuer_name, "Rubric", _rubric(micro_credential)),
        ),
    )


def narrative(micro_credential: MicroCredential) -> str:
    """Return what has to be shown, as Markdown: the criteria narrative."""
    lines = [micro_credential.competency, "", "## Key method", "", micro_credential.method, ""]
    lines += [f"- **{title}.** {text}" for title, text in micro_credential.components]
    if micro_credential.components:
        lines.append("")
    for part in micro_credential.parts:
        lines += _part_lines(part)
    lines += ["## What it takes to earn it", ""]
    lines += [_requirement(criterion) for criterion in micro_credential.criteria]
    for title, sources in (
        ("Research", micro_credential.research),
        ("Resources", micro_credential.resources),
    ):
        if sources:
            lines += ["", f"## {title}", ""]
            lines += [f"- {source.cite}" + (f" <{source.url}>" if source.url else "") for source in sources]
    return "\n".join(lines).strip()


def _part_lines(part: Part) -> list[str]:
    lines = [f"## {part.title}", ""]
    for number, prompt in enumerate(part.prompts, start=1):
        guide = f" ({prompt.words[0]}–{prompt.words[1]} words as a guide)" if prompt.words else ""
        lines.append(f"{number}. {prompt.text}{guide}")
    if part.prompts:
        lines.append("")
    for artefact in part.artefacts:
        name = f"**{artefact.name}.** " if artefact.name else ""
        optional = "" if artefact.required else " (optional)"
        lines.append(f"- {name}{artefact.text}{optional}")
    if part.artefacts:
        lines.append("")
    return lines


def _requirement(criterion: Criterion) -> str:
    if criterion.required is None:
        return f"- {criterion.title}: optional"
    return f"- {criterion.title}: **{criterion.required}**"


def _result_description(identifier: str, criterion: Criterion) -> Json:
    made: dict[str, Json] = {
        "id": criterion_id(identifier, criterion),
        "type": ["ResultDescription"],
        "name": criterion.title,
        "resultType": "RubricCriterionLevel",
        "rubricCriterionLevel": [
            {
                "id": achieved_level_id(identifier, criterion, name),
                "type": ["RubricCriterionLevel"],
                "name": name,
                "level": str(rank),
                "description": descriptor,
            }
            for rank, (name, descriptor) in enumerate(criterion.levels, start=1)
        ],
    }
    if criterion.required is not None:
        made["requiredLevel"] = achieved_level_id(identifier, criterion, criterion.required)
    return made


def _rubric(micro_credential: MicroCredential) -> str:
    """Return the rubric as tables, one for each scale in use."""
    html: list[str] = []
    scales = dict.fromkeys(
        tuple(name for name, _ in criterion.levels) for criterion in micro_credential.criteria
    )
    for scale in scales:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in scale)
        html.append(
            f'<table>\n<thead><tr><th scope="col">Criterion</th>{head}'
            '<th scope="col">Required</th></tr></thead>\n<tbody>'
        )
        for criterion in micro_credential.criteria:
            if tuple(name for name, _ in criterion.levels) != scale:
                continue
            cells = "".join(f"<td>{escape(descriptor)}</td>" for _, descriptor in criterion.levels)
            required = escape(criterion.required) if criterion.required else "optional"
            html.append(f'<tr><th scope="row">{escape(criterion.title)}</th>{cells}<td>{required}</td></tr>')
        html.append("</tbody>\n</table>")
    return "\n".join(html)


def _page(micro_credential: MicroCredential, issuer_name: str, kind: str, body: str) -> bytes:
    title = f"{kind}: {escape(micro_credential.title)}"
    return (
        f'<!doctype html>\n<html lang="{escape(micro_credential.language)}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{title}</title>\n<link rel="stylesheet" href="/static/pico.min.css">\n'
        '<link rel="stylesheet" href="/static/hallmark.css">\n</head>\n<body>\n<main class="frame">\n'
        f"<h1>{title}</h1>\n<p>{escape(micro_credential.code)}, version {escape(micro_credential.version)}. "
        f"{escape(issuer_name)}.</p>\n{body}\n</main>\n</body>\n</html>\n"
    ).encode()
