-- The leads as this build read them, excluded ones too. A table: leads may come in while a build is at work, and are the next one's.
{{ config(materialized='table') }}

with leads as (
    select * from {{ ref('stg_cabinet__leads') }}
),

int_leads__read as (
    select * from leads
)

select * from int_leads__read
