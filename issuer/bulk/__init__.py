# SPDX-License-Identifier: Apache-2.0
"""Many awards from a file: read and tried first (dry run), then issued in chunks, by several processes.

``bulk`` says what a bulk and its rows are, ``chunk`` is the issuing cycle for 250 of them at a time.
"""
