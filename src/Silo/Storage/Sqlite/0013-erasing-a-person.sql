-- A person who has left can be erased: pseudonyms take the place of whom the rows name, and these two tables keep, under keyed
-- hashes, what must not be forgotten with the person.

CREATE TABLE erased_member
(
    number_hash TEXT NOT NULL PRIMARY KEY,
    at          TEXT NOT NULL,
    actor       TEXT NOT NULL -- the name of the staff key
) STRICT, WITHOUT ROWID;

-- A hash of a campaign and of who used it: a member number, or a LINE account. Two rows of one person have nothing in common.
CREATE TABLE erased_use
(
    use_hash TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- The ledger is never changed, but for this: somebody becomes a pseudonym, and staff's words about them go. What was sold,
-- where, when and for how much stays as it is.
DROP TRIGGER ledger_no_update;
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
WHEN (
    (NEW.seq, NEW.kind, NEW.at, NEW.campaign, NEW.store, NEW.receipt, NEW.line, NEW.yen, NEW.request_hash, NEW.given_back,
     NEW.actor, NEW.answer, NEW.trace_id, NEW.version, NEW.decision, NEW.planned)
    IS (OLD.seq, OLD.kind, OLD.at, OLD.campaign, OLD.store, OLD.receipt, OLD.line, OLD.yen, OLD.request_hash, OLD.given_back,
     OLD.actor, OLD.answer, OLD.trace_id, OLD.version, OLD.decision, OLD.planned)
    AND (NEW.member IS OLD.member OR (OLD.member NOT LIKE 'erased-%' AND NEW.member LIKE 'erased-%'))
    AND (NEW.account IS OLD.account OR (OLD.account NOT LIKE 'erased-%' AND NEW.account LIKE 'erased-%'))
    AND (NEW.member IS NOT OLD.member OR NEW.account IS NOT OLD.account)
    AND (NEW.reason IS OLD.reason OR NEW.reason IS NULL)
    AND (NEW.identity_check IS OLD.identity_check OR NEW.identity_check IS NULL)) IS NOT TRUE
BEGIN
    SELECT RAISE(ABORT, 'coopline: the ledger is never changed');
END;
