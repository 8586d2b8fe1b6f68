"""How well leads find their drivers: labelled sets, the original's rules, outside referees, and one way to count."""
