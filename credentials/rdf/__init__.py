# SPDX-License-Identifier: Apache-2.0
"""RDF datasets: N-Quads and their canonical form, RDFC-1.0."""
