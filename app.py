# SPDX-License-Identifier: Apache-2.0
"""The roof: puts the rooms together and hands the ports across the wings. No decisions live here."""
