# SPDX-License-Identifier: Apache-2.0
"""The issuer's commands.

``issuing`` makes a credential and ``deciding`` says what becomes of it; ``bulk`` and ``takeback`` do so with
many. ``achievements`` and ``issuers`` are what can be awarded and by whom. Documents for print: ``printing``;
what is done now and then: ``upkeep``.
"""

from __future__ import annotations

from typing import Final

import click

from issuer.cli.achievements import achievements_group
from issuer.cli.bulk import bulk_group
from issuer.cli.deciding import reinstate, reissue, revoke, suspend
from issuer.cli.issuers import issuers_group
from issuer.cli.issuing import issue, sign
from issuer.cli.printing import certificate
from issuer.cli.takeback import takeback_group
from issuer.cli.upkeep import export, resume

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
