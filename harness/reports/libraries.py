"""The scripts of others that the class page has in it, so that it works offline: DataTables and Vega-Lite."""

from functools import cache
from importlib.metadata import distribution, version
from pathlib import Path

from harness.reports.streams import whole


@cache
def tables_library() -> bytes:
    """Take DataTables as itables packs it: a module whose default export it is."""
    return _of_itables("dt_bundle.js")


@cache
def table_style() -> str:
    """Take the style that belongs to it."""
    return _of_itables("dt_bundle.css").decode().replace("</", "<\\/")


def _of_itables(name: str) -> bytes:
    """Read a file of the package, which is never imported: it would bring pandas along where there is one."""
    return Path(str(distribution("itables").locate_file(f"itables/html/{name}"))).read_bytes()


@cache
def plots_library() -> str:
    """Take Vega, Vega-Lite and Vega-Embed in one script; packed once for each version, for that takes a second."""
    from harness import kept

    path = kept.folder() / f"vega-{version('vl-convert-python')}.js"
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        import vl_convert

        script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").replace("</script", "<\\/script")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as file:
            file.write(script)
    except OSError:
        pass  # it is packed anew next time
    return script
