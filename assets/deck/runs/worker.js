// Runs in each worker, after Pyodide: the kernel, and one for each execution environment.
// Its bytes come by postMessage and nothing is fetched, so the page works from file:// without a network.
(() => {
  "use strict";
  const NOWHERE = "https://in-page.invalid/"; // Pyodide builds addresses from it; nobody asks them
  const scope = /** @type {any} */ (self);
  /** @type {Map<number, { resolve: (value: any) => void, reject: (problem: Error) => void }>} */
  const asked = new Map();
  /** @type {any[]} */
  const events = []; // that came before Python asked for the next one
  /** @type {((event: any) => void) | null} */
  let wanted = null;
  /** @type {Promise<void> | null} */
  let frozen = null; // until the next event
  let thaw = () => {};
  let last = 0;
  /** @type {any} */
  let py = null;

  /** Ask the page something; the promise of its answer.
   * @param {string} op @param {any} [given] */
  function ask(op, given) {
    return new Promise((resolve, reject) => {
      asked.set(++last, { resolve, reject });
      scope.postMessage({ ask: last, op, given });
    });
  }

  /** @param {string} kind @param {any} [value] */
  const say = (kind, value) => scope.postMessage({ say: kind, value, heap: py ? py._module.HEAPU8.length : 0 });

  function freeze() {
    frozen ??= new Promise((resolve) => { thaw = resolve; });
  }

  /** @param {any} event */
  function take(event) {
    thaw();
    frozen = null;
    if (wanted) wanted(event); else events.push(event);
    wanted = null;
  }

  /** Wait as a thread sleeps: no time passes for it while its environment is frozen.
   * @param {number} ms */
  async function sleep(ms) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    while (frozen) await frozen;
  }

  /** A signal that one thread waits for, for so many milliseconds (forever if negative), and another wakes.
   * @param {number} ms */
  function signal(ms) {
    let wake = () => {};
    const promise = new Promise((resolve) => {
      wake = () => resolve(true);
      if (ms >= 0) setTimeout(() => resolve(false), ms);
    });
    return { promise, wake: () => wake() };
  }

  const page = {
    ask, say, sleep, freeze, signal,
    call: (/** @type {any} */ python) => python.callPromising(),
    show: (/** @type {string} */ kind, /** @type {string} */ text) => say("show", { kind, text }),
    keep: (/** @type {any} */ bytes) => say("keep", bytes.toJs()),
    told: (/** @type {any} */ answer) => py.toPy(answer),
    plain: (/** @type {any} */ dict) => dict.toJs({ dict_converter: Object.fromEntries }),
    next: () => new Promise((resolve) => { if (events.length) resolve(events.shift()); else wanted = resolve; }),
    never: () => new Promise(() => {}),
  };

  /** What Pyodide would fetch. @param {any} given */
  function fetchFrom(given) {
    return async (/** @type {unknown} */ url) => {
      if (String(url).endsWith(".wasm")) return new Response("", { headers: { "content-type": "application/wasm" } });
      if (String(url).endsWith("stdlib.zip")) return new Response(given.stdlib);
      throw new TypeError(`This page asks nobody for anything: ${url}`);
    };
  }

  /** Return imports with a heap that does not grow over a limit: the kernel of Linux would kill the process.
   * @param {any} imports @param {number} most */
  function limited(imports, most) {
    const grow = imports.env.emscripten_resize_heap;
    imports.env.emscripten_resize_heap = (/** @type {number} */ size) => {
      if (size >>> 0 <= most) return grow(size);
      say("killed");
      for (;;); // until the page ends this worker
    };
    return imports;
  }

  /** Tell the page each file that Python writes in a folder: it outlives this worker.
   * @param {string} folder */
  function mirror(folder) {
    const { close, rename, unlink } = py.FS;
    /** @param {string} path */
    const tell = (path) => { if (path.startsWith(folder)) say("file", [path, py.FS.analyzePath(path).exists ? py.FS.readFile(path) : null]); };
    py.FS.close = (/** @type {any} */ stream) => {
      close.call(py.FS, stream);
      if (stream.flags & 3) tell(stream.path); // opened for writing
    };
    py.FS.rename = (/** @type {string} */ from, /** @type {string} */ to) => { rename.call(py.FS, from, to); tell(from); tell(to); };
    py.FS.unlink = (/** @type {string} */ path) => { unlink.call(py.FS, path); tell(path); };
  }

  /** @param {any} given */
  async function boot(given) {
    scope.fetch = fetchFrom(given);
    WebAssembly.instantiateStreaming = async (_, imports) => {
      const taken = given.most ? limited(imports, given.most) : imports;
      const instance = /** @type {any} */ (await WebAssembly.instantiate(given.module, taken));
      return { module: given.module, instance };
    };
    py = await scope.loadPyodide({
      indexURL: NOWHERE, packageBaseUrl: NOWHERE, lockFileContents: given.lock, createPyodideModule: scope._createPyodideModule,
      ...(given.makes ? { _makeSnapshot: true } : {}),
      ...(given.snapshot ? { _loadSnapshot: given.snapshot } : {}),
    });
    for (const stream of ["Stdout", "Stderr"]) {
      py[`set${stream}`]({ write: (/** @type {Uint8Array} */ data) => { say(stream, data.slice()); return data.length; } });
    }
    scope.page = page;
    if (given.mirror) mirror(given.mirror);
    for (const [folder, archive] of given.archives ?? []) py.unpackArchive(archive, "zip", { extractDir: folder });
  }

  /** @type {Record<string, (given: any) => any>} */
  const does = {
    boot,
    snapshot: (given) => { py.runPython(given.code); return py.makeMemorySnapshot(); },
    run: (given) => { py.globals.set("given", py.toPy(given.values ?? {})); return py.runPythonAsync(given.code); },
    event: take,
    write: (given) => {
      for (const [path, data] of given.files) {
        py.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
        py.FS.writeFile(path, data);
      }
    },
  };

  scope.onmessage = async (/** @type {MessageEvent} */ { data }) => {
    if (data.answer) {
      const { resolve, reject } = /** @type {any} */ (asked.get(data.answer));
      asked.delete(data.answer);
      if (data.problem) reject(new Error(data.problem)); else resolve(data.value);
      return;
    }
    try {
      const value = await does[data.op](data.given);
      scope.postMessage({ done: data.id, value });
    } catch (problem) {
      scope.postMessage({ done: data.id, problem: String(problem) });
    }
  };
})();
