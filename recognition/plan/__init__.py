# SPDX-License-Identifier: Apache-2.0
"""What is it worth to me: an outlook over awards that are held or planned. Nothing here is ever approved."""
