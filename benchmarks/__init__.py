"""Measurements of this project, each beside what a user would do otherwise."""
