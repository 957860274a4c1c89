// Loads RISE once the notebook is there. RISE itself does not wait: when its own files arrive first, it finds no slides
// and no settings, and does not start. (Jupyter's fault or RISE's, on stage it is ours.)
define(["base/js/promises", "base/js/utils"], (promises, utils) => ({
  load_ipython_extension: () => promises.notebook_loaded.then(() => utils.load_extensions("rise/main")),
}));
