CREATE TABLE webhook_event
(
    id      text COLLATE "C" PRIMARY KEY,
    account text        NOT NULL,
    at      timestamptz NOT NULL,
    event   jsonb       NOT NULL
);
