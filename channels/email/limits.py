"""How much of a mail is read at all: beyond these sizes reading costs more than a mail may.

Over a cap the mail is not dropped: the caller keeps the raw bytes and shows that they were not read.
"""

from __future__ import annotations

MAX_RAW = 50 * 1024 * 1024
"""bytes of a whole mail"""
MAX_PARTS = 1_000
MAX_DEPTH = 50
"""multiparts inside multiparts"""
MAX_HEADER = 64 * 1024
"""bytes of one header field"""
MAX_FIELDS = 2_000
"""header fields of one part"""
MAX_HEADER_BLOCK = 1024 * 1024
"""bytes of all header fields of one part"""
MAX_HTML = 1_000_000
"""characters of a mail's HTML, embedded images taken out"""
MAX_HTML_PARTS = 20
"""HTML parts of a mail that are read; the others are kept as files"""
MAX_TEXT = 400_000
"""characters of a mail's text shown; the whole of a longer one is kept as a file"""
MAX_PARTIES = 200
"""persons kept of one list of recipients"""
MAX_IDS = 100
"""Message-IDs kept of one References field"""
