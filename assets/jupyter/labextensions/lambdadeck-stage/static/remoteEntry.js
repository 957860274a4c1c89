// Loads the stage into jupyterlab-rise. JupyterLab expects a webpack container: an object that receives the page's shared
// modules and returns plugins. This one is written by hand, so nothing has to be built.
(() => {
  /** @type {SharedModules} */
  let shared;

  /** @param {string} name */
  const load = async (name) => {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  };

  // ipywidgets requires a token for the tracker of consoles, which jupyterlab-rise does not provide.
  const consoles = async () => {
    const { Token } = await load("@lumino/coreutils");
    return () => ({ IConsoleTracker: new Token("@jupyterlab/console:IConsoleTracker") });
  };

  // Arrow keys in a slider move the slider. JupyterLab would read them as "next cell", and move the slides too.
  /** @param {FocusEvent} event */
  const keepKeys = ({ target }) => {
    if (target instanceof Element && target.closest(".jupyter-widgets")) target.setAttribute("data-lm-suppress-shortcuts", "true");
  };

  // Take JupyterLab's colors off the page: the toolbars, which no slide shows, would derive theirs from them, and these
  // derivations call each other without end when slides move them (https://github.com/jupyterlab/jupyterlab/issues/17877).
  const removeColors = async () => {
    for (const token of Object.values(await load("@jupyter/web-components"))) {
      if (token?.appliedTo?.includes(document.body)) token.deleteValueFor(document.body);
    }
  };

  /** @type {(app: { name: string }, tracker: LabModules["tracker"], documents: object) => Promise<void>} */
  const activate = async (app, tracker, documents) => {
    document.addEventListener("focusin", keepKeys);
    const { PageConfig } = await load("@jupyterlab/coreutils");
    const base = PageConfig.getBaseUrl();
    const { showCloud, start } = await import(`${base}files/assets/jupyter/stage/lab.js`);
    showCloud(base);
    if (app.name !== "Rise") return;
    await removeColors();
    start({ base, tracker, documents, notebook: await load("@jupyterlab/notebook") });
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["lambdadeck-stage"] = {
    /** @param {SharedModules} scope */
    init: (scope) => {
      shared = scope;
      scope["@jupyterlab/console"] ??= { "4.0.0": { get: consoles, from: "lambdadeck-stage", eager: false, loaded: 1 } };
    },
    get: async () => {
      const [{ INotebookTracker }, { IDocumentManager }] = await Promise.all(["@jupyterlab/notebook", "@jupyterlab/docmanager"].map(load));
      const requires = [INotebookTracker, IDocumentManager];
      return () => ({ __esModule: true, default: { id: "lambdadeck-stage:slides", autoStart: true, requires, activate } });
    },
  };
})();
