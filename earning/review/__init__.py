# SPDX-License-Identifier: Apache-2.0
"""The reviewers' side: rubric, queue, readings, decision, cases, and the award."""
