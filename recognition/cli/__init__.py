# SPDX-License-Identifier: Apache-2.0
"""The commands of recognition."""

from __future__ import annotations

import click

from recognition.cli.policies import policy_group
from recognition.cli.recognise import recognise

commands: tuple[click.Command, ...] = (recognise, policy_group)
