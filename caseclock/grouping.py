"""How the command line writes large numbers."""


def grouped(number: float) -> str:
    """A whole number with a space between its thousands: 407 000."""
    return f"{number:,.0f}".replace(",", " ")
