# SPDX-License-Identifier: Apache-2.0
"""Documents for print: PDF/A-3a with tags (PDF/UA-1), files attached, set by Typst.

A document is a template in ``templates/<room>/<name>.typ`` and values, which reach it as data and never as
source: whatever somebody's name is, it stays text. Nothing of the machine or of the network is read: only our
templates, the given files, and the fonts that Typst brings with it. Typst comes with the extra
``pdf``; without it ``typeset`` says so.

Inside a template::

    #let v = json(bytes(sys.inputs.values))
    #image("/qr.svg", alt: "QR code with the link")   // a file of ``files``
    #pdf.attach("/credential.json", relationship: "source", mime-type: "application/ld+json",
                description: "The signed credential")
"""

from __future__ import annotations

import importlib.util
import json
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from service.errors import ExtraMissingError, TypesettingError

ROOT: Final = Path(__file__).resolve().parent.parent
STANDARDS: Final = ("a-3a", "ua-1")


def is_available() -> bool:
    """Tell whether documents can be made here."""
    return importlib.util.find_spec("typst") is not None


def typeset(
    template: str,
    values: Mapping[str, Any],
    *,
    now: datetime,
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the PDF of ``template`` with ``values``.

    Args:
        template: Path below ``templates/``, such as ``issuer/certificate.typ``.
        values: What the template shows; JSON values only.
        now: The date in the file; the same values at the same time give the same bytes.
        files: Pictures and attachments by name; they lie beside the template.

    Raises:
        ExtraMissingError: Typst is not installed here.
        TypesettingError: The template could not be set with these values; a mistake of ours.
    """
    if not is_available():
        raise ExtraMissingError(
            "PDF needs the extra “pdf”: pip install 'hallmark[pdf]'.", expected="hallmark[pdf]"
        )
    import typst  # noqa: PLC0415, an extra that may be missing

    with tempfile.TemporaryDirectory(prefix="hallmark-") as folder:
        root = Path(folder)
        (root / "main.typ").write_bytes((ROOT / "templates" / template).read_bytes())
        for name, body in (files or {}).items():
            (root / name).write_bytes(body)
        try:
            made = typst.compile(
                str(root / "main.typ"),
                root=str(root),
                format="pdf",
                ignore_system_fonts=True,
                sys_inputs={"values": json.dumps(values, ensure_ascii=False)},
                pdf_standards=list(STANDARDS),
                timestamp=now,
            )
        except RuntimeError as error:
            raise TypesettingError("The document could not be set.", got=template) from error
    if not isinstance(made, bytes):
        raise TypesettingError("The document could not be set.", got=template)
    return made
