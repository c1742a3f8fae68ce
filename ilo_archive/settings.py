"""Scrapy's settings: only what differs from its defaults, each with its reason."""

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

# A file of the store that would grow beyond these bytes is followed by another: what is cut, lost
# or copied to another machine is never more than one of them.
ILO_ARCHIVE_WARC_SIZE = ROLL_AT

SPIDER_MIDDLEWARES = {
    # The request of a capture is kept beside its answer.
    f"{_folder}pipelines.sent.SentMiddleware": 100,
    # It warns of requests that carry the meta of others; those that are made again do, on purpose.
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}

# Captures are kept as the archive sends them: nothing is decoded, followed or turned away.
COMPRESSION_ENABLED = False
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
COOKIES_ENABLED = False
HTTPERROR_ALLOW_ALL = True
DOWNLOAD_MAXSIZE = MAX_BODY

# An archived 503 is content; only the spider can tell it from the archive's own.
RETRY_HTTP_CODES: list[int] = []

# How often an archive may be asked is told by archives.toml and kept by the middleware, which
# comes last, at the wire. Scrapy's own means do not serve here: the delays of DOWNLOAD_SLOTS and
# AutoThrottle are forgotten with the run, and neither stops what waits when an archive refuses.
DOWNLOADER_MIDDLEWARES = {f"{_folder}spiders.politeness.Throttle": 950}

# At most so many wait for an answer when an archive says that it has enough. The delays are not
# Scrapy's, so its slots, of the same size, hold nothing back.
CONCURRENT_REQUESTS = CONCURRENT_REQUESTS_PER_DOMAIN = 8

DOWNLOAD_VERIFY_CERTIFICATES = True
TELNETCONSOLE_ENABLED = False  # a port open to every user of the machine
REMOTE_CONTROL_ENABLED = False
LOG_LEVEL = "WARNING"
