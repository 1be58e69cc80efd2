# SPDX-License-Identifier: Apache-2.0
"""The addresses of the issuer: ``public`` documents and pages."""
