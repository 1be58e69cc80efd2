# SPDX-License-Identifier: Apache-2.0
"""Checks: is it authentic? Anyone may ask, and no secret is needed to answer.

Start reading at ``verify`` (the numbered steps), then ``verdict`` (how checks become one verdict),
``checks`` (one module per question) and ``explain`` (the sentences a district clerk reads).
"""
