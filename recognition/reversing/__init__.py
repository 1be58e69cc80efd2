# SPDX-License-Identifier: Apache-2.0
"""When a source falls: counted awards are looked up again, and a person decides about their units."""
