-- D-22: no driver is linked for leads of two persons, and none that is linked is given to another. Without it, one driver's trips are billed for two people.
with decisions as (
    select * from {{ ref('int_identity__decisions') }} where outcome in ('LINK_LEAD', 'LINK_DRIVER')
),

kept as (
    select distinct lead_id, driver_id, person_key from {{ ref('int_identity__candidates') }} where is_kept
),

given as (
    select kept.driver_id, decisions.person_key
    from decisions
    inner join kept on kept.lead_id = decisions.lead_id
    union
    select driver_id, person_key from kept where person_key is not null
)

select
    driver_id,
    count(distinct person_key) as persons
from given
group by driver_id
having count(distinct person_key) > 1
