# SPDX-License-Identifier: Apache-2.0
"""Figures from runs: ratios within one run, against the plain libraries. Never part of the tests."""
