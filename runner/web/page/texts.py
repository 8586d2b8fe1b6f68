"""Texts and colours of the page that no catalogue has: the problems in Spanish, and which tone each code wears."""

from __future__ import annotations

from dataclasses import dataclass

from runner.web.problems import Problem

STAGE_TONES = {"NO_IDENTITY": "red", "NO_DRIVER": "yellow", "NO_TRIPS_14D": "blue", "TRIPS_NO_CLAIM": "orange",
               "OK": "green"}
REASON_TONES = {"CLAIM_NOT_GENERATED": "red", "OK": "green", "NO_IDENTITY": "red", "NO_DRIVER": "yellow",
                "INSUFFICIENT_TRIPS": "blue", "DUPLICATE_LEAD": "grey", "CLAIM_REJECTED": "orange",
                "CLAIM_EXPIRED": "orange"}
STATUS_TONES = {"CLAIM_NOT_GENERATED": "red", "OK": "green", "INVALID": "grey", "UNSUPPORTED": "orange",
                "CLAIM_REJECTED": "orange", "CLAIM_EXPIRED": "orange"}
# Statuses that the catalogue of reasons does not have.
STATUSES = {"INVALID": ("No corresponde", "Not due"), "UNSUPPORTED": ("Sin sustento", "Unsupported")}
BUCKETS = {
    "0_NOT_DUE": ("Por vencer", "Not due yet"),
    "1_1_7": ("1 a 7 días", "1 to 7 days"),
    "2_8_14": ("8 a 14 días", "8 to 14 days"),
    "3_15_30": ("15 a 30 días", "15 to 30 days"),
    "4_31_60": ("31 a 60 días", "31 to 60 days"),
    "5_60_PLUS": ("Más de 60 días", "Over 60 days"),
}
FIELDS = {
    "limbo_stage": "Etapa", "gap_reason": "Razón", "week_start": "Semana", "lead_date_from": "Lead date desde",
    "lead_date_to": "Lead date hasta", "milestone_value": "Milestone", "reached_milestone": "Milestone alcanzado",
    "scout_id": "Scout ID", "only_with_debt": "Deuda", "min_debt": "Deuda mínima", "sort": "Orden",
    "limbo_page": "Página", "gap_page": "Página", "conductores_page": "Página",
}
# What is wrong, and what to do next, by the code of the problem.
SPANISH = {
    "UNKNOWN_VALUE": ("«{field}» tiene un valor que no existe.", "Elija uno de la lista."),
    "INVALID_PARAMETER": ("«{field}» tiene un valor que no vale.", "Corríjalo o déjelo vacío."),
    "NOT_A_MONDAY": ("La semana no empieza en lunes.", "Elija una semana de la lista."),
    "EMPTY_RANGE": ("La fecha «desde» es posterior a la fecha «hasta».", "Intercámbielas."),
    "NOTHING_BUILT": ("Todavía no se construyó nada, así que no hay nada que mostrar.",
                      "Ejecute «cabinet14d nightly» y vuelva a cargar la página."),
    "TOO_SLOW": ("La base de datos tardó demasiado en responder.", "Pida menos: una semana, o menos filas."),
    "BUSY": ("Todas las conexiones a la base de datos están ocupadas.", "Espere un momento y vuelva a intentar."),
    "DATABASE_BUSY": ("Otra sesión tiene ocupado lo que esta página lee.", "Espere un momento y vuelva a intentar."),
    "DATABASE_AWAY": ("No se puede llegar a la base de datos.",
                      "Vuelva a intentar en un momento; si sigue, avise a quien administra el servidor."),
    "NOT_MIGRATED": ("A la base de datos le falta algo que esta versión lee.",
                     "Ejecute «cabinet14d migrate» y luego «cabinet14d build»."),
    "NO_GRANT": ("El rol de base de datos de la web no puede leer esto.", "Ejecute «cabinet14d migrate» otra vez."),
    "SIGN_IN": ("Para ver esto hay que entrar con una clave.", "Entre en /entrar."),
    "OPERATORS_ONLY": ("Con el rol de consulta no se puede exportar: el archivo lleva datos personales.",
                       "Pida una clave con el rol de operador."),
    "NO_SUCH_LEAD": ("No hay un lead con esa clave.", "Revise la clave, o búsquelo en Recovery & Gaps."),
    "NOT_FOUND": ("Esta página no existe.", "Vuelva al inicio."),
    "TOO_MANY_ROWS": ("Son demasiadas filas para un archivo.", "Filtre por semana o por fechas y exporte otra vez."),
    "INTERNAL": ("Algo falló en el servidor.", "Vuelva a intentar; si sigue, avise a quien administra el servidor."),
}
TITLES = {401: ("Hay que entrar", "Sign in first"), 403: ("Sin permiso", "Not permitted"),
          404: ("No se encontró", "Not found")}


@dataclass(frozen=True)
class Told:
    """A problem in the reader's language."""

    status: int
    message: str
    hint: str


def told(problem: Problem, language: str) -> Told:
    """The problem's sentence and next step; a code without a Spanish text keeps its own words."""
    if language == "en" or problem.code not in SPANISH:
        return Told(problem.status, problem.message, problem.hint)
    field = FIELDS.get(problem.field or "", problem.field or "")
    message, hint = SPANISH[problem.code]
    return Told(problem.status, message.format(field=field), hint)


def title(problem: Problem, language: str) -> str:
    """The heading of a page that tells of a problem."""
    if problem.code == "NOTHING_BUILT":
        return "Nothing built yet" if language == "en" else "Aún no hay datos"
    es, en = TITLES.get(problem.status, ("No se pudo mostrar", "Could not be shown"))
    return en if language == "en" else es
