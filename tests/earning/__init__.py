# SPDX-License-Identifier: Apache-2.0
"""Tests of earning: from the catalogue to the award."""
