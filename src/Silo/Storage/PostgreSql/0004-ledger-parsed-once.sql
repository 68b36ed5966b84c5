-- The ledger rows of a statement's payloads are parsed once: until now three statements parsed them, and that was most of
-- what a redemption cost the database.

-- A ledger row as a payload carries it; the names are those of its JSON.
CREATE TYPE ledger_entry AS (
    id text, kind text, at text, campaign text, member text, account text, store text, receipt text, line integer,
    yen integer, "requestHash" text, amends text, "givenBack" boolean, actor text, reason text, "identityCheck" text,
    answer text, "traceId" text, version integer);

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
    INSERT INTO receipt_request (receipt, request_hash)
    SELECT used.receipt, min(coalesce(used."requestHash", ''))
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
        WHERE used.kind = 'used' AND receipt_request.request_hash <> coalesce(used."requestHash", ''))
    THEN
        RAISE EXCEPTION 'coopline: receipt has another request';
    END IF;

    INSERT INTO ledger
        (id, kind, at, at_utc, campaign, member, account, store, receipt, line, yen, request_hash, amends, given_back,
         actor, reason, identity_check, answer, trace_id, version)
    SELECT entry.id, entry.kind, entry.at, entry.at::timestamptz, entry.campaign, entry.member, entry.account,
           entry.store, entry.receipt, entry.line, coalesce(entry.yen, 0), entry."requestHash", entry.amends,
           coalesce(entry."givenBack", false), entry.actor, entry.reason, entry."identityCheck", entry.answer,
           entry."traceId", entry.version
    FROM unnest(carried) AS entry
    ON CONFLICT (id) DO NOTHING;

    RETURN NULL;
END
$body$;
