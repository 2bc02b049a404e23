"""`attain down`."""

from attain.commands.options import Home
from attain.commands.terminal import console, plain_problems
from attain.instance.layout import Instance
from attain.instance.lifecycle import take_down


def down(home: Home = None) -> None:
    """Stop what `attain up` started, and nothing else. The data remain."""
    instance = Instance.at(home)
    with plain_problems():
        stopped = take_down(instance)
    console.print(f"Stopped {', '.join(stopped)}." if stopped else f"Nothing runs in {instance.home}.")
