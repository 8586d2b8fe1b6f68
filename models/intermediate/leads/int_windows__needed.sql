-- The (driver, window) pairs that some due lead needs: of every driver of its person, so that trips on the other drivers can be seen (D-3).
with leads as (
    select resolved.*
    from {{ ref('int_leads__due') }} as due
    inner join {{ ref('int_leads__resolved') }} as resolved on resolved.lead_id = due.lead_id
    where resolved.person_key is not null
),

persons_drivers as (
    select * from {{ ref('int_persons__drivers') }}
),

int_windows__needed as (
    select distinct
        persons_drivers.driver_id,
        leads.lead_date as window_start,
        leads.window_end
    from leads
    inner join persons_drivers on persons_drivers.person_key = leads.person_key
)

select * from int_windows__needed
