# SPDX-License-Identifier: Apache-2.0
"""What an organisation attests from its own records, and what affiliates do with awards shown to them."""
