"""How often each difficulty is planted, as one table: argue about these numbers, not about the code.

`hired` is the share among leads whose person has a driver, `never` among leads whose person never became one.
Within a group a lead (or a person) has one case at most; groups are dealt independently, so hard leads exist that have
several.

Where the domain publishes a figure (section 13) the shares follow it, and measure.likeness() shows how closely: 21 to
24 % of leads without identity (here 22), MR1 behind 97 % of links (here 93), hire dates out of MR3's range for many.
One figure is left aside on purpose: no published unmatched lead showed a phone (here every third of those who never
drove does), since it is on those that a shared phone can mislead. The rest is judgement, on the side of too hard.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    group: str
    case: str
    hired: float
    never: float
    says: str


NEVER_DRIVER = 0.16  # leads whose person never became a driver: they must stay unlinked
RE_LEAD = 0.05  # leads that are a person's second

OF_PERSONS = (
    Rate("phone owner", "family_phone", 0.015, 0.040, "a relative has the same phone and a surname in common"),
    Rate("phone owner", "recycled_phone", 0.004, 0.010, "an earlier, fired driver, a stranger, had this phone"),
    Rate("plate owner", "rental_plate", 0.050, 0.050, "a rental car: 2 to 6 people have its plate"),
    Rate("plate owner", "resold_plate", 0.015, 0.040, "an earlier driver, mostly fired, had this car"),
    Rate("name owner", "twin_name", 0.010, 0.010, "somebody else has the same full name and other keys"),
    Rate("accounts", "two_parks", 0.050, 0.0, "the person has a driver in two parks"),
    Rate("accounts", "borrowed_licence", 0.005, 0.0, "another driver works under this person's licence"),
)
OF_LEADS = (
    Rate("keys", "no_keys", 0.003, 0.040, "neither phone nor plate"),
    Rate("phone", "phone_missing", 0.020, 0.650, "null or blank"),
    Rate("phone", "phone_junk", 0.006, 0.015, "0, 999999999, 123456789, -"),
    Rate("phone", "phone_other", 0.012, 0.0, "a number the driver record never had"),
    Rate("phone", "recruiter_phone", 0.012, 0.020, "a recruiter's phone on thirty leads; half of the recruiters drive"),
    Rate("phone", "phone_digit_wrong", 0.008, 0.008, "one digit wrong"),
    Rate("phone", "phone_digits_swapped", 0.004, 0.004, "two neighbouring digits swapped"),
    Rate("phone", "phone_leading_zero", 0.005, 0.005, "0 before the nine digits"),
    Rate("phone", "phone_dots", 0.005, 0.005, "dots between the groups"),
    Rate("phone", "phone_spaces", 0.040, 0.040, "spaces or hyphens, with the prefix"),
    Rate("phone", "phone_nine_digits", 0.020, 0.020, "without +51"),
    Rate("plate", "plate_lookalike", 0.010, 0.010, "O for 0, I for 1, or the other way round"),
    Rate("plate", "plate_missing", 0.030, 0.060, "null or blank"),
    Rate("plate", "plate_junk", 0.008, 0.020, "SIN PLACA, S/P, -"),
    Rate("plate", "plate_other", 0.050, 0.0, "another car: changed between lead and hire"),
    Rate("plate", "plate_char_wrong", 0.012, 0.012, "one character wrong"),
    Rate("plate", "plate_chars_swapped", 0.006, 0.006, "two neighbouring characters swapped"),
    Rate("plate", "plate_spelling", 0.150, 0.150, "small letters, no hyphen, spaces"),
    Rate("name", "particles", 0.008, 0.008, "DE LA for DEL, DELACRUZ, particle left out"),
    Rate("name", "broken_letters", 0.015, 0.015, "NU?EZ, NUÃ‘EZ, letter lost"),
    Rate("name", "nickname", 0.020, 0.020, "Pepe for José"),
    Rate("name", "surnames_swapped", 0.050, 0.050, "mother's surname first, or surnames where given names belong"),
    Rate("name", "name_part_missing", 0.120, 0.120, "one given name or one surname left out"),
    Rate("name", "name_misspelt", 0.025, 0.025, "one letter: Quizpe, Vazquez, Jhon for John"),
)
# Of every driver row, whoever's it is.
OF_DRIVERS = (
    Rate("phone", "driver_phone_missing", 0.010, 0.010, "null"),
    Rate("phone", "driver_phone_junk", 0.004, 0.004, "0, 999999999"),
    Rate("phone", "driver_phone_dots", 0.003, 0.003, "dots between the groups"),
    Rate("phone", "driver_phone_nine_digits", 0.010, 0.010, "without +51"),
    Rate("plate", "driver_plate_missing", 0.030, 0.030, "null"),
    Rate("plate", "driver_plate_junk", 0.005, 0.005, "SIN PLACA"),
    Rate("plate", "driver_plate_spelling", 0.080, 0.080, "small letters, no hyphen"),
    Rate("name", "driver_name_part_missing", 0.150, 0.150, "one given name or one surname left out"),
    Rate("name", "driver_broken_letters", 0.004, 0.004, "NU?EZ, NUÃ‘EZ, letter lost"),
    Rate("name", "driver_name_misspelt", 0.008, 0.008, "one letter"),
    Rate("park", "other_park", 0.200, 0.200, "not the target park"),
    Rate("park", "no_park", 0.010, 0.010, "null: the original never looks at them"),
)

# Hire date minus lead date of the lead's driver: weight, from, to (days, both included). MR3 takes -90 to 30.
HIRED_AFTER_LEAD = ((52, -3, 14), (18, 15, 30), (10, -90, -4), (10, -1500, -91), (7, 31, 150))
HIRE_DATE_NULL = 3  # weight beside those
FILLER_HIRED, FILLER_FIRED = 1800, 0.30  # other drivers: hired within these days before the last lead; share fired
RESOLD_FIRED = 0.80  # earlier owners of a car or phone who were fired before the lead
FILLER_FAMILY, FILLER_RENTAL = 0.02, 0.06  # other drivers share phones and cars among themselves too
PAIRED = 0.30  # the relative, the twin or the next user of a rental car is a lead's person too
FAMILY_CAR = 0.30  # relatives who share the car as well
RECRUITED = 30  # leads per recruiter's phone
RECRUITER_DRIVES = 0.5
SECOND_PARK_SAME_PHONE, SECOND_PARK_SAME_PLATE = 0.85, 0.60
LICENCE_MISSING, MODEL_MISSING, MODEL_OTHER = 0.05, 0.10, 0.05

PLANTED = tuple(rate.case for rate in (*OF_PERSONS, *OF_LEADS, *OF_DRIVERS))
# What follows from the draw rather than being dealt.
DERIVED = ("never_driver", "re_lead", "homonym", "hired_out_of_range")
