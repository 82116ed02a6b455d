"""The version of Gait, which the package, the API, the logs and `gait --version` state."""

VERSION = "1.0.0"
