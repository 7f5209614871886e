"""What is asked, and whether it holds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    text: str
    holds: bool
    detail: str = ""  # the figures, or what does not hold

    def __str__(self):
        return f"{'holds ' if self.holds else 'MISSED'}  {self.text}" + (f": {self.detail}" if self.detail else "")


def times(by_size, goal):
    """ "2.1 x at 100, 3.3 x at 10,000" and, where it is more, by how much the goal is missed."""
    said = ", ".join(f"{value:.1f} x at {size:,}" for size, value in by_size.items())
    over = max(by_size.values()) / goal
    return f"{said}; {over:.1f} times what is asked" if over > 1 else said
