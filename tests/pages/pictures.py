"""Pictures of pages in few bytes: the 256 commonest colours, the rest as the nearest of them."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import numpy as np

MOST = 256
DECODE = """async (text) => {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const data = canvas.getImageData(0, 0, image.width, image.height).data;
  let found = "";
  for (let at = 0; at < data.length; at += 32768)
    found += String.fromCharCode(...data.subarray(at, at + 32768));
  return [image.width, image.height, btoa(found)];
}"""


def smaller(page: Any, png: bytes) -> bytes:
    """The same picture with a palette. `page`: any page of a browser, which decodes it."""
    width, height, text = page.evaluate(DECODE, base64.b64encode(png).decode())
    rgba = np.frombuffer(base64.b64decode(text), np.uint8).reshape(-1, 4)
    colours = rgba[:, 0].astype(np.uint32) << 16 | rgba[:, 1].astype(np.uint32) << 8 | rgba[:, 2]
    there, place, often = np.unique(colours, return_inverse=True, return_counts=True)
    kept = there[np.argsort(often)[::-1][:MOST]]
    nearest = np.array([np.argmin(_apart(kept, colour)) for colour in there], np.uint8)
    rows = nearest[place].reshape(height, width)
    lines = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1).tobytes()
    palette = b"".join(int(colour).to_bytes(3, "big") for colour in kept)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = (
        (b"IHDR", head),
        (b"PLTE", palette),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _apart(kept: Any, colour: Any) -> Any:
    return sum(
        ((kept >> shift & 255).astype(np.int64) - int(colour >> shift & 255)) ** 2
        for shift in (16, 8, 0)
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
