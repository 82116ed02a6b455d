"""The shapes of what one process stores or sends and another reads, each in one module for writer and readers.

`docs/data.md` lists who writes and who reads each of them.
"""
