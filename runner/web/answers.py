"""The answers of each route, as OpenAPI tells them."""

from __future__ import annotations

from typing import Any

Answers = dict[int | str, dict[str, Any]]

REFUSALS = {
    400: "An unknown value, a week that is not a Monday, dates the wrong way round, a cursor that is not ours.",
    401: "A token is required, and none that is good was given.",
    403: "The token's role may not do this.",
    404: "There is no such thing.",
    413: "The file would have more rows than it may.",
    414: "The address is too long.",
    421: "The server is not reached under this name.",
    422: "A parameter of the wrong type, out of range, empty, or unknown.",
    429: "Too many at once: wait, then try again.",
    503: "The database is away or busy, or nothing was built yet.",
}
ALWAYS = (400, 401, 414, 421, 422, 503)


def refers(name: str, description: str) -> dict[str, Any]:
    """An answer in JSON of a named schema."""
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def answers(name: str, *more: int, tagged: bool = True) -> Answers:
    """A route's answers: its own, what it may be refused for, and 304 where there is an ETag."""
    told: Answers = {200: refers(name, "The answer.")}
    if tagged:
        told[200]["headers"] = {
            "ETag": {"description": "Mark of this answer; send it back in If-None-Match.", "schema": {"type": "string"}}
        }
        told[304] = {"description": "Nothing changed since the answer with this ETag."}
    return told | {status: refers("Error", REFUSALS[status]) for status in sorted({*ALWAYS, *more})}


def file_answers(*kinds: str) -> Answers:
    """The answers of an export: a file and its headers."""
    headers = {
        "Content-Disposition": "The file's name.",
        "X-Total-Rows": "Rows that the filters choose.",
        "X-Truncated": "`true` when the limit cut the file short, else `false`.",
        "X-Run-Id": "Run that the file was read from.",
        "X-As-Of": "Day that the data is looked at from.",
    }
    file: dict[str, Any] = {"description": "The file."}
    file["content"] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
    file["headers"] = {name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()}
    refused = sorted({*ALWAYS, 403, 413, 429})
    return {200: file, **{status: refers("Error", REFUSALS[status]) for status in refused}}


def health_answers() -> Answers:
    """Those of /healthz, which needs no token."""
    return {
        200: refers("Health", "The database answers."),
        503: refers("Down", "The database does not answer."),
        **{status: refers("Error", REFUSALS[status]) for status in (414, 421)},
    }
