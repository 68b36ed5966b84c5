-- Topics that nobody gets messages about unasked, and that a friend has asked for.
DROP VIEW line_accounts;
CREATE VIEW line_accounts AS
SELECT substr(GrainIdExtensionString, 3) AS account,
       coalesce(CAST(PayloadBinary AS TEXT) ->> '$.blocked', 0) AS blocked,
       coalesce(CAST(PayloadBinary AS TEXT) ->> '$.topicsOff', '') AS topics_off,        -- JSON array
       CAST(PayloadBinary AS TEXT) ->> '$.link.member' AS member,                         -- a copy; the member has the truth
       CAST(PayloadBinary AS TEXT) ->> '$.followChangedAt' AS follow_changed_at,          -- LINE's time of the newest follow or unfollow
       coalesce(CAST(PayloadBinary AS TEXT) ->> '$.topicsOn', '') AS topics_on            -- JSON array
FROM OrleansStorage
WHERE GrainTypeString = 'line-account' AND PayloadBinary IS NOT NULL;
