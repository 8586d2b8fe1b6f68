"""The commands by what they are for: data in, building and writing back, the machine."""
