"""The engine `ray` of monkey: its workers run wherever a Ray cluster has room."""
