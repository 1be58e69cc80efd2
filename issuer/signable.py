# SPDX-License-Identifier: Apache-2.0
"""Characters that we do not sign, because verifiers disagree about their canonical form.

Controls but TAB, LF and CR, and U+007F, are escaped by RDFC-1.0 and left as they are by older libraries; so
are U+FFFE and U+FFFF. Half a surrogate pair has no UTF-8. (``security/threats.md``, row D8.)
"""

from __future__ import annotations

import re

UNSIGNABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
