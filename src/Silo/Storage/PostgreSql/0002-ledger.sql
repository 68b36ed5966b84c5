-- The ledger: what happened, for ever. Rows arrive inside the payload of the state that they belong to and are filed
-- by the statement that writes it: both are there, or neither.

CREATE TABLE ledger
(
    seq            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             text        COLLATE "C" NOT NULL UNIQUE, -- the natural key: written again, a row is filed once
    kind           text        COLLATE "C" NOT NULL,
    at             text        COLLATE "C" NOT NULL,        -- as the state has it, with its offset
    at_utc         timestamptz NOT NULL,
    campaign       text        COLLATE "C",
    member         text        COLLATE "C",
    account        text        COLLATE "C",
    store          text        COLLATE "C",
    receipt        text        COLLATE "C",
    line           integer,
    yen            integer     NOT NULL,
    request_hash   text        COLLATE "C",
    amends         text        COLLATE "C",
    given_back     boolean     NOT NULL,
    actor          text,
    reason         text,
    identity_check text,
    answer         text,
    trace_id       text        COLLATE "C",
    version        integer
);

CREATE INDEX ledger_receipt ON ledger (receipt, seq) WHERE receipt IS NOT NULL;
CREATE INDEX ledger_member ON ledger (member, seq) WHERE member IS NOT NULL;
CREATE INDEX ledger_account ON ledger (account, seq) WHERE account IS NOT NULL;
CREATE INDEX ledger_campaign ON ledger (campaign, kind, seq) WHERE campaign IS NOT NULL;
CREATE INDEX ledger_store ON ledger (store, at_utc) WHERE store IS NOT NULL;
CREATE INDEX ledger_trace ON ledger (trace_id) WHERE trace_id IS NOT NULL;
CREATE INDEX ledger_kind ON ledger (kind, seq);
CREATE INDEX ledger_at ON ledger USING brin (at_utc); -- rows come in the order of time
CREATE INDEX ledger_given_back ON ledger (amends) WHERE given_back;

-- One receipt has one request. Two coupons can be used on one receipt, but only by the same request; also when both come
-- at the same moment, the primary key lets one of them wait for the other.
CREATE TABLE receipt_request
(
    receipt      text COLLATE "C" PRIMARY KEY,
    request_hash text COLLATE "C" NOT NULL -- '' for none
);

CREATE FUNCTION coopline_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'coopline: the ledger is never changed';
END
$body$;

CREATE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
    EXECUTE FUNCTION coopline_refuse();

CREATE TRIGGER receipt_request_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON receipt_request
    EXECUTE FUNCTION coopline_refuse();

-- Files what the payloads of one statement carry, in their order. By statement and not by row: many states may be
-- written at once, and then the whole batch costs one call and three statements. A row-level trigger would see nothing
-- else: both kinds fire when the statement is done, and an error in either undoes it.
CREATE FUNCTION coopline_file_ledger() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    carried json;
BEGIN
    SELECT json_agg(entry.value ORDER BY state.GrainTypeString, state.GrainIdExtensionString, entry.ordinality)
    INTO carried
    FROM written AS state,
         json_array_elements(coalesce(convert_from(state.PayloadBinary, 'UTF8')::json ->> 'ledger', '[]')::json)
             WITH ORDINALITY AS entry
    WHERE position('"ledger"'::bytea IN state.PayloadBinary) > 0; -- most payloads carry none

    IF carried IS NULL THEN
        RETURN NULL;
    END IF;

    -- Whoever meets a receipt that somebody else is filing waits for them here, and sees below what they filed.
    INSERT INTO receipt_request (receipt, request_hash)
    SELECT used.receipt, min(coalesce(used."requestHash", ''))
    FROM json_to_recordset(carried) AS used (kind text, receipt text, "requestHash" text)
    WHERE used.kind = 'used' AND used.receipt IS NOT NULL
    GROUP BY used.receipt
    ORDER BY used.receipt -- the same order for everybody: nobody waits in a circle
    ON CONFLICT (receipt) DO NOTHING;

    -- The message is known to the grains (StorageRefusal).
    IF EXISTS (
        SELECT
        FROM json_to_recordset(carried) AS used (kind text, receipt text, "requestHash" text)
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
    FROM ROWS FROM (json_to_recordset(carried) AS (
             id text, kind text, at text, campaign text, member text, account text, store text, receipt text,
             line integer, yen integer, "requestHash" text, amends text, "givenBack" boolean, actor text, reason text,
             "identityCheck" text, answer text, "traceId" text, version integer)) WITH ORDINALITY AS entry
    ORDER BY entry.ordinality
    ON CONFLICT (id) DO NOTHING;

    RETURN NULL;
END
$body$;

CREATE TRIGGER OrleansStorage_inserted AFTER INSERT ON OrleansStorage
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION coopline_file_ledger();

CREATE TRIGGER OrleansStorage_updated AFTER UPDATE ON OrleansStorage
    REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION coopline_file_ledger();

-- Uses that nothing has given back.
CREATE VIEW standing_uses AS
SELECT used.*
FROM ledger AS used
WHERE used.kind = 'used'
  AND NOT EXISTS (SELECT 1 FROM ledger AS later WHERE later.amends = used.id AND later.given_back);

-- Who is linked now, by member number (the key without its m-).
CREATE INDEX OrleansStorage_Member ON OrleansStorage (substr(GrainIdExtensionString, 3))
    WHERE GrainTypeString = 'member';

CREATE VIEW linked_members AS
SELECT member_number, link ->> 'account' AS account, link ->> 'id' AS link_id, link ->> 'at' AS since
FROM (
    SELECT substr(GrainIdExtensionString, 3) AS member_number,
           convert_from(PayloadBinary, 'UTF8')::json -> 'link' AS link
    FROM OrleansStorage
    WHERE GrainTypeString = 'member') AS members
WHERE json_typeof(link) = 'object';

-- Campaigns as their grains keep them (the key without its p-).
CREATE INDEX OrleansStorage_Campaign ON OrleansStorage (substr(GrainIdExtensionString, 3))
    WHERE GrainTypeString = 'campaign';

CREATE VIEW campaigns AS
SELECT id,
       (payload ->> 'version')::int AS version,
       payload ->> 'status' AS status,
       payload ->> 'definition' AS definition,
       payload ->> 'stoppedAt' AS stopped_at
FROM (
    SELECT substr(GrainIdExtensionString, 3) AS id, convert_from(PayloadBinary, 'UTF8')::json AS payload
    FROM OrleansStorage
    WHERE GrainTypeString = 'campaign' AND PayloadBinary IS NOT NULL) AS states;
