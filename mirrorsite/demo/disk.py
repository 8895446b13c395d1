"""What the demo keeps on disk: the master tree, the copies of three mirrors, the generation.

The fourth mirror, the good one, serves the master tree itself and so follows at once.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from mirrorsite.demo.tree import copy_tree, publish

# The part of the master that the broken mirror still has.
KEPT_BY_BROKEN = "pub/fedora/linux/releases/42/"


@dataclass(frozen=True)
class DemoDisk:
    """The directories of the demo below its root."""

    root: Path

    @property
    def master(self) -> Path:
        return self.root / "master"

    def mirror(self, name: str) -> Path:
        """Return what a mirror serves."""
        return self.master if name == "good" else self.root / "mirrors" / name

    @property
    def generation(self) -> int:
        """Return the number of the last update; -1 before there is a tree."""
        stored = self.root / "generation"
        return int(stored.read_text()) if stored.exists() else -1

    def build(self) -> bool:
        """Write the tree and the copies unless they are there; tell whether they had to be.

        All mirrors start with the first generation; the stale one keeps it for ever. The number is
        written last, so that an interrupted build is swept away and starts over.
        """
        if self.generation >= 0:
            return False
        if self.root.exists():
            shutil.rmtree(self.root)
        publish(self.master, generation=0)
        self.follow("stale")
        self.follow("private")
        copy_tree(self.master, self.mirror("broken"), keep=lambda path: KEPT_BY_BROKEN in path)
        self._note_generation(0)
        return True

    def advance(self) -> int:
        """Publish the next update on the master; return its number."""
        generation = self.generation + 1
        publish(self.master, generation=generation)
        self._note_generation(generation)
        return generation

    def _note_generation(self, generation: int) -> None:
        fresh = self.root / "generation.new"
        fresh.write_text(f"{generation}\n")
        fresh.replace(self.root / "generation")

    def follow(self, name: str) -> None:
        """Bring a mirror's copy up to the master."""
        copy_tree(self.master, self.mirror(name))
