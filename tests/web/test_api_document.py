"""The written description of the API is the application's own."""

from pathlib import Path

from tests.web.whole_pages import whole_pages
from web.api_document import document

WRITTEN = Path("docs/api.md").read_text("utf-8")


async def test_the_description_is_fresh_and_names_every_operation(
    migrated_staff: Path, tmp_path: Path
) -> None:
    async with whole_pages(migrated_staff, tmp_path) as whole:
        described = document(whole.app.openapi())
        shown = {
            (method, path)
            for method, path in whole.guard.permissions
            if f"| `{method} {path}` | {whole.guard.permissions[method, path]} |" in described
        }
        paths = whole.app.openapi()["paths"]
    assert shown == {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert described == WRITTEN, "run `kring api describe > docs/api.md` and commit it"
