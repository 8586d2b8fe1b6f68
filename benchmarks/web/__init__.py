"""How fast the web answers on a large database, and how much memory a file of all rows takes."""
