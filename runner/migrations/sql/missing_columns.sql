-- Columns that our models read or our jobs write and that an existing table lacks (a missing table is no fault: we create it).
with required (relation, column_names) as (
    values
    (
        'public.module_ct_cabinet_leads',
        'id external_id lead_created_at first_name middle_name last_name park_phone asset_plate_number'
    ),
    ('public.summary_daily', 'driver_id date_file count_orders_completed sum_work_time_seconds created_at'),
    (
        'public.drivers',
        'driver_id park_id first_name middle_name last_name full_name phone hire_date fire_date car_number license_number'
    ),
    ('public.module_ct_cabinet_payments', 'id date driver trip_1 trip_5 trip_25 driver_id person_key'),
    (
        'canon.identity_registry',
        'person_key created_at updated_at confidence_level primary_phone primary_document primary_license'
        || ' primary_full_name flags'
    ),
    (
        'canon.identity_links',
        'id person_key source_table source_pk snapshot_date match_rule match_score confidence_level evidence'
        || ' linked_at run_id'
    ),
    (
        'canon.identity_unmatched',
        'id source_table source_pk snapshot_date reason_code details candidates_preview status created_at'
        || ' resolved_at run_id'
    ),
    (
        'canon.claims_yango_cabinet_14d',
        'claim_id person_key driver_id lead_source_pk lead_date milestone amount_expected status expected_at'
        || ' generated_at paid_at reason created_at updated_at'
    )
)

select
    required.relation,
    string_agg(wanted.column_name, ', ' order by wanted.position) as missing
from required
cross join lateral
    unnest(string_to_array(required.column_names, ' ')) with ordinality as wanted (column_name, position)
where
    to_regclass(required.relation) is not null
    and not exists (
        select 1
        from pg_attribute as present
        where
            present.attrelid = to_regclass(required.relation)
            and present.attname = wanted.column_name
    )
group by required.relation
order by required.relation
