-- One receipt has one decision. Two may be made on one request by two activations of the receipt, which see different
-- campaigns; until now only the requests were compared, and both could get through. Rows of older versions, which may run
-- beside this one, have no decision: for them the request tells.

ALTER TABLE ledger ADD COLUMN decision text COLLATE "C";
ALTER TABLE receipt_request ADD COLUMN decision text COLLATE "C";
ALTER TYPE ledger_entry ADD ATTRIBUTE decision text;

CREATE OR REPLACE FUNCTION coopline_file_ledger() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    carried ledger_entry[];
BEGIN
    SELECT array_agg(entry::ledger_entry)
    INTO carried
    FROM written AS state,
         json_populate_recordset(
             NULL::ledger_entry, (convert_from(state.PayloadBinary, 'UTF8')::json ->> 'ledger')::json) AS entry
    WHERE position('"ledger"'::bytea IN state.PayloadBinary) > 0; -- most payloads carry none

    IF carried IS NULL THEN
        RETURN NULL;
    END IF;

    -- Whoever meets a receipt that somebody else is filing waits for them here, and sees below what they filed.
    INSERT INTO receipt_request (receipt, request_hash, decision)
    SELECT used.receipt, min(coalesce(used."requestHash", '')), min(used.decision)
    FROM unnest(carried) AS used
    WHERE used.kind = 'used' AND used.receipt IS NOT NULL
    GROUP BY used.receipt
    ORDER BY used.receipt -- the same order for everybody: nobody waits in a circle
    ON CONFLICT (receipt) DO NOTHING;

    -- The message is known to the grains (StorageRefusal).
    IF EXISTS (
        SELECT
        FROM unnest(carried) AS used
        JOIN receipt_request ON receipt_request.receipt = used.receipt
        WHERE used.kind = 'used'
          AND (receipt_request.request_hash <> coalesce(used."requestHash", '') OR receipt_request.decision <> used.decision))
    THEN
        RAISE EXCEPTION 'coopline: receipt has another request';
    END IF;

    INSERT INTO ledger
        (id, kind, at, at_utc, campaign, member, account, store, receipt, line, yen, request_hash, amends, given_back,
         actor, reason, identity_check, answer, trace_id, version, decision)
    SELECT entry.id, entry.kind, entry.at, entry.at::timestamptz, entry.campaign, entry.member, entry.account,
           entry.store, entry.receipt, entry.line, coalesce(entry.yen, 0), entry."requestHash", entry.amends,
           coalesce(entry."givenBack", false), entry.actor, entry.reason, entry."identityCheck", entry.answer,
           entry."traceId", entry.version, entry.decision
    FROM unnest(carried) AS entry
    ON CONFLICT (id) DO NOTHING;

    RETURN NULL;
END
$body$;

-- With the new column.
CREATE OR REPLACE VIEW standing_uses AS
SELECT used.*
FROM ledger AS used
WHERE used.kind = 'used'
  AND NOT EXISTS (SELECT 1 FROM ledger AS later WHERE later.amends = used.id AND later.given_back);
