"""What a document is: judged by its content, before anything opens it."""

import io
import zipfile

from partage.extraction.parts import Kind, Problem, Unreadable

LARGEST = 20 * 1024 * 1024  # bytes, as it comes
LARGEST_INSIDE = 200 * 1024 * 1024  # bytes, once its parts are inflated
LARGEST_TEXT_PART = 100 * 1024 * 1024
MOST_PARTS = 5_000
STEEPEST = 200  # times larger once inflated, for parts over a megabyte
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IMAGES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_MAIN_PARTS = {
    "word/document.xml": Kind.DOCX,
    "ppt/presentation.xml": Kind.PPTX,
    "xl/workbook.xml": Kind.XLSX,
}


def kind_of(content: bytes) -> Kind:
    """Return what a document is. Raises Unreadable for what nobody should open."""
    if not content.strip(b"\x00 \t\r\n"):
        raise Unreadable(Problem.EMPTY)
    if len(content) > LARGEST:
        raise Unreadable(Problem.TOO_LARGE)
    if b"%PDF-" in content[:1024]:
        return Kind.PDF
    if content.startswith(b"PK"):
        return _packed(content)
    if content.startswith(_OLE):
        # An office file under a password is an old container around the new one.
        locked = "EncryptedPackage".encode("utf-16-le") in content
        raise Unreadable(Problem.PASSWORD if locked else Problem.OLD_FORMAT)
    if content.startswith(_IMAGES) or content[:4] == b"RIFF":
        raise Unreadable(Problem.IMAGE)
    if content.startswith(b"{\\rtf"):
        raise Unreadable(Problem.OLD_FORMAT)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Kind.TEXT
    if b"\x00" in content or _controls(content[:65536]):
        raise Unreadable(Problem.UNKNOWN)
    return Kind.TEXT


def _controls(start: bytes) -> bool:
    odd = sum(byte < 32 and byte not in b"\t\n\r\f\x0b\x1b" for byte in start)
    return odd * 100 > len(start)


def _packed(content: bytes) -> Kind:
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError) as problem:
        raise Unreadable(Problem.BROKEN) from problem
    parts = packed.infolist()
    if len(parts) > MOST_PARTS:
        raise Unreadable(Problem.BOMB)
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(Problem.PASSWORD)
    # Python inflates no part beyond what it declares, so this sum is what there is.
    if sum(part.file_size for part in parts) > LARGEST_INSIDE:
        raise Unreadable(Problem.BOMB)
    for part in parts:
        text = part.filename.endswith((".xml", ".rels"))
        if text and part.file_size > LARGEST_TEXT_PART:
            raise Unreadable(Problem.BOMB)
        steep = part.file_size > STEEPEST * max(part.compress_size, 1)
        if steep and part.file_size > 8 * 1024 * 1024:
            raise Unreadable(Problem.BOMB)
    names = {part.filename for part in parts}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Unreadable(Problem.MACROS)
    found = next((k for name, k in _MAIN_PARTS.items() if name in names), None)
    if found is None and "content.xml" in names:
        found = _open_document(packed, names)
    if found is None:
        raise Unreadable(Problem.UNKNOWN)
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            _no_entities(packed, part)
    return found


def _open_document(packed: zipfile.ZipFile, names: set[str]) -> Kind | None:
    if "META-INF/manifest.xml" in names:
        manifest = packed.read("META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise Unreadable(Problem.PASSWORD)
    if any(name.startswith(("Basic/", "Scripts/")) for name in names):
        raise Unreadable(Problem.MACROS)
    media = packed.read("mimetype") if "mimetype" in names else b""
    return (
        Kind.ODT
        if media.strip() == b"application/vnd.oasis.opendocument.text"
        else None
    )


def _no_entities(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No office file declares a document type; what does wants to swell or to peek."""
    try:
        with packed.open(part) as opened:
            start = opened.read(4096)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError) as problem:
        raise Unreadable(Problem.BROKEN) from problem
    except Exception as problem:  # zlib.error and its kin
        raise Unreadable(Problem.BROKEN) from problem
    plain = start.replace(b"\x00", b"")  # UTF-16 hides nothing
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise Unreadable(Problem.ENTITIES)
