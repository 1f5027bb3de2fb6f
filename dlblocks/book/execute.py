"""Execute notebooks in place, as `make notebooks` does, and keep only what a reader and nbval need of their outputs."""

import hashlib
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def execute(path):
    """Run every cell of the notebook at ``path`` from the top and write the outputs back; an error in a cell is raised."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=120, record_timing=False, coalesce_streams=True, resources={"metadata": {"path": str(Path(path).parent)}},
                   store_widget_state=False).execute()
    tidy(notebook)
    nbformat.write(notebook, path)


def tidy(notebook):
    """Drop what changes from run to run: widget views (live only), kernel versions, random cell ids, split streams."""
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                         "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}}
    seen = {}
    for number, cell in enumerate(notebook.cells):
        digest = hashlib.sha1(cell.source.encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
        for key in ("execution", "jupyter"):
            cell.metadata.pop(key, None)
        if "hide-cell" in cell.metadata.get("tags", []):
            cell.metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
        if "hide-input" in cell.metadata.get("tags", []):
            cell.metadata["mystnb"] = {"code_prompt_show": "Show the code", "code_prompt_hide": "Hide the code"}
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(f"executing {name}", flush=True)
        execute(name)
