"""Asks an app in this process, as a client at some address would."""

import asyncio

import httpx
from fastapi import FastAPI

LOOPBACK = "127.0.0.1"
ELSEWHERE = "192.0.2.20"


def ask(
    app: FastAPI,
    path: str,
    *,
    client: str = LOOPBACK,
    host: str = "127.0.0.1:8000",
    method: str = "GET",
    headers: dict[str, str] | None = None,
    content: bytes | None = None,
) -> httpx.Response:
    """Send one request from `client` with `host` in its Host header."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(client, 50123))
        async with httpx.AsyncClient(transport=transport, base_url="http://rollcall") as http:
            return await http.request(
                method, path, headers={"host": host, **(headers or {})}, content=content
            )

    return asyncio.run(send())
