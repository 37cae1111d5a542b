"""Who ends in the middle of a request has asked a made-up vendor for nothing."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import pytest

from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served

WHOLE = b'{"properties": {"email": "ann@acme.example"}}'
BEGUN = b"POST /crm/v3/objects/contacts HTTP/1.1\r\nHost: crm\r\nAuthorization: Bearer t\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n" % len(WHOLE)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n%s\r\n" % (len(WHOLE), WHOLE)


@pytest.mark.parametrize(
    ("rest", "there"),
    [
        (LENGTH, 0),
        (LENGTH + WHOLE[:-1], 0),
        (LENGTH + WHOLE, 1),
        (CHUNKED, 0),
        (CHUNKED + CHUNK[:20], 0),
        (CHUNKED + CHUNK, 0),
        (CHUNKED + CHUNK + b"0\r\n", 0),
        (CHUNKED + CHUNK + b"0\r\n\r\n", 1),
    ],
)
def test_a_request_that_is_cut_is_none(rest: bytes, there: int) -> None:
    crm = FakeHubSpot(token="t")
    with served(crm) as url:
        to = urlsplit(url)
        with socket.create_connection((to.hostname or "", to.port or 0), 5) as line:
            line.sendall(BEGUN + rest)
            line.shutdown(socket.SHUT_WR)
            line.settimeout(5)
            said = line.recv(1000)
        until = time.monotonic() + 5
        while there > len(crm.calls) and time.monotonic() < until:
            time.sleep(0.01)
        assert (len(crm.calls), len(crm.objects["contacts"])) == (there, there)
        assert said.startswith(b"HTTP/1.1 201") if there else said == b""
