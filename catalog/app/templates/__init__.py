"""Working modules that ``dlr new`` copies, with only the names replaced."""
