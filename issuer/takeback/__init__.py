# SPDX-License-Identifier: Apache-2.0
"""Taking back many at once: tried out first, agreed to by two, under review for a day, then withdrawn.

``takeback`` has the states, ``reading`` and ``finding`` turn what was brought into rows, ``judging`` says of
each row what would happen, ``steps`` are what people decide, ``working`` is the job, ``letters`` the mails.
"""
