-- The links of each lead's person: the lead's own and those of its drivers, as they stand at this moment. Read from the table and not from
-- staging, so that one lead's links are found by index.
with lead_rows as not materialized (
    select * from {{ ref('int_states__lead_rows') }} as states where {{ is_live('states') }}
),

leads as (
    select * from {{ ref('int_states__leads') }} as states where {{ is_live('states') }}
),

links as not materialized (
    select * from {{ source('canon', 'identity_links') }}
),

of_lead as (
    select lead_rows.lead_id, 'LEAD' as link_of, links.*
    from lead_rows
    inner join links on links.source_table = 'module_ct_cabinet_leads' and links.source_pk = lead_rows.lead_source_pk
    union all
    select lead_rows.lead_id, 'DRIVER', drivers.*
    from lead_rows
    inner join links on links.source_table = 'module_ct_cabinet_leads' and links.source_pk = lead_rows.lead_source_pk
    inner join links as drivers on drivers.person_key = links.person_key and drivers.source_table = 'drivers'
),

v_lead_trace_links as (
    select
        of_lead.lead_id,
        of_lead.link_of,
        of_lead.id as link_id,
        of_lead.person_key,
        cast(of_lead.source_pk as text) as source_pk,
        cast(of_lead.match_rule as text) as match_rule,
        of_lead.match_score,
        cast(of_lead.confidence_level as text) as confidence_level,
        of_lead.linked_at,
        of_lead.evidence ->> 'driver_id' as evidence_driver_id,
        of_lead.evidence ->> 'linked_from' as linked_from,
        of_lead.evidence ->> 'phone' as phone_level,
        of_lead.evidence ->> 'plate' as plate_level,
        of_lead.evidence ->> 'name' as name_level,
        of_lead.evidence ->> 'score' as score,
        coalesce(of_lead.evidence ->> 'run_id', cast(of_lead.run_id as text)) as linked_by_run,
        cast(of_lead.evidence as text) as evidence,
        -- What the run saw: a link made or taken back since is told apart.
        coalesce(leads.person_key = of_lead.person_key, false) as is_persons_of_run,
        of_lead.link_of = 'DRIVER' and coalesce(leads.driver_id = of_lead.source_pk, false) as is_driver_of_run
    from of_lead
    left join leads on leads.lead_id = of_lead.lead_id
)

select * from v_lead_trace_links
