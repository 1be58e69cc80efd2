# SPDX-License-Identifier: Apache-2.0
"""The rows of verifier/: each module has its tables and what is read from and written to them."""
