"""What each kind of raw file holds: its table, its columns and their types, and the reasons for a reject."""

from __future__ import annotations

from dataclasses import dataclass

RULES = {
    "EMPTY_ROW": "A row must have a value in at least one of the columns that are read.",
    "TOO_FEW_COLUMNS": "A row must have as many columns as the header.",
    "TOO_MANY_COLUMNS": "A row may not exceed the header's columns; a delimiter in a value needs quotes.",
    "BAD_QUOTES": "A value that begins with a quote must end with one; a quote inside it is written twice.",
    "CELL_TOO_LONG": "A value may have up to 131,072 characters.",
    "VALUE_TOO_LONG": "A text may have up to 600 characters.",
    "MISSING_VALUE": "This column must have a value: it says which row of the table is meant.",
    "BAD_TIMESTAMP": "Write YYYY-MM-DD or YYYY-MM-DD HH:MM:SS, fractions allowed, of a day that exists.",
    "BAD_DATE": "Write YYYY-MM-DD, of a day that exists.",
    "BAD_TIME": "Write HH:MM or HH:MM:SS, fractions allowed, from 00:00 to 23:59:59.",
    "BAD_INTEGER": "Write a whole number in digits, one that the column can hold.",
    "BAD_NUMBER": "Write a number with up to 15 digits, and a point before up to 9 decimals.",
    "BAD_BOOLEAN": "Write true, t, yes, y, si, sí, s, verdadero or 1; false, f, no, n, falso or 0.",
    "BAD_UUID": "Write a UUID: 32 hexadecimal digits, with hyphens or without.",
    "REPEATED_IN_FILE": "A file may name each key once; its first good row was taken.",
    "KNOWN_LEAD_DIFFERS": "The date of a known lead is frozen (R1): another one needs approval, not a file.",
}
"""Reason of a reject -> the rule it broke, in one sentence."""


@dataclass(frozen=True)
class Type:
    """How the text of a cell becomes a value, in SQL over `{cell}`: the cast, the check if it can fail."""

    cast: str
    reason: str = ""
    check: str = ""


def _checked(name: str, sql_type: str, reason: str) -> Type:
    cell = "pg_temp.cell({cell})"
    return Type(f"cast({cell} as {sql_type})", reason, f"pg_temp.is_{name}({cell})")


TYPES = {
    "text": Type("{cell}"),
    # Part of what says which row is meant: two spellings must not be two.
    "trimmed": Type("pg_temp.cell({cell})"),
    # Kept bit for bit (R2), but a blank one is none (D-19).
    "key": Type("case when pg_temp.cell({cell}) is not null then {cell} end"),
    "timestamp": _checked("timestamp", "timestamp", "BAD_TIMESTAMP"),
    "date": _checked("date", "date", "BAD_DATE"),
    "time": _checked("time", "time", "BAD_TIME"),
    "integer": _checked("integer", "integer", "BAD_INTEGER"),
    "bigint": _checked("bigint", "bigint", "BAD_INTEGER"),
    "number": _checked("number", "numeric", "BAD_NUMBER"),
    "uuid": _checked("uuid", "uuid", "BAD_UUID"),
    "boolean": Type("pg_temp.to_boolean(pg_temp.cell({cell}))", "BAD_BOOLEAN",
                    "pg_temp.is_boolean(pg_temp.cell({cell}))"),
}


@dataclass(frozen=True)
class Kind:
    """One kind of file: its table in schema public, its columns in the order of checks and comparisons."""

    name: str
    table: str
    lock: int
    required: tuple[str, ...]
    columns: dict[str, str]
    key: str = ""
    # When a row was written: filled by us where the file does not say, never compared.
    stamps: tuple[str, ...] = ("created_at",)
    # Always filled, also when the file lacks it.
    filled: tuple[str, ...] = ()
    # A file seen before is not read again. Not so where another file may have changed what it brought.
    skip_known: bool = False
    # A known key's row takes the file's values.
    upserts: bool = False
    # Columns of a known row that no file may change; a row that would is a reject.
    frozen: tuple[str, ...] = ()


def _columns(**by_type: str) -> dict[str, str]:
    return {name: type_name for type_name, names in by_type.items() for name in names.split()}


LEADS = Kind(
    "leads", "module_ct_cabinet_leads", 10, ("external_id", "lead_created_at"),
    _columns(key="external_id", timestamp="lead_created_at created_at",
             text="first_name middle_name last_name park_phone asset_plate_number asset_model asset_color",
             boolean="active_1 active_5 active_10 active_15 active_25 active_50 active_100",
             date="last_active_date")
    | _columns(text="status tariff park_name activation_city target_city"),
    key="external_id", skip_known=True, frozen=("lead_created_at",))

TRIPS = Kind(
    "trips", "summary_daily", 11, ("driver_id", "date_file", "count_orders_completed"),
    _columns(trimmed="driver_id date_file", integer="count_orders_completed", number="sum_work_time_seconds",
             timestamp="created_at"))

DRIVERS = Kind(
    "drivers", "drivers", 12, ("driver_id",),
    _columns(key="driver_id", bigint="id",
             text="park_id first_name last_name middle_name full_name phone car_brand car_model car_number "
                  "car_normalized_number license_number license_normalized_number work_status current_status "
                  "document_type document_number",
             date="hire_date fire_date", boolean="active", timestamp="created_at updated_at"),
    key="driver_id", stamps=("created_at", "updated_at"), filled=("id",), upserts=True)

PAYMENTS = Kind(
    "payments", "module_ct_cabinet_payments", 13, ("id", "date", "driver"),
    # The amount is read where the table has such a column (D-9).
    _columns(integer="id scout_id", date="date", time="time", text="driver driver_id",
             boolean="trip_1 trip_5 trip_25", uuid="person_key", number="amount",
             timestamp="created_at updated_at"),
    key="id", stamps=("created_at", "updated_at"), upserts=True)

KINDS = {kind.name: kind for kind in (LEADS, TRIPS, DRIVERS, PAYMENTS)}
