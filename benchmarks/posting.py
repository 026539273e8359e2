"""The bare side of the deliveries: `python -m benchmarks.posting URL COUNT` signs and posts so many events by httpx."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from itertools import repeat

import httpx

from acp import headers, signing
from benchmarks.served import SECRET

BODY = b'{"type":"order_create","data":{"type":"order","id":"ord_1"}}' + b" " * 200
AT_ONCE = 8


async def main(url: str, count: int) -> None:
    """Post, eight at once."""
    left = repeat(None, count)
    async with httpx.AsyncClient(trust_env=False) as http:
        await asyncio.gather(*(_post(http, url, left) for _ in range(AT_ONCE)))


async def _post(http: httpx.AsyncClient, url: str, left: repeat[None]) -> None:
    for _ in left:
        signature = signing.sign_webhook(BODY, SECRET, at=datetime.now(UTC))
        answer = await http.post(
            url, content=BODY, headers={headers.CONTENT_TYPE: headers.JSON, headers.MERCHANT_SIGNATURE: signature}
        )
        answer.raise_for_status()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
