"""The page of numbers says what the registry says."""

from schemas import numbers_page
from schemas.registry import REGISTRY


def test_the_page_of_numbers_is_what_the_registry_says() -> None:
    assert numbers_page.PAGE.read_text(encoding="utf-8") == numbers_page.page()


def test_the_page_names_every_number_once() -> None:
    page = numbers_page.page()

    assert [page.count(f"| `{number}` (") for number in REGISTRY] == [1] * len(REGISTRY)
