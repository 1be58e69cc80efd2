# SPDX-License-Identifier: Apache-2.0
"""Which awards count together: the exact optimum, within a budget. ``allocation`` is the way in."""
