# SPDX-License-Identifier: Apache-2.0
SIGNAL_ERROR: str
