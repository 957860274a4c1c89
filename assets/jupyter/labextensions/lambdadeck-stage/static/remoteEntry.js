// Loads the stage into jupyterlab-rise. JupyterLab's loader wants a container of webpack's kind: an object that is handed
// the page's shared modules and hands out plugins. This is one by hand, so that nothing has to be built.
(() => {
  let shared;

  const load = async (name) => {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  };

  // ipywidgets asks for the tracker of consoles, which jupyterlab-rise's page has not: an empty promise of one is enough.
  const console = async () => {
    const { Token } = await load("@lumino/coreutils");
    return () => ({ IConsoleTracker: new Token("@jupyterlab/console:IConsoleTracker") });
  };

  // Arrow keys in a slider move the slider. JupyterLab would take them for "next cell", and the slides with it.
  const keepKeys = ({ target }) => target.closest?.(".jupyter-widgets") && target.setAttribute("data-lm-suppress-shortcuts", "true");

  const activate = async (app, tracker, documents) => {
    document.addEventListener("focusin", keepKeys);
    const { PageConfig } = await load("@jupyterlab/coreutils");
    const base = PageConfig.getBaseUrl();
    const { showCloud, start } = await import(`${base}files/assets/jupyter/stage/lab.js`);
    showCloud(base);
    if (app.name !== "Rise") return;
    start({ base, tracker, documents, notebook: await load("@jupyterlab/notebook") });
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["lambdadeck-stage"] = {
    init: (scope) => {
      shared = scope;
      scope["@jupyterlab/console"] ??= { "4.0.0": { get: console, from: "lambdadeck-stage", eager: false, loaded: 1 } };
    },
    get: async () => {
      const [{ INotebookTracker }, { IDocumentManager }] = await Promise.all(["@jupyterlab/notebook", "@jupyterlab/docmanager"].map(load));
      const requires = [INotebookTracker, IDocumentManager];
      return () => ({ __esModule: true, default: { id: "lambdadeck-stage:slides", autoStart: true, requires, activate } });
    },
  };
})();
