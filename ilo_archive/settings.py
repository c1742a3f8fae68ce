"""Scrapy's settings: only those that differ from its defaults, each with its reason."""

import os
from importlib.util import find_spec

from ilo_archive.http import MAX_BODY
from ilo_archive.warc.store import ROLL_AT

# A checkout has spiders/ and pipelines/ at its top level, the wheel carries them inside.
_folder = "ilo_archive." if find_spec("ilo_archive.spiders") else ""

BOT_NAME = "ilo_archive"
SPIDER_MODULES = [f"{_folder}spiders"]
ITEM_PIPELINES = {
    f"{_folder}pipelines.preserve.PreservePipeline": 100,
    f"{_folder}pipelines.read.ReadPipeline": 200,
    f"{_folder}pipelines.record.RecordPipeline": 300,
}

ILO_ARCHIVE_HOME = os.environ.get("ILO_ARCHIVE_HOME", "data")
ILO_ARCHIVE_CONTACT = os.environ.get("ILO_ARCHIVE_CONTACT", "")
ILO_ARCHIVE_OFFICES = os.environ.get("ILO_ARCHIVE_OFFICES", "")  # a file of the user's own

# Bytes. A file of the store that would grow larger is followed by a new one, so that damage, loss
# or a copy to another machine concerns one file of limited size.
ILO_ARCHIVE_WARC_SIZE = ROLL_AT

SPIDER_MIDDLEWARES = {
    # Stores the request of a capture with its response.
    f"{_folder}pipelines.sent.SentMiddleware": 100,
    # Off: it warns of requests that copy another's meta, which repeated requests do on purpose.
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}

# Captures are stored as the archive sends them: no decoding, no redirects followed, no status
# filtered out.
COMPRESSION_ENABLED = False
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
COOKIES_ENABLED = False
HTTPERROR_ALLOW_ALL = True
DOWNLOAD_MAXSIZE = MAX_BODY
DOWNLOAD_HANDLERS = dict.fromkeys(
    ("http", "https"), f"{_folder}spiders.bounded_headers.BoundedHandler"
)

# An archived 503 is content; only the spider can distinguish it from the archive's own 503.
RETRY_HTTP_CODES: list[int] = []

# Rate limits are in archives.toml; this middleware applies them, last before the network. Scrapy's
# own means are not enough: the delays of DOWNLOAD_SLOTS and AutoThrottle end with the run, and
# neither stops the waiting requests when an archive refuses.
DOWNLOADER_MIDDLEWARES = {f"{_folder}spiders.politeness.Throttle": 950}

# Requests in flight, so also the most that are still answered after an archive refuses. The delays
# are not Scrapy's, so its slots have the same size and limit nothing further.
CONCURRENT_REQUESTS = CONCURRENT_REQUESTS_PER_DOMAIN = 8

DOWNLOAD_VERIFY_CERTIFICATES = True
TELNETCONSOLE_ENABLED = False  # it opens a port to every user of the machine
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "WARNING"
