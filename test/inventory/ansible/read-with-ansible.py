"""Prints what `ansible-inventory --list` prints, for each line of arguments on stdin: one process for all, as Ansible takes long to start."""

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout

from ansible.cli.inventory import InventoryCLI
from ansible.utils.context_objects import GlobalCLIArgs

WORDS = ["ansible-inventory", "--list", "--playbook-dir", "/nonexistent"]


def read(directory, arguments):
    os.chdir(directory)
    # A process is meant to have one command line only.
    GlobalCLIArgs._Singleton__instance = None
    output = io.StringIO()
    complaint = io.StringIO()
    try:
        with redirect_stdout(output), redirect_stderr(complaint):
            InventoryCLI([*WORDS, *arguments]).run()
    except SystemExit as end:
        if end.code not in (0, None):
            return {"error": f"exit code {end.code}"}
    except Exception as cause:
        return {"error": str(cause)}
    if "Failed to parse" in complaint.getvalue():
        return {"error": complaint.getvalue()}
    return json.loads(output.getvalue())


for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(read(asked["directory"], asked["arguments"])), flush=True)
