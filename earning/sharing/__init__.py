# SPDX-License-Identifier: Apache-2.0
"""Who sees what is behind an award, and how it is taken elsewhere; ``panel`` is what its educator sees."""
