import sys

from tests.acceptance.tryton.erp import main

sys.exit(main(sys.argv[1:]))
