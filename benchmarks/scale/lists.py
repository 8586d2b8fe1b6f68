"""Lists of the API as one client and as eight at once see them, through the page's own measurements."""

from __future__ import annotations

from benchmarks.scale.figures import Part
from benchmarks.scale.ground import Ground
from benchmarks.web import measure as web

PORT = 8793


def measure(where: Ground, count: int = 200) -> Part:
    """Milliseconds, p50 and p95. Gap lists need a gap: before the first night all of it is there."""
    part = Part()
    limbo = where.ask("select count(*) from ops.v_cabinet_leads_limbo")[0][0]
    gap = where.ask("select count(*) from ops.v_cabinet_claims_gap_14d")[0][0]
    if gap < 3 * web.ROWS:
        part.facts["not measured"] = f"the gap has {gap} rows: run this part before nights raise its claims"
        return part
    web.DEEP = max(2, min(web.DEEP, min(limbo, gap) // web.ROWS - 1))
    part.facts["rows"] = {"limbo": limbo, "gap": gap, "page size": web.ROWS, "deep page": web.DEEP}
    with web.serving(where.environment(), PORT):
        for name, address in web.kinds(PORT).items():
            part.facts[name] = _times(address, count)
    return part


def _times(address: str, count: int) -> dict[str, float]:
    web.times(PORT, address, 20)
    alone = web.quantiles(web.times(PORT, address, count))
    together = web.quantiles(web.times(PORT, address, 2 * count, web.CLIENTS))
    return {"p50 ms": alone[0], "p95 ms": alone[1], "p50 ms of 8": together[0], "p95 ms of 8": together[1]}
