# SPDX-License-Identifier: Apache-2.0
"""From a claim to a decision: asked, judged anew, decided by a person, and written into the ledger.

``claims`` keeps what is asked, ``proposal`` judges it, ``deciding`` decides, ``ledger`` says what was
counted.
"""
