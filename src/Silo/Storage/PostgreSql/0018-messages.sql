-- Messages to many: who gets one, and in which block. The statement that plans and the one that closes a block read the states as they are.

-- LINE accounts as their grains keep them (the key without its u-).
CREATE INDEX OrleansStorage_Account ON OrleansStorage (substr(GrainIdExtensionString, 3))
    WHERE GrainTypeString = 'line-account';

CREATE VIEW line_accounts AS
SELECT account,
       CASE state ->> 'blocked' WHEN 'true' THEN 1 ELSE 0 END AS blocked,
       coalesce(state ->> 'topicsOff', '') AS topics_off, -- JSON array
       state #>> '{link,member}' AS member                 -- a copy; the member has the truth
FROM (
    SELECT substr(GrainIdExtensionString, 3) AS account, convert_from(PayloadBinary, 'UTF8')::json AS state
    FROM OrleansStorage
    WHERE GrainTypeString = 'line-account' AND PayloadBinary IS NOT NULL) AS states;

CREATE TABLE send_plan
(
    campaign text COLLATE "C" PRIMARY KEY, -- id of the message
    topic    text    NOT NULL,
    open     integer NOT NULL CHECK (open IN (0, 1)), -- whether blocks may be closed
    turn     integer NOT NULL,                        -- of the change that opened or shut it
    persons  bigint  NOT NULL,
    blocks   integer NOT NULL,
    left_out text    NOT NULL                         -- JSON: persons by reason
);

CREATE TABLE send_block
(
    campaign      text COLLATE "C" NOT NULL,
    number        integer NOT NULL,
    state         text    NOT NULL, -- open, inFlight, accepted, refused, parked, split, empty, stopped
    first_seq     bigint  NOT NULL, -- its persons are among these rows
    last_seq      bigint  NOT NULL,
    persons       integer NOT NULL,
    retry_key     text,
    body          bytea,            -- until it is over
    first_sent_at bigint,           -- milliseconds since 1970, as ended_at
    ended_at      bigint,
    sen           bigint  NOT NULL DEFAULT 0, -- hundredths of a yen that it cost at most
    PRIMARY KEY (campaign, number)
);

CREATE INDEX send_block_unsettled ON send_block (campaign, state, number) WHERE state IN ('open', 'inFlight');
CREATE INDEX send_block_sent ON send_block (first_sent_at) WHERE first_sent_at IS NOT NULL;

CREATE TABLE send_person
(
    campaign text COLLATE "C" NOT NULL,
    seq      bigint  NOT NULL,
    account  text COLLATE "C" NOT NULL,
    member   text COLLATE "C",
    block    integer, -- null: left out when it was planned
    reason   text,    -- why this person gets nothing; null: what became of the block
    PRIMARY KEY (campaign, seq)
) WITH (fillfactor = 90);

-- Nobody is in a plan twice, neither as an account nor as a member.
CREATE UNIQUE INDEX send_person_account ON send_person (account, campaign);
CREATE UNIQUE INDEX send_person_member ON send_person (member, campaign) WHERE member IS NOT NULL;
CREATE INDEX send_person_skipped ON send_person (campaign) WHERE reason IS NOT NULL AND block IS NOT NULL;
