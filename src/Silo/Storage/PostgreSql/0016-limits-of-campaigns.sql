-- The numbers that a campaign limits: uses that stand, and their yen. Changed by the statement that writes a use or gives it
-- back, so each is the sum of the ledger's rows at any moment. Every page has room for the next version of its rows.
CREATE TABLE campaign_count
(
    campaign text COLLATE "C" NOT NULL,
    scope    text COLLATE "C" NOT NULL, -- 'all', 'store/0123', 'day/2026-11-22'
    uses     bigint NOT NULL DEFAULT 0,
    yen      bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign, scope)
) WITH (fillfactor = 30, autovacuum_vacuum_threshold = 1000);

-- Counts what the payload of one state carries. Orleans' own provider writes such payloads. What was filed already was counted
-- already. The message is known to the grains (StorageRefusal).
CREATE FUNCTION coopline_count() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    payload json := convert_from(NEW.PayloadBinary, 'UTF8')::json;
    change record;
BEGIN
    IF payload ->> 'counts' IS NULL
        OR EXISTS (
            SELECT FROM ledger
            WHERE receipt = payload #>> '{ledger,0,receipt}' AND id = payload #>> '{ledger,0,id}')
    THEN
        RETURN NULL;
    END IF;

    FOR change IN
        SELECT *
        FROM json_to_recordset(payload -> 'counts')
            AS one (campaign text, scope text, uses int, yen bigint, "usesMax" int, "yenMax" bigint)
        ORDER BY campaign, scope
    LOOP
        INSERT INTO campaign_count AS stored (campaign, scope, uses, yen)
        VALUES (change.campaign, change.scope, change.uses, change.yen)
        ON CONFLICT (campaign, scope) DO UPDATE SET uses = stored.uses + change.uses, yen = stored.yen + change.yen;
        IF EXISTS (
            SELECT FROM campaign_count
            WHERE campaign = change.campaign AND scope = change.scope
              AND (uses > change."usesMax" OR yen > change."yenMax"))
        THEN
            RAISE EXCEPTION 'coopline: limit reached';
        END IF;
    END LOOP;

    RETURN NULL;
END
$body$;

-- Triggers of one table run in the order of their names: this one before the ledger's.
CREATE TRIGGER OrleansStorage_counted AFTER INSERT OR UPDATE ON OrleansStorage
    FOR EACH ROW WHEN (position('"counts"'::bytea IN NEW.PayloadBinary) > 0)
    EXECUTE FUNCTION coopline_count();

-- The members to whom campaigns are issued. A list is written once; the campaign's state says which of its lists counts.
CREATE TABLE campaign_member
(
    campaign text COLLATE "C" NOT NULL,
    list     text COLLATE "C" NOT NULL,
    member   text COLLATE "C" NOT NULL,
    PRIMARY KEY (member, list)
);

CREATE INDEX campaign_member_list ON campaign_member (campaign, list);

CREATE OR REPLACE VIEW campaigns AS
SELECT id,
       (payload ->> 'version')::int AS version,
       payload ->> 'status' AS status,
       payload ->> 'definition' AS definition,
       payload ->> 'stoppedAt' AS stopped_at,
       etag,
       payload ->> 'list' AS list
FROM (
    SELECT substr(GrainIdExtensionString, 3) AS id, convert_from(PayloadBinary, 'UTF8')::json AS payload, Version AS etag
    FROM OrleansStorage
    WHERE GrainTypeString = 'campaign' AND PayloadBinary IS NOT NULL) AS states;
