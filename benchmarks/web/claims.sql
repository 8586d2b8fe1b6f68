-- Three in five of the missing claims are raised, as a night with a limit would; the rest stays the gap that is measured.
insert into canon.claims_yango_cabinet_14d
    (person_key, driver_id, lead_source_pk, lead_date, milestone, amount_expected, status, expected_at, generated_at)
select person_key, driver_id, lead_source_pk, lead_date, milestone_value, expected_amount, 'generated', now(), now()
from ops.v_cabinet_claims_gap_14d
where lead_id % 5 < 3;
