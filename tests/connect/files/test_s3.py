"""A folder in S3, at moto's server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leadwise.connect.files import KIND
from leadwise.connect.http import Http
from leadwise.connect.model import Connection
from leadwise.errors import RemoteError, UserError

KEYS = {"access_key": "testing", "secret_key": "very-secret"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    moto = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    import boto3

    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=url, region_name="eu-west-1", aws_access_key_id="testing",
        aws_secret_access_key="very-secret",
    )  # fmt: skip
    client.create_bucket(
        Bucket="leads", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    yield url
    server.stop()


def opened(address: str, folder: str, holds: str = "") -> Any:
    options = {"folder": folder, "holds": holds, "endpoint": address, "region": "eu-west-1"}
    return KIND.open(Connection(1, "lake", "files", options, KEYS), Http("files"))


def test_written_read_and_followed(address: str) -> None:
    import time

    files = opened(address, "s3://leads/drop", "leads")
    where = files.write("a/one.csv", b"lead_id,title\na@b.example,CFO\n")
    assert where == "s3://leads/drop/a/one.csv"
    assert files.read("a/one.csv").startswith(b"lead_id")
    opened(address, "s3://leads/dropped").write("other.csv", b"lead_id\nx@y.example\n")
    now_us = time.time_ns() // 1000 + 5_000_000
    (page,) = files.pull(None, now_us)
    assert [one.email for one in page.messages] == ["a@b.example"]
    assert list(files.pull(page.cursor, now_us)) == []
    files.write("a/one.csv", b"lead_id,title\na@b.example,CEO\n")
    (page,) = files.pull(page.cursor, now_us)
    assert page.messages[0].document == {"title": "CEO"}
    assert files.test() == "1 file in s3://leads/drop"
    (paper,) = files.papers("x", 3)
    assert paper.link == "s3://leads/drop/a/one.csv"


def test_never_out_of_the_folder(address: str) -> None:
    with pytest.raises(UserError, match="is no name"):
        opened(address, "s3://leads/drop").read("../dropped/other.csv")


def test_what_is_wrong_is_said_without_keys(address: str) -> None:
    files = opened(address, "s3://leads/drop")
    with pytest.raises(UserError, match=r"no file 'gone\.csv'"):
        files.read("gone.csv")
    with pytest.raises(RemoteError, match="NoSuchBucket") as raised:
        opened(address, "s3://nothing/here").test()
    assert raised.value.permanent
    assert "very-secret" not in str(raised.value) + repr(raised.value)


def test_without_boto3_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(UserError) as raised:
        opened("http://127.0.0.1:9", "s3://leads/drop")
    assert raised.value.code == "no-s3-extra"
