-- The drivers of each person; the most recently linked is the person's driver, ties by the highest link id (D-3). A table, read once per build:
-- links may change while a build is at work, and all of it must see the same ones.
{{ config(materialized='table') }}

with links as (
    select *
    from {{ ref('stg_canon__identity_links') }}
    where is_current and source_table = 'drivers' and source_pk is not null
),

int_persons__drivers as (
    select
        person_key,
        source_pk as driver_id,
        cast(count(*) over (partition by person_key) as integer) as driver_count,
        row_number() over (partition by person_key order by linked_at desc, link_id desc) = 1 as is_current_driver
    from links
)

select * from int_persons__drivers
