# SPDX-License-Identifier: Apache-2.0
"""What can be earned: versions and stacks, portals, search, the editor, and the sample programme."""
