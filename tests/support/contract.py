"""The views that scripts depend on."""

CONTRACT = {
    "captures": "id, office, language, url, captured_at, archive, uri_m, status, state, reason,"
    " quality, digest, warc_file, warc_offset",
    "news": "entry_id, office, language, section, date, date_end, kicker, title, summary, link,"
    " credit_holder, credit_agency, first_seen, last_seen, absent_from, sightings, revisions",
    "sightings": "entry_id, revision_id, capture_id, office, captured_at, uri_m, position, credit",
    "revisions": "revision_id, entry_id, kicker, title, date, summary, link, first_seen, last_seen",
    "descriptions": "office, language, field, text, first_seen, last_seen, captures",
    "credits": "holder, agency, entries, offices, first_seen, last_seen",
    "lifelines": "entry_id, office, page, not_before, first_seen, last_seen, absent_from, captures,"
    " gaps",
    "runs": "id, command, started_at, ended_at, outcome, captures, new_entries, revised, failed",
}
"""The contract and `lifelines`, view by view; columns may be added."""
