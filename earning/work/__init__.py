# SPDX-License-Identifier: Apache-2.0
"""The educator's side: applying, writing, evidence, dates, sending in, feedback."""
