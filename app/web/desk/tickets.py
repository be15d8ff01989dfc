"""The desk: tickets in the order in which they are due."""

from __future__ import annotations

from flask import Blueprint, render_template

desk = Blueprint("desk", __name__, url_prefix="/desk")


@desk.get("/")
def tickets() -> str:
    """The list."""
    return render_template("desk/base.html")
