# SPDX-License-Identifier: Apache-2.0
"""The strict JSON-LD walk over compiled, pinned contexts, and PyLD behind one wall as the general path."""
