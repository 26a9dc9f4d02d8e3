"""What ``dlr new`` copies: working modules, in which only the names are replaced."""
