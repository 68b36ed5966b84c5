-- Topics that nobody gets messages about unasked, and that a friend has asked for.
CREATE OR REPLACE VIEW line_accounts AS
SELECT account,
       CASE state ->> 'blocked' WHEN 'true' THEN 1 ELSE 0 END AS blocked,
       coalesce(state ->> 'topicsOff', '') AS topics_off, -- JSON array
       state #>> '{link,member}' AS member,                -- a copy; the member has the truth
       state ->> 'followChangedAt' AS follow_changed_at,   -- LINE's time of the newest follow or unfollow
       coalesce(state ->> 'topicsOn', '') AS topics_on     -- JSON array
FROM (
    SELECT substr(GrainIdExtensionString, 3) AS account, convert_from(PayloadBinary, 'UTF8')::json AS state
    FROM OrleansStorage
    WHERE GrainTypeString = 'line-account' AND PayloadBinary IS NOT NULL) AS states;
