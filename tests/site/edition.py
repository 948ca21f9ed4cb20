"""What a test and a bench say to a lesson that is open in the browser edition."""

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
        await panel().sessionContext.session.kernel.requestExecute({code}).done;
    };
}"""
