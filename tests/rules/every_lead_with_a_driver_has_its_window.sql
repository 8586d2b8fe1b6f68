-- R6: the trips of every lead with a driver were counted for exactly its window and this run's as-of date. A window that was not counted would
-- read as no trips, and the lead would never be claimed.
-- depends_on: {{ ref('int_leads__moved') }}, {{ ref('int_leads__resolved') }}, {{ ref('int_windows__trips') }}
select leads.lead_id, leads.driver_id, leads.lead_date
from {{ ref('int_leads__resolved') }} as leads
{% if partial() %}inner join {{ ref('int_leads__moved') }} as moved on moved.lead_id = leads.lead_id{% endif %}
left join {{ ref('int_windows__trips') }} as windows
    on windows.driver_id = leads.driver_id
    and windows.window_start = leads.lead_date
    and windows.window_end = leads.window_end
where leads.driver_id is not null and windows.driver_id is null
