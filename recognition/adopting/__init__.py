# SPDX-License-Identifier: Apache-2.0
"""Policies on the shelf: published, signed, adopted, retired; and whom their short names of issuers mean."""
