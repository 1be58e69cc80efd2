# SPDX-License-Identifier: Apache-2.0
"""Accounts: people and their roles, sessions, passwords, one-time links; nothing of what people do here."""
