# SPDX-License-Identifier: Apache-2.0
"""``hallmark issue`` and ``hallmark sign``: a credential from an award, and from a document of one's own."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Final

import click

from credentials.document import parse
from issuer import achievements, issuance, publish
from issuer.award import SALT_BYTES, AwardRequest, Evidence, evidence_of
from issuer.cli.parts import ACTOR, House, require_folder, write
from issuer.errors import AwardRequestError, NotEarnedError
from issuer.locate import held
from issuer.mint import Mint
from issuer.store.credentials import StoredCredential
from service import clock, terminal

EVIDENCE_BYTES: Final = 26_214_400  # bytes of one piece of evidence, as when uploaded
DOCUMENT_BYTES: Final = 1_048_576  # bytes of a document to sign; one more is read, so that a longer one shows
_FORMATS: Final = ("json", "jwt", "png", "svg")
_GENRES: Final = {
    ".pdf": "PDF document",
    ".docx": "Document",
    ".odt": "Document",
    ".txt": "Text",
    ".md": "Text",
    ".pptx": "Presentation",
    ".odp": "Presentation",
    ".xlsx": "Spreadsheet",
    ".csv": "Spreadsheet",
    ".png": "Image",
    ".jpg": "Image",
    ".jpeg": "Image",
    ".mp4": "Video",
    ".mov": "Video",
    ".mp3": "Audio",
    ".m4a": "Audio",
}


@click.command()
@click.option(
    "--achievement", required=True, metavar="ID", help="Its id, or its code for the newest version."
)
@click.option("--email", required=True, help="The educator's address; only a salted hash of it is signed.")
@click.option("--name", help="Shown in the credential; leave it out to show none.")
@click.option(
    "--evidence",
    "evidence",
    multiple=True,
    metavar="[TITLE=]FILE",
    help="A piece of evidence; may be repeated. A salted digest of it is signed, the file stays with you.",
)
@click.option(
    "--result",
    "results",
    multiple=True,
    metavar="CRITERION=LEVEL",
    help="Level reached; may be repeated. A criterion that is left out counts as met at its required level.",
)
@click.option("--submission", help="Your name of the submission; one submission is awarded once.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where to write it."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="Signed JSON, VC-JWT, or the badge image with the credential inside.  "
    "[default: what --out ends with, else json]",
)
@terminal.with_house
def issue(
    house: House,
    *,
    achievement: str,
    email: str,
    name: str | None,
    evidence: tuple[str, ...],
    results: tuple[str, ...],
    submission: str | None,
    out: Path,
    form: str | None,
) -> None:
    """Award a micro-credential, and write the signed credential to a file.

    Prints the link of the credential, which is its id.

    Example: hallmark issue --achievement SEL1 --email alex@school.example --name "Alex Educator"
    --evidence "Reflective journal=journal.pdf" --result noticing=Proficient --out badge.png
    """
    now = clock.now()
    form = _form_of(out, form)
    require_folder(out)
    try:
        request = AwardRequest(
            achievement=achievements.find(house.mint, achievement).key,
            email=email,
            name=name,
            submission=submission or secrets.token_hex(SALT_BYTES),
            awarded_at=now,
            levels=tuple(_pair(result) for result in results),
            evidence=tuple(_evidence(piece, number) for number, piece in enumerate(evidence, start=1)),
        )
        before = held(house.mint, achievement=request.achievement, email=email)
        written = issuance.award(house.mint, request, now=now, actor=ACTOR)
    except (AwardRequestError, NotEarnedError) as error:
        error.path = None  # a place in the body of an API call, and here nobody wrote one
        raise
    if before is not None:
        terminal.say(f"{email} already has {request.achievement}: {before}")
    found = issuance.issue(house.mint, written.award.key, now=now, actor=ACTOR)
    terminal.show(found.credential_id)  # first: it is issued, whatever becomes of the file
    write(out, _form(house.mint, found, form))
    terminal.say(f"{terminal.symbol('yes')} Issued and written to {out}")


@click.command()
@click.argument("document", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--jwt", is_flag=True, help="As VC-JWT instead of JSON with an embedded proof.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it.")
@click.option("--issuer", metavar="SLUG", help="The issuer that it must name.  [default: whichever it names]")
@click.option("--revocable", is_flag=True, help="Add a place in our status lists, if it has none.")
@terminal.with_house
def sign(
    house: House, document: Path, *, jwt: bool, out: Path | None, issuer: str | None, revocable: bool
) -> None:
    """Check an unsigned Open Badges 3.0 document and sign it with the key of the issuer that it names.

    Nothing in it is changed. Without --out the signed document goes to standard output.

    Example: hallmark sign credential.json --out signed.json
    """
    if out is not None:
        require_folder(out)
    with document.open("rb") as stream:
        raw = stream.read(DOCUMENT_BYTES + 1)
    signed = issuance.sign_document(
        house.mint, parse(raw), slug=issuer, now=clock.now(), jwt=jwt, revocable=revocable, actor=ACTOR
    )
    if out is None:
        sys.stdout.buffer.write(signed + b"\n")
        sys.stdout.flush()
    else:
        write(out, signed)
        terminal.say(f"{terminal.symbol('yes')} Signed and written to {out}")


def _pair(text: str) -> tuple[str, str]:
    criterion, equals, level = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not CRITERION=LEVEL.", param_hint="--result")
    return criterion.strip(), level.strip()


def _evidence(text: str, number: int) -> Evidence:
    """Read a piece of evidence. Without a title it has a number: file names may hold names of people."""
    path, title = Path(text), f"Evidence {number}"
    if not path.is_file() and "=" in text:
        title, _, rest = text.partition("=")
        path = Path(rest)
    try:
        with path.open("rb") as stream:
            data = stream.read(EVIDENCE_BYTES + 1)
    except FileNotFoundError as error:
        raise click.BadParameter(f"there is no file {path}", param_hint="--evidence") from error
    except OSError as error:
        raise click.BadParameter(f"{path} cannot be read.", param_hint="--evidence") from error
    if len(data) > EVIDENCE_BYTES:
        raise AwardRequestError(f"{path.name} is larger than {EVIDENCE_BYTES:,} bytes.", path="/evidence")
    return evidence_of(
        data,
        name=title.strip(),
        salt=secrets.token_bytes(SALT_BYTES),
        genre=_GENRES.get(path.suffix.lower()),
    )


def _form_of(out: Path, form: str | None) -> str:
    """Return the format that is meant: the one that was named, else what the file's name ends with."""
    ending = out.suffix.lower().removeprefix(".")
    if form is None:
        return ending if ending in _FORMATS else "json"
    if ending in _FORMATS and ending != form:
        raise click.UsageError(
            f"{out} ends with .{ending}, but --format says {form}. Leave out --format, or name another file."
        )
    return form


def _form(mint: Mint, found: StoredCredential, form: str) -> bytes:
    if form in ("png", "svg"):
        return publish.picture(mint, found, form=form)
    if form == "jwt":
        publish.require_token(found)
    return (found.signed_jwt if form == "jwt" else found.signed_json) or b""
