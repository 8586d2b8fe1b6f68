-- Every label, sentence and next step by kind and code, in Spanish and English (D-13): what readers show for the codes of the relations.
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
