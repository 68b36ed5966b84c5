-- One receipt has one decision. Two may be made on one request by two activations of the receipt, which see different
-- campaigns; until now only the requests were compared, and both could get through. Rows of older versions have no
-- decision: for them the request tells.

ALTER TABLE ledger ADD COLUMN decision TEXT;

-- The message is known to the grains (StorageRefusal).
DROP TRIGGER ledger_one_request_a_receipt;
CREATE TRIGGER ledger_one_decision_a_receipt BEFORE INSERT ON ledger
WHEN NEW.kind = 'used' AND EXISTS (
    SELECT 1
    FROM ledger
    WHERE receipt = NEW.receipt AND kind = 'used'
      AND (request_hash IS NOT NEW.request_hash OR decision <> NEW.decision))
BEGIN
    SELECT RAISE(ABORT, 'coopline: receipt has another request');
END;

DROP TRIGGER ledger_file;
CREATE TRIGGER ledger_file INSTEAD OF INSERT ON ledger_in_payload
BEGIN
    INSERT INTO ledger
        (id, kind, at, campaign, member, account, store, receipt, line, yen, request_hash, amends, given_back, actor,
         reason, identity_check, answer, trace_id, version, decision)
    SELECT value ->> '$.id', value ->> '$.kind', value ->> '$.at', value ->> '$.campaign', value ->> '$.member',
           value ->> '$.account', value ->> '$.store', value ->> '$.receipt', value ->> '$.line',
           coalesce(value ->> '$.yen', 0), value ->> '$.requestHash', value ->> '$.amends',
           coalesce(value ->> '$.givenBack', 0), value ->> '$.actor', value ->> '$.reason',
           value ->> '$.identityCheck', value ->> '$.answer', value ->> '$.traceId', value ->> '$.version',
           value ->> '$.decision'
    FROM json_each(NEW.payload, '$.ledger')
    WHERE type <> 'null'
    ON CONFLICT (id) DO NOTHING;
END;
