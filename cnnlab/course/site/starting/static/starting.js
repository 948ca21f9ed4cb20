// While Python comes, the page says how much of it is there; where it does not come, what to do. See counted.js.
const PATIENCE = 60_000; // milliseconds without a byte
const MB = 1e6;
const STYLE = `
  #cnnlab-starting { position: fixed; bottom: 2.5rem; left: 50%; transform: translateX(-50%); z-index: 9; width: 28rem;
    max-width: 90vw; box-sizing: border-box; padding: .6rem 1rem; border: 1px solid var(--jp-border-color1);
    border-left: 4px solid #3b82c4; border-radius: 4px; background: var(--jp-layout-color1);
    color: var(--jp-ui-font-color1); font: var(--jp-ui-font-size1)/1.5 var(--jp-ui-font-family);
    box-shadow: var(--jp-elevation-z6); }
  #cnnlab-starting p { margin: 0 0 .3rem; }
  #cnnlab-starting progress { width: 100%; height: .8rem; accent-color: #3b82c4; }
  body[data-jp-theme-light="false"] #cnnlab-starting { color-scheme: dark; }
`;

let box, waiting;

function opened() {
  if (box?.isConnected) return;
  box = document.createElement("section");
  box.id = "cnnlab-starting";
  box.setAttribute("aria-label", "The start of Python");
  box.innerHTML = `<style>${STYLE}</style><p><b role="status"></b> <span></span></p>
    <progress max="1" value="0" aria-label="How much of Python has come"></progress>
    <p>The first time it comes from the net, later from this browser. Read on meanwhile.</p>`;
  document.body.append(box);
}

function says(words, numbers = "") {
  const [status, counted] = [box.querySelector("[role=status]"), box.querySelector("span")];
  if (status.textContent !== words) status.textContent = words; // read aloud when it changes; the numbers are not
  counted.textContent = numbers;
}

function gone() {
  clearTimeout(waiting);
  box?.remove();
}

function failed(where) {
  opened();
  const host = new URL(where, location.href).host;
  box.innerHTML = `<style>${STYLE}</style><p role="alert"></p><button class="jp-Button jp-mod-styled">Reload</button>`;
  box.querySelector("p").textContent =
    `Python could not be loaded: ${host} does not give it. Is there a network, and does it let this page reach ` +
    `${host}? Then reload the page. What you wrote is kept, and the lesson can be read without Python.`;
  box.querySelector("button").onclick = () => location.reload();
}

function heard({ come, of, starting, ready, failed: where }) {
  clearTimeout(waiting);
  if (ready) return gone();
  if (where) return failed(where);
  opened();
  const bar = box.querySelector("progress");
  if (starting) {
    bar.removeAttribute("value");
    return says("Python is starting,", "some seconds more.");
  }
  const numbers = `${(come / MB).toFixed(0)} of ${(of / MB).toFixed(0)} MB`;
  bar.value = Math.max(bar.value, come / of);
  bar.setAttribute("aria-valuetext", numbers);
  says("Python is coming:", numbers);
  waiting = setTimeout(() => says("Nothing has come for a minute.", "Is there a network?"), PATIENCE);
}

// A kernel's worker is the kernel's own: only whoever makes it can listen to it.
window.Worker = class extends window.Worker {
  constructor(...given) {
    super(...given);
    let over = false;
    this.addEventListener("message", ({ data }) => {
      if (!data?.cnnlab || over) return;
      heard(data.cnnlab);
      over = data.cnnlab.ready || data.cnnlab.failed;
    });
  }

  postMessage(message, ...rest) {
    const kernel = message?.argumentList?.[0]?.value; // of the first message: what the kernel is told
    if (kernel?.loadPyodideOptions) {
      kernel.loadPyodideOptions = { ...kernel.loadPyodideOptions, lesson: kernel.location };
    }
    super.postMessage(message, ...rest);
  }
};

window._JUPYTERLAB = window._JUPYTERLAB || {};
window._JUPYTERLAB["cnnlab-starting"] = { init: () => {}, get: async () => () => [] };
