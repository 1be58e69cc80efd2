# SPDX-License-Identifier: Apache-2.0
"""The addresses of the verifier: one module for each of its desks, each with a ``blueprint``."""
