-- The same for SQLite. Lists are separated by semicolons; times are seconds since 1970.

PRAGMA journal_mode = WAL;

CREATE TABLE member
(
    number     TEXT PRIMARY KEY,
    account    TEXT, -- null: not linked
    active     INTEGER NOT NULL,
    businesses TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE campaign
(
    id                     TEXT PRIMARY KEY,
    yen_off                INTEGER NOT NULL,
    jans                   TEXT    NOT NULL,
    categories             TEXT    NOT NULL,
    stores                 TEXT    NOT NULL,
    businesses             TEXT    NOT NULL,
    starts_at              INTEGER NOT NULL,
    ends_at                INTEGER NOT NULL,
    stopped                INTEGER NOT NULL,
    allow_unknown_markdown INTEGER NOT NULL
) STRICT;

CREATE TABLE coupon_code
(
    code       TEXT PRIMARY KEY,
    member     TEXT    NOT NULL,
    account    TEXT    NOT NULL,
    campaign   TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE redemption
(
    receipt      TEXT PRIMARY KEY,
    request_hash BLOB    NOT NULL,
    member       TEXT    NOT NULL,
    campaign     TEXT    NOT NULL,
    account      TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    line         INTEGER NOT NULL,
    yen          INTEGER NOT NULL,
    trace_id     TEXT    NOT NULL,
    UNIQUE (member, campaign)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger
(
    seq      INTEGER PRIMARY KEY,
    kind     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    campaign TEXT    NOT NULL,
    member   TEXT    NOT NULL,
    account  TEXT    NOT NULL,
    store    TEXT    NOT NULL,
    receipt  TEXT    NOT NULL,
    line     INTEGER NOT NULL,
    yen      INTEGER NOT NULL,
    actor    TEXT    NOT NULL,
    trace_id TEXT    NOT NULL
) STRICT;

CREATE INDEX ledger_member ON ledger (member, seq);
