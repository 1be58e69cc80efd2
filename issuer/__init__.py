# SPDX-License-Identifier: Apache-2.0
"""Mints: what we state in signed credentials, and what we take back.

Start reading at ``issuance`` (the cycle from an award to published bytes), then ``compose`` and ``lint``
(what is said, and what is refused), ``revocation`` and ``status_publisher`` (how it is taken back).
"""
