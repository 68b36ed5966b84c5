-- The program files the ledger rows of a state itself, as columns, in the transaction that writes the state. Orleans' own
-- provider goes on to write them into the payload, from where the trigger files them.

-- Whether a use is part of a plan, so that the answer is in the state of the receipt. Else it is in the column answer, or,
-- if it has no more to say than the row, nowhere else.
ALTER TABLE ledger ADD COLUMN planned INTEGER NOT NULL DEFAULT 0 CHECK (planned IN (0, 1));
DROP TRIGGER ledger_no_update;
UPDATE ledger SET planned = 1 WHERE kind = 'used' AND answer IS NULL;
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'coopline: the ledger is never changed');
END;

DROP TRIGGER ledger_file;
CREATE TRIGGER ledger_file INSTEAD OF INSERT ON ledger_in_payload
BEGIN
    INSERT INTO ledger
        (id, kind, at, campaign, member, account, store, receipt, line, yen, request_hash, amends, given_back, actor,
         reason, identity_check, answer, trace_id, version, decision, planned)
    SELECT value ->> '$.id', value ->> '$.kind', value ->> '$.at', value ->> '$.campaign', value ->> '$.member',
           value ->> '$.account', value ->> '$.store', value ->> '$.receipt', value ->> '$.line',
           coalesce(value ->> '$.yen', 0), value ->> '$.requestHash', value ->> '$.amends',
           coalesce(value ->> '$.givenBack', 0), value ->> '$.actor', value ->> '$.reason',
           value ->> '$.identityCheck', value ->> '$.answer', value ->> '$.traceId', value ->> '$.version',
           value ->> '$.decision', coalesce(value ->> '$.planned', 0)
    FROM json_each(NEW.payload, '$.ledger')
    WHERE type <> 'null'
    ON CONFLICT (id) DO NOTHING;
END;

DROP TRIGGER OrleansStorage_inserted;
CREATE TRIGGER OrleansStorage_inserted AFTER INSERT ON OrleansStorage
WHEN instr(CAST(NEW.PayloadBinary AS TEXT), '"ledger"') > 0
BEGIN
    INSERT INTO ledger_in_payload VALUES (CAST(NEW.PayloadBinary AS TEXT));
END;

DROP TRIGGER OrleansStorage_updated;
CREATE TRIGGER OrleansStorage_updated AFTER UPDATE OF PayloadBinary ON OrleansStorage
WHEN instr(CAST(NEW.PayloadBinary AS TEXT), '"ledger"') > 0
BEGIN
    INSERT INTO ledger_in_payload VALUES (CAST(NEW.PayloadBinary AS TEXT));
END;

-- With the version of the row, which changes whenever anything about the campaign does.
DROP VIEW campaigns;
CREATE VIEW campaigns AS
SELECT substr(GrainIdExtensionString, 3) AS id,
       CAST(PayloadBinary AS TEXT) ->> '$.version' AS version,
       CAST(PayloadBinary AS TEXT) ->> '$.status' AS status,
       CAST(PayloadBinary AS TEXT) -> '$.definition' AS definition,
       CAST(PayloadBinary AS TEXT) ->> '$.stoppedAt' AS stopped_at,
       Version AS etag
FROM OrleansStorage
WHERE GrainTypeString = 'campaign' AND PayloadBinary IS NOT NULL;
