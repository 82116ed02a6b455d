"""What a comparison says in words: titles, facts, verdicts, methods and the summary."""
