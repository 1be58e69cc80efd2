# SPDX-License-Identifier: Apache-2.0
"""Cryptosuites: each only names its parts."""
