-- What would have to be true for a lead without person or driver, or outside the funnel, to move on.
with lead_rows as not materialized (
    select * from {{ ref('int_states__lead_rows') }} as states where {{ is_live('states') }}
),

leads as (
    select * from {{ ref('int_states__leads') }} as states where {{ is_live('states') }}
),

decisions as (
    select * from {{ ref('int_states__identity') }} as states where {{ is_live('states') }}
),

suggestions as (
    select * from {{ ref('int_states__identity_suggestions') }} as states where states.place = 1 and {{ is_live('states') }}
),

-- The dropped hit that is worth a look, where no points suggest one.
hits as (
    select
        states.*,
        row_number() over (
            partition by states.lead_id
            order by
                states.is_kept desc,
                states.drop_reason = 'NAME_CONTRADICTION' desc,
                states.score desc nulls last,
                states.driver_id asc,
                states.rule asc
        ) as hit_place
    from {{ ref('int_states__identity_candidates') }} as states
    where states.drop_reason is distinct from 'REJECTED_BY_PERSON' and {{ is_live('states') }}
),

judged as (
    select
        decisions.lead_id,
        decisions.outcome,
        decisions.reason_code,
        decisions.lead_person_key,
        decisions.other_person_key,
        decisions.match_rule,
        suggestions.settle_code,
        decisions.suggested_drivers,
        case
            when decisions.outcome in ('LINK_LEAD', 'LINK_DRIVER', 'IDENTITY_CONFLICT') then decisions.driver_id
            when decisions.outcome <> 'IGNORED' then coalesce(suggestions.driver_id, hits.driver_id)
        end as driver_id,
        case when suggestions.driver_id is not null then suggestions.person_key else hits.person_key end as person_of_driver,
        coalesce(suggestions.score, hits.score) as score,
        concat_ws(
            ',',
            case when lead_rows.phone_key is null then 'PHONE' end,
            case when lead_rows.plate_key is null then 'PLATE' end,
            case when lead_rows.name_key is null then 'NAME' end
        ) as missing_keys
    from decisions
    inner join leads on leads.lead_id = decisions.lead_id
    inner join lead_rows on lead_rows.lead_id = decisions.lead_id
    left join suggestions on suggestions.lead_id = decisions.lead_id
    left join hits on hits.lead_id = decisions.lead_id and hits.hit_place = 1
),

int_trace__identity_moves as (
    select
        lead_id,
        case exclusion_reason when 'FUTURE_LEAD_DATE' then 'DATE_WILL_COME' else 'DATE_IS_MISSING' end as move_code,
        case exclusion_reason when 'FUTURE_LEAD_DATE' then 'NOBODY' else 'SOURCE' end as mover,
        cast(null as text) as driver_id,
        cast(null as text) as match_rule,
        cast(null as integer) as score,
        cast(null as integer) as drivers,
        cast(null as text) as other_key,
        cast(null as text) as missing_keys,
        cast(null as text) as detail_code,
        lead_date as last_day
    from lead_rows
    where exclusion_reason is not null
    union all
    select
        lead_id,
        case
            when outcome = 'LINK_LEAD' then 'JOB_LINKS_LEAD'
            when outcome = 'LINK_DRIVER' then 'JOB_LINKS_DRIVER'
            when outcome = 'IGNORED' then 'ACCEPT_REVIVES'
            when outcome = 'IDENTITY_CONFLICT' then 'UNLINK_ONE'
            when driver_id is null then 'DRIVER_MUST_APPEAR'
            when lead_person_key is not null and person_of_driver <> lead_person_key then 'UNLINK_THEN_ACCEPT'
            when suggested_drivers > 1 or outcome = 'AMBIGUOUS' then 'CHOOSE_DRIVER'
            when reason_code = 'NAME_CONTRADICTION' then 'ASK_WHOSE_PHONE'
            else 'ACCEPT_OR_REJECT'
        end,
        case
            when outcome in ('LINK_LEAD', 'LINK_DRIVER') then 'JOB'
            when outcome not in ('IGNORED', 'IDENTITY_CONFLICT') and driver_id is null then 'SOURCE'
            else 'PERSON'
        end,
        driver_id,
        match_rule,
        case when driver_id is not null then score end,
        cast(suggested_drivers as integer),
        cast(coalesce(other_person_key, case when lead_person_key is not null then person_of_driver end) as text),
        nullif(missing_keys, ''),
        case when outcome in ('UNMATCHED', 'AMBIGUOUS') then settle_code end,
        cast(null as date)
    from judged
)

select * from int_trace__identity_moves
