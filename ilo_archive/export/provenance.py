"""The page of a WACZ file that says where its captures come from, as a record of WARC."""

from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1
from io import BytesIO
from uuid import NAMESPACE_URL, uuid5

from warcio.warcwriter import WARCWriter

from ilo_archive.export.pages import render
from ilo_archive.queries.collection import Collection
from ilo_archive.times import iso

ADDRESS = "urn:ilo-archive:provenance"
"""No address of the web: whoever reads the captures of the file passes over it."""

FILE = "provenance.warc.gz"
TITLE = "Where these captures come from"
_TYPE = "text/html"


@dataclass(frozen=True, slots=True)
class ProvenancePage:
    """The page as a file of one record."""

    record: bytes
    payload_digest: str

    @property
    def index_fields(self) -> dict[str, str]:
        """The fields of its line in the index (CDXJ)."""
        return {
            "url": ADDRESS,
            "mime": _TYPE,
            "status": "200",
            "digest": self.payload_digest,
            "length": str(len(self.record)),
            "offset": "0",
            "filename": FILE,
        }


def provenance_page(collection: Collection, now: datetime, software: str) -> ProvenancePage:
    """The page on what an archive consists of."""
    page = render("provenance.html", c=collection, now=now, software=software).encode()
    digest = f"sha1:{b32encode(sha1(page).digest()).decode()}"
    headers = {
        "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{ADDRESS} {iso(now)} {digest}')}>",
        "WARC-Date": iso(now),
    }
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
    record = writer.create_warc_record(
        ADDRESS,
        "resource",
        BytesIO(page),
        len(page),
        warc_content_type=_TYPE,
        warc_headers_dict=headers,
    )
    writer.write_record(record)
    return ProvenancePage(buffer.getvalue(), digest)
