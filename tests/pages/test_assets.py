"""What is below /static: what a browser keeps, what it is given compressed, what nobody gets."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from leadwise.web.pages import assets
from leadwise.web.pages.assets import ASK_AGAIN, FOREVER, TYPES, address, asset
from tests.pages.site import PagesSite

STATIC = Path(assets.__file__).parents[1] / "static"
FILES = sorted(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.*"))
SERVED = [name for name in FILES if name.endswith(tuple(TYPES))]
ELSEWHERE = [
    "none.js", "../app.py", "vendor/../../app.py", "%2e%2e/app.py", "..%2fapp.py", "vendor", "",
    "vendor/", "/etc/passwd", "app.css%00.js", "vendor/lock.sha256", ".hidden.js", "a/b/c.js",
    "..\\app.py", "x" * 5000 + ".js",
]  # fmt: skip


def test_a_file_is_kept_for_ever_under_the_address_that_names_its_content(site: PagesSite) -> None:
    client = site.client()
    assert len(SERVED) >= 8
    for name in SERVED:
        answer = client.get(address(name), headers={"accept-encoding": "identity"})
        assert answer.status_code == 200, name
        assert answer.content == (STATIC / name).read_bytes()
        assert answer.headers["cache-control"] == FOREVER
        assert "Accept-Encoding" in answer.headers["vary"]
        assert answer.headers["content-type"] in TYPES.values()
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_under_any_other_address_the_browser_asks_again(site: PagesSite) -> None:
    for path in ("/static/app.css", "/static/app.css?v=000000000000"):
        assert site.client().get(path).headers["cache-control"] == ASK_AGAIN


def test_scripts_and_styles_come_compressed(site: PagesSite) -> None:
    found = asset("app.css")
    assert found is not None
    whole, compressed, _ = found
    assert gzip.decompress(compressed) == whole
    answer = site.client().get(address("app.css"), headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(compressed) < len(whole) / 2
    assert answer.content == whole


def test_nothing_else_is_given(site: PagesSite) -> None:
    client = site.client()
    for name in ELSEWHERE:
        answer = client.get(f"/static/{name}", headers={"accept": "*/*"})
        assert answer.status_code == 404, name


def test_names_that_are_not_there_are_not_remembered() -> None:
    before = assets._read.cache_info().currsize
    for number in range(50):
        assert asset(f"none{number}.js") is None
    assert assets._read.cache_info().currsize == before


def test_a_page_that_names_a_file_that_is_not_there_is_a_defect() -> None:
    with pytest.raises(LookupError, match=r"static/none\.js"):
        address("none.js")
