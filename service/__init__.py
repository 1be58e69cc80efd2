# SPDX-License-Identifier: Apache-2.0
"""Carries: the plumbing that a shoe shop would also need. It knows no badge.

Start reading at ``settings`` (what can be configured), ``db`` (one database, one transaction at a time),
``problems`` (how errors meet HTTP) and ``fetch`` (the only way out to the network).
"""
