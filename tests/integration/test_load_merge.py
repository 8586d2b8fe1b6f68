"""Merging files with what is stored: each good row once, however often and in whatever pieces it comes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from runner.database import Server
from runner.load import LoadResult
from runner.settings import Settings
from tests.door import (
    DRIVERS,
    FILES,
    LEAD_HEADER,
    LEADS,
    PAYMENT_HEADER,
    PAYMENTS,
    TRIP_HEADER,
    TRIPS,
    Door,
    fates,
    lead_rows,
    text,
)


@pytest.fixture
def door(migrated_database: Server, settings: Settings, tmp_path: Path) -> Door:
    return Door(migrated_database, settings, tmp_path)


# --- once, however often ----------------------------------------------------------------------------------

@pytest.mark.parametrize("kind", FILES)
def test_loading_twice_in_pieces_or_in_another_order_comes_to_the_same(door: Door, kind: str) -> None:
    header, make = FILES[kind]
    rows = make(30)
    shuffled = random.Random(14).sample(rows, 30)
    assert fates(door.load(kind, text(header, *rows))) == (30, 0, 0, 0)
    once = door.content(kind)
    for again in (rows, shuffled):
        assert fates(door.load(kind, "\r\n".join([header, *again]))) == (0, 0, 30, 0)
    for piece in (shuffled[:11], shuffled[11:], rows[5:8]):
        assert fates(door.load(kind, text(header, *piece))) == (0, 0, len(piece), 0)
    assert door.content(kind) == once
    door.forget(kind)
    for piece in (shuffled[:11], shuffled[11:]):
        assert fates(door.load(kind, text(header, *piece))) == (len(piece), 0, 0, 0)
    assert door.content(kind) == once


def test_a_correction_is_taken_back_by_the_first_file(door: Door) -> None:
    """A, B, A: what came last stands, also when it came before, and in whichever form it writes the day (D-17)."""
    header = "driver_id,date_file,count_orders_completed"
    first, second = text(header, "d1,08-01-2026,30"), text(header, " d1,2026-01-08,3")
    assert fates(door.load("trips", first)) == (1, 0, 0, 0)
    assert fates(door.load("trips", second)) == (0, 1, 0, 0)
    assert fates(door.load("trips", first)) == (0, 1, 0, 0)
    assert fates(door.load("trips", first + "\n")) == (0, 0, 1, 0)
    assert door.rows(f"select count_orders_completed from {TRIPS} order by created_at desc limit 1") == [(30,)]


def test_a_value_that_no_index_can_hold_is_a_reject(door: Door) -> None:
    """One such value must not end the load of all others."""
    long = "".join(chr(97 + (n * n) % 26) for n in range(601))
    rows = (f"{long},08-01-2026,1", "d1,08-01-2026,1")
    result = door.load("trips", text("driver_id,date_file,count_orders_completed", *rows))
    assert fates(result) == (1, 0, 0, 1)
    assert [(r.row_number, r.column, r.reason) for r in result.rejects] == [(2, "driver_id", "VALUE_TOO_LONG")]


@pytest.mark.parametrize("kind", ["leads"])
def test_a_file_with_the_same_content_is_not_read_again(door: Door, kind: str) -> None:
    content = text(FILES[kind][0], *FILES[kind][1](5))
    first = door.load(kind, content, "monday.csv", run_id=3)
    again = door.load(kind, content, "tuesday.csv")
    assert not first.already_loaded and again.already_loaded
    assert (again.total, fates(again), again.sha256) == (0, (0, 0, 0, 0), first.sha256)
    assert door.rows("select source, file_name, sha256, rows_total, rows_new, run_id from ops.loaded_files"
                     ) == [(kind, "monday.csv", first.sha256, 5, 5, 3)]


def test_a_file_is_read_again_when_its_table_was_emptied(door: Door) -> None:
    content = text(LEAD_HEADER, *lead_rows(5), "bad,never,,,")
    door.load("leads", content)
    door.run(f"delete from {LEADS}")
    assert fates(door.load("leads", content)) == (5, 0, 0, 1)
    assert door.rows("select count(*) from ops.loaded_files") == [(1,)]
    assert door.rows("select count(*) from ops.load_rejects") == [(1,)]  # the same row of the same content


def test_drivers_are_merged_again_although_the_file_is_known(door: Door) -> None:
    first = text("driver_id,phone,hire_date", "d1,1,", "d2,2,", "x,,never")
    second = text("driver_id,phone", "d1,3")
    assert fates(door.load("drivers", first)) == (2, 0, 0, 1)
    assert fates(door.load("drivers", second)) == (0, 1, 0, 0)
    assert fates(door.load("drivers", first)) == (0, 1, 1, 1)
    assert fates(door.load("drivers", first)) == (0, 0, 2, 1)
    assert door.rows(f"select driver_id, phone from {DRIVERS} order by 1") == [("d1", "1"), ("d2", "2")]
    assert door.rows("select count(*) from ops.load_rejects") == [(1,)]
    assert door.rows("select rows_changed, rows_unchanged from ops.loaded_files order by file_id") == [
        (1, 1), (1, 0)]  # of the last load of each that did something


def test_the_order_of_loads_does_not_matter_where_they_agree(door: Door) -> None:
    ana, eva, sin = "a,2025-12-01,Ana,,", "b,2025-12-01,Eva,,", ",2025-12-01,Sin,,"
    ends = []
    for order in permutations([(ana,), (eva, ana), (sin, eva)]):
        door.forget("leads")
        for rows in order:
            door.load("leads", text(LEAD_HEADER, *rows))
        ends.append(door.content("leads"))
    assert all(end == ends[0] for end in ends) and len(ends[0]) == 3


# --- leads ------------------------------------------------------------------------------------------------

def test_the_date_of_a_known_lead_is_frozen(door: Door) -> None:
    """R1: a row that says another date is a reject, whatever else it says; a missing date may be filled in."""
    door.load("leads", text(LEAD_HEADER, "a,2025-12-01,Ana,true,", "b,,Eva,,"))
    result = door.load("leads", text(LEAD_HEADER, "a,2025-12-02,Ana María,true,", "b,2025-12-03,Eva,,"))
    assert fates(result) == (0, 1, 0, 1)
    assert [(reject.row_number, reject.column, reject.value, reject.reason) for reject in result.rejects] == [
        (2, "lead_created_at", "2025-12-02", "KNOWN_LEAD_DIFFERS")]
    assert door.rows(f"select external_id, lead_created_at::date::text, first_name from {LEADS} order by 1") == [
        ("a", "2025-12-01", "Ana"), ("b", "2025-12-03", "Eva")]


def test_what_a_later_file_says_of_a_known_lead_is_taken_and_a_blank_clears_nothing(door: Door) -> None:
    """The platform's flags advance and names are corrected: the original ignored both."""
    door.load("leads", text(LEAD_HEADER, "a,2025-12-01,Ana,,", "b,2025-12-01,Eva,true,"))
    later = text(LEAD_HEADER, "a,2025-12-01,Ana María,true,", "b,2025-12-01,,,", "c,2025-12-01,Sol,,")
    assert fates(door.load("leads", later)) == (1, 1, 1, 0)
    assert fates(door.load("leads", later + "\n")) == (0, 0, 3, 0)
    assert door.rows(f"select external_id, first_name, active_1 from {LEADS} order by 1") == [
        ("a", "Ana María", True), ("b", "Eva", True), ("c", "Sol", None)]


def test_only_columns_that_the_file_has_are_compared_and_never_the_load_time(door: Door) -> None:
    door.load("leads", text(LEAD_HEADER, "a,2025-12-01,Ana,true,"))
    less = text("external_id,lead_created_at,created_at", "a,2025-12-01,2024-01-01")
    assert fates(door.load("leads", less)) == (0, 0, 1, 0)


def test_leads_without_key_are_known_by_all_their_values_and_how_often_they_occur(door: Door) -> None:
    row = " ,2025-12-01,Ana,true,"
    assert fates(door.load("leads", text(LEAD_HEADER, row, row, ",,,sí,"))) == (3, 0, 0, 0)
    assert fates(door.load("leads", text(LEAD_HEADER, row, row, row))) == (1, 0, 2, 0)
    assert fates(door.load("leads", text(LEAD_HEADER, row))) == (0, 0, 1, 0)
    assert door.rows(f"""select external_id, lead_created_at is null, count(*) from {LEADS}
                         group by 1, 2 order by 2""") == [(None, False, 3), (None, True, 1)]


def test_a_blank_key_stored_by_the_original_is_no_key(door: Door) -> None:
    door.run(f"insert into {LEADS} (external_id, lead_created_at, first_name) values ('', '2025-12-01', '')")
    content = text("external_id,lead_created_at,first_name", ",2025-12-01,")
    assert fates(door.load("leads", content)) == (0, 0, 1, 0)


def test_leads_need_no_unique_index_and_the_lowest_id_is_the_lead(door: Door) -> None:
    door.run("drop index public.module_ct_cabinet_leads_external_id_key")
    door.run(f"""insert into {LEADS} (external_id, lead_created_at)
                 values ('a', '2025-12-01'), ('a', '2025-12-09')""")
    header = "external_id,lead_created_at"
    rows = ["a,2025-12-01", "b,2025-12-01", "b,2025-12-01"]
    assert fates(door.load("leads", text(header, *rows))) == (1, 0, 1, 1)
    assert fates(door.load("leads", text(header, "a,2025-12-09"))) == (0, 0, 0, 1)


def test_a_key_is_kept_bit_for_bit(door: Door) -> None:
    door.load("leads", text("external_id,lead_created_at", "a,2025-12-01", " a,2025-12-01", "A,2025-12-01"))
    assert [key for (key,) in door.rows(f"select external_id from {LEADS} order by id")] == ["a", " a", "A"]


def test_ids_follow_the_order_of_the_file(door: Door) -> None:
    keys = [f"k{number}" for number in range(9, -1, -1)]
    door.load("leads", text("external_id,lead_created_at", *(f"{key},2025-12-01" for key in keys)))
    assert [key for (key,) in door.rows(f"select external_id from {LEADS} order by id")] == keys


# --- trips ------------------------------------------------------------------------------------------------

def test_dirty_trips_are_let_in_as_they_are(door: Door) -> None:
    rows = {"d1,31-02-2025,5": ("d1", "31-02-2025", 5), "d1,ayer,5": ("d1", "ayer", 5),
            ",01-12-2025,5": (None, "01-12-2025", 5), " ,01-12-2025,5": (None, "01-12-2025", 5),
            "d1,02-12-2025,": ("d1", "02-12-2025", None), "d1,03-12-2025,-1": ("d1", "03-12-2025", -1),
            "d1,,4": ("d1", None, 4), "d1,2025-12-04,4": ("d1", "2025-12-04", 4)}
    content = text("driver_id,date_file,count_orders_completed", *rows)
    assert fates(door.load("trips", content)) == (len(rows), 0, 0, 0)
    assert fates(door.load("trips", content + "\n")) == (0, 0, len(rows), 0)
    stored = door.rows(f"select driver_id, date_file, count_orders_completed from {TRIPS}")
    assert Counter(stored) == Counter(rows.values())


def test_a_file_of_trips_is_one_load_and_a_changed_day_a_later_one(door: Door) -> None:
    door.load("trips", text(TRIP_HEADER, "d1,01-12-2025,3,", "d1,01-12-2025,2,", "d1,02-12-2025,4,"))
    rows = ["d1,01-12-2025,3,", "d1,02-12-2025,4,", "d1,03-12-2025,1,"]
    result = door.load("trips", text(TRIP_HEADER, *rows))
    assert fates(result) == (1, 1, 1, 0)
    assert door.rows(f"""
        select date_file, count_orders_completed, dense_rank() over (order by created_at) from {TRIPS}
        order by 3, 1, 2""") == [
        ("01-12-2025", 2, 1), ("01-12-2025", 3, 1), ("02-12-2025", 4, 1),
        ("01-12-2025", 3, 2), ("03-12-2025", 1, 2)]


def test_a_day_is_compared_with_its_latest_load_and_with_how_often_a_row_occurs(door: Door) -> None:
    row = "d1,01-12-2025,3,"
    assert fates(door.load("trips", text(TRIP_HEADER, row))) == (1, 0, 0, 0)
    assert fates(door.load("trips", text(TRIP_HEADER, row, row))) == (0, 2, 0, 0)
    assert fates(door.load("trips", text(TRIP_HEADER, row, row, ""))) == (0, 0, 2, 0)
    assert fates(door.load("trips", text(TRIP_HEADER, row, ""))) == (0, 1, 0, 0)


def test_a_number_is_the_same_however_it_is_written(door: Door) -> None:
    door.load("trips", text(TRIP_HEADER, "d1,01-12-2025,3,60.50", "d2,01-12-2025,+4,60"))
    assert fates(door.load("trips", text(TRIP_HEADER, "d1,01-12-2025,03,60.5", "d2,01-12-2025,4,60.0"))) == (
        0, 0, 2, 0)


@pytest.mark.parametrize("stored", ["null", "'2020-01-01'", "'2099-12-31 10:00:00'"])
def test_a_new_load_is_later_than_what_it_replaces_whatever_clock_that_had(door: Door, stored: str) -> None:
    door.run(f"insert into {TRIPS} values ('d1', '01-12-2025', 5, null, {stored})")
    assert fates(door.load("trips", text(TRIP_HEADER, "d1,01-12-2025,6,"))) == (0, 1, 0, 0)
    assert fates(door.load("trips", text(TRIP_HEADER, "d1,01-12-2025,6,", ""))) == (0, 0, 1, 0)
    assert door.rows(f"""select count_orders_completed from {TRIPS}
                         order by created_at desc nulls last""") == [(6,), (5,)]


def test_rows_that_say_their_load_time_keep_it(door: Door) -> None:
    header = "driver_id,date_file,count_orders_completed,created_at"
    twice = "d1,01-12-2025,3,2025-12-02 04:00:00"
    first = [twice, twice, "d1,01-12-2025,4,", "d2,,,"]
    assert fates(door.load("trips", text(header, *first))) == (4, 0, 0, 0)
    assert fates(door.load("trips", text(header, *reversed(first)))) == (0, 0, 4, 0)
    more = [twice, *first, "d1,01-12-2025,2,2025-12-05", "d3,01-12-2025,2,2025-12-05"]
    assert fates(door.load("trips", text(header, *more))) == (1, 2, 4, 0)
    assert door.rows(f"select count(*) from {TRIPS} where created_at is null") == [(2,)]


# --- drivers and payments ---------------------------------------------------------------------------------

def test_drivers_without_id_get_the_next_in_the_order_of_the_file_and_keep_it(door: Door) -> None:
    door.load("drivers", text("driver_id,id", "d1,40", "d2,", "d3,41", "d4,"))
    result = door.load("drivers", text("driver_id,phone,id", "d9,1,", "d2,,", "d1,,40", "d8,2,"))
    assert fates(result) == (2, 0, 2, 0)
    assert door.rows(f"select driver_id, id from {DRIVERS} order by 2") == [
        ("d1", 40), ("d3", 41), ("d2", 42), ("d4", 43), ("d9", 44), ("d8", 45)]


def test_columns_that_a_file_lacks_stay_and_blank_cells_clear(door: Door) -> None:
    door.load("drivers", text("driver_id,phone,fire_date,full_name", "d1,900,2025-12-01,Ana"))
    assert fates(door.load("drivers", text("driver_id,fire_date,full_name", "d1,,Ana"))) == (0, 1, 0, 0)
    assert door.rows(f"select phone, fire_date, full_name, id from {DRIVERS}") == [("900", None, "Ana", 1)]


def test_drivers_need_no_unique_key(door: Door) -> None:
    door.run(f"alter table {DRIVERS} drop constraint drivers_pkey")
    door.run(f"insert into {DRIVERS} (driver_id, id, phone) values ('d1', 1, '1'), ('d1', 2, '2')")
    assert fates(door.load("drivers", text("driver_id,phone", "d1,2", "d2,3"))) == (1, 1, 0, 0)
    assert fates(door.load("drivers", text("driver_id,phone", "d2,3", "d1,2"))) == (0, 0, 2, 0)
    assert door.rows(f"select driver_id, id, phone from {DRIVERS} order by 2") == [
        ("d1", 1, "2"), ("d1", 2, "2"), ("d2", 3, "3")]


def test_updated_at_moves_only_for_payments_that_changed(door: Door) -> None:
    times = f"select id, created_at, updated_at from {PAYMENTS} order by id"
    door.load("payments", text(PAYMENT_HEADER, "1,2025-12-01,,,Ana,true,,,,", "2,2025-12-01,,,Eva,true,,,,"))
    before = door.rows(times)
    changed = text(PAYMENT_HEADER, "2,2025-12-01,,,Eva,true,true,,,", "1,2025-12-01,,,Ana,1,,,,")
    assert fates(door.load("payments", changed)) == (0, 1, 1, 0)
    after = door.rows(times)
    assert after[0] == before[0]
    assert after[1][1] == before[1][1] and after[1][2] > before[1][2]


def test_times_that_a_file_gives_are_taken_but_the_first_load_stays(door: Door) -> None:
    header = "driver_id,phone,created_at,updated_at"
    door.load("drivers", text(header, "d1,1,2025-01-01,2025-02-01", "d2,2,2025-01-01,2025-02-01"))
    later = text(header, "d1,9,2025-03-01,2025-04-01", "d2,2,2025-03-01,2025-04-01")
    assert fates(door.load("drivers", later)) == (0, 1, 1, 0)
    assert door.rows(f"""select phone, cast(cast(created_at as date) as text), cast(cast(updated_at as date) as text)
                         from {DRIVERS} order by driver_id""") == [
        ("9", "2025-01-01", "2025-04-01"), ("2", "2025-01-01", "2025-02-01")]


def test_an_amount_is_read_where_the_table_has_the_column(door: Door) -> None:
    content = text("id,date,driver,amount", "1,2025-12-01,Ana,35.50")
    assert door.load("payments", content).ignored_columns == ("amount",)
    door.run(f"alter table {PAYMENTS} add column amount numeric(12, 2)")
    assert door.load("payments", content).ignored_columns == ()
    assert door.rows(f"select cast(amount as text) from {PAYMENTS}") == [("35.50",)]


# --- against a plain model --------------------------------------------------------------------------------

TripRow = tuple[str, str, str]  # driver, day, count
Values = tuple[str, str]  # lead_created_at, first_name
DAYS, DATES = ["01-12-2025", "x", ""], ["2025-12-01", "2025-12-02", "", "z"]
TRIP_ROWS = st.tuples(st.sampled_from(["a", "b", ""]), st.sampled_from(DAYS), st.sampled_from(["0", "1", "-1", ""]))
LEAD_ROWS = st.tuples(st.sampled_from(["a", "b", "", " "]), st.sampled_from(DATES),
                      st.sampled_from(["Ana", "Eva", ""]))
KEYLESS = ("", "2025-12-01", "Ana")
MANY = tries(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def load_rows(door: Door, kind: str, header: str, number: int, rows: Sequence[tuple[str, ...]]) -> LoadResult:
    """Load rows as a file of their own: empty lines make its content new."""
    return door.load(kind, text(header, *map(",".join, rows), *[""] * number))


@MANY
@given(st.lists(st.lists(TRIP_ROWS, max_size=6), max_size=4))
@example([[("", "", "1"), ("a", "x", "")], [("a", "x", ""), ("a", "x", "")], [("", "", "1")]])
def test_trips_are_merged_as_a_plain_model_says(door: Door, files: list[list[TripRow]]) -> None:
    door.forget("trips")
    latest: dict[tuple[str, str], Counter[str]] = {}
    written = 0
    for number, rows in enumerate(files):
        days = by_day(row for row in rows if any(row))
        expected = Counter[str]()
        for day, counts in days.items():
            fate = "new" if day not in latest else "unchanged" if latest[day] == counts else "changed"
            expected[fate] += counts.total()
        latest |= days
        written += expected["new"] + expected["changed"]
        expected["rejected"] = rows.count(("", "", ""))
        result = load_rows(door, "trips", "driver_id,date_file,count_orders_completed", number, rows)
        assert fates(result) == tuple(expected[fate] for fate in ("new", "changed", "unchanged", "rejected"))
    assert door.rows(f"select count(*) from {TRIPS}") == [(written,)]
    assert latest == standing(door)


def by_day(rows: Iterable[TripRow]) -> dict[tuple[str, str], Counter[str]]:
    """Rows as counts per driver-day, each as often as it occurs."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for driver, day, count in rows:
        found.setdefault((driver, day), Counter())[count] += 1
    return found


def standing(door: Door) -> dict[tuple[str, str], Counter[str]]:
    """The latest load of each driver-day (D-17), read back from the table."""
    return by_day(door.rows(f"""
        select
            coalesce(driver_id, ''), coalesce(date_file, ''), coalesce(cast(count_orders_completed as text), '')
        from (
            select *, rank() over (partition by driver_id, date_file order by created_at desc) as age
            from {TRIPS}
        ) as t
        where age = 1"""))


@MANY
@given(st.lists(st.lists(LEAD_ROWS, max_size=6), max_size=4))
@example([[KEYLESS] * 2, [KEYLESS] * 3, [("a", "z", ""), ("a", "", ""), ("a", "", "")]])
def test_leads_are_merged_as_a_plain_model_says(door: Door, files: list[list[tuple[str, str, str]]]) -> None:
    door.forget("leads")
    known: dict[str, Values] = {}
    keyless = Counter[Values]()
    for number, rows in enumerate(files):
        seen, taken = set[str](), Counter[Values]()
        expected = Counter(lead_fate(key, (day, name), known, keyless, seen, taken)
                           for key, day, name in rows)
        keyless |= taken
        result = load_rows(door, "leads", "external_id,lead_created_at,first_name", number, rows)
        assert fates(result) == tuple(expected[fate] for fate in ("new", "changed", "unchanged", "rejected"))
    stored = door.rows(f"""
        select coalesce(external_id, ''), coalesce(left(cast(lead_created_at as text), 10), ''),
            coalesce(first_name, '')
        from {LEADS}""")
    assert Counter(stored) == Counter([(key, *values) for key, values in known.items()]
                                      + [("", *values) for values in keyless.elements()])


def lead_fate(key: str, values: Values, known: dict[str, Values], keyless: Counter[Values], seen: set[str],
              taken: Counter[Values]) -> str:
    """What becomes of one row; `seen` and `taken` are the keys and keyless rows of its file so far."""
    if values[0] == "z" or not (key.strip() or any(values)) or key in seen:
        return "rejected"
    if not key.strip():
        taken[values] += 1
        return "unchanged" if taken[values] <= keyless[values] else "new"
    seen.add(key)
    if key not in known:
        known[key] = values
        return "new"
    (day, name), (known_day, known_name) = values, known[key]
    if day and known_day and day != known_day:
        return "rejected"
    known[key] = (day or known_day, name or known_name)
    return "unchanged" if known[key] == (known_day, known_name) else "changed"
