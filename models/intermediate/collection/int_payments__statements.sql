-- "Paid Mn", one row per payment row and milestone that says so or ever said so. Its latest paid version speaks for it; what no longer says
-- so, or whose row is gone, is reversed. Paid, taken back, paid again is paid (F34).
with versions as (
    select * from {{ ref('int_payments__versions') }}
),

milestones as (
    select * from {{ ref('milestones') }}
),

paid_versions as (
    {% for milestone in [1, 5, 25] %}
    select
        payment_id, driver_id, person_key, driver_name, scout_id, payment_amount, pay_date, valid_from_run, valid_to_run,
        {{ milestone }} as milestone
    from versions
    where paid_m{{ milestone }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

priced as (
    select
        paid_versions.*,
        coalesce(milestones.amount, 0) as list_price,
        row_number() over (
            partition by paid_versions.payment_id, paid_versions.milestone order by paid_versions.valid_from_run desc
        ) as age
    from paid_versions
    left join milestones
        on milestones.milestone = paid_versions.milestone
        and (milestones.valid_from is null or coalesce(paid_versions.pay_date, {{ as_of_date() }}) >= milestones.valid_from)
        and (milestones.valid_to is null or coalesce(paid_versions.pay_date, {{ as_of_date() }}) <= milestones.valid_to)
),

-- D-9: an amount that the row gives fills its milestones in their order, each up to its price; the last takes the rest.
shared as (
    select
        priced.*,
        payment_amount - coalesce(sum(list_price) over (
            partition by payment_id, valid_from_run order by milestone rows between unbounded preceding and 1 preceding
        ), 0) as left_amount,
        milestone = max(milestone) over (partition by payment_id, valid_from_run) as is_last
    from priced
),

rows_now as (
    select payment_id from versions as states where {{ is_candidate('states') }}
),

int_payments__statements as (
    select
        shared.payment_id,
        shared.milestone,
        {{ is_candidate('shared') }} as is_paid,
        case
            when {{ is_candidate('shared') }} then null
            when rows_now.payment_id is null then 'ROW_DELETED'
            else 'STATEMENT_WITHDRAWN'
        end as reversal_cause,
        shared.driver_id,
        shared.person_key,
        shared.driver_name,
        shared.scout_id,
        shared.list_price,
        cast(case
            when shared.payment_amount is null then null
            when shared.is_last then greatest(shared.left_amount, 0)
            else greatest(least(shared.left_amount, shared.list_price), 0)
        end as numeric(12, 2)) as stated_amount,
        shared.pay_date
    from shared
    left join rows_now on rows_now.payment_id = shared.payment_id
    where shared.age = 1
)

select * from int_payments__statements
