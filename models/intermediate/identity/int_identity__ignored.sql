-- Unsettled leads that a person said to leave alone, here or in the unmatched rows of before, and that nobody accepted a driver for.
with unsettled as (
    select * from {{ ref('int_identity__unsettled') }}
),

decisions as (
    select * from {{ ref('stg_canon__identity_decisions') }}
),

drivers as (
    select * from {{ ref('int_identity__drivers') }} where row_hash is not null
),

asked as (
    select lead_source_pk from decisions where is_latest_of_lead and verdict = 'IGNORE'
    union
    select source_pk as lead_source_pk
    from {{ ref('stg_canon__identity_unmatched') }} as unmatched
    where unmatched.source_table = 'module_ct_cabinet_leads' and unmatched.unmatched_status = 'IGNORED'
),

-- An accept stands while it is the latest word about the lead and about its driver, and the driver exists.
accepted as (
    select decisions.lead_source_pk
    from decisions
    inner join drivers on drivers.driver_id = decisions.driver_id
    where decisions.is_latest_of_lead and decisions.is_latest_of_pair and decisions.verdict = 'ACCEPT'
),

int_identity__ignored as (
    select unsettled.lead_id
    from unsettled
    inner join asked on asked.lead_source_pk = unsettled.lead_source_pk
    where not exists (select 1 from accepted where accepted.lead_source_pk = unsettled.lead_source_pk)
)

select * from int_identity__ignored
