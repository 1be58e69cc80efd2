# SPDX-License-Identifier: Apache-2.0
"""One module per question that the verifier asks of a credential."""
