"""The packet that office files are: made the same each time for the same content."""

import io
import re
import zipfile
from collections.abc import Callable

_NEVER = (1980, 1, 1, 0, 0, 0)
_DATES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def packed(save: Callable[[io.BytesIO], object]) -> bytes:
    """Return what `save` writes, with every date of its making taken away."""
    written = io.BytesIO()
    save(written)
    made = io.BytesIO()
    with (
        zipfile.ZipFile(written) as parts,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as again,
    ):
        for part in parts.infolist():
            plain = zipfile.ZipInfo(part.filename, _NEVER)
            # The type of an OpenDocument file comes first, and is not compressed.
            if part.filename != "mimetype":
                plain.compress_type = zipfile.ZIP_DEFLATED
            inside = parts.read(part)
            if part.filename == "docProps/core.xml":
                inside = _DATES.sub(rb"\g<1>2000-01-01T00:00:00Z", inside)
            again.writestr(plain, inside)
    return made.getvalue()
