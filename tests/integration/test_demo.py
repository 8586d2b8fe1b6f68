"""Loading the sample: the same door as real files, canon filled once and whole, and a second time changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import demo
from runner.database import Server
from runner.errors import DatabaseAway
from runner.settings import Settings
from tests.door import TABLES, Door, conserved, fates

CANON = ("canon.identity_registry", "canon.identity_links", "canon.claims_yango_cabinet_14d")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> demo.DemoFiles:
    return demo.write(tmp_path_factory.mktemp("sample"))


@pytest.fixture
def door(migrated_database: Server, settings: Settings, tmp_path: Path) -> Door:
    return Door(migrated_database, settings, tmp_path)


def lines(path: Path) -> int:
    """Rows of a file without line breaks in values."""
    return path.read_text(encoding="utf-8").count("\n") - 1


def counts(door: Door, *tables: str) -> list[int]:
    return [door.rows(f"select count(*) from {table}")[0][0] for table in tables]


def test_all_rows_come_in_but_the_two_that_must_be_rejected(door: Door, files: demo.DemoFiles) -> None:
    told: list[int] = []
    loaded = demo.load_into(door.where, door.settings, files, run_id=5, progress=told.append)
    for kind, result in loaded.results.items():
        rejected = 2 if kind == "leads" else 0
        total = lines(getattr(files, kind))
        assert fates(conserved(result)) == (total - rejected, 0, 0, rejected)
        assert counts(door, TABLES[kind]) == [total - rejected]
        assert result.ignored_columns == ()
    assert [reject.reason for reject in loaded.results["leads"].rejects] == ["BAD_TIMESTAMP", "TOO_MANY_COLUMNS"]
    assert door.rows("select distinct run_id from ops.loaded_files") == [(5,)]
    assert told == sorted(told) and told[-1] == sum(result.total for result in loaded.results.values())


def test_canon_holds_what_the_earlier_system_left(door: Door, files: demo.DemoFiles) -> None:
    loaded = demo.load_into(door.where, door.settings, files)
    assert counts(door, *CANON) == [loaded.persons, loaded.links, loaded.claims]
    assert (loaded.links, loaded.claims) == (lines(files.identity), lines(files.claims))
    assert door.rows("""select count(*) from canon.identity_registry where person_key not in
                        (select person_key from canon.identity_links)""") == [(0,)]
    assert door.rows("""select status, count(*) filter (where (paid_at is not null) <> (status = 'paid')) from
                        canon.claims_yango_cabinet_14d group by 1 order by 1""") == [
        ("expected", 0), ("generated", 0), ("paid", 0), ("rejected", 0), ("expired", 0)]
    linked = """select count(*) from canon.identity_links where source_table = '{}' and source_pk not in
                (select {} from public.{})"""
    assert door.rows(linked.format("drivers", "driver_id", "drivers")) == [(0,)]
    assert door.rows(linked.format("module_ct_cabinet_leads", "coalesce(external_id, '')", "module_ct_cabinet_leads")
                     ) == [(0,)]


def test_one_lead_carries_the_id_of_another_as_its_key(door: Door, files: demo.DemoFiles) -> None:
    demo.load_into(door.where, door.settings, files)
    assert door.rows(f"""select count(*) from {TABLES['leads']} as a inner join {TABLES['leads']} as b
                         on b.external_id = cast(a.id as text) and a.external_id is null""") == [(1,)]


def test_a_second_time_changes_nothing(door: Door, files: demo.DemoFiles) -> None:
    demo.load_into(door.where, door.settings, files)
    before = [door.content(kind) for kind in TABLES], counts(door, *CANON)
    again = demo.load_into(door.where, door.settings, files)
    assert ([door.content(kind) for kind in TABLES], counts(door, *CANON)) == before
    assert all(result.new == result.changed == 0 for result in map(conserved, again.results.values()))
    assert (again.persons, again.links, again.claims) == (0, 0, 0)


def test_canon_is_left_alone_when_it_holds_anything(door: Door, files: demo.DemoFiles) -> None:
    door.run("""insert into canon.identity_registry (person_key, confidence_level)
                values ('00000000-0000-0000-0000-000000000001', 'LOW')""")
    loaded = demo.load_into(door.where, door.settings, files)
    assert (loaded.persons, loaded.links, loaded.claims) == (0, 0, 0)
    assert counts(door, *CANON) == [1, 0, 0]


def test_canon_is_filled_whole_or_not_at_all(door: Door, files: demo.DemoFiles) -> None:
    door.run("""
        create function public.full() returns trigger language plpgsql as $$
        begin
            raise exception 'full' using errcode = '53100';
        end $$;
        create trigger full_disk before insert on canon.claims_yango_cabinet_14d
        for each row when (new.milestone = 25) execute function public.full()""")
    with pytest.raises(DatabaseAway, match="disk is full"):
        demo.load_into(door.where, door.settings, files)
    assert counts(door, *CANON) == [0, 0, 0]
    door.run("drop trigger full_disk on canon.claims_yango_cabinet_14d")
    assert demo.load_into(door.where, door.settings, files).claims == lines(files.claims)


@pytest.mark.parametrize("leads", [1, 3_000])
def test_other_sizes_load_too(door: Door, tmp_path: Path, leads: int) -> None:
    loaded = demo.load_into(door.where, door.settings, demo.write(tmp_path, leads))
    assert loaded.results["leads"].new == max(leads, 31) + 3
