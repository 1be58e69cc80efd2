# SPDX-License-Identifier: Apache-2.0
"""The pages of earning, one module for each audience."""
