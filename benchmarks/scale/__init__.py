"""How long builds, nights and answers take with a thousand to a million leads, beside other ways."""
