"""Which TLS a server speaks: found out with the server itself, whoever vouches for it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from conformance.findings import Unanswered
from conformance.wire.tls import is_local, is_public, speaks
from tests.certificates import self_signed
from tests.listening import listening


@asynccontextmanager
async def server(folder: Path, newest: ssl.TLSVersion) -> AsyncIterator[str]:
    """A server that speaks no newer TLS, and says nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(folder, "localhost"))
    context.maximum_version = newest

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with listening(say_nothing, ssl=context) as port:
        yield f"https://127.0.0.1:{port}/base"


@pytest.mark.parametrize(
    ("newest", "asked", "agreed"),
    [
        (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3, True),
        (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3, False),
    ],
)
async def test_a_version_is_spoken_where_the_server_agrees_on_it(
    tmp_path: Path, newest: ssl.TLSVersion, asked: ssl.TLSVersion, agreed: bool
) -> None:
    async with server(tmp_path, newest) as url:
        assert await speaks(url, asked) is agreed


async def test_where_nobody_listens_nothing_can_be_said(tmp_path: Path) -> None:
    async with server(tmp_path, ssl.TLSVersion.TLSv1_3) as url:
        pass
    with pytest.raises(Unanswered, match=r"No handshake with 127\.0\.0\.1"):
        await speaks(url, ssl.TLSVersion.TLSv1_3)


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8080", True),
        ("https://[::1]/acp", True),
        ("http://localhost:1", True),
        ("https://psp.example", False),
        ("http://192.0.2.1", False),
    ],
)
def test_only_this_machine_is_local(url: str, local: bool) -> None:
    assert is_local(url) is local


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://shop.example.com/acp", True),
        ("http://93.184.216.34", True),
        ("http://127.0.0.1:8080", False),
        ("http://[::1]", False),
        ("https://10.1.2.3", False),
        ("http://192.168.0.7:80", False),
        ("http://localhost", False),
        ("http://shop:8080", False),
        ("http://shop.internal", False),
        ("http://shop.test.", False),
    ],
)
def test_only_hosts_of_the_internet_are_public(url: str, public: bool) -> None:
    assert is_public(url) is public
