"""`gait`, also as `python -m cli`."""

import sys

from cli.app import app


def main() -> int:
    """Run the command line of this process, and return its exit code."""
    return app.main(prog_name="gait", standalone_mode=False)


if __name__ == "__main__":
    sys.exit(main())
