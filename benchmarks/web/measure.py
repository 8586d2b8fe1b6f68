"""One server process, asked by one client and by eight at once: times per answer, memory for a file of all rows."""

from __future__ import annotations

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

BASE = "/api/v1/ops/payments/cabinet-financial-14d"
ROWS, DEEP = 50, 1_000
CLIENTS = 8


@contextmanager
def serving(environment: dict[str, str], port: int) -> Iterator[int]:
    """The product's own command in a process of its own; gives its number."""
    words = [sys.executable, "-m", "runner", "--quiet", "serve", "--port", str(port)]
    process = subprocess.Popen(words, env={**os.environ, **environment})
    try:
        for _ in range(200):
            try:
                fetch(port, "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def fetch(port: int, address: str) -> bytes:
    """One answer."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request("GET", address)
    answer = client.getresponse()
    body = answer.read()
    client.close()
    if answer.status != 200:
        raise RuntimeError(f"{address}: {answer.status} {body[:200]!r}")
    return body


def kinds(port: int) -> dict[str, str]:
    """Addresses that are measured, by name."""

    def address(name: str, **params: Any) -> str:
        return f"{BASE}/{name}?{urlencode({'limit': ROWS, **params})}"

    def cursor(name: str, **params: Any) -> str:
        page = json.loads(fetch(port, address(name, offset=(DEEP - 2) * ROWS, **params)))
        return address(name, cursor=page["meta"]["next_cursor"], **params)

    deep = (DEEP - 1) * ROWS
    week = json.loads(fetch(port, address("limbo", offset=deep)))["data"][0]["week_start"]
    return {
        "limbo: first page": address("limbo"),
        f"limbo: page {DEEP}, offset": address("limbo", offset=deep),
        f"limbo: page {DEEP}, cursor": cursor("limbo"),
        "limbo: stage": address("limbo", limbo_stage="TRIPS_NO_CLAIM"),
        "limbo: week": address("limbo", week_start=week),
        "limbo: stage and week": address("limbo", limbo_stage="OK", week_start=week),
        "gap: first page": address("claims-gap"),
        f"gap: page {DEEP}, offset": address("claims-gap", offset=deep),
        f"gap: page {DEEP}, cursor": cursor("claims-gap"),
        "gap: reason OK, page 1000": address("claims-gap", gap_reason="OK", offset=deep),
        "gap: milestone": address("claims-gap", milestone_value=5),
        "gap: week": address("claims-gap", week_start=week),
        "drivers: first page": f"{BASE}?limit={ROWS}",
    }


def times(port: int, address: str, count: int, clients: int = 1) -> list[float]:
    """Milliseconds of each answer, connections kept open as browsers keep them."""
    found: list[float] = []

    def ask() -> None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        mine = []
        for _ in range(count // clients):
            began = time.perf_counter()
            client.request("GET", address)
            answer = client.getresponse()
            answer.read()
            mine.append((time.perf_counter() - began) * 1000)
            assert answer.status == 200, answer.status
        client.close()
        found.extend(mine)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def quantiles(values: list[float]) -> tuple[float, float]:
    """p50 and p95."""
    cuts = statistics.quantiles(values, n=20)
    return round(cuts[9], 1), round(cuts[18], 1)


def memory(pid: int) -> tuple[float, float]:
    """Resident megabytes of a process, now and at most so far (Linux)."""
    text = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    now, most = (int(re.search(rf"{name}:\s+(\d+)", text)[1]) for name in ("VmRSS", "VmHWM"))  # type: ignore[index]
    return round(now / 1024, 1), round(most / 1024, 1)


def download(port: int, address: str) -> tuple[int, int, float]:
    """Lines, bytes and seconds of a file, read piece by piece."""
    began = time.perf_counter()
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    client.request("GET", address)
    answer = client.getresponse()
    lines = size = 0
    while piece := answer.read(1_000_000):
        lines, size = lines + piece.count(b"\r\n"), size + len(piece)
    client.close()
    return lines, size, round(time.perf_counter() - began, 1)
