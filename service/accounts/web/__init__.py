# SPDX-License-Identifier: Apache-2.0
"""The pages of accounts: signing up and in, one's own account, and people for administrators."""
