-- A till's call is mostly what the database does for it. From here on the statement that writes a state files its ledger
-- rows itself, as columns, and a use is entered into four indexes instead of nine.
-- All silos are stopped while this runs (docs/operations-postgresql.md): it builds an index over all rows.

-- Which use of its receipt a use is, from 0. Two decisions about one receipt both begin with 0, so one of them loses. Uses
-- that were filed before have none: whoever files another one sees them.
ALTER TABLE ledger ADD COLUMN entry smallint;

-- Whether a use is part of a plan, so that the answer is in the state of the receipt. Else it is in the column answer, or,
-- if it has no more to say than the row, nowhere else.
ALTER TABLE ledger ADD COLUMN planned boolean NOT NULL DEFAULT false;
ALTER TYPE ledger_entry ADD ATTRIBUTE planned boolean;
ALTER TABLE ledger DISABLE TRIGGER ledger_no_change;
UPDATE ledger SET planned = true WHERE kind = 'used' AND answer IS NULL;
ALTER TABLE ledger ENABLE TRIGGER ledger_no_change;

-- A receipt's rows; and, since a receipt begins with day and store, a store's day.
CREATE UNIQUE INDEX ledger_receipt_entry ON ledger (receipt, entry) WHERE receipt IS NOT NULL;
DROP INDEX ledger_receipt;
DROP INDEX ledger_store;
DROP TABLE receipt_request;

-- A row of a receipt is filed once because its state is written once. Only rows of other kinds are looked for by their id.
ALTER TABLE ledger DROP CONSTRAINT ledger_id_key;
CREATE UNIQUE INDEX ledger_id ON ledger (id) WHERE receipt IS NULL;

-- Staff ask for a trace now and then. This index costs nothing when a row is filed: it is written behind, a range of pages
-- at a time, and what it does not have yet is read.
DROP INDEX ledger_trace;
CREATE INDEX ledger_trace ON ledger USING brin (trace_id text_bloom_ops (n_distinct_per_range = 400, false_positive_rate = 0.002))
    WITH (pages_per_range = 16, autosummarize = on);

DROP TRIGGER OrleansStorage_inserted ON OrleansStorage;
DROP TRIGGER OrleansStorage_updated ON OrleansStorage;

-- Files what the payload of one state carries. Orleans' own provider writes such payloads.
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
            IF carried.kind = 'used' AND EXISTS (
                SELECT
                FROM ledger
                WHERE receipt = carried.receipt AND kind = 'used'
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
                       CASE WHEN carried.kind = 'used' THEN (
                           SELECT count(*) FROM ledger WHERE receipt = carried.receipt AND kind = 'used') END,
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

CREATE TRIGGER OrleansStorage_inserted AFTER INSERT ON OrleansStorage
    FOR EACH ROW WHEN (position('"ledger"'::bytea IN NEW.PayloadBinary) > 0)
    EXECUTE FUNCTION coopline_file_ledger();

CREATE TRIGGER OrleansStorage_updated AFTER UPDATE ON OrleansStorage
    FOR EACH ROW WHEN (position('"ledger"'::bytea IN NEW.PayloadBinary) > 0)
    EXECUTE FUNCTION coopline_file_ledger();

-- With the new columns.
CREATE OR REPLACE VIEW standing_uses AS
SELECT used.*
FROM ledger AS used
WHERE used.kind = 'used'
  AND NOT EXISTS (SELECT 1 FROM ledger AS later WHERE later.amends = used.id AND later.given_back);

-- With the version of the row, which changes whenever anything about the campaign does.
CREATE OR REPLACE VIEW campaigns AS
SELECT id,
       (payload ->> 'version')::int AS version,
       payload ->> 'status' AS status,
       payload ->> 'definition' AS definition,
       payload ->> 'stoppedAt' AS stopped_at,
       etag
FROM (
    SELECT substr(GrainIdExtensionString, 3) AS id, convert_from(PayloadBinary, 'UTF8')::json AS payload, Version AS etag
    FROM OrleansStorage
    WHERE GrainTypeString = 'campaign' AND PayloadBinary IS NOT NULL) AS states;
