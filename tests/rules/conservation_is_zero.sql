-- The sum that is always zero: leads, expected, live, claims, payments, weeks, drivers and stages each equal their parts, to the cent.
-- Without this, money could be paid twice, lost between two relations, or shown in a total and in no row.
select check_code, term, side, unit, value, difference
from {{ ref('int_collection__conservation') }} as states
where {{ is_candidate('states') }} and difference <> 0
