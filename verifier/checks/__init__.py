# SPDX-License-Identifier: Apache-2.0
"""One module per question. Each answers with a Check and runs as far as it can; none catches the unexpected.

A mistake of ours inside a check therefore gives no verdict at all, and never a pass.
"""
