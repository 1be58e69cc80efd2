# SPDX-License-Identifier: Apache-2.0
"""The answer as a credential: what is published of a decision, and what is signed about each award.

``statement`` and ``pd_certificate`` say what is signed, ``issuing`` has it signed, ``spoken`` is what is
public.
"""
