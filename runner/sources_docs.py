"""Data Docs without the network: what a page asks of other hosts is taken out, and a little style of our own put in."""

from __future__ import annotations

import re
from pathlib import Path

_ASKS = re.compile(
    r"<script\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>\s*</script>"
    r"|<link\b[^>]*\bhref=[\"']?(?:https?:)?//[^>]*>"
    r"|<(?:img|iframe|source)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>",
    re.IGNORECASE,
)
_IMPORTS = re.compile(r"@import\s+(?:url\()?[\"']?(?:https?:)?//[^;]*;|url\([\"']?(?:https?:)?//[^)]*\)", re.IGNORECASE)
STYLE = """<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:75rem;margin:auto;padding:1rem}
table{border-collapse:collapse;width:100%}td,th{border:1px solid #ccc;padding:.3rem .5rem;text-align:left}
.modal,.navbar-toggler,script{display:none}.collapse{display:block}.fa-check-circle::before{content:"\\2713"}
.fa-times::before,.fa-exclamation-triangle::before{content:"\\2717"}
</style>"""


def make_offline(folder: Path) -> int:
    """Rewrite every page and style under `folder`; how many there were."""
    files = [path for path in folder.rglob("*") if path.suffix in (".html", ".css")]
    for path in files:
        text = _IMPORTS.sub("", _ASKS.sub("", path.read_text(encoding="utf-8")))
        if path.suffix == ".html":
            text = text.replace("</head>", f"{STYLE}</head>", 1)
        path.write_text(text, encoding="utf-8")
    return len(files)
