-- The numbers that a campaign limits: uses that stand, and their yen. Changed by the statement that writes a use or gives it
-- back, so each is the sum of the ledger's rows at any moment.
CREATE TABLE campaign_count
(
    campaign TEXT    NOT NULL,
    scope    TEXT    NOT NULL, -- 'all', 'store/0123', 'day/2026-11-22'
    uses     INTEGER NOT NULL DEFAULT 0,
    yen      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (campaign, scope)
) STRICT, WITHOUT ROWID;

-- Orleans' own provider writes ledger rows and counts into the payload. What was filed already was counted already. The
-- message is known to the grains (StorageRefusal).
DROP TRIGGER ledger_file;
CREATE TRIGGER ledger_file INSTEAD OF INSERT ON ledger_in_payload
BEGIN
    INSERT INTO campaign_count (campaign, scope, uses, yen)
    SELECT value ->> '$.campaign', value ->> '$.scope', value ->> '$.uses', value ->> '$.yen'
    FROM json_each(NEW.payload, '$.counts')
    WHERE type <> 'null' AND NOT EXISTS (SELECT 1 FROM ledger WHERE id = NEW.payload ->> '$.ledger[0].id')
    ON CONFLICT (campaign, scope) DO UPDATE SET uses = uses + excluded.uses, yen = yen + excluded.yen;

    SELECT RAISE(ABORT, 'coopline: limit reached')
    FROM json_each(NEW.payload, '$.counts') AS change
    JOIN campaign_count AS stored ON stored.campaign = change.value ->> '$.campaign' AND stored.scope = change.value ->> '$.scope'
    WHERE (stored.uses > change.value ->> '$.usesMax' OR stored.yen > change.value ->> '$.yenMax')
      AND NOT EXISTS (SELECT 1 FROM ledger WHERE id = NEW.payload ->> '$.ledger[0].id');

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

-- The members to whom campaigns are issued. A list is written once; the campaign's state says which of its lists counts.
CREATE TABLE campaign_member
(
    campaign TEXT NOT NULL,
    list     TEXT NOT NULL,
    member   TEXT NOT NULL,
    PRIMARY KEY (member, list)
) STRICT, WITHOUT ROWID;

CREATE INDEX campaign_member_list ON campaign_member (campaign, list);

DROP VIEW campaigns;
CREATE VIEW campaigns AS
SELECT substr(GrainIdExtensionString, 3) AS id,
       CAST(PayloadBinary AS TEXT) ->> '$.version' AS version,
       CAST(PayloadBinary AS TEXT) ->> '$.status' AS status,
       CAST(PayloadBinary AS TEXT) -> '$.definition' AS definition,
       CAST(PayloadBinary AS TEXT) ->> '$.stoppedAt' AS stopped_at,
       Version AS etag,
       CAST(PayloadBinary AS TEXT) -> '$.list' AS list
FROM OrleansStorage
WHERE GrainTypeString = 'campaign' AND PayloadBinary IS NOT NULL;
