# SPDX-License-Identifier: Apache-2.0
"""The roof: what joins the rooms and knows all of them. It decides nothing.

Read ``app.py`` first, which opens the house. Here stand its parts: ``joints`` hands the private wing's
signatures across, ``pages`` lists every blueprint, ``jobs`` the work that nobody waits for, and ``seeding``
what a new house begins with. The commands stand in ``hallmark.py``.
"""
