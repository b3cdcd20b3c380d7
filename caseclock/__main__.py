"""`python -m caseclock` is `caseclock`."""

import sys

from caseclock.cli import main

if __name__ == "__main__":
    sys.exit(main())
