"""Scripts that write data files of the program, for those who maintain it."""
