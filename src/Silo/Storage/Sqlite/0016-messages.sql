-- Messages to many: who gets one, and in which block. The statement that plans and the one that closes a block read the states as they are.

-- LINE accounts as their grains keep them (the key without its u-).
CREATE INDEX OrleansStorage_Account ON OrleansStorage (substr(GrainIdExtensionString, 3))
    WHERE GrainTypeString = 'line-account';

CREATE VIEW line_accounts AS
SELECT substr(GrainIdExtensionString, 3) AS account,
       coalesce(CAST(PayloadBinary AS TEXT) ->> '$.blocked', 0) AS blocked,
       coalesce(CAST(PayloadBinary AS TEXT) ->> '$.topicsOff', '') AS topics_off, -- JSON array
       CAST(PayloadBinary AS TEXT) ->> '$.link.member' AS member                   -- a copy; the member has the truth
FROM OrleansStorage
WHERE GrainTypeString = 'line-account' AND PayloadBinary IS NOT NULL;

CREATE TABLE send_plan
(
    campaign TEXT    NOT NULL PRIMARY KEY, -- id of the message
    topic    TEXT    NOT NULL,
    open     INTEGER NOT NULL CHECK (open IN (0, 1)), -- whether blocks may be closed
    turn     INTEGER NOT NULL,                        -- of the change that opened or shut it
    persons  INTEGER NOT NULL,
    blocks   INTEGER NOT NULL,
    left_out TEXT    NOT NULL                         -- JSON: persons by reason
) STRICT, WITHOUT ROWID;

CREATE TABLE send_block
(
    campaign      TEXT    NOT NULL,
    number        INTEGER NOT NULL,
    state         TEXT    NOT NULL, -- open, inFlight, accepted, refused, parked, split, empty, stopped
    first_seq     INTEGER NOT NULL, -- its persons are among these rows
    last_seq      INTEGER NOT NULL,
    persons       INTEGER NOT NULL,
    retry_key     TEXT,
    body          BLOB,             -- until it is over
    first_sent_at INTEGER,          -- milliseconds since 1970, as ended_at
    ended_at      INTEGER,
    sen           INTEGER NOT NULL DEFAULT 0, -- hundredths of a yen that it cost at most
    PRIMARY KEY (campaign, number)
) STRICT;

CREATE INDEX send_block_unsettled ON send_block (campaign, state, number) WHERE state IN ('open', 'inFlight');
CREATE INDEX send_block_sent ON send_block (first_sent_at) WHERE first_sent_at IS NOT NULL;

CREATE TABLE send_person
(
    campaign TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    account  TEXT    NOT NULL,
    member   TEXT,
    block    INTEGER, -- null: left out when it was planned
    reason   TEXT,    -- why this person gets nothing; null: what became of the block
    PRIMARY KEY (campaign, seq)
) STRICT, WITHOUT ROWID;

-- Nobody is in a plan twice, neither as an account nor as a member.
CREATE UNIQUE INDEX send_person_account ON send_person (account, campaign);
CREATE UNIQUE INDEX send_person_member ON send_person (member, campaign) WHERE member IS NOT NULL;
CREATE INDEX send_person_skipped ON send_person (campaign) WHERE reason IS NOT NULL AND block IS NOT NULL;
