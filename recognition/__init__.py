# SPDX-License-Identifier: Apache-2.0
"""What an award is worth here: policies, decisions, allocation, the ledger, and the recognizer's signed word.

The third party of a micro-credential is the recognizer, a state or a school district, who gives it its
currency. In the order of an award's way through the room:

- ``rule`` reads a recognizer's *policy*, ``adopting`` publishes it and says who decides by it.
- ``plan`` tells an educator beforehand what awards would be worth.
- ``judging`` makes an *answer* of verified credentials and a person's situation; ``grouping`` finds the best
  groups of awards.
- ``attesting`` keeps what organisations attest, and the desk of affiliates.
- ``claiming`` leads a *claim* to a *decision* by a person, and into the *ledger*.
- ``stating`` signs the decision; ``reversing`` looks whether its sources still stand.

Start reading at ``rule.policy``, then ``judging.judge``. Only what the verifier has verified can be counted,
by type. This room imports the verifier and never the issuer: whoever signs is handed in through ``ports``.
"""
