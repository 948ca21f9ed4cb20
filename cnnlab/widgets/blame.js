// Shows the blame picture's HTML, and tells Python which number was clicked, or which way an arrow key points.
const GRIDS = ["in", "weight", "out"];
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export default {
  render({ model, el }) {
    const view = document.createElement("div");
    view.className = "cnnlab-explorer cnnlab-blame";
    view.tabIndex = 0;
    view.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the arrow keys
    view.title = "Click a number, then use the arrow keys";
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

    view.addEventListener("pointerdown", (event) => {
      const cell = event.target.closest("[data-in], [data-weight], [data-out]");
      const grid = GRIDS.find((name) => cell?.dataset[name]);
      if (grid) model.send({ grid, place: cell.dataset[grid].split(",").map(Number) });
    });
    view.addEventListener("keydown", (event) => {
      if (!(event.key in STEPS)) return;
      event.preventDefault();
      event.stopPropagation();
      model.send({ grid: "step", place: STEPS[event.key] });
    });
    return () => model.off("change:html", draw);
  },
};
