"""`serve`: the application behind uvicorn."""

from __future__ import annotations

from runner.settings import Settings


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until stopped."""
    import uvicorn

    from runner.web.app import create_app

    app = create_app(settings, require_token=host not in ("127.0.0.1", "localhost", "::1"))
    uvicorn.run(app, host=host, port=port, server_header=False, access_log=False)
