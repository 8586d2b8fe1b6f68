"""API and page (extra `web`): reads what `ops` shows at the live run, and never writes."""
