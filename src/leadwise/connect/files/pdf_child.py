"""The text of a PDF, read in a process of its own: started with -I, it knows nothing of Leadwise.

Standard input is the PDF, arguments are the most pages, the most bytes of memory and, where texts
of images are wanted, a folder for them. Standard output is JSON: `pages` (texts), `images` (their
number), or `error`. Whatever a hostile file does to the reader, it does to this process alone.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

MOST_CHARACTERS = 400_000
MOST_IMAGES = 20


def main() -> None:
    """Read, write, leave."""
    pages, memory = int(sys.argv[1]), int(sys.argv[2])
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    _bound(memory)
    data = sys.stdin.buffer.read()
    try:
        said = _read(data, pages, folder)
    except MemoryError:
        said = {"error": "it needs too much memory"}
    except RecursionError:
        said = {"error": "it nests too deep"}
    except Exception as error:  # noqa: BLE001 - whatever such a file provokes is told
        said = {"error": f"{type(error).__name__}: {error}"[:200]}
    sys.stdout.write(json.dumps(said))


def _bound(memory: int) -> None:
    try:
        import resource
    except ImportError:  # Windows: the time of the parent bounds it
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _read(data: bytes, most: int, folder: Path | None) -> dict[str, Any]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        return {"error": "it is locked by a password"}
    texts: list[str] = []
    left, images = MOST_CHARACTERS, 0
    for number, page in enumerate(reader.pages):
        if number >= most or left <= 0:
            break
        text = page.extract_text()[:left].encode("utf-8", "replace").decode()
        left -= len(text)
        texts.append(text)
        if folder is not None and not text.strip() and images < MOST_IMAGES:
            images += _keep_images(page, folder, images)
    return {"pages": texts, "images": images}


def _keep_images(page: Any, folder: Path, count: int) -> int:
    """The images of a page as files: scans are JPEGs as they stand, others need Pillow."""
    kept = 0
    objects = page.get("/Resources", {}).get("/XObject", {}).get_object()
    for name in objects:
        found = objects[name].get_object()
        if found.get("/Subtype") != "/Image":
            continue
        filters = found.get("/Filter")
        last = filters[-1] if isinstance(filters, list) else filters
        if last == "/DCTDecode" and not isinstance(filters, list):
            data = found._data
        else:
            data = page.images[name].data
        (folder / f"{count + kept:03}.img").write_bytes(data)
        kept += 1
    return kept


if __name__ == "__main__":
    main()
