"""The session document: a whole session as one JSON document, which another Gait imports without loss."""
