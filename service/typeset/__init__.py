# SPDX-License-Identifier: Apache-2.0
"""Documents for print: PDF/A-3a with tags (PDF/UA-1), files attached, set by Typst.

A document is a template in ``templates/<room>/<name>.typ`` and values, which reach it as data and never as
source: whatever somebody's name is, it stays text. Nothing of the machine or of the network is read: only our
templates (those of one folder see each other, and ``templates/*.typ``), the given files, and fonts. Typst
comes with the extra ``pdf``; without it ``typeset`` says so.

The work is done in a process of its own (``service.cell``, ``service.typeset.__main__``), so that no
document, however large or odd, can harm the service. Texts are made printable before: controls and what turns
the direction of writing go, what is too long is cut. Letters that Typst's fonts lack (they have Latin, Greek,
Cyrillic, Hebrew, Arabic and IPA) are set with a font of this machine, if it has one; otherwise
``SUBSTITUTE`` stands in their place, and a template asks ``v.name.contains("▯")`` where a maimed text would
be worse than none.

Inside a template::

    #let v = json(bytes(sys.inputs.values))
    #image("/qr.svg", alt: "QR code with the link")   // a file of ``files``
    #pdf.attach("/credential.json", relationship: "source", mime-type: "application/ld+json",
                description: "The signed credential")
"""

from __future__ import annotations

import importlib.util
import json
import logging
import re
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from service import log
from service.cell import Cell, RefusedInside
from service.errors import (
    CellBrokenError,
    CellBusyError,
    CellLimitError,
    ExtraMissingError,
    TypesettingBusyError,
    TypesettingError,
)

ROOT: Final = Path(__file__).resolve().parent.parent.parent
SUBSTITUTE: Final = "\u25af"  # ▯, in the place of a letter that no font here has

TEXT_CHARS: Final = 8_000  # characters of one text; each may take 4 of the 32,767 bytes of a string in PDF/A
VALUES_BYTES: Final = 4_194_304  # bytes of all values; 50 credentials with 12 criteria have about 600,000
FILES_BYTES: Final = 67_108_864  # bytes of all files; 50 credentials of 1 MiB, and their pictures
PLACE_SECONDS: Final = 10.0  # seconds to wait for a turn; a document of 50 credentials takes about one
MARKS: Final = 8  # accents on one letter; more are no writing

_FILE_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_PACKAGE: Final = re.compile(r"@[a-z0-9-]+/")
# Controls (but line feed), what turns direction, tags and other signs that are never seen. Joiners stay:
# Persian and Hindi names are written with them.
_UNSEEN: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff]"
)
# What no font can mean anything with: lone surrogates, private use, no characters at all.
_UNKNOWN: Final = re.compile(
    "[\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff]"
    "|[" + "".join(chr(plane * 0x10000 + 0xFFFE + last) for plane in range(1, 15) for last in (0, 1)) + "]"
)
_ACCENTS: Final = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_PILED: Final = re.compile(f"({_ACCENTS}{{{MARKS}}}){_ACCENTS}+")
_COULD_NOT: Final = "The document could not be set."
_cell: Final = Cell("service.typeset")


def is_available() -> bool:
    """Tell whether documents can be made here."""
    return importlib.util.find_spec("typst") is not None


def require() -> None:
    """See that documents can be made here.

    Raises:
        ExtraMissingError: They cannot; the sentence names the command that changes that.
    """
    if not is_available():
        raise ExtraMissingError(
            "PDF needs the extra “pdf”: pip install 'hallmark[pdf]'.", expected="hallmark[pdf]"
        )


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
        TypesettingBusyError: Others are being set; it did not get its turn in time.
        TypesettingError: The template could not be set with these values: a mistake of ours, or too much.
    """
    require()
    told = json.dumps(_printable(values), ensure_ascii=False).encode()
    if len(told) > VALUES_BYTES or sum(map(len, (files or {}).values())) > FILES_BYTES:
        raise TypesettingError("There is too much on this document to set it.", got=template)
    with tempfile.TemporaryDirectory(prefix="hallmark-") as folder:
        _lay_out(Path(folder), template, files or {})
        moment = int(now.astimezone(UTC).timestamp())
        return _ask({"folder": folder, "main": Path(template).name, "now": moment}, told, template)


def _printable(value: Any) -> Any:
    """Return ``value`` with texts that can be set: no signs that are not seen, nothing endless."""
    if isinstance(value, str):
        text = _UNSEEN.sub("", value.replace("\r\n", "\n").replace("\t", " "))
        text = _PILED.sub(r"\1", _UNKNOWN.sub(SUBSTITUTE, text))
        return text if len(text) <= TEXT_CHARS else text[: TEXT_CHARS - 1] + "…"
    if isinstance(value, Mapping):
        return {name: _printable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return value


def _lay_out(root: Path, template: str, files: Mapping[str, bytes]) -> None:
    """Put what all rooms share, the templates of one, and the files where Typst may read them; no more."""
    for name, body in files.items():
        if not _FILE_NAME.fullmatch(name) or name.endswith(".typ"):
            raise TypesettingError("A file of the document has no plain name.", got=template)
        (root / name).write_bytes(body)
    shared, own = (
        folder.glob("*.typ") for folder in (ROOT / "templates", (ROOT / "templates" / template).parent)
    )
    for source in (*sorted(shared), *sorted(own)):
        body = source.read_bytes()
        if _PACKAGE.search(body.decode("utf-8")):
            raise TypesettingError("A template names a package; none are fetched.", got=source.name)
        (root / source.name).write_bytes(body)
    (root / "packages").mkdir()


def _ask(question: Mapping[str, Any], values: bytes, template: str) -> bytes:
    try:
        answer, made = _cell.ask(question, values, place_seconds=PLACE_SECONDS)
    except CellBusyError as error:
        raise TypesettingBusyError(
            "Many documents are being made at the moment. Try again in a minute."
        ) from error
    except CellLimitError as error:
        raise TypesettingError("There is too much on this document to set it.", got=template) from error
    except (CellBrokenError, RefusedInside) as error:
        log.event("typeset", level=logging.ERROR, template=template, reason=str(error))
        raise TypesettingError(_COULD_NOT, got=template) from error
    for sentence in answer["warnings"]:  # about the template, never about a person
        log.event("typeset", level=logging.WARNING, template=template, reason=sentence)
    return bytes(made)
