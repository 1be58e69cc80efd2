# SPDX-License-Identifier: Apache-2.0
"""The commands of recognition."""

from __future__ import annotations

import click

from recognition.cli.recognise import recognise

commands: tuple[click.Command, ...] = (recognise,)
