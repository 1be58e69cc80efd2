# SPDX-License-Identifier: Apache-2.0
"""The pages of recognition, one module for each of those who read them."""
