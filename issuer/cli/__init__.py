# SPDX-License-Identifier: Apache-2.0
"""The issuer's commands: issue, sign, revoke, suspend, reinstate, reissue, achievements, export, resume.

Who signs here: ``issuers``. Documents for print: ``printing``.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Any, Final

import click

from credentials.document import parse
from issuer import achievements, issuance, profiles, programme, publish, revocation, status_job
from issuer import reissue as reissues
from issuer.award import SALT_BYTES, AwardRequest, AwardState, Evidence, evidence_of
from issuer.cli.bulk import bulk_group
from issuer.cli.issuers import issuers_group
from issuer.cli.parts import House, require_folder, write
from issuer.cli.printing import certificate
from issuer.cli.takeback import takeback_group
from issuer.errors import AwardRequestError, NotEarnedError
from issuer.locate import held, locate
from issuer.mint import Mint
from issuer.reissue import Cause, Correction
from issuer.revocation import Reason
from issuer.store.credentials import StoredCredential
from service import clock, terminal

ACTOR: Final = "cli"  # in audit lines
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


def _decision(command: Any) -> Any:
    """Add what every decision about a credential takes."""
    for option in (
        terminal.with_house,
        click.option("--note", help="What only you keep."),
        click.option("--public", "public_reason", help="A sentence that everybody may read."),
        click.option(
            "--reason",
            required=True,
            help=f"A code ({', '.join(Reason)}), or words of your own, which are kept as a note.",
        ),
        click.argument("credential"),
    ):
        command = option(command)
    return command


@click.command()
@_decision
def revoke(house: House, credential: str, reason: str, public_reason: str | None, note: str | None) -> None:
    """Withdraw a credential for ever. CREDENTIAL is its link, its key, or a file that carries it.

    Example: hallmark revoke badge.png --reason issued-in-error
    """
    _decide(house.mint, credential, AwardState.REVOKED, reason=reason, public_reason=public_reason, note=note)


@click.command()
@_decision
def suspend(house: House, credential: str, reason: str, public_reason: str | None, note: str | None) -> None:
    """Put a credential under review; "reinstate" ends that. CREDENTIAL is its link, its key, or a file.

    Example: hallmark suspend badge.png --reason under-review
    """
    _decide(
        house.mint, credential, AwardState.SUSPENDED, reason=reason, public_reason=public_reason, note=note
    )


@click.command()
@_decision
def reinstate(
    house: House, credential: str, reason: str, public_reason: str | None, note: str | None
) -> None:
    """End the review of a suspended credential. CREDENTIAL is its link, its key, or a file.

    Example: hallmark reinstate badge.png --reason review-ended
    """
    _decide(house.mint, credential, AwardState.ISSUED, reason=reason, public_reason=public_reason, note=note)


@click.command()
@click.argument("credential")
@click.option(
    "--reason",
    required=True,
    help=f"A code ({', '.join(Cause)}), or words of your own, which are kept as a note.",
)
@click.option("--name", help="The corrected name.")
@click.option("--email", help="The corrected address; only a salted hash of it is signed.")
@click.option(
    "--hide-name/--sign-name", default=None, help="Sign only a salted hash of the name, or its words."
)
@click.option("--public", "public_reason", help="A sentence that everybody may read.")
@click.option("--note", help="What only you keep.")
@terminal.with_house
def reissue(
    house: House,
    credential: str,
    reason: str,
    name: str | None,
    email: str | None,
    *,
    hide_name: bool | None,
    public_reason: str | None,
    note: str | None,
) -> None:
    """Issue an award again, corrected or with the present key; the new credential takes the old one's place.

    CREDENTIAL is its link, its key, or a file that carries it. The date of the award stays, the old link too.
    With the reason address-corrected the older one went to somebody else, so it is withdrawn as well; give
    another reason where the same person has a new address.

    Example: hallmark reissue badge.png --reason name-corrected --name "Ada Example"
    """
    found = reissues.reissue(
        house.mint,
        locate(house.mint, credential),
        reason=reason,
        correction=Correction(name=name, email=email, hides_name=hide_name),
        public_reason=public_reason,
        note=note,
        now=clock.now(),
        actor=ACTOR,
    )
    if reason not in list(Cause):
        terminal.say(f"Kept as your own words; the codes are {', '.join(Cause)}.")
    terminal.say(f"{terminal.symbol('yes')} Issued again; the page of the older one leads here")
    terminal.show(found.credential_id)


@click.group(name="achievements")
def achievements_group() -> None:
    """List, show and register what can be awarded."""


@achievements_group.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@terminal.with_house
def list_achievements(house: House, *, as_json: bool) -> None:
    """List every version of every micro-credential.

    Example: hallmark achievements list --json
    """
    issuers = {issuer.slug: issuer for issuer in profiles.every(house.mint)}
    found = achievements.every(house.mint)
    if as_json:
        terminal.show_json(
            [
                {
                    "id": each.id,
                    "name": each.micro_credential.title,
                    "version": each.micro_credential.version,
                    "issuer": issuers[each.issuer].did,
                    "issuer_name": issuers[each.issuer].profile.name,
                    "code": each.micro_credential.code,
                    "criteria": {
                        criterion.id: [name for name, _ in criterion.levels]
                        for criterion in each.micro_credential.criteria
                    },
                }
                for each in found
            ]
        )
        return
    for each in found:
        title, name = each.micro_credential.title, issuers[each.issuer].profile.name
        terminal.show(f"{each.key:10}  {title}  ({name})")
    if not found:
        terminal.say('There is nothing to award yet. Add some with "hallmark achievements add FOLDER".')


@achievements_group.command(name="show")
@click.argument("achievement", metavar="ID")
@terminal.with_house
def show_achievement(house: House, achievement: str) -> None:
    """Show one micro-credential with its criteria and their levels, as --result takes them.

    Example: hallmark achievements show SEL1
    """
    found = achievements.find(house.mint, achievement)
    terminal.show(f"{found.key}  {found.micro_credential.title}")
    terminal.show(found.id)
    terminal.show(profiles.get(house.mint, found.issuer).profile.name)
    for criterion in found.micro_credential.criteria:
        wanted = f"takes {criterion.required}" if criterion.required else "optional"
        terminal.show()
        terminal.show(f"{criterion.id}: {criterion.title} ({wanted})")
        for name, descriptor in criterion.levels:
            terminal.show(f"  {criterion.id}={name}".ljust(34) + descriptor)


@achievements_group.command(name="add")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@terminal.with_house
def add_achievements(house: House, folder: Path) -> None:
    """Register an issuer and its micro-credentials from a folder: issuer.toml, and one TOML file per version.

    Example: hallmark achievements add programme/
    """
    for sentence in programme.load(house.mint, folder, now=clock.now(), actor=ACTOR):
        terminal.say(sentence)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--credentials", is_flag=True, help="Also all credentials; their links are not guessable.")
@terminal.with_house
def export(house: House, folder: Path, *, credentials: bool) -> None:
    """Write all public documents of our issuers as static files, with a map.json from names to files.

    With them anybody can verify without us: hallmark verify badge.png --offline-documents FOLDER

    Example: hallmark export public/
    """
    done = publish.export(house.mint, folder, now=clock.now(), with_credentials=credentials)
    terminal.say(f"{terminal.symbol('yes')} {done.files} documents under {done.names} names in {folder}")


@click.command()
@terminal.with_house
def resume(house: House) -> None:
    """Finish what was begun and not finished, after a crash. Serving does so by itself.

    Example: hallmark resume
    """
    finished = issuance.resume(house.mint, now=clock.now(), actor=ACTOR)
    terminal.say(f"{terminal.symbol('yes')} Finished: {len(finished)}")


commands: Final[tuple[click.Command, ...]] = (
    issue,
    sign,
    revoke,
    suspend,
    reinstate,
    reissue,
    achievements_group,
    issuers_group,
    export,
    resume,
    certificate,
    bulk_group,
    takeback_group,
)


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


def _decide(
    mint: Mint,
    credential: str,
    wanted: AwardState,
    *,
    reason: str,
    public_reason: str | None,
    note: str | None,
) -> None:
    decision = revocation.decision(wanted, reason, public_reason=public_reason, note=note)
    now = clock.now()
    changed = revocation.decide(mint, locate(mint, credential), decision, now=now, actor=ACTOR)
    status_job.at_once(mint, now=now)
    words = {"revoked": "Withdrawn", "suspended": "Under review", "issued": "In force"}
    if reason not in list(Reason):
        terminal.say(f"Kept as your own words; the codes are {', '.join(Reason)}.")
    terminal.say(f"{terminal.symbol('yes')} {words[wanted]}, and shown in the public status list")
    terminal.show(changed.credential_id or "")
