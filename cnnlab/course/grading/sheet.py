"""A table that a platform wrote, to be filled in and sent back: what is not filled in stays as it came, to the byte.

Encoding, byte order mark, separator, line ends and quotation marks are the file's own. Every cell keeps the text that
it had in the file, quotation marks and all; only the cells that are `put` are written anew.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from cnnlab.course.grading.folder_names import shown
from cnnlab.settings import Trouble

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
SEPARATORS = (",", ";", "\t", "|")
FOR_EXCEL = re.compile(r'"?sep=([,;\t|])"?(?:\r\n|\n|\r)', re.I)  # a first line that Excel writes for itself
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .xls as such: no text


@dataclass
class Row:
    """One record: its cells as they stand in the file, what ends it, and its number as a spreadsheet counts."""

    cells: list[str]
    end: str
    number: int


class Sheet:
    """A table of text: the first row names the columns. Rows and columns count from 0 here, from 1 in what is told."""

    def __init__(self, data: bytes, name: str = "the file"):
        """Raises Trouble for what is no such table."""
        self.name = name
        if data.startswith(WORKBOOKS):
            raise Trouble(f"{name} is a workbook of Excel, no text.", "Download it as CSV, or save it as such.")
        self.bom, self.encoding, text = self._decoded(data)
        excel = FOR_EXCEL.match(text)
        self.before = excel[0] if excel else ""
        text = text[len(self.before) :]
        self.separator = excel[1] if excel else _separator(text)
        self.rows = self._read(text)
        if not self.rows or not any(_value(cell).strip() for cell in self.rows[0].cells):
            raise Trouble(f"{name} has no first line that names its columns.", "Download it again, with all columns.")
        self.header = [_value(cell).strip() for cell in self.rows[0].cells]
        for k, row in enumerate(self.rows):
            if len(row.cells) > len(self.header) and not self.is_blank(k):
                raise Trouble(
                    f"{name}, row {row.number}, column {len(self.header) + 1}: there are {len(row.cells)} cells, and "
                    f"{len(self.header)} columns have a name.",
                    f"A {_named(self.separator)} inside a cell needs quotation marks around the cell.",
                )

    def _decoded(self, data: bytes) -> tuple[bytes, str, str]:
        bom, encoding = next(((bom, name) for bom, name in BOMS if data.startswith(bom)), (b"", ""))
        if not encoding and b"\0" in data[:200]:
            encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        for name in [encoding] if encoding else ["utf-8", "cp1252", "latin-1"]:
            try:
                text = data[len(bom) :].decode(name)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                return bom, name, text
        raise Trouble(f"{self.name} is not text in {encoding or 'any usual encoding'}.", "Download it again, as CSV.")

    def _read(self, text: str) -> list[Row]:
        mark = re.escape(self.separator)
        cell = re.compile(rf'"(?:[^"]|"")*"[^{mark}\r\n]*|[^{mark}\r\n]*')
        rows, at, cells, number = [], 0, [], 1
        while at < len(text) or cells:
            match = cell.match(text, at)
            assert match is not None  # an empty cell matches
            raw, at = match[0], match.end()
            if raw.startswith('"') and not re.match(r'"(?:[^"]|"")*"', raw):
                raise Trouble(
                    f"{self.name}, row {number}, column {len(cells) + 1}: a quotation mark opens and none closes: "
                    f"{shown(raw, 40)}",
                    "Download the file again; a spreadsheet may have damaged it.",
                )
            cells.append(raw)
            if text.startswith(self.separator, at):
                at += 1
                continue
            end = text[at : at + 2] if text.startswith("\r\n", at) else text[at : at + 1]
            at += len(end)
            rows.append(Row(cells, end, number))
            cells, number = [], number + 1
        return rows

    def value(self, row: int, column: int | None) -> str:
        """What a cell says; "" where the row ends before it, or the column is None."""
        cells = self.rows[row].cells
        return _value(cells[column]) if column is not None and column < len(cells) else ""

    def is_blank(self, row: int) -> bool:
        """Whether nothing stands in this row."""
        return not any(_value(cell).strip() for cell in self.rows[row].cells)

    def put(self, row: int, column: int, text: str) -> bool:
        """Write a cell; False where some of its letters are not in the file's encoding and became question marks.

        It is quoted where it was before, where all others of its row are, or where it must be.
        """
        told = text.encode(self.encoding, "replace").decode(self.encoding)
        cells = self.rows[row].cells
        cells += [""] * (column + 1 - len(cells))
        others = [cell for k, cell in enumerate(cells) if cell and k != column]
        quoted = cells[column].startswith('"') or (bool(others) and all(cell.startswith('"') for cell in others))
        must = any(sign in told for sign in (self.separator, '"', "\r", "\n"))
        cells[column] = '"' + told.replace('"', '""') + '"' if quoted or must else told
        return told == text

    def where(self, row: int, column: int) -> str:
        """A cell for a person: "grades.csv, row 7, column “Grade”"."""
        return f"{self.name}, row {self.rows[row].number}, column “{shown(self.header[column], 60)}”"

    def as_bytes(self) -> bytes:
        """The file: what was read, but for the cells that were put."""
        text = "".join(self.separator.join(row.cells) + row.end for row in self.rows)
        return self.bom + (self.before + text).encode(self.encoding)


def read_sheet(path: Path) -> Sheet:
    """The table in a file. Raises Trouble."""
    try:
        return Sheet(path.read_bytes(), path.name)
    except OSError as error:
        raise Trouble(f"{path} can not be read: {error.strerror or error}", "Is it the file you downloaded?") from None


def _separator(text: str) -> str:
    """What stands between the cells of the first line, outside quotation marks, most often."""
    line = re.match(r'(?:"(?:[^"]|"")*"|[^"\r\n])*', text)
    bare = re.sub(r'"(?:[^"]|"")*"', "", line[0] if line else "")
    return max(SEPARATORS, key=bare.count)


def _named(separator: str) -> str:
    return {",": "comma", ";": "semicolon", "\t": "tab"}.get(separator, f"“{separator}”")


def _value(raw: str) -> str:
    match = re.match(r'"((?:[^"]|"")*)"', raw)
    return match[1].replace('""', '"') + raw[match.end() :] if match else raw
