-- The ledger: what happened, for ever. Rows arrive inside the payload of the state that they belong to and are filed
-- by the statement that writes it: both are there, or neither.

CREATE TABLE ledger
(
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    id             TEXT    NOT NULL UNIQUE, -- the natural key: written again, a row is filed once
    kind           TEXT    NOT NULL,
    at             TEXT    NOT NULL,        -- as the state has it, with its offset
    at_utc         TEXT    NOT NULL GENERATED ALWAYS AS (strftime('%Y-%m-%dT%H:%M:%fZ', at)) STORED,
    campaign       TEXT,
    member         TEXT,
    account        TEXT,
    store          TEXT,
    receipt        TEXT,
    line           INTEGER,
    yen            INTEGER NOT NULL,
    request_hash   TEXT,
    amends         TEXT,
    given_back     INTEGER NOT NULL CHECK (given_back IN (0, 1)),
    actor          TEXT,
    reason         TEXT,
    identity_check TEXT,
    answer         TEXT,
    trace_id       TEXT,
    version        INTEGER
) STRICT;

-- seq is the rowid, so each index also serves "newest first".
CREATE INDEX ledger_receipt ON ledger (receipt) WHERE receipt IS NOT NULL;
CREATE INDEX ledger_member ON ledger (member) WHERE member IS NOT NULL;
CREATE INDEX ledger_account ON ledger (account) WHERE account IS NOT NULL;
CREATE INDEX ledger_campaign ON ledger (campaign, kind) WHERE campaign IS NOT NULL;
CREATE INDEX ledger_store ON ledger (store, at_utc) WHERE store IS NOT NULL;
CREATE INDEX ledger_trace ON ledger (trace_id) WHERE trace_id IS NOT NULL;
CREATE INDEX ledger_kind ON ledger (kind);
CREATE INDEX ledger_at ON ledger (at_utc);
CREATE INDEX ledger_given_back ON ledger (amends) WHERE given_back = 1;

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'coopline: the ledger is never changed');
END;

CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'coopline: the ledger is never changed');
END;

-- One receipt has one request. Two coupons can be used on one receipt, but only by the same request; the message is
-- known to the grains (StorageRefusal).
CREATE TRIGGER ledger_one_request_a_receipt BEFORE INSERT ON ledger
WHEN NEW.kind = 'used' AND EXISTS (
    SELECT 1
    FROM ledger
    WHERE receipt = NEW.receipt AND kind = 'used' AND request_hash IS NOT NEW.request_hash)
BEGIN
    SELECT RAISE(ABORT, 'coopline: receipt has another request');
END;

-- A trigger's target has to be a table or a view; this view lets both triggers on OrleansStorage share one body.
CREATE VIEW ledger_in_payload AS SELECT NULL AS payload;

CREATE TRIGGER ledger_file INSTEAD OF INSERT ON ledger_in_payload
BEGIN
    INSERT INTO ledger
        (id, kind, at, campaign, member, account, store, receipt, line, yen, request_hash, amends, given_back, actor,
         reason, identity_check, answer, trace_id, version)
    SELECT value ->> '$.id', value ->> '$.kind', value ->> '$.at', value ->> '$.campaign', value ->> '$.member',
           value ->> '$.account', value ->> '$.store', value ->> '$.receipt', value ->> '$.line',
           coalesce(value ->> '$.yen', 0), value ->> '$.requestHash', value ->> '$.amends',
           coalesce(value ->> '$.givenBack', 0), value ->> '$.actor', value ->> '$.reason',
           value ->> '$.identityCheck', value ->> '$.answer', value ->> '$.traceId', value ->> '$.version'
    FROM json_each(NEW.payload, '$.ledger')
    WHERE type <> 'null'
    ON CONFLICT (id) DO NOTHING;
END;

CREATE TRIGGER OrleansStorage_inserted AFTER INSERT ON OrleansStorage
BEGIN
    INSERT INTO ledger_in_payload VALUES (CAST(NEW.PayloadBinary AS TEXT));
END;

CREATE TRIGGER OrleansStorage_updated AFTER UPDATE OF PayloadBinary ON OrleansStorage
BEGIN
    INSERT INTO ledger_in_payload VALUES (CAST(NEW.PayloadBinary AS TEXT));
END;

-- Uses that nothing has given back.
CREATE VIEW standing_uses AS
SELECT used.*
FROM ledger AS used
WHERE used.kind = 'used'
  AND NOT EXISTS (SELECT 1 FROM ledger AS later WHERE later.amends = used.id AND later.given_back = 1);

-- Who is linked now, by member number (the key without its m-).
CREATE INDEX OrleansStorage_Member ON OrleansStorage (substr(GrainIdExtensionString, 3))
    WHERE GrainTypeString = 'member';

CREATE VIEW linked_members AS
SELECT substr(GrainIdExtensionString, 3) AS member_number,
       CAST(PayloadBinary AS TEXT) ->> '$.link.account' AS account,
       CAST(PayloadBinary AS TEXT) ->> '$.link.id' AS link_id,
       CAST(PayloadBinary AS TEXT) ->> '$.link.since' AS since
FROM OrleansStorage
WHERE GrainTypeString = 'member' AND CAST(PayloadBinary AS TEXT) ->> '$.link' IS NOT NULL;

-- Campaigns as their grains keep them (the key without its p-).
CREATE INDEX OrleansStorage_Campaign ON OrleansStorage (substr(GrainIdExtensionString, 3))
    WHERE GrainTypeString = 'campaign';

CREATE VIEW campaigns AS
SELECT substr(GrainIdExtensionString, 3) AS id,
       CAST(PayloadBinary AS TEXT) ->> '$.version' AS version,
       CAST(PayloadBinary AS TEXT) ->> '$.status' AS status,
       CAST(PayloadBinary AS TEXT) -> '$.definition' AS definition,
       CAST(PayloadBinary AS TEXT) ->> '$.stoppedAt' AS stopped_at
FROM OrleansStorage
WHERE GrainTypeString = 'campaign' AND PayloadBinary IS NOT NULL;
