"""Loading files: every form of a file, every reason for a reject with its place, and nothing half done."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest

from runner.database import Server
from runner.errors import BadConfiguration, BadFile, DatabaseAway, LockHeld
from runner.load import LoadResult, load_files
from runner.load_copy import Counter, Feed, lines
from runner.load_file import open_sheet
from runner.load_kinds import KINDS, RULES
from runner.settings import Settings
from tests.door import (
    DRIVERS,
    FILES,
    LEAD_HEADER,
    LEADS,
    PAYMENT_HEADER,
    TRIP_HEADER,
    TRIPS,
    Door,
    conserved,
    fates,
    lead_rows,
    text,
    trip_rows,
)


@pytest.fixture
def door(migrated_database: Server, settings: Settings, tmp_path: Path) -> Door:
    return Door(migrated_database, settings, tmp_path)


# --- the forms a file may have ----------------------------------------------------------------------------

HEADER = "external_id,lead_created_at,first_name,last_name"
PLAIN = text(HEADER, 'a,2025-12-01 08:30:00.5,"José, hijo","""Pepe"""')
FORMS = {
    "LF": PLAIN,
    "BOM": "\ufeff" + PLAIN,
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "CR": PLAIN.replace("\n", "\r"),
    "no last line end": PLAIN.rstrip("\n"),
    "header spelt freely": PLAIN.replace("external_id,lead_created_at", ' External_ID ,"LEAD_CREATED_AT"'),
    "semicolons and T": text(HEADER.replace(",", ";"), 'a;2025-12-01T08:30:00.5;José, hijo;"""Pepe"""'),
    "columns moved": text("last_name,zodiac,first_name,external_id,lead_created_at",
                          '"""Pepe""",Leo,"José, hijo",a, 2025-12-01 08:30:00.5 '),
    "empty lines": PLAIN.replace("\n", "\n\n"),
    "blank cells at the end": PLAIN.replace('Pepe"""\n', 'Pepe""",, \n'),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_rows_come_out_of_every_form(door: Door, form: str) -> None:
    assert fates(door.load("leads", FORMS[form])) == (1, 0, 0, 0)
    assert door.rows(f"select external_id, lead_created_at::text, first_name, last_name from {LEADS}") == [
        ("a", "2025-12-01 08:30:00.5", "José, hijo", '"Pepe"')]


def test_values_keep_their_line_breaks_tabs_and_backslashes(door: Door) -> None:
    values = ["dos\nlíneas", "\\.", "tab\there", "\\N", "C:\\dir\\", "\r\n\\.\r\n", "  espacios  ", "=cmd|'/C'"]
    rows = [f'{number},2025-12-01,"{value}"' for number, value in enumerate(values)]
    result = door.load("leads", text("external_id,lead_created_at,first_name", *rows))
    assert fates(result) == (len(values), 0, 0, 0)
    assert [value for (value,) in door.rows(f"select first_name from {LEADS} order by id")] == values


def test_a_row_with_line_breaks_counts_as_one_row(door: Door) -> None:
    content = text("external_id,lead_created_at,first_name", 'a,2025-12-01,"x\ny\nz"', "", "b,never,")
    [reject] = door.load("leads", content).rejects
    assert reject.row_number == 4  # the header is 1, the row of three lines 2, the empty line 3


def test_unknown_columns_are_told_once_and_unnamed_ones_too(door: Door) -> None:
    result = door.load("drivers", text("driver_id,balance,phone,", "d1,99,1,", "d2,98,2,"))
    assert result.ignored_columns == ("balance", "column 4 (no name)")
    assert door.rows(f"select driver_id, phone from {DRIVERS} order by 1") == [("d1", "1"), ("d2", "2")]


UNREADABLE = {
    "nothing in it": (b"", "is empty"),
    "only a BOM": (b"\xef\xbb\xbf", "no header"),
    "header not first": (b"\n\nexternal_id,lead_created_at\n", "no header"),
    "column missing": (b"external_id,first_name\na,b\n", "no column lead_created_at"),
    "column twice": (b"external_id,lead_created_at,EXTERNAL_ID\n", "same column in places 1 and 3"),
    "unknown column twice": (b"external_id,lead_created_at,note,note\n", "same column in places 3 and 4"),
    "latin-1": ("external_id,lead_created_at\na,2025-12-01\nñ,\n".encode("latin-1"),
                "UTF-8 text: see line 3"),
    "far behind": (b"external_id,lead_created_at\na," + b"x" * (1 << 20) + b"\xff\n", "UTF-8 text: see line 2"),
    "cut in a letter": (b"external_id,lead_created_at\na,\xc3", "UTF-8 text: see line 2"),
    "UTF-16": ("external_id,lead_created_at\n".encode("utf-16"), "line 1 holds a NUL byte"),
    "NUL": (b"external_id,lead_created_at\na,2025-12-01\nb,\x00\n", "line 3 holds a NUL byte"),
    "quote open at the end": (b'external_id,lead_created_at\na,"2025-12-01\nb,2025-12-01\n', "don't pair up"),
    "quote closed in the next row": (b'external_id,lead_created_at\n"a,2025-12-01\nb,"2025-12-01"\nc,\n',
                                     "don't pair up between line 2 and line 3"),
    "rows swallowed": (b'external_id,lead_created_at\n"a,2025-12-01\nb","2025-12-01",x\nc,\n',
                       "don't pair up between line 2 and line 3"),
    "quote open in the header": (b'"external_id,lead_created_at\n', "header row with quotes"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_cannot_be_read_is_told_with_its_place_and_leaves_nothing(door: Door, case: str) -> None:
    content, said = UNREADABLE[case]
    with pytest.raises(BadFile, match=r"^file\.csv ") as caught:
        door.load("leads", content)
    assert said in caught.value.message and caught.value.hint
    assert str(door.folder) not in str(caught.value)
    assert door.nothing_was_kept()


def test_what_is_no_file_is_told(door: Door) -> None:
    for path in (door.folder, door.folder / "absent.csv"):
        with pytest.raises(BadFile, match="not a file"):
            load_files(door.where, door.settings, "leads", [path])


def test_no_file_is_loaded_when_another_cannot_be_read(door: Door) -> None:
    paths = [door.file("driver_id\nd1\n", "good.csv"), door.file("id\n1\n", "bad.csv")]
    with pytest.raises(BadFile, match=r"^bad\.csv has no column driver_id"):
        load_files(door.where, door.settings, "drivers", paths)
    assert door.nothing_was_kept()


def test_a_header_that_is_really_a_person_is_not_repeated_in_the_error(door: Door) -> None:
    with pytest.raises(BadFile) as caught:
        door.load("leads", "abc,2025-12-01,Ana Secreta,900111222\n")
    assert "Secreta" not in str(caught.value) and "900111222" not in str(caught.value)


# --- rejects ----------------------------------------------------------------------------------------------

GOOD = {
    "leads": text(LEAD_HEADER, "good,2025-12-01,Ana,true,"),
    "trips": text(TRIP_HEADER, "d9,01-12-2025,3,99"),
    "drivers": text("driver_id,id,hire_date,active", "good,1,2025-01-01,true"),
    "payments": text(PAYMENT_HEADER, "1,2025-12-01,10:00,,Ana,true,,,,"),
}
LONG = "A" * 131_073
BAD_ROWS = [
    # kind, row, column, value as kept, reason
    ("leads", "x,2025-02-30,A,,", "lead_created_at", "2025-02-30", "BAD_TIMESTAMP"),
    ("leads", "x,2025-02-29 10:00:00,A,,", "lead_created_at", "2025-02-29 10:00:00", "BAD_TIMESTAMP"),
    ("leads", "x,01-12-2025,A,,", "lead_created_at", "01-12-2025", "BAD_TIMESTAMP"),
    ("leads", "x,0000-01-01,A,,", "lead_created_at", "0000-01-01", "BAD_TIMESTAMP"),
    ("leads", "x,2025-12-01 24:00:00,A,,", "lead_created_at", "2025-12-01 24:00:00", "BAD_TIMESTAMP"),
    ("leads", "x,2025-12-01 10:60:00,A,,", "lead_created_at", "2025-12-01 10:60:00", "BAD_TIMESTAMP"),
    ("leads", "x,2025-12-01 10:00,A,,", "lead_created_at", "2025-12-01 10:00", "BAD_TIMESTAMP"),
    ("leads", "x,2025-12-01T10:00:00Z,A,,", "lead_created_at", "2025-12-01T10:00:00Z", "BAD_TIMESTAMP"),
    ("leads", "x,infinity,A,,", "lead_created_at", "infinity", "BAD_TIMESTAMP"),
    ("leads", "x,ayer,A,quizás,", "lead_created_at", "ayer", "BAD_TIMESTAMP"),
    ("leads", "x,2025-12-01,A,quizás,", "active_1", "quizás", "BAD_BOOLEAN"),
    ("leads", "x,2025-12-01,A,2,", "active_1", "2", "BAD_BOOLEAN"),
    ("leads", "x,2025-12-01,A,,2025-04-31", "last_active_date", "2025-04-31", "BAD_DATE"),
    ("leads", "x,2025-12-01,A,,2025-12-01 00:00:00", "last_active_date", "2025-12-01 00:00:00", "BAD_DATE"),
    ("leads", "good,2025-12-01,Ana,true,", "external_id", "good", "REPEATED_IN_FILE"),
    ("leads", "x,2025-12-01,A", "active_1", None, "TOO_FEW_COLUMNS"),
    ("leads", "x,2025-12-01,A,,,,sobra", "column 7", "sobra", "TOO_MANY_COLUMNS"),
    ("leads", ", ,\t,,", None, None, "EMPTY_ROW"),
    ("leads", 'x,2025-12-01,"A"B,,', None, None, "BAD_QUOTES"),
    ("leads", f"x,2025-12-01,{LONG},,", None, None, "CELL_TOO_LONG"),
    ("trips", "d1,01-12-2025,tres,", "count_orders_completed", "tres", "BAD_INTEGER"),
    ("trips", "d1,01-12-2025,3.0,", "count_orders_completed", "3.0", "BAD_INTEGER"),
    ("trips", "d1,01-12-2025,2147483648,", "count_orders_completed", "2147483648", "BAD_INTEGER"),
    ("trips", "d1,01-12-2025,-2147483649,", "count_orders_completed", "-2147483649", "BAD_INTEGER"),
    ("trips", f"d1,01-12-2025,{'9' * 40},", "count_orders_completed", "9" * 40, "BAD_INTEGER"),
    ("trips", 'd1,01-12-2025,3,"1,5"', "sum_work_time_seconds", "1,5", "BAD_NUMBER"),
    ("trips", "d1,01-12-2025,3,1e9", "sum_work_time_seconds", "1e9", "BAD_NUMBER"),
    ("trips", "d1,01-12-2025,3,NaN", "sum_work_time_seconds", "NaN", "BAD_NUMBER"),
    ("trips", "d1,01-12-2025,3,٣", "sum_work_time_seconds", "٣", "BAD_NUMBER"),
    ("drivers", " ,1,,", "driver_id", " ", "MISSING_VALUE"),
    ("drivers", "good,7,,", "driver_id", "good", "REPEATED_IN_FILE"),
    ("drivers", "x,9999999999999999999,,", "id", "9999999999999999999", "BAD_INTEGER"),
    ("drivers", "x,1,31/12/2025,", "hire_date", "31/12/2025", "BAD_DATE"),
    ("payments", ",2025-12-01,,,Ana,,,,,", "id", None, "MISSING_VALUE"),
    ("payments", "1,2025-12-01,,,Eva,,,,,", "id", "1", "REPEATED_IN_FILE"),
    ("payments", "2,2025-12-01,24:00,,Ana,,,,,", "time", "24:00", "BAD_TIME"),
    ("payments", "2,2025-12-01,,,Ana,,,,,no-uuid", "person_key", "no-uuid", "BAD_UUID"),
]
BAD_LEADS = [(row, reason) for kind, row, _, _, reason in BAD_ROWS if kind == "leads"]


@pytest.mark.parametrize(("kind", "row", "column", "value", "reason"), BAD_ROWS)
def test_a_bad_row_is_listed_with_its_place_and_the_others_are_loaded(
        door: Door, kind: str, row: str, column: str | None, value: str | None, reason: str) -> None:
    result = door.load(kind, GOOD[kind] + row + "\n", "un día.csv", run_id=7)
    assert fates(result) == (1, 0, 0, 1)
    [reject] = result.rejects
    assert (reject.row_number, reject.column, reject.value, reject.reason) == (3, column, value, reason)
    assert reject.rule == RULES[reason]
    assert door.rows("""select run_id, source, file_name, row_number, column_name, value, reason, rule
                        from ops.load_rejects""") == [
        (7, kind, "un día.csv", 3, column, value, reason, RULES[reason])]
    assert door.rows(f"select count(*) from public.{KINDS[kind].table}") == [(1,)]


def test_every_reason_has_a_test() -> None:
    elsewhere = {"KNOWN_LEAD_DIFFERS", "VALUE_TOO_LONG"}  # test_load_merge.py
    assert {reason for *_, reason in BAD_ROWS} | elsewhere == set(RULES)


def test_all_bad_rows_together_are_listed_in_the_order_of_the_file(door: Door) -> None:
    content = GOOD["leads"] + text(*(row for row, _ in BAD_LEADS))
    result = door.load("leads", content, examples=None)
    assert fates(result) == (1, 0, 0, len(BAD_LEADS))
    assert [reject.reason for reject in result.rejects] == [reason for _, reason in BAD_LEADS]
    assert door.rows("select row_number from ops.load_rejects order by reject_id") == [
        (number,) for number in range(3, 3 + len(BAD_LEADS))]
    door.forget("leads")
    assert len(door.load("leads", content, examples=2).rejects) == 2


def test_a_long_value_is_cut_in_the_list(door: Door) -> None:
    [reject] = door.load("leads", text(LEAD_HEADER, f"x,{'9' * 500},,,")).rejects
    assert reject.value == "9" * 200
    assert door.rows("select value from ops.load_rejects") == [("9" * 200,)]


@pytest.mark.parametrize(("cell", "value"), [
    *((cell, True) for cell in ("true", "T", "1", "YES", "y", "si", "sí", "SÍ", "s", "VERDADERO", " true ")),
    *((cell, False) for cell in ("false", "F", "0", "No", "n", "FALSO")), ("", None), ("  ", None)])
def test_what_a_boolean_may_be(door: Door, cell: str, value: bool | None) -> None:
    door.load("leads", text(LEAD_HEADER, f"x,2025-12-01,,{cell},"))
    assert door.rows(f"select active_1 from {LEADS}") == [(value,)]


# --- dry runs, failures, other loads ----------------------------------------------------------------------

BAD_ROW = {"leads": "x,never,,,", "trips": "d1,01-12-2025,tres,", "drivers": "x,1,Ana,31/12/2025",
           "payments": "x,2025-12-01,,,Ana,,,,,"}


@pytest.mark.parametrize("kind", FILES)
def test_a_dry_run_says_what_a_load_then_does_and_keeps_nothing(door: Door, kind: str) -> None:
    header, make = FILES[kind]
    paths = [door.file(text(header, *make(9), BAD_ROW[kind]), "one.csv"),
             door.file(text(header, *make(12)), "two.csv"), door.file(text(header, *make(12)), "three.csv")]
    tried = load_files(door.where, door.settings, kind, paths, dry_run=True)
    assert door.nothing_was_kept()
    assert load_files(door.where, door.settings, kind, paths) == tried
    assert [fates(conserved(result)) for result in tried][:2] == [(9, 0, 0, 1), (3, 0, 9, 0)]


def test_a_full_disk_leaves_nothing_of_the_file(door: Door) -> None:
    door.run(f"""
        create function public.full() returns trigger language plpgsql as $$
        begin
            if new.first_name = 'Nombre 8' then
                raise exception 'full' using errcode = '53100';
            end if;
            return new;
        end $$;
        create trigger full_disk before insert on {LEADS} for each row execute function public.full()""")
    content = text(LEAD_HEADER, *lead_rows(20), BAD_ROW["leads"])
    with pytest.raises(DatabaseAway, match="disk is full"):
        door.load("leads", content)
    assert door.nothing_was_kept()
    door.run(f"drop trigger full_disk on {LEADS}")
    assert fates(door.load("leads", content)) == (20, 0, 0, 1)


def test_each_file_stands_for_itself_when_a_later_one_is_interrupted(door: Door) -> None:
    paths = [door.file(text(TRIP_HEADER, *trip_rows(count)), f"{count}.csv") for count in (7, 20)]

    def interrupt(rows: int) -> None:
        if rows > 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_files(door.where, door.settings, "trips", paths, progress=interrupt)
    assert door.rows(f"select count(*) from {TRIPS}") == [(7,)]
    assert door.rows("select file_name from ops.loaded_files") == [("7.csv",)]
    first, second = load_files(door.where, door.settings, "trips", paths)
    assert fates(first) == (0, 0, 7, 0) and fates(second) == (13, 0, 7, 0)


def test_a_server_that_goes_away_in_the_middle_is_told_and_leaves_nothing(door: Door) -> None:
    def cut(_: int) -> None:
        door.rows("""select pg_terminate_backend(pid) from pg_stat_activity
                     where application_name = 'cabinet14d load trips' and datname = current_database()""")

    with pytest.raises(DatabaseAway, match="went away"):
        door.load("trips", text(TRIP_HEADER, *trip_rows(9_000)), progress=cut)
    assert door.nothing_was_kept()


def test_a_file_that_changes_while_it_is_read_is_not_loaded(door: Door) -> None:
    path = door.file(text(TRIP_HEADER, *trip_rows(9)))

    def append(_: int) -> None:
        path.write_bytes(path.read_bytes() + b"d1,30-12-2025,1,\n")

    with pytest.raises(BadFile, match="changed while it was read"):
        load_files(door.where, door.settings, "trips", [path], progress=append)
    assert door.nothing_was_kept()


def test_a_row_without_fate_ends_the_load(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.load_merge.Merge.outcomes", lambda merge: {"new": 8})
    with pytest.raises(RuntimeError, match="9 rows were read"):
        door.load("trips", text(TRIP_HEADER, *trip_rows(9)))
    assert door.nothing_was_kept()


def test_a_database_without_the_tables_says_what_to_run(
        fresh_database: Server, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="migrate"):
        Door(fresh_database, settings, tmp_path).load("trips", text(TRIP_HEADER))


def test_loads_at_the_same_time_come_to_one(door: Door) -> None:
    paths = [door.file(text(TRIP_HEADER, *trip_rows(4_000), *[""] * number), f"{number}.csv")
             for number in range(4)]
    results: list[LoadResult] = []

    def load(path: Path) -> None:
        results.extend(load_files(door.where, door.settings, "trips", [path]))

    threads = [threading.Thread(target=load, args=[path]) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(fates, map(conserved, results))) == [(0, 0, 4_000, 0)] * 3 + [(4_000, 0, 0, 0)]
    assert door.rows(f"select count(*) from {TRIPS}") == [(4_000,)]


def test_a_load_that_waits_too_long_for_another_says_so(
        door: Door, settings_for: Callable[..., Settings]) -> None:
    impatient = replace(door, settings=settings_for(door.where, lock_timeout="50ms"))
    with closing(psycopg2.connect(**door.where.conninfo())) as other:
        other.cursor().execute("select pg_advisory_xact_lock(14000, 11)")
        with pytest.raises(LockHeld):
            impatient.load("trips", GOOD["trips"])
        assert fates(impatient.load("leads", GOOD["leads"])) == (1, 0, 0, 0)  # each table has its own lock


def test_progress_tells_the_rows_so_far_over_all_files(door: Door) -> None:
    told: list[int] = []
    paths = [door.file(text(TRIP_HEADER, *trip_rows(count)), f"{count}.csv") for count in (6_000, 3)]
    load_files(door.where, door.settings, "trips", paths, progress=told.append)
    assert told == [5_000, 6_000, 6_003]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    small, large = (peak_of(tmp_path / f"{count}.csv", count) for count in (60_000, 180_000))
    assert large < small * 1.2


def peak_of(path: Path, count: int) -> int:
    """Bytes held at once while a file of so many trips is read up to the lines for COPY."""
    path.write_text(text(TRIP_HEADER, *trip_rows(count)), encoding="utf-8")
    tracemalloc.start()
    try:
        with open_sheet(path) as sheet:
            feed = Feed(lines(sheet, {"driver_id": 0, "count_orders_completed": 2}), Counter(None))
            while feed.read():
                pass
        assert feed.total == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
