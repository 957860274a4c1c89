// What the classic notebook loads of ours before its own script: the stage, then RISE.
define(["base/js/events", "base/js/utils", "codemirror/lib/codemirror", "notebook/js/notebook", "notebook/js/outputarea"], (events, utils, CodeMirror, notebook, outputarea) => {
  // nbclassic leaves out the alternative text of a figure.
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
  // An editor measures itself at each change: half of the time that the deck takes to open. In one operation all measure once.
  const layOutOnce = () => {
    const original = notebook.Notebook.prototype.fromJSON;
    /** @type {(this: ClassicNotebook, content: unknown) => void} */
    notebook.Notebook.prototype.fromJSON = function (content) {
      const elements = this.get_cell_elements; // any depth: slow, and not needed before RISE makes slides
      const container = this.container[0], { parentNode, nextSibling } = container;
      const all = CodeMirror(document.createElement("div"));
      all.startOperation();
      container.remove();
      this.get_cell_elements = () => this.container.children(".cell");
      try {
        original.call(this, content);
      } finally {
        parentNode?.insertBefore(container, nextSibling);
        this.get_cell_elements = elements;
        all.endOperation();
      }
    };
  };
  nameImages();
  layOutOnce();
  events.one("app_initialized.NotebookApp", () => import(`${document.body.dataset.baseUrl}files/assets/jupyter/stage/classic.js`));
  // RISE itself does not wait: if its files arrive before the notebook, it finds no slides and does not start.
  events.one("notebook_loaded.Notebook", () => utils.load_extensions("rise/main"));
  return {};
});
