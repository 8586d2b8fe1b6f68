with source as (
    select * from {{ source('canon', 'identity_links') }}
),

-- One source row has one link by the table's unique key; an adopted table may lack it. The latest link stands, then the highest id (R9).
stg_canon__identity_links as (
    select
        id as link_id,
        person_key,
        source_table,
        {{ blank_to_null('source_pk') }} as source_pk,
        match_rule,
        linked_at,
        row_number() over (partition by source_table, source_pk order by linked_at desc, id desc) = 1 as is_current
    from source
)

select * from stg_canon__identity_links
