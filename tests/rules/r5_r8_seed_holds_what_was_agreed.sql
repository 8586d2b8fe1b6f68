-- R5, R8: for a lead of 3 November 2025 the agreement is 14 days and 25, 35 and 100 PEN. A new price is a new row with its own dates; a
-- changed old row would rewrite the past (R22).
with agreed as (
    select 1 as milestone, 25.00 as amount, 14 as window_days
    union all
    select 5, 35.00, 14
    union all
    select 25, 100.00, 14
),

valid as (
    select milestone, amount, window_days
    from {{ ref('milestones') }}
    where (valid_from is null or valid_from <= cast('2025-11-03' as date))
        and (valid_to is null or valid_to >= cast('2025-11-03' as date))
        and trips = milestone and currency = 'PEN'
)

select agreed.milestone, valid.amount, valid.window_days
from agreed
full join valid
    on valid.milestone = agreed.milestone
    and valid.amount = agreed.amount
    and valid.window_days = agreed.window_days
where agreed.milestone is null or valid.milestone is null
