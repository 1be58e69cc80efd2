# SPDX-License-Identifier: Apache-2.0
"""What an award is worth here: policies, decisions, allocation, the ledger, and the recognizer's signed word.

The third party of a micro-credential is the recognizer, a state or a school district, who gives it its
currency. A recognizer's rule is a *policy* (data, ``policy``); applied to verified credentials (``award``)
and a person's situation (``facts``) it gives an *answer* with its reasons (``judge`` → ``answer``). Groups
are formed by ``allocation``. A *claim* that a person approves becomes a *decision* (``claims``), a line in
the *ledger*, and signed endorsements (``statement``); when a source falls, ``recheck`` says what must be
reversed.

Start reading at ``policy``, then ``judge``. Only what the verifier has verified can be counted, by type. This
room imports the verifier and never the issuer: whoever signs is handed in through ``ports``.
"""
