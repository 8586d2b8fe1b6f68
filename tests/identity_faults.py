"""Keeps worlds away from where the models are known to differ from docs/identity.md, so that all the rest is compared.

Each fault has its own small world in tests/integration/test_identity_faults.py, marked as expected to fail: once the
models are mended that test says so, and the fault is taken out of KNOWN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.oracle_identity_names import one_slip
from tests.oracle_identity_pairs import Form, IdentityWorld
from tests.oracle_identity_rules import Known

Fault = Callable[[Known, int], bool]


def surname_exception_without_a_key(known: Known, lead_id: int) -> bool:
    """Only given names agree, one key is the same and the other is not known: AGREED by a comparison with null."""
    lead = known.leads[lead_id]
    for driver in known.index.beside(lead):
        names = known.names.compare(lead.name, driver.name)
        phones, plates = {lead.phone, driver.phone}, {lead.plate, driver.plate}
        if names.is_surname_contradicted and names.has_given and not names.is_contradicted and (
            (None in phones and (None in plates or len(plates) == 1)) or (None in plates and len(phones) == 1)):
            return True
    return False


def swap_across_thirds(known: Known, lead_id: int) -> bool:
    """Neighbours that changed places at the border of two thirds of a key, and nothing else that makes the pair."""
    lead = known.leads[lead_id]
    return any(not _is_found(lead, driver) for driver in known.index.beside(lead))


def _is_found(lead: Form, driver: Form) -> bool:
    """Whether a key is the same, or all of its difference is within one third."""
    keys = ((lead.phone, driver.phone, 3), (lead.shape, driver.shape, 2))
    found = lead.name.parts == driver.name.parts and len(lead.name.parts) >= 3
    for left, right, size in keys:
        if left and right and (left == right or len(left) == len(right) == size * 3):
            differing = {place // size for place in range(len(left)) if left[place] != right[place]}
            found = found or len(differing) <= 1
    return found


def swap_late_in_a_long_plate(known: Known, lead_id: int) -> bool:
    """Neighbours that changed places from the ninth sign on, which only plates of ten signs and more have."""
    lead = known.leads[lead_id]
    return any(lead.shape and driver.shape and one_slip(lead.shape, driver.shape) and lead.shape[:8] == driver.shape[:8]
               and len(lead.shape) > 9 for driver in known.index.beside(lead))


def ignored_row_behind_a_fallen_accept(known: Known, lead_id: int) -> bool:
    """An IGNORED row, and an accept that a later decision or a vanished driver has taken away."""
    last = known.last_of_lead(lead_id)
    return (known.keys[lead_id] in known.ignored_rows and last is not None and last.verdict == "ACCEPT"
            and known.accepted(lead_id) is None)


BLANK = dict.fromkeys(("first_name", "middle_name", "last_name", "park_phone", "asset_plate_number"))
KNOWN: tuple[Fault, ...] = (surname_exception_without_a_key, swap_across_thirds, swap_late_in_a_long_plate,
                            ignored_row_behind_a_fallen_accept)


def tamed(world: IdentityWorld, faults: tuple[Fault, ...] = KNOWN) -> IdentityWorld:
    """The world with nothing to match in the leads that a known fault concerns; rows that mean it are taken away."""
    known = Known(world, "")
    faulty = {lead.id for lead in world.leads if any(fault(known, lead.id) for fault in faults)}
    keys = {known.keys[lead_id] for lead_id in faulty}
    return replace(
        world,
        leads=tuple(replace(lead, **BLANK) if lead.id in faulty else lead for lead in world.leads),
        unmatched=tuple(row for row in world.unmatched if row.source_pk not in keys),
    )
