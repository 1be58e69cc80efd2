# SPDX-License-Identifier: Apache-2.0
"""Running a programme: figures, extensions, seasons, reviewers, people from a file."""
