# SPDX-License-Identifier: Apache-2.0
"""The rows of earning. Functions take an open session, give back frozen values, and let no row out."""
