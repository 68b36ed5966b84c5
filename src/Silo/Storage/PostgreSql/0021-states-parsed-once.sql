-- Messages to many read the states of all friends. A state is parsed once, and not for each of its columns: OFFSET keeps PostgreSQL from
-- putting the expression in each column's place.
CREATE OR REPLACE VIEW line_accounts AS
SELECT substr(GrainIdExtensionString, 3) AS account,
       CASE state ->> 'blocked' WHEN 'true' THEN 1 ELSE 0 END AS blocked,
       coalesce(state ->> 'topicsOff', '') AS topics_off, -- JSON array
       state #>> '{link,member}' AS member,                -- a copy; the member has the truth
       state ->> 'followChangedAt' AS follow_changed_at,   -- LINE's time of the newest follow or unfollow
       coalesce(state ->> 'topicsOn', '') AS topics_on     -- JSON array
FROM OrleansStorage
CROSS JOIN LATERAL (SELECT convert_from(PayloadBinary, 'UTF8')::json AS state OFFSET 0) AS parsed
WHERE GrainTypeString = 'line-account' AND PayloadBinary IS NOT NULL;

CREATE OR REPLACE VIEW linked_members AS
SELECT substr(GrainIdExtensionString, 3) AS member_number, link ->> 'account' AS account, link ->> 'id' AS link_id, link ->> 'at' AS since
FROM OrleansStorage
CROSS JOIN LATERAL (SELECT convert_from(PayloadBinary, 'UTF8')::json -> 'link' AS link OFFSET 0) AS parsed
WHERE GrainTypeString = 'member' AND json_typeof(link) = 'object';
