// Shows the explorer's HTML, and tells Python which cell the pointer or the arrow keys chose.
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export default {
  render({ model, el }) {
    const view = document.createElement("div");
    view.className = "cnnlab-explorer";
    view.tabIndex = 0;
    view.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys
    view.title = "Point at a cell, or use the arrow keys";
    const spoken = document.createElement("div");
    spoken.className = "cnnlab-spoken";
    spoken.setAttribute("aria-live", "polite");
    el.append(view, spoken);

    const draw = () => {
      view.innerHTML = model.get("html");
      spoken.textContent = model.get("spoken");
    };
    model.on("change:html", draw);
    draw();

    let last = "";
    const point = (event) => {
      const cell = event.target.closest("[data-out], [data-in]");
      const grid = cell?.dataset.out ? "out" : "in";
      const text = cell ? grid + cell.dataset[grid] : "";
      if (cell && text !== last) {
        model.send({ grid, place: cell.dataset[grid].split(",").map(Number) });
      }
      last = text;
    };
    view.addEventListener("pointerover", point);
    view.addEventListener("pointerdown", point); // touch
    view.addEventListener("keydown", (event) => {
      if (!(event.key in STEPS)) return;
      event.preventDefault();
      event.stopPropagation();
      model.send({ grid: "step", place: STEPS[event.key] });
    });
    return () => model.off("change:html", draw);
  },
};
