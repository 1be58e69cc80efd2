# SPDX-License-Identifier: Apache-2.0
"""``hallmark revoke``, ``suspend``, ``reinstate`` and ``reissue``: what becomes of one credential later."""

from __future__ import annotations

from typing import Any

import click

from issuer import reissue as reissues
from issuer import revocation, status_job
from issuer.award import AwardState
from issuer.cli.parts import ACTOR, House
from issuer.locate import locate
from issuer.mint import Mint
from issuer.reissue import Cause, Correction
from issuer.revocation import Reason
from service import clock, terminal


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
