-- What a till call needs when it is written by hand: one row for each coupon code, one use for each coupon and receipt.

CREATE TABLE member
(
    number     text COLLATE "C" PRIMARY KEY,
    account    text COLLATE "C", -- null: not linked
    active     boolean NOT NULL,
    businesses text[]  NOT NULL
);

CREATE TABLE campaign
(
    id                     text COLLATE "C" PRIMARY KEY,
    yen_off                integer     NOT NULL,
    jans                   text[]      NOT NULL,
    categories             text[]      NOT NULL,
    stores                 text[]      NOT NULL,
    businesses             text[]      NOT NULL,
    starts_at              timestamptz NOT NULL,
    ends_at                timestamptz NOT NULL,
    stopped                boolean     NOT NULL,
    allow_unknown_markdown boolean     NOT NULL
);

CREATE TABLE coupon_code
(
    code       text COLLATE "C" PRIMARY KEY,
    member     text COLLATE "C" NOT NULL,
    account    text COLLATE "C" NOT NULL,
    campaign   text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE redemption
(
    receipt      text COLLATE "C" PRIMARY KEY,
    request_hash bytea       NOT NULL,
    member       text COLLATE "C" NOT NULL,
    campaign     text COLLATE "C" NOT NULL,
    account      text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,
    line         integer     NOT NULL,
    yen          integer     NOT NULL,
    trace_id     text        NOT NULL,
    UNIQUE (member, campaign)
);

CREATE TABLE ledger
(
    seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text        NOT NULL,
    at       timestamptz NOT NULL,
    campaign text        NOT NULL,
    member   text COLLATE "C" NOT NULL,
    account  text        NOT NULL,
    store    text        NOT NULL,
    receipt  text        NOT NULL,
    line     integer     NOT NULL,
    yen      integer     NOT NULL,
    actor    text        NOT NULL,
    trace_id text        NOT NULL
);

CREATE INDEX ledger_member ON ledger (member, seq);

-- The co-op's member registry; an import replaces it, or changes rows of it.
CREATE TABLE registry
(
    number          text COLLATE "C" PRIMARY KEY,
    phones          text[] NOT NULL, -- keyed hashes
    birth_date_hash text COLLATE "C",
    status          text   NOT NULL,
    businesses      text[] NOT NULL,
    home_store      text COLLATE "C",
    replaced_by     text COLLATE "C"
);

-- A message to many: everybody who could get one, and a row for each person of each message.
CREATE TABLE friend
(
    account text COLLATE "C" PRIMARY KEY,
    blocked boolean NOT NULL
);

CREATE TABLE delivery
(
    message text COLLATE "C" NOT NULL,
    seq     bigint NOT NULL,
    account text COLLATE "C" NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (message, seq)
);
