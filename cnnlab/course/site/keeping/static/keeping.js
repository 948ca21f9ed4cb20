// Learners' work lies in this browser's IndexedDB. Where there is none, or it goes with the window, they are told.
const opens = () =>
  new Promise((yes, no) => {
    const asked = indexedDB.open("cnnlab");
    asked.onsuccess = () => yes(asked.result.close());
    asked.onerror = () => no(asked.error);
  });

async function keeps() {
  try {
    await opens();
  } catch {
    return false;
  }
  return !isSecureContext || "serviceWorker" in navigator; // private windows of Firefox have none
}

async function warn(app) {
  if (await keeps()) return navigator.storage?.persist?.();
  const message = "This window keeps nothing: what you write is gone when you close it. Download your notebook before.";
  app.commands.execute("apputils:notify", { message, type: "warning", options: { autoClose: false } });
}

const plugin = {
  id: "cnnlab-keeping:plugin",
  autoStart: true,
  activate: (app) => void app.restored.then(() => warn(app)),
};

window._JUPYTERLAB = window._JUPYTERLAB || {};
window._JUPYTERLAB["cnnlab-keeping"] = { init: () => {}, get: async () => () => [plugin] };
