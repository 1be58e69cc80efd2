# SPDX-License-Identifier: Apache-2.0
"""Holds: the only room that touches a private key.

Start reading at ``keyring`` (one issuer's keys over time), then ``custody`` (how a key is reached, by URI
scheme) and ``publish`` (the did:web documents and key sets that strangers read).
"""
