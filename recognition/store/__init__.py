# SPDX-License-Identifier: Apache-2.0
"""The rows of recognition: ``tables`` names them all, the other modules read and write them."""
