"""Make a snapshot of the kept capture."""

from ilo_archive.snapshot import take_snapshot
from ilo_archive.warc import Kept


class ReadPipeline:
    """`Kept` -> `Snapshot`."""

    def process_item(self, item: object) -> object:
        """Read a kept capture; pass other items on."""
        return take_snapshot(item) if isinstance(item, Kept) else item
