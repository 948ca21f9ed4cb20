// Shows the explorer's HTML, and tells Python which cell the pointer or the arrow keys chose.
const GRIDS = ["in", "weight", "out"];
const CELLS = GRIDS.map((name) => `[data-${name}]`).join(", ");
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export default {
  render({ model, el }) {
    const click = model.get("click");
    const view = document.createElement("div");
    view.className = "cnnlab-explorer";
    view.tabIndex = 0;
    view.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys
    view.title = click ? "Click a number, then use the arrow keys" : "Point at a cell, or use the arrow keys";
    const spoken = document.createElement("div");
    spoken.className = "cnnlab-spoken";
    spoken.setAttribute("aria-live", "polite");
    el.append(view, spoken);

    const draw = () => {
      view.innerHTML = model.get("value");
      spoken.textContent = model.get("spoken");
    };
    model.on("change:value", draw);
    draw();

    let last = "";
    const point = (event) => {
      const cell = event.target.closest(CELLS);
      const grid = GRIDS.find((name) => cell?.dataset[name]);
      const here = grid ? grid + cell.dataset[grid] : "";
      if (grid && (click || here !== last)) {
        model.send({ grid, place: cell.dataset[grid].split(",").map(Number) });
      }
      last = here;
    };
    if (!click) view.addEventListener("pointerover", point);
    view.addEventListener("pointerdown", point); // a click, or touch
    view.addEventListener("keydown", (event) => {
      if (!(event.key in STEPS)) return;
      event.preventDefault();
      event.stopPropagation();
      model.send({ grid: "step", place: STEPS[event.key] });
    });
    return () => model.off("change:value", draw);
  },
};
