"""Names of learners as names of folders: which are made, which can be used, and how a name is shown to a person."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST_MADE = 100  # bytes of a name that is made here
LONGEST_USED = 250  # bytes; a file system has 255, and a record's name ends in ".json"


def belongs(sign: str) -> bool:
    """Whether a sign is a part of a word: a letter, a digit, or a mark upon a letter, as vowels are in many scripts."""
    return sign.isalnum() or sign == "_" or unicodedata.category(sign)[0] == "M"


def folder_name(text: str) -> str:
    """A name as a folder: letters, digits and a few signs, at most LONGEST_MADE bytes in UTF-8.

    What is longer is cut and ends in a digest of the whole, so that two long names stay two. "" where nothing is left.
    """
    text = unicodedata.normalize("NFC", text).strip()
    made = re.sub(r"\0+", "_", "".join(c if belongs(c) or c in ".@+-" else "\0" for c in text)).strip("._")
    data = made.encode("utf-8")
    if len(data) <= LONGEST_MADE:
        return made
    digest = hashlib.sha256(data).hexdigest()[:8]
    return f"{data[: LONGEST_MADE - 9].decode('utf-8', 'ignore')}-{digest}"


def trouble_with(name: str) -> str | None:
    """Why nothing can be kept under this folder's name, and what to do; None for a name like others."""
    try:
        data = name.encode("utf-8")
    except UnicodeEncodeError:
        return "the folder's name is not UTF-8; rename the folder"
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in name):
        return "the folder's name has control characters; rename the folder"
    if name != name.strip() or name[0] == ".":
        return "the folder's name begins or ends with a space or begins with a dot; rename the folder"
    if len(data) > LONGEST_USED:
        return f"the folder's name has {len(data)} bytes, more than {LONGEST_USED}; rename the folder"
    return None


def shown(name: str, most: int = 90) -> str:
    """A name for the terminal: one line, not too long, with "?" for whatever does not print."""
    told = "".join(letter if letter.isprintable() else "?" for letter in name)
    return told if len(told) <= most else told[: most // 2 - 5] + "…" + told[-most // 2 :]
