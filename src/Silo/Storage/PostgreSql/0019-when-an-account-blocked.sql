-- What became of a message: who blocked the account after it.
CREATE OR REPLACE VIEW line_accounts AS
SELECT account,
       CASE state ->> 'blocked' WHEN 'true' THEN 1 ELSE 0 END AS blocked,
       coalesce(state ->> 'topicsOff', '') AS topics_off, -- JSON array
       state #>> '{link,member}' AS member,                -- a copy; the member has the truth
       state ->> 'followChangedAt' AS follow_changed_at    -- LINE's time of the newest follow or unfollow
FROM (
    SELECT substr(GrainIdExtensionString, 3) AS account, convert_from(PayloadBinary, 'UTF8')::json AS state
    FROM OrleansStorage
    WHERE GrainTypeString = 'line-account' AND PayloadBinary IS NOT NULL) AS states;
