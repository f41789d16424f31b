"""Run under each interpreter before anything is measured: prints its version on one line."""

import sys

print(" ".join(sys.version.split()))
