-- Pairs that a person should look at: points between the two cuts, or several drivers that fit, with what would settle it.
with decisions as (
    select * from {{ ref('int_identity__decisions') }} where is_suggestion
),

candidates as (
    select *
    from {{ ref('int_identity__candidates') }}
    where rule = 'SCORE' and (is_kept or drop_reason in ('BELOW_CUT', 'NAME_ONLY'))
),

judged as (
    select
        decisions.lead_id,
        decisions.lead_source_pk,
        decisions.lead_date,
        decisions.reason_code,
        candidates.driver_id,
        cast(row_number() over (partition by decisions.lead_id order by candidates.score desc, candidates.driver_id asc) as integer) as place,
        decisions.suggested_drivers as drivers,
        candidates.person_key,
        candidates.park_id,
        candidates.score,
        candidates.phone_level,
        candidates.plate_level,
        candidates.parts_same,
        candidates.parts_near,
        candidates.name_similarity,
        candidates.hired_after_days,
        candidates.phone_points,
        candidates.plate_points,
        candidates.name_points,
        candidates.model_points,
        candidates.date_points,
        case
            when decisions.suggested_drivers > 1 then 'CHOOSE_ONE'
            when decisions.reason_code = 'NAME_CONTRADICTION' then 'ASK_WHOSE_PHONE'
            when candidates.drop_reason = 'NAME_ONLY' then 'ASK_PHONE_OR_PLATE'
            else 'CONFIRM_DOCUMENT'
        end as settle_code
    from decisions
    inner join candidates on candidates.lead_id = decisions.lead_id
),

catalogue as (
    select * from {{ ref('catalogue') }} where kind = 'settle'
),

int_identity__suggestions as (
    select
        judged.*,
        catalogue.{{ in_language('action') }} as what_would_settle_it
    from judged
    left join catalogue on catalogue.code = judged.settle_code
)

select * from int_identity__suggestions
