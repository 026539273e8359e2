"""The receiver of order events hangs up on everybody when it is closed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from conformance.trial.receiver import Receiver


@pytest.mark.parametrize("turns", range(8))
async def test_whoever_is_connected_when_it_closes_is_hung_up_on_however_lately_he_came(turns: int):
    receiver = Receiver("127.0.0.1", 0, lambda: datetime(2026, 5, 6, tzinfo=UTC))
    await receiver.open()
    reader, writer = await asyncio.open_connection(*receiver.address)
    for _ in range(turns):
        await asyncio.sleep(0)
    await receiver.close()
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    await writer.wait_closed()
