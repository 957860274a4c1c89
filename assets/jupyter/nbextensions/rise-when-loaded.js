// Loads RISE after the notebook. RISE itself does not wait: if its files arrive first, it finds no slides and no
// settings, and does not start.
//
// It also adds what nbclassic leaves out: the alternative text of a figure. The rest of the stage is in ../stage.
define(["base/js/promises", "base/js/utils", "notebook/js/outputarea"], (promises, utils, outputarea) => {
  const nameImages = () => {
    const original = outputarea.OutputArea.prototype._append_img;
    /** @type {(this: unknown, data: unknown, metadata: any, element: JQueryElement, inserted: unknown, mime: string, ...rest: unknown[]) => unknown} */
    outputarea.OutputArea.prototype._append_img = function (data, metadata, element, inserted, mime, ...rest) {
      const made = original.call(this, data, metadata, element, inserted, mime, ...rest);
      const alt = metadata && metadata[mime] && metadata[mime].alt;
      if (alt) element.find("img").attr("alt", alt);
      return made;
    };
  };
  return {
    load_ipython_extension: () => {
      nameImages();
      import(`${document.body.dataset.baseUrl}files/assets/jupyter/stage/classic.js`);
      return promises.notebook_loaded.then(() => utils.load_extensions("rise/main"));
    },
  };
});
