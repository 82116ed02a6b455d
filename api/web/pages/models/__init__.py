"""The pages about models: which is best for what on which machine, and all about one of them on one machine."""
