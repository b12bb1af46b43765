"""`python -m tests.replicas`: serve the three replicas until interrupted."""

import sys

from tests.replicas.server import main

sys.exit(main())
