-- Grain states and the stored queries of Microsoft.Orleans.Persistence.AdoNet 10.4. Names of tables, queries,
-- parameters and result columns are the provider's contract; everything else is ours.

CREATE TABLE OrleansQuery
(
    QueryKey  text NOT NULL PRIMARY KEY,
    QueryText text NOT NULL
);

CREATE TABLE OrleansStorage
(
    GrainIdHash            integer  NOT NULL,
    GrainTypeHash          integer  NOT NULL,
    GrainIdN0              bigint   NOT NULL,
    GrainIdN1              bigint   NOT NULL,
    GrainTypeString        text     COLLATE "C" NOT NULL, -- the state's name
    GrainIdExtensionString text     COLLATE "C" NOT NULL, -- the grain's key; '' instead of NULL, so that the key below is unique
    ServiceId              text     COLLATE "C" NOT NULL,
    PayloadBinary          bytea,                         -- UTF-8 JSON; NULL once the state has been cleared
    Version                integer  NOT NULL,             -- the etag
    CreatedOn              timestamptz NOT NULL DEFAULT now(),
    ModifiedOn             timestamptz NOT NULL,
    Pending                smallint NOT NULL,             -- 1: the payload says "pending": true

    -- Two rows for one grain would make it unwritable for ever; hashes come first because they narrow best.
    UNIQUE (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId)
)
-- An update stays on its page and touches no index (HOT) as long as there is room on the page and no index has a column
-- that it changes. That is why no index has PayloadBinary, Version or ModifiedOn.
WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);

-- JSON, of which there are few bytes: compressing them costs more than it saves.
ALTER TABLE OrleansStorage ALTER COLUMN PayloadBinary SET STORAGE EXTERNAL;

-- What the sweeper looks for; they are few and sorted when found.
CREATE INDEX OrleansStorage_Pending ON OrleansStorage (GrainTypeString) WHERE Pending = 1;

-- What pruning looks for: the states that lose their meaning by themselves. None was written before it was created.
CREATE INDEX OrleansStorage_ShortLived ON OrleansStorage (CreatedOn)
    WHERE GrainTypeString IN ('link-session', 'coupon-code');

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('ReadFromStorageKey', '
SELECT PayloadBinary, Version
FROM OrleansStorage
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
  AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
  AND GrainTypeString = @GrainTypeString
  AND GrainIdExtensionString = coalesce(@GrainIdExtensionString, '''')
  AND ServiceId = @ServiceId;
'),
-- One statement, so that nothing is half done and no transaction stays open. No row in the answer means conflict: a
-- first write (no version) inserts or finds a row in its way; a later one needs the row with its version. A writer who
-- meets another one waits for it and then looks again. Unlike on SQLite, an insert must not depend on a row that was
-- seen: it may be pruned in between, and would come back.
-- Versions start anywhere, so that a row that was pruned and written anew never has an etag that somebody remembers.
-- The time is the database''s, which all silos share.
('WriteToStorageKey', '
WITH updated AS (
    UPDATE OrleansStorage
    SET PayloadBinary = @PayloadBinary, Version = Version + 1, ModifiedOn = now(),
        Pending = coalesce((convert_from(@PayloadBinary, ''UTF8'')::json ->> ''pending'') = ''true'', false)::int
    WHERE @GrainStateVersion IS NOT NULL
      AND GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
      AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
      AND GrainTypeString = @GrainTypeString
      AND GrainIdExtensionString = coalesce(@GrainIdExtensionString, '''')
      AND ServiceId = @ServiceId
      AND Version = @GrainStateVersion
    RETURNING Version
), inserted AS (
    INSERT INTO OrleansStorage
        (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId,
         PayloadBinary, Version, CreatedOn, ModifiedOn, Pending)
    SELECT @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString,
           coalesce(@GrainIdExtensionString, ''''), @ServiceId,
           @PayloadBinary, 1 + floor(random() * 1000000000)::int, now(), now(),
           coalesce((convert_from(@PayloadBinary, ''UTF8'')::json ->> ''pending'') = ''true'', false)::int
    WHERE @GrainStateVersion IS NULL
    ON CONFLICT DO NOTHING
    RETURNING Version
)
SELECT Version AS NewGrainStateVersion FROM updated
UNION ALL
SELECT Version FROM inserted;
'),
-- The row stays without its payload: a version is never used twice, and a stale activation finds that out.
('ClearStorageKey', '
UPDATE OrleansStorage
SET PayloadBinary = NULL, Version = Version + 1, ModifiedOn = now(), Pending = 0
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
  AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
  AND GrainTypeString = @GrainTypeString
  AND GrainIdExtensionString = coalesce(@GrainIdExtensionString, '''')
  AND ServiceId = @ServiceId
  AND Version = @GrainStateVersion
RETURNING Version AS NewGrainStateVersion;
');
