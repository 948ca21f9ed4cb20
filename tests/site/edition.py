"""What a test and a bench say to a lesson that is open in the browser edition."""

import inspect
import json

from tests.wasm import rows

READY = """async () => {
    const { context, sessionContext } = jupyterapp.shell.currentWidget;
    await context.ready;
    await sessionContext.ready; // before that, to run a cell does nothing
}"""
HELPERS = """() => {
    const panel = () => jupyterapp.shell.currentWidget;
    const at = (id) => [...panel().content.model.cells].findIndex((cell) => cell.id === id);
    window.write = (id, source) => panel().content.model.cells.get(at(id)).sharedModel.setSource(source);
    window.source = (id) => panel().content.model.cells.get(at(id)).sharedModel.getSource();
    window.run = async (id) => {
        panel().content.activeCellIndex = at(id);
        await jupyterapp.commands.execute("notebook:run-cell");
        return panel().content.widgets[at(id)].node.innerText;
    };
    window.quietly = async (code) => {
        const asked = panel().sessionContext.session.kernel.requestExecute({code});
        let told = "";
        asked.onIOPub = ({content}) => (told += content.text ?? content.evalue ?? "");
        await asked.done;
        return told; // what it prints, or the error
    };
}"""


def rows_there(page, asked: dict[str, list[int]]) -> dict[str, list]:
    """What `rows.row` says of known mistakes in the Python of the page."""
    source = f"import json\nfrom cnnlab import check\n{inspect.getsource(rows.row)}"
    ask = f"print(json.dumps({{name: [row(name, number) for number in wanted] for name, wanted in {asked}.items()}}))"
    return json.loads(page.evaluate("quietly", f"{source}\n{ask}"))
