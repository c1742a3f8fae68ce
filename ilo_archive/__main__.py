"""`python -m ilo_archive` is `ilo-archive`."""

from ilo_archive.cli import main

if __name__ == "__main__":  # the processes of `reread` import this again
    main()
