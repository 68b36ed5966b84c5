-- Imports are versions: their rows are staged under the import's id, a few thousand a transaction, so that tills never
-- wait for a long one, and become visible together when this table says 'applied'.
CREATE TABLE registry_import (
    id         INTEGER PRIMARY KEY,
    mode       TEXT NOT NULL CHECK (mode IN ('full', 'delta')),
    status     TEXT NOT NULL CHECK (status IN ('staging', 'applied', 'stopped')),
    started_at TEXT NOT NULL,
    alive_at   TEXT NOT NULL, -- the last sign of life while staging
    ended_at   TEXT,
    rows       INTEGER NOT NULL DEFAULT 0,
    accepted   INTEGER NOT NULL DEFAULT 0,
    rejected   INTEGER NOT NULL DEFAULT 0,
    missing    INTEGER NOT NULL DEFAULT 0,
    swept      INTEGER NOT NULL DEFAULT 0 CHECK (swept IN (0, 1)) -- rows that it made obsolete are deleted
) STRICT;

-- One import at a time, whichever process runs it.
CREATE UNIQUE INDEX registry_import_staging ON registry_import (status) WHERE status = 'staging';
CREATE INDEX registry_import_applied ON registry_import (mode, id) WHERE status = 'applied';

CREATE TABLE registry_row (
    member_number   TEXT NOT NULL,
    import_id       INTEGER NOT NULL REFERENCES registry_import (id),
    phones          TEXT NOT NULL CHECK (json_valid(phones)), -- keyed hashes
    birth_date_hash TEXT,
    status          TEXT NOT NULL CHECK (status IN ('active', 'withdrawn')),
    businesses      TEXT NOT NULL CHECK (json_valid(businesses)), -- 'store', 'home', 'group'
    home_store      TEXT,
    replaced_by     TEXT,
    line            INTEGER, -- in the file; null for a row carried forward because its new version was rejected
    PRIMARY KEY (member_number, import_id)
) WITHOUT ROWID, STRICT;

CREATE INDEX registry_row_replaced_by ON registry_row (replaced_by) WHERE replaced_by IS NOT NULL;

-- The registry: of each member the newest applied row, none older than the last full import.
CREATE VIEW registry AS
SELECT r.member_number, r.phones, r.birth_date_hash, r.status, r.businesses, r.home_store, r.replaced_by
FROM registry_row AS r
WHERE r.import_id = (
    SELECT newest.import_id
    FROM registry_row AS newest
    JOIN registry_import AS i ON i.id = newest.import_id AND i.status = 'applied'
    WHERE newest.member_number = r.member_number
        AND newest.import_id >= (
            SELECT coalesce(max(id), 0) FROM registry_import WHERE status = 'applied' AND mode = 'full')
    ORDER BY newest.import_id DESC
    LIMIT 1);

-- Which number took whose place. It is kept for ever: a used coupon stays used when the old number is in no file any more.
CREATE VIEW registry_replacement AS
SELECT r.member_number, r.replaced_by
FROM registry_row AS r
WHERE r.replaced_by IS NOT NULL AND r.import_id = (
    SELECT max(newest.import_id)
    FROM registry_row AS newest
    JOIN registry_import AS i ON i.id = newest.import_id AND i.status = 'applied'
    WHERE newest.member_number = r.member_number);
