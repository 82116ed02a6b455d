"""Size and speed of stored readings, in Gait's codec and in Arrow IPC and Parquet."""
