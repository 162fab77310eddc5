"""The press: a template and its data in, a PDF out, the same bytes every time."""

import json
import os
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import typst

_HERE = Path(__file__).parent
_FONTS = _HERE / "fonts"
_TEXT_FONT = _FONTS / "SourceSans3-Regular.otf"
_EMOJI_FONT = _FONTS / "NotoEmoji-Regular.ttf"
_STAND_IN = "□"

# A compiler keeps its fonts and its parsed templates between documents, and may be
# used by one thread at a time: there is one for each core, made when it is needed.
_CORES = os.cpu_count() or 1
_may_compile = BoundedSemaphore(_CORES)
_idle: list[typst.Compiler] = []


def print_pdf(template: str, data: dict[str, Any], *, on: date) -> bytes:
    """Print `data` with `<template>.typ` as a tagged PDF (PDF/UA-1).

    `data` holds dictionaries, lists, booleans, integers and text; text is printed as
    typed and never read as markup. `on` is the date that the file says it was made:
    with it instead of a clock, the same document always gives the same bytes.
    """
    try:
        return _compile(template, _printable(data, _Drawn(_drawable())), on)
    except typst.TypstError:
        # PDF/UA refuses a file when one character could not be drawn, which a rare
        # sequence of emoji may still cause: then print the plain letters only.
        letters = _Drawn(_characters_of(_TEXT_FONT))
        return _compile(template, _printable(data, letters), on)


def print_pdfs(
    template: str, documents: Iterable[tuple[dict[str, Any], date]]
) -> Iterator[bytes]:
    """Print documents on every core, in their order. See `print_pdf`.

    The next ones are made, and those that are given are used, while others print.
    """
    with ThreadPoolExecutor(_CORES, "press") as presses:
        printed = [
            presses.submit(print_pdf, template, data, on=on) for data, on in documents
        ]
        for one in printed:
            yield one.result()


def _compile(template: str, data: Any, on: date) -> bytes:
    with _compiler() as compiler:
        printed = compiler.compile(
            input=str(_HERE / f"{template}.typ"),
            format="pdf",
            sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=datetime.combine(on, time(12), tzinfo=UTC),
        )
    if not isinstance(printed, bytes):
        raise TypeError(f"one PDF was asked for, and the press gave {type(printed)}")
    return printed


@contextmanager
def _compiler() -> Iterator[typst.Compiler]:
    """Lend a compiler, when one is free."""
    with _may_compile:
        try:
            compiler = _idle.pop()
        except IndexError:
            compiler = _new_compiler()
        try:
            yield compiler
        finally:
            _idle.append(compiler)


def _new_compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(_FONTS)],
    )
    return typst.Compiler(root=str(_HERE), font_paths=fonts)


def _printable(value: Any, drawn: "_Drawn") -> Any:
    """Return `value` with each text reduced to what can be drawn on paper.

    Invisible and control characters go away (some of them reverse what follows); a
    character that no font of ours has becomes an empty square.
    """
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n"))
        if text.isascii() and text.isprintable():
            return text
        return text.translate(drawn)
    if isinstance(value, dict):
        return {key: _printable(each, drawn) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(each, drawn) for each in value]
    return value


class _Drawn(dict[int, str]):
    """What is drawn for a code point, as `str.translate` asks; each is found once."""

    def __init__(self, drawable: frozenset[int]) -> None:
        super().__init__()
        self.drawable = drawable

    def __missing__(self, point: int) -> str:
        self[point] = drawn = self._drawn(chr(point))
        return drawn

    def _drawn(self, character: str) -> str:
        if character in "\n\u2028\u2029\r":
            return "\n"
        if character == "\t":
            return " "
        if ord(character) in self.drawable:
            return character
        if unicodedata.category(character) in ("Cc", "Cf", "Mn", "Me"):
            return ""
        return _STAND_IN


@cache
def _drawable() -> frozenset[int]:
    return _characters_of(_TEXT_FONT) | _characters_of(_EMOJI_FONT)


@cache
def _characters_of(font: Path) -> frozenset[int]:
    """Return the code points that a font file can draw, read from its `cmap` table."""
    content = font.read_bytes()
    tables = struct.unpack_from(">H", content, 4)[0]
    cmap = next(
        struct.unpack_from(">I", content, 12 + 16 * index + 8)[0]
        for index in range(tables)
        if content[12 + 16 * index : 16 + 16 * index] == b"cmap"
    )
    found: set[int] = set()
    for index in range(struct.unpack_from(">H", content, cmap + 2)[0]):
        start = cmap + struct.unpack_from(">I", content, cmap + 4 + 8 * index + 4)[0]
        # Format 12, segments of the whole of Unicode: both of our fonts have one.
        if struct.unpack_from(">H", content, start)[0] == 12:
            for group in range(struct.unpack_from(">I", content, start + 12)[0]):
                first, last, _ = struct.unpack_from(
                    ">III", content, start + 16 + 12 * group
                )
                found.update(range(first, last + 1))
    # What controls, reorders or hides text must not reach the paper even if drawable
    # (but U+200D joins the people of one emoji).
    invisible = {
        point for point in found if unicodedata.category(chr(point)) in ("Cc", "Cf")
    }
    return frozenset(found - invisible | ({0x200D} & found))
