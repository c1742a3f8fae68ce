"""The option `--workers` of `ingest` and `reread`."""

import click

from ilo_archive.worker_pool import default_workers

workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=default_workers,
    metavar="N",
    help="Read in N processes; one writes. Default: one fewer than the cores, at least 1.",
)
