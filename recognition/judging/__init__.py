# SPDX-License-Identifier: Apache-2.0
"""The judgement: what is brought and a person's situation, under one policy, become an answer with reasons.

``award`` and ``facts`` go in, ``judge`` decides in the order of the steps (``screen``, ``weighing``), and
``answer`` comes out.
"""
