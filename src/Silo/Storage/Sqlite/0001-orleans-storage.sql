-- Grain states and the stored queries of Microsoft.Orleans.Persistence.AdoNet 10.4. Names of tables, queries,
-- parameters and result columns are the provider's contract; everything else is ours.

CREATE TABLE OrleansQuery
(
    QueryKey  TEXT NOT NULL PRIMARY KEY,
    QueryText TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE OrleansStorage
(
    GrainIdHash            INTEGER NOT NULL,
    GrainTypeHash          INTEGER NOT NULL,
    GrainIdN0              INTEGER NOT NULL,
    GrainIdN1              INTEGER NOT NULL,
    GrainTypeString        TEXT    NOT NULL, -- the state's name
    GrainIdExtensionString TEXT    NOT NULL, -- the grain's key; '' instead of NULL, so that the key below is unique
    ServiceId              TEXT    NOT NULL,
    PayloadBinary          BLOB,             -- UTF-8 JSON; NULL once the state has been cleared
    Version                INTEGER NOT NULL, -- the etag
    ModifiedOn             TEXT    NOT NULL, -- UTC by the application's clock, 2026-11-22T01:15:00.000Z
    Pending                INTEGER NOT NULL
        GENERATED ALWAYS AS (CAST(PayloadBinary AS TEXT) ->> '$.pending' IS TRUE) STORED,

    -- Two rows for one grain would make it unwritable for ever; hashes come first because they narrow best.
    UNIQUE (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId)
) STRICT;

-- What the sweeper looks for.
CREATE INDEX OrleansStorage_Pending ON OrleansStorage (ModifiedOn) WHERE Pending = 1;

-- What pruning looks for: the states that lose their meaning by themselves.
CREATE INDEX OrleansStorage_ShortLived ON OrleansStorage (ModifiedOn)
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
-- first write (no version) inserts or finds a row in its way; a later one needs the row with its version.
-- Versions start anywhere, so that a row that was pruned and written anew never has an etag that somebody remembers.
-- @Now comes from the connection (GatedConnection).
('WriteToStorageKey', '
INSERT INTO OrleansStorage
    (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId,
     PayloadBinary, Version, ModifiedOn)
SELECT @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, @GrainTypeString,
       coalesce(@GrainIdExtensionString, ''''), @ServiceId, @PayloadBinary, 1 + abs(random() % 1000000000), @Now
WHERE @GrainStateVersion IS NULL
   OR EXISTS (
       SELECT 1
       FROM OrleansStorage
       WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
         AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
         AND GrainTypeString = @GrainTypeString
         AND GrainIdExtensionString = coalesce(@GrainIdExtensionString, '''')
         AND ServiceId = @ServiceId
         AND Version = @GrainStateVersion)
ON CONFLICT (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId)
DO UPDATE SET PayloadBinary = excluded.PayloadBinary, Version = Version + 1, ModifiedOn = excluded.ModifiedOn
WHERE Version = @GrainStateVersion
RETURNING Version AS NewGrainStateVersion;
'),
-- The row stays without its payload: a version is never used twice, and a stale activation finds that out.
('ClearStorageKey', '
UPDATE OrleansStorage
SET PayloadBinary = NULL, Version = Version + 1, ModifiedOn = @Now
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash
  AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
  AND GrainTypeString = @GrainTypeString
  AND GrainIdExtensionString = coalesce(@GrainIdExtensionString, '''')
  AND ServiceId = @ServiceId
  AND Version = @GrainStateVersion
RETURNING Version AS NewGrainStateVersion;
');
