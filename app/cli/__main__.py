"""`python -m app.cli` is `luukku`: how the supervisor starts its children, wherever the command lies."""

from __future__ import annotations

from app.cli.main import main

if __name__ == "__main__":
    main()
