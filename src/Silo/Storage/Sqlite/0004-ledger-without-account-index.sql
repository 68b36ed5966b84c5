-- Every use is entered into every index of the ledger, and nobody looks for an account any more.
DROP INDEX ledger_account;
