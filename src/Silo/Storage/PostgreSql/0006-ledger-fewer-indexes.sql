-- Every use is entered into every index of the ledger, and that is most of what it costs. Nobody looks for an account any
-- more, and a kind is looked for by itself only when it is a rare one.
DROP INDEX ledger_account;
DROP INDEX ledger_kind;
CREATE INDEX ledger_rare_kind ON ledger (kind, seq) WHERE kind <> 'used';
