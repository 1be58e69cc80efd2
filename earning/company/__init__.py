# SPDX-License-Identifier: Apache-2.0
"""Learning together: communities, their dates and counts, invitations."""
