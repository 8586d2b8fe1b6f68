"""How people write a name, a phone or a plate down: the usual ways, and the planted wrong ones."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from benchmarks.identity.names import NICKNAMES_OF
from runner.demo_people import Dice

JUNK_PHONES = ("0", "999999999", "123456789", "-", "000000000", "987654321", "+51999999999", "S/N", "111111111")
JUNK_PLATES = ("SIN PLACA", "S/P", "-", "0", "NO TIENE", "XXX-000", "PENDIENTE", "sin placa", "000000", "N/A")
BLANK = (None, None, None, "", "  ")
PARTICLES = frozenset({"DE", "DEL", "LA", "LAS", "LOS", "EL", "SAN"})
LOOKALIKES = {"O": "0", "0": "O", "I": "1", "1": "I"}
# Spellings heard as the same; the first that fits is used, else two letters change places or one is lost.
SOUNDS = (("SP", "ZP"), ("Z", "S"), ("SQ", "ZQ"), ("HUA", "GUA"), ("V", "B"), ("LL", "Y"), ("CH", "SH"), ("NN", "N"),
          ("J", "Y"), ("QUI", "KI"), ("C", "K"), ("Y", "I"))

NameParts = tuple[str | None, str | None, str | None]  # first_name, middle_name, last_name


@dataclass(frozen=True)
class Name:
    given: tuple[str, ...]
    surnames: tuple[str, ...]

    @property
    def full(self) -> str:
        """All of it, given names first."""
        return " ".join((*self.given, *self.surnames))


def fold(text: str) -> str:
    """Capitals without accents; Ñ becomes N."""
    return "".join(c for c in unicodedata.normalize("NFD", text.upper()) if not unicodedata.combining(c))


# --- what can go wrong with a name ------------------------------------------------------------------------

def has_particle(name: Name) -> bool:
    """Whether a surname has a particle, as DE LA CRUZ has."""
    return any(PARTICLES & set(surname.split()) for surname in name.surnames)


def has_accent(name: Name) -> bool:
    """Whether a letter can break."""
    return not name.full.isascii()


def has_nickname(name: Name) -> bool:
    """Whether the first given name has a hypocorism."""
    return name.given[0] in NICKNAMES_OF


def swap_surnames(dice: Dice, name: Name) -> Name:
    """Mother's surname first, or given names and surnames in each other's place."""
    return replace(name, surnames=name.surnames[::-1]) if dice.chance(0.7) else Name(name.surnames, name.given)


def drop_part(dice: Dice, name: Name) -> Name:
    """Without the mother's surname, the second or first given name, or (rarely) the father's surname."""
    kind = dice.weighted(((45, "mother"), (35, "second"), (12, "first"), (8, "father")))
    if len(name.given) < 2 and kind in ("second", "first"):
        kind = "mother"
    return {"mother": Name(name.given, name.surnames[:1]), "father": Name(name.given, name.surnames[1:]),
            "second": Name(name.given[:1], name.surnames), "first": Name(name.given[1:], name.surnames)}[kind]


def change_particles(dice: Dice, name: Name) -> Name:
    """DE LA CRUZ as DEL CRUZ, DELACRUZ or CRUZ."""
    way = dice.weighted(((4, "joined"), (4, "dropped"), (3, "other")))
    return replace(name, surnames=tuple(_change_particle(surname, way) for surname in name.surnames))


def _change_particle(surname: str, way: str) -> str:
    words = surname.split()
    if not PARTICLES & set(words):
        return surname
    if way == "joined":
        return "".join(words)
    bare = " ".join(word for word in words if word not in PARTICLES)
    return bare if way == "dropped" else f"{'DEL' if 'LA' in words else 'DE LA'} {bare}"


def use_nickname(dice: Dice, name: Name) -> Name:
    """Pepe for José; mostly the second given name goes too."""
    nick = dice.pick(NICKNAMES_OF[name.given[0]])
    return replace(name, given=(nick,) if dice.chance(0.6) else (nick, *name.given[1:]))


def misspell(dice: Dice, name: Name) -> Name:
    """One part with one letter as it is heard, two letters swapped, or one lost."""
    parts = [*name.given, *name.surnames]
    place = dice.below(len(parts))
    parts[place] = _misspelt(dice, parts[place])
    return Name(tuple(parts[:len(name.given)]), tuple(parts[len(name.given):]))


def _misspelt(dice: Dice, word: str) -> str:
    fits = [(old, new) for old, new in SOUNDS if old in word]
    if fits and dice.chance(0.6):
        old, new = dice.pick(fits)
        return word.replace(old, new, 1)
    place = 1 + dice.below(max(1, len(word) - 2))
    if dice.chance(0.5):
        return word[:place] + word[place + 1:]
    return swapped(word, place - 1)


def break_letters(dice: Dice, text: str) -> str:
    """What a wrong encoding makes of Ñ and accents: ?, Ã‘, a replacement character, or nothing."""
    way = dice.below(4)
    return "".join(c if c.isascii() else (_misread(c), "?", "\ufffd", "")[way] for c in text)


def _misread(letter: str) -> str:
    """UTF-8 read as Windows-1252, or as Latin-1 where that has no such letter."""
    raw = letter.encode()
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


NAME_CHANGES: dict[str, Callable[[Dice, Name], Name]] = {
    "surnames_swapped": swap_surnames, "name_part_missing": drop_part, "particles": change_particles,
    "nickname": use_nickname, "name_misspelt": misspell}

NEEDS: dict[str, Callable[[Name], bool]] = {
    "particles": has_particle, "broken_letters": has_accent, "nickname": has_nickname}


# --- the usual ways ---------------------------------------------------------------------------------------

def written_parts(dice: Dice, name: Name, broken: bool) -> NameParts:
    """A name in three columns, as one of the usual forms asks for it, in one of the usual spellings."""
    given, last = " ".join(name.given), " ".join(name.surnames)
    way = dice.weighted(((60, "two columns"), (25, "three columns"), (10, "mother in the middle"), (5, "all in first")))
    if way == "three columns" and len(name.given) > 1:
        parts = (name.given[0], " ".join(name.given[1:]), last)
    elif way == "mother in the middle" and len(name.surnames) > 1:
        parts = (given, name.surnames[1], name.surnames[0])
    elif way == "all in first" and not broken:
        parts = (f"{given} {last}", "", "")
    else:
        parts = (given, "", last)
    spelling = dice.weighted(((45, str.upper), (45, str.title), (10, str.lower)))
    plain = not broken and dice.chance(0.6)  # most people type no accents; what is to break must be there
    first, middle, last = (spelling(fold(part) if plain else part) for part in parts)
    if broken:
        first, middle, last = (break_letters(dice, part) for part in (first, middle, last))
    return first or None, middle or dice.pick((None, "")), last or None


def grouped(digits: str, mark: str) -> str:
    """987654321 in groups of three."""
    return mark.join((digits[:3], digits[3:6], digits[6:]))


def written_phone(dice: Dice, digits: str, case: str | None) -> str:
    """Nine digits as the feeds write them, or as the case says."""
    if case == "phone_leading_zero":
        return f"0{digits}"
    if case == "phone_dots":
        return dice.pick(("", "+51.")) + grouped(digits, ".")
    if case == "phone_nine_digits":
        return digits
    if case == "phone_spaces":
        return "+51 " + grouped(digits, dice.pick((" ", "-")))
    return dice.weighted(((90, f"+51{digits}"), (5, f"51{digits}"), (5, f"(+51){digits}")))


def written_plate(dice: Dice, plate: str, spelt_freely: bool) -> str:
    """ABC123 as ABC-123, or freely."""
    usual = f"{plate[:3]}-{plate[3:]}"
    return dice.pick((usual.lower(), plate, plate.lower(), usual.replace("-", " "))) if spelt_freely else usual


# --- slips of one character -------------------------------------------------------------------------------

def swapped(text: str, place: int) -> str:
    """The characters at a place and after it change places."""
    return text[:place] + text[place + 1:place + 2] + text[place:place + 1] + text[place + 2:]


def slip_swap(dice: Dice, text: str) -> str:
    """Two unlike neighbours swapped."""
    places = [i for i in range(1, len(text) - 1) if text[i] != text[i + 1]]
    return swapped(text, dice.pick(places)) if places else text


def slip_wrong(dice: Dice, text: str) -> str:
    """One character, not the first, is another one of its kind."""
    place = 1 + dice.below(len(text) - 1)
    kind = "0123456789" if text[place].isdigit() else "ABCDEFGHJKLMNPRSTUVWXYZ"
    return text[:place] + dice.pick([c for c in kind if c != text[place]]) + text[place + 1:]


def slip_lookalike(dice: Dice, text: str) -> str:
    """Every O becomes 0 and every 0 O, or the same with I and 1."""
    fits = [c for c in "OI" if c in text or LOOKALIKES[c] in text]
    letter = dice.pick(fits)
    return "".join(LOOKALIKES[c] if c in (letter, LOOKALIKES[letter]) else c for c in text)
