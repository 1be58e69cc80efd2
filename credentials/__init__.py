# SPDX-License-Identifier: Apache-2.0
"""Says what is true of any credential, whoever issued it.

Words and proofs, and nothing else: no clock, no disk beyond this package's own data, no network, no
database. Every function takes values and returns values.

Start reading at ``document`` (bytes become a Document, under limits), then ``credential`` (a typed view of
it), then ``canonicalize`` (what exactly is signed) and ``proofs.data_integrity`` (how it is signed).
"""
