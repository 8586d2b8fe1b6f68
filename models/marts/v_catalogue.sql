-- The words of codes, for who may read ops alone.
with catalogue as (
    select * from {{ ref('catalogue') }}
),

v_catalogue as (
    select
        kind,
        code,
        label_es,
        label_en,
        detail_es,
        detail_en,
        action_es,
        action_en
    from catalogue
)

select * from v_catalogue
