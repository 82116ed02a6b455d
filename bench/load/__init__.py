"""Many watchers and many submissions at once: what Gait holds, beside what it should."""
