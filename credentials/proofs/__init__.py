# SPDX-License-Identifier: Apache-2.0
"""Securing mechanisms: Data Integrity proofs, and the VC-JWT profile of Open Badges 3.0."""
