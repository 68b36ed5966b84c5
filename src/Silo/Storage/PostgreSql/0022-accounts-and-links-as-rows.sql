-- Messages to many look at every friend, and once more before each call: finding and parsing the states of account and member was most of
-- what a message cost. What is asked of them are rows now. The statement that writes a state writes its row, whoever runs it, so that
-- neither is there without the other. Nothing is decided by these rows but who gets a message: a grain asks its state.
-- Links and accounts are not written while this runs: about ten seconds for 350,000 friends.

DROP VIEW line_accounts, linked_members;

CREATE TABLE line_accounts
(
    account           text COLLATE "C" PRIMARY KEY, -- key of the state, without its u-
    blocked           integer NOT NULL,
    topics_off        text    NOT NULL,             -- JSON array, '' for none
    topics_on         text    NOT NULL,
    member            text COLLATE "C",             -- to whom the account believes to be linked; the member knows
    follow_changed_at text                          -- LINE's time of the newest follow or unfollow
);

CREATE TABLE linked_members
(
    member_number text COLLATE "C" PRIMARY KEY, -- key of the state, without its m-
    account       text COLLATE "C" NOT NULL,
    link_id       text NOT NULL,
    since         text NOT NULL
);

CREATE FUNCTION coopline_forget_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $body$
BEGIN
    IF OLD.GrainTypeString = 'line-account' THEN
        DELETE FROM line_accounts WHERE account = substr(OLD.GrainIdExtensionString, 3);
    ELSE
        DELETE FROM linked_members WHERE member_number = substr(OLD.GrainIdExtensionString, 3);
    END IF;
    RETURN NULL;
END
$body$;

CREATE FUNCTION coopline_keep_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $body$
DECLARE
    key   CONSTANT text := substr(NEW.GrainIdExtensionString, 3);
    state CONSTANT json := convert_from(NEW.PayloadBinary, 'UTF8')::json;
BEGIN
    IF NEW.GrainTypeString = 'line-account' THEN
        INSERT INTO line_accounts AS known (account, blocked, topics_off, topics_on, member, follow_changed_at)
        VALUES (
            key, CASE state ->> 'blocked' WHEN 'true' THEN 1 ELSE 0 END, coalesce(state ->> 'topicsOff', ''),
            coalesce(state ->> 'topicsOn', ''), state #>> '{link,member}', state ->> 'followChangedAt')
        ON CONFLICT (account) DO UPDATE
        SET blocked = excluded.blocked, topics_off = excluded.topics_off, topics_on = excluded.topics_on, member = excluded.member,
            follow_changed_at = excluded.follow_changed_at
        WHERE (known.*) IS DISTINCT FROM (excluded.*);
    ELSIF json_typeof(state -> 'link') = 'object' THEN
        INSERT INTO linked_members AS known (member_number, account, link_id, since)
        VALUES (key, state #>> '{link,account}', state #>> '{link,id}', state #>> '{link,at}')
        ON CONFLICT (member_number) DO UPDATE
        SET account = excluded.account, link_id = excluded.link_id, since = excluded.since
        WHERE (known.*) IS DISTINCT FROM (excluded.*);
    ELSE
        DELETE FROM linked_members WHERE member_number = key;
    END IF;
    RETURN NULL;
END
$body$;

CREATE TRIGGER OrleansStorage_row_inserted AFTER INSERT ON OrleansStorage
    FOR EACH ROW WHEN (NEW.GrainTypeString IN ('line-account', 'member') AND NEW.PayloadBinary IS NOT NULL)
    EXECUTE FUNCTION coopline_keep_row();
CREATE TRIGGER OrleansStorage_row_updated AFTER UPDATE ON OrleansStorage
    FOR EACH ROW WHEN (NEW.GrainTypeString IN ('line-account', 'member') AND NEW.PayloadBinary IS NOT NULL)
    EXECUTE FUNCTION coopline_keep_row();
CREATE TRIGGER OrleansStorage_row_renamed AFTER UPDATE ON OrleansStorage
    FOR EACH ROW WHEN (OLD.GrainTypeString IN ('line-account', 'member') AND OLD.GrainIdExtensionString <> NEW.GrainIdExtensionString)
    EXECUTE FUNCTION coopline_forget_row();
CREATE TRIGGER OrleansStorage_row_cleared AFTER UPDATE ON OrleansStorage
    FOR EACH ROW WHEN (NEW.GrainTypeString IN ('line-account', 'member') AND NEW.PayloadBinary IS NULL)
    EXECUTE FUNCTION coopline_forget_row();
CREATE TRIGGER OrleansStorage_row_deleted AFTER DELETE ON OrleansStorage
    FOR EACH ROW WHEN (OLD.GrainTypeString IN ('line-account', 'member'))
    EXECUTE FUNCTION coopline_forget_row();

-- Behind the triggers, which nobody's write has passed by.
INSERT INTO line_accounts (account, blocked, topics_off, topics_on, member, follow_changed_at)
SELECT substr(GrainIdExtensionString, 3), CASE state ->> 'blocked' WHEN 'true' THEN 1 ELSE 0 END, coalesce(state ->> 'topicsOff', ''),
       coalesce(state ->> 'topicsOn', ''), state #>> '{link,member}', state ->> 'followChangedAt'
FROM OrleansStorage
CROSS JOIN LATERAL (SELECT convert_from(PayloadBinary, 'UTF8')::json AS state OFFSET 0) AS parsed -- once, not for each column
WHERE GrainTypeString = 'line-account' AND PayloadBinary IS NOT NULL;

INSERT INTO linked_members (member_number, account, link_id, since)
SELECT substr(GrainIdExtensionString, 3), link ->> 'account', link ->> 'id', link ->> 'at'
FROM OrleansStorage
CROSS JOIN LATERAL (SELECT convert_from(PayloadBinary, 'UTF8')::json -> 'link' AS link OFFSET 0) AS parsed
WHERE GrainTypeString = 'member' AND PayloadBinary IS NOT NULL AND json_typeof(link) = 'object';

DROP INDEX OrleansStorage_Account;
DROP INDEX OrleansStorage_Member;

-- By message first: a plan is written in the order of this index, in one place of it, and not all over what there ever was.
DROP INDEX send_person_account;
DROP INDEX send_person_member;
CREATE UNIQUE INDEX send_person_account ON send_person (campaign, account);
CREATE UNIQUE INDEX send_person_member ON send_person (campaign, member) WHERE member IS NOT NULL;
