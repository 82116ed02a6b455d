"""The process that does what is due: it submits the sessions of schedules, and looks after what others have stored."""
