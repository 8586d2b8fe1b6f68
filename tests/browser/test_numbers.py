"""Every number on the page equals the API, and equals SQL that shares nothing with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.browser.conftest import Site
from tests.browser.reading import cards, day, facts, follow, number, table

Open = Callable[..., Any]
STAGES = ("NO_IDENTITY", "NO_DRIVER", "NO_TRIPS_14D", "TRIPS_NO_CLAIM", "OK")
REASONS = ("CLAIM_NOT_GENERATED", "OK", "NO_IDENTITY", "NO_DRIVER", "INSUFFICIENT_TRIPS", "DUPLICATE_LEAD",
           "CLAIM_REJECTED", "CLAIM_EXPIRED")
SUMMARY = """
select count(*), count(*) filter (where amount_due_yango > 0), count(*) filter (where reached_m1_14d),
    count(*) filter (where reached_m5_14d), count(*) filter (where reached_m25_14d), sum(amount_due_yango)
from ops.v_cabinet_financial_14d
"""


def numbers(texts: list[str]) -> list[Decimal | None]:
    return [number(text) for text in texts]


def test_summary_cards(site: Site, open_page: Open) -> None:
    page = open_page(site.page())
    gap, funnel = cards(page, "#first-gap"), site.api("cabinet-financial-14d/funnel-gap")
    [(leads, without, claims)] = site.sql("""
        select count(*), count(*) filter (where person_key is null and not claimed), count(*) filter (where claimed)
        from (
            select person_key, has_claim_m1 or has_claim_m5 or has_claim_m25 as claimed from ops.v_cabinet_leads_limbo
        ) as l""")
    assert numbers([gap["Total de leads"], gap["Sin identidad ni claims"], gap["Con identidad y claims"]]) == [
        leads, without, claims] == [funnel["total_leads"], funnel["leads_without_both"], funnel["leads_with_claims"]]
    money = cards(page, "#money")
    total = site.api("cabinet-financial-14d", limit=1)["summary_total"]
    [(due, expected, paid)] = site.sql("""
        select sum(amount_due_yango), sum(expected_total_yango), sum(total_paid_yango)
        from ops.v_cabinet_financial_14d""")
    shown = numbers([money["Total deuda Yango"], money["Total esperado"], money["Total pagado"]])
    assert shown == [due, expected, paid] == [
        Decimal(total[name]) for name in ("total_debt_yango", "total_expected_yango", "total_paid_yango")]
    assert number(money["% cobranza"]) == round(100 * paid / expected, 2) > 0
    scouts = cards(page, "#scouts")
    [(with_scout, drivers)] = site.sql("select count(scout_id), count(*) from ops.v_cabinet_financial_14d")
    assert numbers([scouts["Con scout"], scouts["Sin scout"]]) == [with_scout, drivers - with_scout]


def test_filtered_beside_unfiltered(site: Site, open_page: Open) -> None:
    week = date(2025, 12, 15)
    page = open_page(site.page(week_start=week, reached_milestone="m5"))
    names = ["Conductores", "Con deuda", "M1", "M5", "M25", "Deuda"]
    filtered, total = facts(page, "#filtered"), facts(page, "#unfiltered")
    assert numbers([total[name] for name in names]) == list(site.sql(SUMMARY)[0])
    condition = "where week_start = %s and reached_m5_14d and not reached_m25_14d and amount_due_yango > 0"
    assert numbers([filtered[name] for name in names]) == list(site.sql(SUMMARY + condition, week)[0])
    assert number(filtered["Conductores"]) != number(total["Conductores"])
    # What Conductores shows with the same address is what was summed.
    follow(page.get_by_role("link", name="cambiar filtros"))
    assert len(table(page, "#drivers")) == number(filtered["Conductores"])


def test_weeks(site: Site, open_page: Open) -> None:
    page = open_page(site.page(tab="kpis"))
    shown = [[day(row[0]), *numbers(row[1:10])] for row in table(page, "#weeks")]
    assert shown == [list(row) for row in site.sql("""
        select week_start, count(*), count(scout_id), round(100.0 * count(scout_id) / count(*), 2),
            sum(amount_due_yango), sum(cast(reached_m1_14d as integer)), sum(cast(reached_m5_14d as integer)),
            sum(cast(reached_m25_14d as integer)), sum(total_paid_yango), sum(greatest(amount_due_yango, 0))
        from ops.v_cabinet_financial_14d group by 1 order by 1 desc""")]
    weeks = site.api("yango/cabinet/cobranza-yango/weekly-kpis")["weeks"]
    assert [[str(row[0]), f"{row[4]:.2f}", f"{row[8]:.2f}"] for row in shown] == [
        [week["week_start"], week["debt_sum"], week["paid_sum"]] for week in weeks]
    follow(page.get_by_role("link", name="Filtrar").nth(2))
    assert page.locator("#f-week_start").input_value() == str(shown[2][0])


def test_drivers(site: Site, open_page: Open) -> None:
    page = open_page(site.page(tab="conductores", only_with_debt="false"))
    rows = []
    while True:
        rows += table(page, "#drivers")
        if not page.get_by_role("link", name="Siguiente").count():
            break
        follow(page.get_by_role("link", name="Siguiente"))
    api = site.api("cabinet-financial-14d", limit=1000)
    assert len(rows) == len(api["data"]) == api["meta"]["total"] > 100
    for row, driver in zip(rows, api["data"], strict=True):
        assert driver["driver_id"] in row[0] and driver["driver_name"] in row[0]
        assert str(day(row[1].removesuffix(driver["iso_week"]).strip())) == driver["lead_date"]
        assert (row[2] == "No") is (not driver["connected_flag"])
        assert numbers([row[3], *row[6:9]]) == [driver["total_trips_14d"], *(
            Decimal(driver[name]) for name in ("expected_total_yango", "total_paid_yango", "amount_due_yango"))]
        assert row[9] == claim_words(driver)
    sums = site.sql("""select sum(expected_total_yango), sum(total_paid_yango), sum(amount_due_yango)
        from ops.v_cabinet_financial_14d""")[0]
    [foot] = table(page, "#drivers", "tfoot")
    assert numbers(foot[1:4]) == list(sums)


def claim_words(driver: dict[str, Any]) -> str:
    words = [f"M{m} " + ("Pagado" if driver[f"claim_m{m}_paid"] else
                         "Pendiente" if driver[f"claim_m{m}_exists"] else "Sin claim")
             for m in (1, 5, 25) if driver[f"reached_m{m}_14d"]]
    return "".join(words) or "–"


def limbo_row(lead: dict[str, Any]) -> list[Any]:
    return [lead["week_start"], lead["lead_date"], lead["lead_source_pk"], lead["person_key"] or "–",
            lead["driver_id"] or "–", str(lead["trips_14d"]), lead["limbo_reason_detail"]]


@pytest.mark.parametrize("stage", ["", *STAGES])
def test_limbo(site: Site, open_page: Open, stage: str) -> None:
    page = open_page(site.page(tab="recovery", limbo_stage=stage))
    counted = dict(site.sql("select limbo_stage, count(*) from ops.v_cabinet_leads_limbo group by 1"))
    given = {"limbo_stage": stage} if stage else {}
    api = site.api("cabinet-financial-14d/limbo", limit=50, **given)
    # The stage cards ignore the stage filter (F38), on the page, in the API and in SQL alike.
    values = list(cards(page, "#limbo-cards").values())
    assert numbers(values) == [*(counted[each] for each in STAGES), sum(counted.values())]
    summary = api["summary"]
    assert numbers(values) == [*(summary[f"limbo_{each.lower()}"] for each in STAGES), summary["total_leads"]]
    shown = [[str(day(row[0])), str(day(row[1])), row[2], *row[4:7], row[8]] for row in table(page, "#limbo-table")]
    assert shown == [limbo_row(lead) for lead in api["data"]]
    assert shown == [limbo_row(dict(zip(LIMBO, row, strict=True))) for row in site.sql("""
        select cast(week_start as text), cast(lead_date as text), lead_source_pk, cast(person_key as text), driver_id,
            trips_14d, limbo_reason_detail
        from ops.v_cabinet_leads_limbo where %s in ('', limbo_stage)
        order by week_start desc, lead_date desc, lead_id limit 50""", stage)]


LIMBO = ("week_start", "lead_date", "lead_source_pk", "person_key", "driver_id", "trips_14d", "limbo_reason_detail")


@pytest.mark.parametrize("reason", ["", *REASONS])
def test_gap(site: Site, open_page: Open, reason: str) -> None:
    page = open_page(site.page(tab="recovery", gap_reason=reason))
    given = {"gap_reason": reason} if reason else {}
    api = site.api("cabinet-financial-14d/claims-gap", limit=50, **given)
    [(gaps, amount)] = site.sql("select count(*), sum(expected_amount) from ops.v_cabinet_claims_gap_14d")
    shown_cards = cards(page, "#gap-cards")
    assert numbers([shown_cards["Gaps totales"], shown_cards["Monto por cobrar"]]) == [gaps, amount]
    assert [gaps, amount] == [92, Decimal("3050.00")]
    assert Decimal(api["summary"]["total_expected_amount"]) == amount
    by_milestone = site.sql("select milestone_value, count(*) from ops.v_cabinet_claims_gap_14d group by 1 order by 1")
    assert shown_cards["M1 | M5 | M25"].replace("\n", "") == "|".join(f"M{m}: {count}" for m, count in by_milestone)
    shown = [[str(day(row[0])), row[2], row[3], row[4], *numbers(row[5:7])] for row in table(page, "#gap-table")]
    expected = [[row["lead_date"], row["lead_source_pk"], row["driver_id"] or "–", f"M{row['milestone_value']}",
                 row["trips_14d"], Decimal(row["expected_amount"])] for row in api["data"]]
    assert shown == expected and expected
    assert api["meta"]["total"] == site.sql(
        "select count(*) from ops.v_claims_expected_vs_present_14d where gap_reason = %s", reason or REASONS[0])[0][0]


def test_identity_block(site: Site, open_page: Open) -> None:
    page = open_page(site.page(tab="recovery"))
    shown = cards(page, "#identity")
    [(without, having)] = site.sql("""select count(*) filter (where person_key is null), count(person_key)
        from ops.v_cabinet_leads_limbo""")
    assert numbers([shown["Leads sin identidad"], shown["Con identidad"]]) == [without, having]
    [(leads,)] = site.sql("select count(distinct lead_id) from ops.v_identity_suggestions")
    assert number(shown["Leads con sugerencia"]) == leads > 0
    suggested = site.api("identity/suggestions", limit=10)
    assert [[row[0], str(day(row[1])), row[2], number(row[3])] for row in table(page, "#suggestions")] == [
        [row["lead_source_pk"], row["lead_date"], row["driver_id"], row["score"]] for row in suggested["data"]]
    [(total,)] = site.sql("select count(*) from ops.v_identity_suggestions")
    assert page.locator("#suggestions caption").inner_text() == f"Sugerencias: las primeras 10 de {total}"
    jobs = site.sql("select max(hours_since_success) from ops.job_health where job in ('nightly', 'reconcile leads')")
    assert jobs == [(None,)] and [shown["Último matching"], shown["Última noche completa"]] == ["nunca"] * 2
    page.locator("#alertas summary").click()
    fired = site.sql("""
        select rule, round(value, 1), round(threshold, 1), since from ops.v_cabinet_alerts where state = 'FIRING'""")
    told = [(row[0], number(row[3]), number(row[4].split()[1]), day(row[5])) for row in table(page, "#alerts")]
    assert sorted(told) == sorted(fired) != []
    assert f": {len(fired)} encendidos" in page.locator("#alertas summary").inner_text()


def test_milestone_cards_ignore_the_milestone(site: Site, open_page: Open) -> None:
    """The card of a milestone counts it whatever milestone is chosen; the others count the chosen one (F38)."""
    page = open_page(site.page(tab="recovery", gap_milestone=5))
    shown = cards(page, "#gap-cards")
    [(five, amount)] = site.sql("""
        select count(*), sum(expected_amount) from ops.v_cabinet_claims_gap_14d where milestone_value = 5""")
    assert numbers([shown["Gaps totales"], shown["Monto por cobrar"]]) == [five, amount]
    before = cards(open_page(site.page(tab="recovery")), "#gap-cards")
    assert shown["M1 | M5 | M25"] == before["M1 | M5 | M25"] and before["Gaps totales"] != shown["Gaps totales"]


def test_counts_on_the_tabs(site: Site, open_page: Open) -> None:
    page = open_page(site.page())
    assert page.locator(".tabs .count").all_text_contents() == [f"{count} {unit}" for (count,), unit in zip(site.sql("""
        select count(distinct week_start) from ops.v_cabinet_financial_14d
        union all select count(*) from ops.v_cabinet_financial_14d
        union all select count(*) from ops.v_cabinet_leads_limbo where person_key is null"""),
        ("semanas", "conductores", "sin identidad"), strict=True)]


CHARTS = {
    ("resumen", "funnel"): """
        select unnest(array[sum(leads_total), sum(leads_with_identity), sum(leads_with_driver),
            sum(drivers_with_trips_14d), sum(reached_m1_14d), sum(reached_m5_14d), sum(reached_m25_14d)])
        from ops.v_cabinet_14d_funnel_audit_weekly""",
    ("resumen", "aging"): """
        select coalesce(sum(due_amount), 0)
        from unnest(array['0_NOT_DUE', '1_1_7', '2_8_14', '3_15_30', '4_31_60', '5_60_PLUS'])
            with ordinality as b (bucket, place)
        left join ops.v_claims_payment_status_cabinet as c on c.bucket_overdue = b.bucket and c.is_supported
            and c.claim_row_status not in ('rejected', 'expired')
        group by place order by place""",
    ("kpis", "stages"): """
        select count(*) filter (where limbo_stage = 'NO_IDENTITY'), count(*) filter (where limbo_stage = 'NO_DRIVER'),
            count(*) filter (where limbo_stage = 'NO_TRIPS_14D'),
            count(*) filter (where limbo_stage = 'TRIPS_NO_CLAIM'), count(*) filter (where limbo_stage = 'OK')
        from ops.v_cabinet_leads_limbo group by week_start order by week_start""",
    ("kpis", "due"): """
        select coalesce(f.due, 0), coalesce(g.gap, 0)
        from (select distinct week_start from ops.v_cabinet_leads_limbo) as w
        left join (select week_start, sum(amount_due_yango) as due from ops.v_cabinet_financial_14d group by 1) as f
            using (week_start)
        left join (select week_start, sum(expected_amount) as gap from ops.v_cabinet_claims_gap_14d group by 1) as g
            using (week_start)
        order by week_start""",
    ("recovery", "watched"): """
        select (select count(*) from ops.v_cabinet_leads_limbo where limbo_stage = 'NO_IDENTITY'),
            (select count(*) from ops.v_cabinet_leads_limbo where limbo_stage = 'TRIPS_NO_CLAIM'),
            (select count(*) from ops.v_cabinet_claims_gap_14d)""",
    ("recovery", "told"): """
        select count(*) filter (where event = 'STARTED'), 0, count(*) filter (where event = 'REMINDED'), 0
        from ops.alert_events group by as_of_date order by as_of_date""",
}


@pytest.mark.parametrize(("tab", "chart"), CHARTS)
def test_charts(site: Site, open_page: Open, tab: str, chart: str) -> None:
    """The numbers beside a picture equal SQL, and each bar says the number that its table says."""
    page = open_page(site.page(tab=tab))
    page.locator(f"#{chart} summary").click()
    rows = table(page, f"#{chart}")
    assert [numbers(row[1:]) for row in rows] == [list(row) for row in site.sql(CHARTS[tab, chart])]
    bars: list[str] = page.evaluate(
        "key => [...document.querySelectorAll(`#${key} svg .rect title`)].map(each => each.textContent)", chart)
    amounts = numbers([cell for row in rows for cell in row[1:]])
    drawn = numbers([bar.rsplit(": ", 1)[1] for bar in bars])
    assert sorted(map(str, drawn)) == sorted(str(each) for each in amounts if each)
    assert page.locator(f"#{chart} svg").get_attribute("role") == "img"
    title = page.locator(f"#{chart} h3").get_attribute("id")
    assert page.locator(f"#{chart} svg").get_attribute("aria-labelledby") == title
