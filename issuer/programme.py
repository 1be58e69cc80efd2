# SPDX-License-Identifier: Apache-2.0
"""A programme as a folder: ``issuer.toml``, and one TOML file for each version of a micro-credential.

The sample programme comes with the package (``samples/``). Its issuers are fictional.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable

from issuer import achievements, profiles
from issuer.errors import ProgrammeError
from issuer.mint import Mint

ISSUER_FILE = "issuer.toml"


def samples() -> tuple[Traversable, ...]:
    """Return the folders of the sample programme, the one of the first issuer first."""
    folder = files("issuer") / "samples"
    return tuple(sorted((each for each in folder.iterdir() if each.is_dir()), key=lambda each: each.name))


def seed(mint: Mint, *, now: datetime, actor: str = "system") -> tuple[str, ...]:
    """Register the sample programme and return sentences about what there is. Twice, it changes nothing."""
    return tuple(sentence for folder in samples() for sentence in load(mint, folder, now=now, actor=actor))


def seed_recognizers(mint: Mint, *, now: datetime, actor: str = "system") -> tuple[str, ...]:
    """Give the sample's recognizers a name and keys of their own. Twice, it changes nothing.

    They come after an issuer, who has the site's own DID.
    """
    folder = files("issuer") / "recognizers"
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".toml"))
    return tuple(
        register_organisation(mint, (folder / name).read_bytes(), name=name, now=now, actor=actor)
        for name in names
    )


def register_organisation(
    mint: Mint, source: bytes, *, name: str, now: datetime, actor: str = "system"
) -> str:
    """Register one organisation that signs here, with or without anything to award; say so in a sentence.

    Raises:
        ProgrammeError: The file is not as agreed.
    """
    found = profiles.register(mint, source, name=name, now=now, actor=actor)
    kind = "Recognizer" if found.profile.recognizer else "Issuer"
    return f"{kind} {found.profile.name} ({found.did})"


def load(mint: Mint, folder: Traversable, *, now: datetime, actor: str = "system") -> Iterator[str]:
    """Register the issuer of ``folder`` and everything that it awards.

    Raises:
        ProgrammeError: A file is missing or not as agreed.
        AchievementFrozenError: A version that was awarded has another text now.
    """
    profile_file = folder / ISSUER_FILE
    if not profile_file.is_file():
        raise ProgrammeError(f"The folder {folder.name} has no {ISSUER_FILE}.", got=folder.name)
    issuer = profiles.register(
        mint, profile_file.read_bytes(), name=f"{folder.name}/{ISSUER_FILE}", now=now, actor=actor
    )
    yield f"Issuer {issuer.profile.name} ({issuer.did})"
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml") and file.name != ISSUER_FILE:
            found = achievements.register(
                mint,
                file.read_bytes(),
                issuer=issuer.slug,
                name=f"{folder.name}/{file.name}",
                now=now,
                actor=actor,
            )
            yield f"Micro-credential {found.micro_credential.title} ({found.key})"
