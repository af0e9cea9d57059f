"""``python -m tests.aegra`` makes the environment of Aegra; without a Python for it, says so and does nothing."""

import sys

from tests.aegra import environment


def main() -> None:
    """Make the environment, or say why not."""
    try:
        environment.make()
    except FileNotFoundError as error:
        sys.stderr.write(f"\n*** {error}\n*** The tests against Aegra will be left out.\n\n")


if __name__ == "__main__":
    main()
