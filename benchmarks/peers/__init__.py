# SPDX-License-Identifier: Apache-2.0
"""The peers: one small process each, all with the protocol of ``benchmarks.protocol``."""
