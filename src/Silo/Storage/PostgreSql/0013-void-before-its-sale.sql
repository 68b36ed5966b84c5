-- A void that comes before its sale is a decision about the receipt, as a use is: whoever comes second is refused. Among the rows of
-- a receipt, the decisions are those that amend no other one. The statement that writes states does the same; this is for Orleans'
-- own provider.

CREATE OR REPLACE FUNCTION coopline_file_ledger() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    carried ledger_entry;
BEGIN
    FOR carried IN
        SELECT *
        FROM json_populate_recordset(
            NULL::ledger_entry, (convert_from(NEW.PayloadBinary, 'UTF8')::json ->> 'ledger')::json)
    LOOP
        LOOP
            -- The message is known to the grains (StorageRefusal).
            IF carried.receipt IS NOT NULL AND carried.amends IS NULL AND EXISTS (
                SELECT
                FROM ledger
                WHERE receipt = carried.receipt AND amends IS NULL
                  AND (request_hash IS DISTINCT FROM carried."requestHash" OR decision <> carried.decision))
            THEN
                RAISE EXCEPTION 'coopline: receipt has another request';
            END IF;

            BEGIN
                INSERT INTO ledger
                    (id, kind, at, at_utc, campaign, member, account, store, receipt, line, yen, request_hash, amends,
                     given_back, actor, reason, identity_check, answer, trace_id, version, decision, entry, planned)
                SELECT carried.id, carried.kind, carried.at, carried.at::timestamptz, carried.campaign, carried.member,
                       carried.account, carried.store, carried.receipt, carried.line, coalesce(carried.yen, 0),
                       carried."requestHash", carried.amends, coalesce(carried."givenBack", false), carried.actor,
                       carried.reason, carried."identityCheck", carried.answer, carried."traceId", carried.version,
                       carried.decision,
                       CASE WHEN carried.receipt IS NOT NULL AND carried.amends IS NULL THEN (
                           SELECT count(*) FROM ledger WHERE receipt = carried.receipt AND amends IS NULL) END,
                       coalesce(carried.planned, false)
                WHERE NOT EXISTS (SELECT FROM ledger WHERE receipt = carried.receipt AND id = carried.id)
                ON CONFLICT (id) WHERE receipt IS NULL DO NOTHING;
                EXIT;
            EXCEPTION WHEN unique_violation THEN
                -- Somebody else has just filed a use for this receipt: look again.
            END;
        END LOOP;
    END LOOP;

    RETURN NULL;
END
$body$;
