"""Names as often as they are heard in Peru: a few on every corner, and a long tail nobody else bears."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from runner.demo_people import Dice

# Most frequent first: the place in the list is the weight. Frequencies follow public statistics only in shape
# (one surname in forty is Quispe, the hundredth is ten times rarer).
SURNAMES = """QUISPE, FLORES, SÁNCHEZ, GARCÍA, RODRÍGUEZ, MAMANI, ROJAS, HUAMÁN, DÍAZ, RAMOS, LÓPEZ, CHÁVEZ, TORRES,
GONZALES, VÁSQUEZ, RAMÍREZ, ESPINOZA, MENDOZA, CASTILLO, CRUZ, DE LA CRUZ, PÉREZ, FERNÁNDEZ, CONDORI, REYES, CASTRO,
VARGAS, RIVERA, GUTIÉRREZ, ROMERO, LEÓN, SILVA, HERRERA, SALAZAR, CÓRDOVA, GÓMEZ, SALDAÑA, AGUILAR, MEDINA, RUIZ,
MARTÍNEZ, VEGA, PAREDES, CÁRDENAS, GUERRERO, CAMPOS, HUANCA, CCOPA, MORALES, TICONA, ORTIZ, VALDIVIA, CHOQUE, MEZA,
PALOMINO, LAURA, APAZA, SOTO, CARRASCO, PEÑA, NÚÑEZ, MUÑOZ, ZÚÑIGA, AYALA, CABRERA, INGA, POMA, GUEVARA, HUAMANÍ,
SALINAS, CALDERÓN, VILLANUEVA, ACUÑA, CALLE, ARIAS, TAPIA, CUEVA, BENITES, SANDOVAL, RÍOS, TELLO, CUBAS, LOZANO,
DELGADO, MIRANDA, VILCA, YUPANQUI, CHURA, PONCE, BAUTISTA, VALVERDE, ALVARADO, BARRIENTOS, OCHOA, MALDONADO, ALARCÓN,
NAVARRO, CARHUAMACA, CORONADO, MONTALVO, GUZMÁN, TRUJILLO, ESTRADA, FIGUEROA, PACHECO, ZAPATA, CARDOZO, ROSALES,
LLANOS, ROQUE, PAUCAR, CALDAS, MONTENEGRO, ORÉ, VERA, SALCEDO, CHAMBI, ARROYO, IBÁÑEZ, ORDÓÑEZ, BURGOS, LUNA,
CÁCERES, TINEO, SUÁREZ, QUINTANA, BRAVO, CERNA, ALVA, MOGOLLÓN, DEL CARPIO, DE LOS RÍOS, LA ROSA, DEL ÁGUILA,
LA TORRE, DE LA VEGA, SAN MARTÍN, DEL CASTILLO, DE LA TORRE, PONCE DE LEÓN, CCAMA, COAQUIRA, CUTIPA, PARI, ÑAUPARI,
ÑAHUI, ASTETE, BEJARANO, BENDEZÚ, CARBAJAL, CASTAÑEDA, CONTRERAS, CORNEJO, DÁVILA, ESCATE, FALCÓN, GALLARDO, GAMARRA,
HINOSTROZA, HURTADO, JARA, LAZO, LIZARRAGA, LLONTOP, LOAYZA, MACEDO, MANRIQUE, MATOS, MEJÍA, OLIVERA, ORTEGA,
PEREYRA, PIZARRO, PORTOCARRERO, PRADO, PUMA, QUIROZ, RETAMOZO, ROBLES, SAAVEDRA, SANTOS, SERRANO, SOLÍS, SULLCA,
TAIPE, TITO, TOLEDO, UGARTE, URBINA, VALENCIA, VALENZUELA, VELARDE, VENTURA, VERÁSTEGUI, VIDAL, VILLEGAS, YARLEQUÉ,
ZAMORA, ZEGARRA, ZEVALLOS"""
MALE = """LUIS, JOSÉ, JUAN, CARLOS, JORGE, MIGUEL, VÍCTOR, JESÚS, CÉSAR, MANUEL, PEDRO, ÁNGEL, DAVID, ALBERTO,
ANTONIO, JULIO, ENRIQUE, EDUARDO, FERNANDO, ALEXANDER, FRANCISCO, DANIEL, RICARDO, WALTER, MARCO, ROBERTO, MARIO,
RAÚL, OSCAR, EDGAR, ALEJANDRO, EDWIN, HUGO, PABLO, ANDRÉS, SEGUNDO, JAVIER, JHON, CHRISTIAN, HENRY, PERCY, RUBÉN,
FREDDY, WILMER, ROLANDO, RICHARD, SANTOS, JAIME, GUILLERMO, FÉLIX, GUSTAVO, FELIPE, JONATHAN, KEVIN, BRYAN, JOEL,
RONALD, ABEL, ELMER, HÉCTOR, ARTURO, NÉSTOR, JIMMY, ROGER, ALFREDO, ERICK, DIEGO, SERGIO, MARTÍN, IVÁN, WILLIAM,
ANTHONY, SAÚL, YERSON, JEFFERSON, RENZO, GERARDO, MOISÉS, SAMUEL, EFRAÍN, IGNACIO, ADRIÁN, FRANKLIN, HERNÁN,
LEONARDO, MAURO, NELSON, ORLANDO, RAMIRO, TEÓFILO, VALENTÍN, WILFREDO, YOEL, ZENÓN, EUSEBIO, GREGORIO, DENIS, ALEX,
BENITO, CLEVER"""
FEMALE = """MARÍA, ROSA, ANA, CARMEN, JUANA, LUZ, ELIZABETH, FLOR, LUISA, PATRICIA, MARGARITA, GLORIA, TERESA, ELENA,
SONIA, ISABEL, SILVIA, MILAGROS, ROSARIO, MERCEDES, GLADYS, NANCY, LIDIA, VILMA, YOLANDA, JESSICA, KATHERINE,
GUADALUPE, DORIS, SUSANA, BEATRIZ, CECILIA, VERÓNICA, PILAR, ESTHER, NOEMÍ, INÉS, ROXANA, MARLENE, KARINA, LOURDES,
CONSUELO, DOLORES, SANDRA, DIANA, EDITH, GRACIELA, ÚRSULA, YENI, ZOILA"""
# Hypocorisms as heard in Lima; one may stand for several names (Beto), one name may have several (José).
NICKNAMES = """JOSÉ: PEPE CHEPE, LUIS: LUCHO LUCHITO, FRANCISCO: PANCHO PACO, ROSARIO: CHARO, JESÚS: CHUCHO,
MANUEL: MANOLO MAÑUCO, ENRIQUE: QUIQUE KIKE, ALBERTO: BETO, ROBERTO: BETO ROBER, EDUARDO: LALO EDU, GUSTAVO: TAVO,
IGNACIO: NACHO, RICARDO: RICKY RICHI, ALEJANDRO: ALEJO JANO, MARÍA: MARUJA, TERESA: TERE, ISABEL: CHABELA CHABUCA,
MERCEDES: MECHE, CONSUELO: CHELO, DOLORES: LOLA, ANTONIO: TOÑO TONY, VÍCTOR: VITUCHO, MIGUEL: MICKY, JORGE: COCO,
FERNANDO: NANDO FERCHO, CARLOS: CARLITOS CHARLY, JUAN: JUANCHO JUANITO, CÉSAR: CHECHO, SERGIO: CHECO,
ÁNGEL: ANGELITO, PATRICIA: PATY, SUSANA: SUSI, ELIZABETH: ELI LIZ, KATHERINE: KATY, GUADALUPE: LUPE,
MARGARITA: MARGOT, JULIO: JULIN, DAVID: DAVICHO, GUILLERMO: MEMO, JAVIER: JAVICO, ANDRÉS: ANDRESITO,
PEDRO: PERICO PEDRITO, DANIEL: DANI, RAÚL: RULO, FELIPE: PIPO, SANTOS: SANTI, LUISA: LUCHA, GRACIELA: CHELA,
CECILIA: CECI, ROSA: ROSITA, CARMEN: CARMENCHA, ALFREDO: FREDY, MARTÍN: TINCHO, GREGORIO: GOYO, LEONARDO: LEO,
HERNÁN: NANCHO, CHRISTIAN: CRIS, ALEXANDER: ALEX"""
HEADS = """AY, CA, CCA, CHA, CHU, CO, CU, HUA, HUI, IN, JA, LLA, LLO, MA, MAY, PA, PAU, QUI, QUE, SA, SU, TA, TI, TU,
UR, VIL, YA, YU, ZA, ÑA, ÑU"""
MIDDLES = "CA, CHU, HUA, LA, LLA, MA, ME, NA, PA, QUE, RI, RO, SA, TI, TO, VA, YA, NTA, LLI, CCO"
TAILS = "CHA, CO, HUA, LLA, LLO, MA, NI, NTO, PA, QUE, RI, S, TA, TE, UI, YA, YO, NCA, ZA, ÑO"
GIVEN_HEADS = "AL, DAR, ED, FRAN, GER, HAR, JHO, KEL, LEY, MAR, NEL, RO, SA, WIL, YE, YO"
GIVEN_TAILS = "DER, DIN, FER, LIN, LY, MER, NER, NI, RICK, SON, TON, VER, VIN, WIN, XON"
RARE_SURNAMES, RARE_GIVEN = 6_000, 400
RARE_SURNAME_SHARE, RARE_GIVEN_SHARE = 0.25, 0.06
UNIT = 1_000_000


def listed(text: str) -> list[str]:
    """The names of a list; surnames may have several words."""
    return [" ".join(part.split()) for part in text.split(",")]


NICKNAMES_OF = {name.strip(): tuple(nicks.split()) for name, nicks in (e.split(":") for e in NICKNAMES.split(","))}


class Skewed:
    """Draws from a list whose first entries are far more frequent than its last, with rare ones made of syllables."""

    def __init__(self, common: Sequence[str], rare: Sequence[str], rare_share: float, shift: int) -> None:
        weights = [1 / (place + shift) for place in range(len(common))]
        scale = UNIT * (1 - rare_share) / sum(weights)
        each = max(1, round(UNIT * rare_share / len(rare)))
        self.names = [*common, *rare]
        self._ends = list(accumulate([*(round(w * scale) for w in weights), *([each] * len(rare))]))

    def draw(self, dice: Dice) -> str:
        """One name."""
        return self.names[bisect_right(self._ends, dice.below(self._ends[-1]))]


def _built(count: int, taken: Sequence[str], *syllables: Sequence[str]) -> list[str]:
    """Names made of one syllable of each list: the same ones always, so that their rarity is theirs."""
    dice, known = Dice(14), set(taken)
    built: list[str] = []
    room = 1
    for choices in syllables:
        room *= len(choices)
    while len(built) < min(count, room // 2):  # half of the room: drawing the last ones would take for ever
        name = "".join(dice.pick(choices) for choices in syllables)
        if name not in known:
            known.add(name)
            built.append(name)
    return built


def _pool(text: str, count: int, share: float, shift: int, *syllables: Sequence[str]) -> Skewed:
    common = listed(text)
    return Skewed(common, _built(count, common, *syllables), share, shift)


SURNAME_POOL = _pool(SURNAMES, RARE_SURNAMES, RARE_SURNAME_SHARE, 9, listed(HEADS), listed(MIDDLES), listed(TAILS))
MALE_POOL = _pool(MALE, RARE_GIVEN, RARE_GIVEN_SHARE, 6, listed(GIVEN_HEADS), listed(GIVEN_TAILS))
FEMALE_POOL = _pool(FEMALE, RARE_GIVEN, RARE_GIVEN_SHARE, 6, listed(GIVEN_HEADS), listed(GIVEN_TAILS))
