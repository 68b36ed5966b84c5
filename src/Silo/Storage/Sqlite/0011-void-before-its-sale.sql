-- A void that comes before its sale is a decision about the receipt, as a use is: whoever comes second is refused. Among the rows of
-- a receipt, the decisions are those that amend no other one.

-- The message is known to the grains (StorageRefusal).
DROP TRIGGER ledger_one_decision_a_receipt;
CREATE TRIGGER ledger_one_decision_a_receipt BEFORE INSERT ON ledger
WHEN NEW.receipt IS NOT NULL AND NEW.amends IS NULL AND EXISTS (
    SELECT 1
    FROM ledger
    WHERE receipt = NEW.receipt AND amends IS NULL
      AND (request_hash IS NOT NEW.request_hash OR decision <> NEW.decision))
BEGIN
    SELECT RAISE(ABORT, 'coopline: receipt has another request');
END;
