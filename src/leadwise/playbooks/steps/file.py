"""`file`: a text, or a file of an earlier step, written into a folder: an archive, a list.

The same step writes the same name, so done again it puts the same file in its place.
"""

from __future__ import annotations

import re

from leadwise.connect.model import Folder
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.playbooks.steps.reaching import file_of, opened

_BAD = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|]+")
LONGEST_PART = 100


def act(house: House, here: Here) -> Came:
    """Write it. `name` is where it is now, `ref` what a later step takes it by."""
    folder: Folder = opened(house, here, "in", Folder, "keep files")
    found = file_of(house, here)
    content = here.words("text").encode() if found is None else found.content
    name = file_name(here.words("name"))
    where = folder.write(name, content)
    return Came("done", {"name": name, "ref": f"file:{here.words('in')}/{name}", "where": where})


def file_name(text: str) -> str:
    """A name as it may be, of one that was made of strangers' words: signs that some system takes
    otherwise become `-`, and no part begins with a dot."""
    parts = [_BAD.sub("-", part).strip(" .-") for part in text.split("/")]
    kept = [part.encode()[:LONGEST_PART].decode("utf-8", "ignore") for part in parts if part]
    return "/".join(kept) or "file"
