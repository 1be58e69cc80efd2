# SPDX-License-Identifier: Apache-2.0
"""Tests mirror the rooms; ``tests.world`` is the world in which they happen."""
