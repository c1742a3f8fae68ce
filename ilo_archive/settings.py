"""Scrapy's settings: only what differs from its defaults, each with its reason."""

import os
from importlib.util import find_spec

from ilo_archive.warc import MAX_BODY, ROLL_AT

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

# A file of the store that would grow beyond these bytes is followed by another: what is cut, lost
# or copied to another machine is never more than one of them.
ILO_ARCHIVE_WARC_SIZE = ROLL_AT

# The request of a capture is kept beside its answer.
SPIDER_MIDDLEWARES = {f"{_folder}pipelines.sent.SentMiddleware": 100}

# Captures are kept as the archive sends them: nothing is decoded, followed or turned away.
COMPRESSION_ENABLED = False
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
COOKIES_ENABLED = False
HTTPERROR_ALLOW_ALL = True
DOWNLOAD_MAXSIZE = MAX_BODY

# An archived 503 is content; only the spider can tell it from the archive's own.
RETRY_HTTP_CODES: list[int] = []

# The limits of the Internet Archive, below what it tolerates: 24 listings and 480 playbacks
# a minute. Requests name their slot.
DOWNLOAD_SLOTS = {
    "listing": {"concurrency": 1, "delay": 2.5, "jitter": 0},
    "playback": {"concurrency": 4, "delay": 0.125, "jitter": 0},
    "loopback": {"concurrency": 16, "delay": 0, "jitter": 0},
}

DOWNLOAD_VERIFY_CERTIFICATES = True
TELNETCONSOLE_ENABLED = False  # a port open to every user of the machine
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "WARNING"
