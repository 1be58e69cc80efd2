# SPDX-License-Identifier: Apache-2.0
"""Baking: a credential inside a picture, and out again, with the pixels untouched."""
