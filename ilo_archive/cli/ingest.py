"""`ingest`: record captures from local files."""

from pathlib import Path

import click

from ilo_archive.cli import pass_offices
from ilo_archive.cli.crawl import check_address, name_near_address, own_slug_option
from ilo_archive.cli.dask import FileOrAddress, dask_options, readings_of_cluster
from ilo_archive.cli.run_summary import print_outcome
from ilo_archive.cli.scrapy_run import run_spider
from ilo_archive.cli.workers import workers_option
from ilo_archive.offices import Registry
from ilo_archive.times import parse_timestamp


@click.command()
@click.argument("paths", nargs=-1, required=True, type=FileOrAddress(exists=True, path_type=Path))
@click.option("--url", help="Address of saved pages and texts.")
@click.option(
    "--at", metavar="DATE", help="Capture time of saved pages and texts: ISO 8601 or 14 digits."
)
@own_slug_option("office")
@workers_option
@dask_options
@click.pass_obj
@pass_offices
def ingest(
    known: Registry,
    home: Path,
    /,
    paths: tuple[Path | str, ...],
    workers: int,
    dask: str | None,
    readings: str | None,
    **hints: str | None,
) -> int:
    """Record the captures in PATHS: .warc, .arc (also .gz, .zst), .wacz, .html, .mhtml, .txt, and
    folders of these, also those of waybackpack, pywaybackup, wget and SingleFile. A WARC file may
    also be given by its address (https://, s3://).

    The address and capture time of a saved page or text come from the options, from a manifest.csv
    (file,url,captured_at), from a file NAME.meta.json beside it (`url`, `captured_at`), from the
    file and folders themselves, or from its name: moscow-2015-04.txt, 20150414103217.html.

    \b
    Example:
      ilo-archive ingest data/sample
      ilo-archive ingest data/sample --workers 4
      ilo-archive ingest data/sample --dask tcp://127.0.0.1:8786
      ilo-archive ingest page.html --at 2015-04-14 --url http://www.ilo.org/rome/index.htm
    """
    if hints["at"]:
        parse_timestamp(hints["at"])
    if hints["url"] is not None:
        check_address(hints["url"])
        if hints["office"] is None:
            name_near_address(hints["url"], known)
    with readings_of_cluster(dask, readings, paths, home, known) as found:
        arguments = {"paths": paths, "workers": workers, "readings": found, **hints}
        return print_outcome(run_spider("local", home, known, arguments))
