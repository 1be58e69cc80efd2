# SPDX-License-Identifier: Apache-2.0
"""Earns: from the catalogue to the award, and who sees what of it then."""
