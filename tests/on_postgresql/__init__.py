# SPDX-License-Identifier: Apache-2.0
"""The same tests on PostgreSQL: the option of pytest, and what their commands read at their start."""
