"""`python -m ilo_archive` is `ilo-archive`."""

from ilo_archive.cli import main

main()
