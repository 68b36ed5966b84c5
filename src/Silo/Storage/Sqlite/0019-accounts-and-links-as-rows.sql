-- Messages to many look at every friend, and once more before each call: finding and parsing the states of account and member was most of
-- what a message cost. What is asked of them are rows now. The statement that writes a state writes its row, whoever runs it, so that
-- neither is there without the other. Nothing is decided by these rows but who gets a message: a grain asks its state.

DROP VIEW line_accounts;
DROP VIEW linked_members;

CREATE TABLE line_accounts
(
    account           TEXT    NOT NULL PRIMARY KEY, -- key of the state, without its u-
    blocked           INTEGER NOT NULL,
    topics_off        TEXT    NOT NULL,             -- JSON array, '' for none
    topics_on         TEXT    NOT NULL,
    member            TEXT,                         -- to whom the account believes to be linked; the member knows
    follow_changed_at TEXT                          -- LINE's time of the newest follow or unfollow
) STRICT, WITHOUT ROWID;

CREATE TABLE linked_members
(
    member_number TEXT NOT NULL PRIMARY KEY, -- key of the state, without its m-
    account       TEXT NOT NULL,
    link_id       TEXT NOT NULL,
    since         TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Lets the triggers share one body, as ledger_in_payload does.
CREATE VIEW state_as_row AS
SELECT GrainTypeString AS name, substr(GrainIdExtensionString, 3) AS key, CAST(PayloadBinary AS TEXT) AS state
FROM OrleansStorage
WHERE GrainTypeString IN ('line-account', 'member');

CREATE TRIGGER state_as_row_kept INSTEAD OF INSERT ON state_as_row
BEGIN
    DELETE FROM line_accounts WHERE NEW.name = 'line-account' AND account = NEW.key;
    INSERT INTO line_accounts (account, blocked, topics_off, topics_on, member, follow_changed_at)
    SELECT NEW.key, coalesce(NEW.state ->> '$.blocked', 0), coalesce(NEW.state ->> '$.topicsOff', ''),
           coalesce(NEW.state ->> '$.topicsOn', ''), NEW.state ->> '$.link.member', NEW.state ->> '$.followChangedAt'
    WHERE NEW.name = 'line-account' AND NEW.state IS NOT NULL;
    DELETE FROM linked_members WHERE NEW.name = 'member' AND member_number = NEW.key;
    INSERT INTO linked_members (member_number, account, link_id, since)
    SELECT NEW.key, NEW.state ->> '$.link.account', NEW.state ->> '$.link.id', NEW.state ->> '$.link.at'
    WHERE NEW.name = 'member' AND NEW.state ->> '$.link' IS NOT NULL;
END;

CREATE TRIGGER OrleansStorage_row_inserted AFTER INSERT ON OrleansStorage
WHEN NEW.GrainTypeString IN ('line-account', 'member')
BEGIN
    INSERT INTO state_as_row VALUES (NEW.GrainTypeString, substr(NEW.GrainIdExtensionString, 3), CAST(NEW.PayloadBinary AS TEXT));
END;

CREATE TRIGGER OrleansStorage_row_updated AFTER UPDATE OF PayloadBinary, GrainIdExtensionString ON OrleansStorage
WHEN NEW.GrainTypeString IN ('line-account', 'member')
BEGIN
    INSERT INTO state_as_row VALUES (OLD.GrainTypeString, substr(OLD.GrainIdExtensionString, 3), NULL);
    INSERT INTO state_as_row VALUES (NEW.GrainTypeString, substr(NEW.GrainIdExtensionString, 3), CAST(NEW.PayloadBinary AS TEXT));
END;

CREATE TRIGGER OrleansStorage_row_deleted AFTER DELETE ON OrleansStorage
WHEN OLD.GrainTypeString IN ('line-account', 'member')
BEGIN
    INSERT INTO state_as_row VALUES (OLD.GrainTypeString, substr(OLD.GrainIdExtensionString, 3), NULL);
END;

INSERT INTO state_as_row SELECT * FROM state_as_row;

DROP INDEX OrleansStorage_Account;
DROP INDEX OrleansStorage_Member;

-- By message first: a plan is written in the order of this index, in one place of it, and not all over what there ever was.
DROP INDEX send_person_account;
DROP INDEX send_person_member;
CREATE UNIQUE INDEX send_person_account ON send_person (campaign, account);
CREATE UNIQUE INDEX send_person_member ON send_person (campaign, member) WHERE member IS NOT NULL;
