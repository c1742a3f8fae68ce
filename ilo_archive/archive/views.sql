-- The public views. Columns may be added; existing ones never change their name or meaning.

DROP VIEW IF EXISTS captures;
CREATE VIEW captures AS
SELECT capture.key AS id, capture.office,
       coalesce(snapshot.language, capture.language) AS language,
       capture.url, capture.captured_at, capture.archive, capture.uri_m, capture.status,
       capture.state, capture.reason, capture.quality,
       coalesce(nullif(capture.digest, ''), capture.payload_digest) AS digest,
       capture.warc_file, capture.warc_offset,
       capture.precision, capture.page, snapshot.template, snapshot.warnings, capture.reader,
       snapshot.charset, snapshot.charset_reason, capture.failure, capture.crawl, capture.fault,
       capture.redirected_from, capture.attempts, capture.retry_at
FROM capture LEFT JOIN snapshot ON snapshot.capture_id = capture.id;

DROP VIEW IF EXISTS sightings;
CREATE VIEW sightings AS
SELECT reading.entry_id,
       reading.entry_id || '@' || substr(wording.digest, 1, 8) AS revision_id,
       capture.key AS capture_id, capture.office, capture.captured_at, capture.uri_m,
       sighting.position, sighting.credit,
       sighting.section, sighting.ordinal, sighting.credit_holder, sighting.credit_agency,
       sighting.credit_year, sighting.link, sighting.image, reading.rule, reading.score
FROM sighting
JOIN capture ON capture.id = sighting.capture_id
JOIN reading ON reading.id = sighting.reading_id
JOIN wording ON wording.id = reading.wording_id;

DROP VIEW IF EXISTS revisions;
CREATE VIEW revisions AS
SELECT reading.entry_id || '@' || substr(wording.digest, 1, 8) AS revision_id,
       reading.entry_id, wording.kicker, wording.title, wording.date, wording.summary,
       max(sighting.link) AS link,
       min(sighting.captured_at) AS first_seen, max(sighting.captured_at) AS last_seen,
       wording.language, wording.dateline, wording.date_end, wording.place,
       count(*) AS sightings,
       -- The revision of which this one is only the beginning, on pages that end within it.
       (SELECT reading.entry_id || '@' || substr(whole.digest, 1, 8) FROM wording AS whole
        WHERE whole.id = reading.cut_of) AS cut_of
FROM reading
JOIN wording ON wording.id = reading.wording_id
JOIN sighting ON sighting.reading_id = reading.id
GROUP BY reading.entry_id, wording.id;

DROP VIEW IF EXISTS news;
CREATE VIEW news AS
SELECT entry.id AS entry_id, capture.office, wording.language, sighting.section,
       entry.date, wording.date_end, wording.kicker, wording.title, wording.summary,
       sighting.link, sighting.credit_holder, sighting.credit_agency,
       entry.first_seen, entry.last_seen,
       (SELECT min(later.captured_at) FROM capture AS later
        WHERE later.page = capture.page AND later.quality = 'good'
          AND later.captured_at > entry.last_seen
          -- An offset list shows other items on every capture: what it lacks proves nothing.
          AND NOT offset_list(later.page)) AS absent_from,
       (SELECT count(*) FROM reading AS r JOIN sighting AS s ON s.reading_id = r.id
        WHERE r.entry_id = entry.id) AS sightings,
       entry.revisions,
       wording.dateline, wording.place, sighting.credit, sighting.image
FROM entry
JOIN wording ON wording.id = entry.wording_id
JOIN sighting ON sighting.capture_id = entry.last_capture_id
             AND sighting.ordinal = entry.last_ordinal
JOIN capture ON capture.id = entry.last_capture_id;

DROP VIEW IF EXISTS lifelines;
CREATE VIEW lifelines AS
SELECT stay.entry_id, stay.office, stay.page, stay.not_before, stay.first_seen, stay.last_seen,
       stay.absent_from, stay.captures,
       CASE WHEN NOT offset_list(stay.page) THEN
       (SELECT count(DISTINCT c.captured_at) FROM capture AS c
        WHERE c.page = stay.page AND c.quality = 'good'
          AND c.captured_at BETWEEN stay.first_seen AND stay.last_seen) - stay.moments END AS gaps
FROM
(SELECT seen.*,
        (SELECT max(c.captured_at) FROM capture AS c
         WHERE c.page = seen.page AND c.quality = 'good' AND c.captured_at < seen.first_seen
           AND NOT offset_list(c.page)) AS not_before,
        (SELECT min(c.captured_at) FROM capture AS c
         WHERE c.page = seen.page AND c.quality = 'good' AND c.captured_at > seen.last_seen
           AND NOT offset_list(c.page)) AS absent_from
 FROM (SELECT reading.entry_id, capture.office, capture.page,
              min(capture.captured_at) AS first_seen, max(capture.captured_at) AS last_seen,
              count(DISTINCT capture.id) AS captures,
              count(DISTINCT capture.captured_at) AS moments
       FROM reading
       JOIN sighting ON sighting.reading_id = reading.id
       JOIN capture ON capture.id = sighting.capture_id
       GROUP BY reading.entry_id, capture.office, capture.page) AS seen) AS stay;

-- Without offset lists: their name and description concern the list, not the office.
DROP VIEW IF EXISTS descriptions;
CREATE VIEW descriptions AS
WITH said AS
(SELECT capture.office, coalesce(snapshot.language, capture.language) AS language,
        'name' AS field, snapshot.name AS text, capture.captured_at
 FROM snapshot JOIN capture ON capture.id = snapshot.capture_id
 WHERE snapshot.name IS NOT NULL AND NOT offset_list(capture.page)
 UNION ALL
 SELECT capture.office, coalesce(snapshot.language, capture.language), 'description',
        snapshot.description, capture.captured_at
 FROM snapshot JOIN capture ON capture.id = snapshot.capture_id
 WHERE snapshot.description IS NOT NULL AND NOT offset_list(capture.page)),
worded AS
(SELECT office, language, field, text, min(captured_at) AS first_seen,
        max(captured_at) AS last_seen, count(*) AS captures
 FROM said GROUP BY office, language, field, text)
SELECT office, language, field, text, first_seen, last_seen, captures,
       (SELECT max(said.captured_at) FROM said
        WHERE said.office = worded.office AND said.language IS worded.language
          AND said.field = worded.field AND said.captured_at < worded.first_seen) AS not_before,
       (SELECT min(said.captured_at) FROM said
        WHERE said.office = worded.office AND said.language IS worded.language
          AND said.field = worded.field AND said.captured_at > worded.last_seen) AS absent_from
FROM worded;

DROP VIEW IF EXISTS credits;
CREATE VIEW credits AS
SELECT holder.shown AS holder, sighting.credit_agency AS agency,
       count(DISTINCT reading.entry_id) AS entries, count(DISTINCT capture.office) AS offices,
       min(sighting.captured_at) AS first_seen, max(sighting.captured_at) AS last_seen,
       (SELECT group_concat(form, '; ')
        FROM (SELECT DISTINCT same.form FROM holder AS same
              WHERE same.shown = holder.shown ORDER BY same.form)) AS forms
FROM sighting
JOIN reading ON reading.id = sighting.reading_id
JOIN capture ON capture.id = sighting.capture_id
LEFT JOIN holder ON holder.credited = sighting.credit_holder
WHERE sighting.credit IS NOT NULL
GROUP BY holder.shown, sighting.credit_agency;

DROP VIEW IF EXISTS runs;
CREATE VIEW runs AS
SELECT id, command, started_at, ended_at, outcome, captures, new_entries, revised, failed
FROM run;
