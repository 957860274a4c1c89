// Loads RISE once the notebook is there. RISE itself does not wait: when its own files arrive first, it finds no slides
// and no settings, and does not start. (Jupyter's fault or RISE's, on stage it is ours.)
//
// And what nbclassic leaves out: a figure's alternative text reaches the picture. The rest of the stage is in ../stage.
define(["base/js/promises", "base/js/utils", "notebook/js/outputarea"], (promises, utils, outputarea) => {
  const nameImages = () => {
    const plain = outputarea.OutputArea.prototype._append_img;
    outputarea.OutputArea.prototype._append_img = function (data, metadata, element, inserted, mime, ...rest) {
      const made = plain.call(this, data, metadata, element, inserted, mime, ...rest);
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
