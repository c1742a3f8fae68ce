"""Files as programs save pages."""

from __future__ import annotations

import base64

from tests.support.paths import HOMEPAGE

AT = "20150414103217"
PLAYED = f"https://web.archive.org/web/{AT}/{HOMEPAGE}"
SINGLE_FILE = f"""<!DOCTYPE html> <html lang=en><!--
 Page saved with SingleFile
 url: {HOMEPAGE}
 saved date: Tue Apr 14 2015 13:32:17 GMT+0300 (Moscow Standard Time)
-->"""
MHTML = (
    "From: <Saved by Blink>\r\n"
    f"Snapshot-Content-Location: {HOMEPAGE}\r\n"
    "Subject: ILO Moscow\r\n"
    "Date: Tue, 14 Apr 2015 13:32:17 +0300\r\n"
    "MIME-Version: 1.0\r\n"
    'Content-Type: multipart/related; type="text/html"; boundary="x"\r\n\r\n'
    "--x\r\nContent-Type: text/html\r\nContent-Location: http://www.ilo.org/frame\r\n\r\n"
    "<p>A frame</p>\r\n"
    "--x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
    f"Content-Location: {HOMEPAGE}\r\n\r\n{{}}\r\n--x--\r\n"
)


def mhtml(page: bytes) -> bytes:
    return MHTML.replace("{}", base64.encodebytes(page).decode()).encode()
