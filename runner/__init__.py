"""The thin runner around the dbt project: moves data, talks to people, holds no business rule."""

__version__ = "0.1.0"
