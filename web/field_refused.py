"""A field that a rule refuses, answered as a wrong field is (`web.errors`): 422, beside the field."""

from fastapi.exceptions import RequestValidationError


def field_refused(field: str, text: str) -> RequestValidationError:
    """Return what to raise: `text` names what to write, in the catalogue of texts."""
    return RequestValidationError([{"type": "value_error", "loc": ("body", field), "ctx": {"error": text}}])
