"""How long builds, nights and answers take at a thousand, a hundred thousand and a million leads, beside what else could be done."""
