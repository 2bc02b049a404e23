"""The commands that the documentation shows work as written, one after the other, against a running instance."""

import os
import subprocess
import sys
from pathlib import Path

from attain.instance.layout import Instance
from testkit.documented import documented_commands


def test_the_documented_commands_work_as_written(instance: Instance, root: Path) -> None:
    commands = documented_commands(root, "instance")
    assert len(commands) > 3
    script = "\n".join(f": {block}\n{block.text}" for block in commands)
    search = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    run = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        cwd=root,
        env=os.environ | {"ATTAIN_HOME": str(instance.home), "PATH": search},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
