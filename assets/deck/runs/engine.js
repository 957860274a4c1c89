// The page's engine: it unpacks Python at the first Run, and keeps a worker for the kernel and for each execution environment.
deck.engine = (() => {
  "use strict";
  const PHONE = 4, DESK = 8; // execution environments at once: each takes some 110 MB
  const limit = matchMedia("(pointer: coarse)").matches ? PHONE : DESK;
  const KEPT = "lambdadeck:"; // before the names of files in the browser's storage
  /** @type {EngineParts | null} */
  let parts = null;
  /** @type {PageWorker | null} */
  let kernel = null;
  /** @type {Uint8Array | null} */
  let functions = null;
  /** @type {(kind: string, text: string) => void} */
  let show = () => {};
  /** @type {Map<string, any>} */
  const environments = new Map();

  /** @param {string} id */
  async function inflate(id) {
    const text = deck.one(`#runs-${id}`).textContent ?? "";
    const bytes = "fromBase64" in Uint8Array ? /** @type {any} */ (Uint8Array).fromBase64(text) : Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  /** A worker, and the calls that it has not answered yet. */
  class PageWorker {
    /** @param {(kind: string, value: any, heap: number) => void} hear @param {(op: string, given: any) => Promise<any>} [answer] */
    constructor(hear, answer) {
      this.calls = new Map();
      this.last = 0;
      this.worker = new Worker(/** @type {EngineParts} */ (parts).url);
      this.worker.onerror = (event) => { event.preventDefault(); this.fail(event.message || "a worker could not start"); };
      this.worker.onmessage = async ({ data }) => {
        if (data.say) hear(data.say, data.value, data.heap);
        else if (data.done) this.settle(data);
        else if (answer) this.worker.postMessage({ answer: data.ask, value: await answer(data.op, data.given) });
      };
    }

    /** @param {{ done: number, value?: any, problem?: string }} data */
    settle({ done, value, problem }) {
      const call = this.calls.get(done);
      this.calls.delete(done);
      if (problem) call?.reject(new Error(problem)); else call?.resolve(value);
    }

    /** @param {string} problem */
    fail(problem) {
      for (const call of this.calls.values()) call.reject(new Error(problem));
      this.calls.clear();
    }

    /** @param {string} op @param {any} given @returns {Promise<any>} */
    do(op, given) {
      const id = ++this.last;
      return new Promise((resolve, reject) => {
        this.calls.set(id, { resolve, reject });
        this.worker.postMessage({ op, id, given });
      });
    }

    /** @param {any} given */
    async boot(given) {
      const { module, stdlib, lock } = /** @type {EngineParts} */ (parts);
      await this.do("boot", { module, stdlib, lock, ...given });
    }

    end() {
      this.worker.terminate();
      this.fail("ended");
    }
  }

  // ---- starting ----

  /** @param {(words: string, share: number) => void} tell */
  async function load(tell) {
    tell("Unpacking Python", 0.05);
    const [code, wasm, stdlib, runtime, site] = await Promise.all(["code", "wasm", "stdlib", "runtime", "site"].map(inflate));
    tell("Compiling Python", 0.15);
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const module = await WebAssembly.compile(wasm);
    parts = { url, module, stdlib, lock: deck.one("#runs-lock").textContent ?? "", site, snapshot: null };
    tell("Starting Python", 0.25);
    const first = new PageWorker(() => {});
    await first.boot({ makes: true, archives: [["/var/runtime", runtime]] });
    tell("Keeping Python's memory, for fast cold starts", 0.45);
    parts.snapshot = await first.do("snapshot", { code: deck.one("#runs-prepare").textContent });
    first.end();
  }

  /** @param {(words: string, share: number) => void} tell */
  async function start(tell) {
    if (!parts?.snapshot) await load(tell);
    const { snapshot, site } = /** @type {EngineParts} */ (parts);
    tell("Unpacking boto3 and the embedded Lambda", 0.55);
    const made = new PageWorker(hearKernel, (op, given) => environmentsDo[op](given));
    await made.boot({ snapshot, archives: [["/deck", site]], mirror: "/state/" });
    await made.do("write", { files: stored() });
    tell("Starting boto3 and the embedded Lambda", 0.7);
    await made.do("run", { code: deck.one("#runs-start").textContent, values: { limit, functions } });
    kernel = made;
    tell("Ready", 1);
  }

  /** @param {string} kind @param {any} value */
  function hearKernel(kind, value) {
    if (kind === "Stdout" || kind === "Stderr") show(kind.toLowerCase(), new TextDecoder().decode(value));
    if (kind === "show") show(value.kind, value.text);
    if (kind === "keep") functions = value;
    if (kind === "file") store(value[0], value[1]);
  }

  // ---- files that outlive the kernel: a learner's progress ----

  /** @param {string} path @param {Uint8Array | null} bytes */
  function store(path, bytes) {
    try {
      if (bytes) localStorage.setItem(KEPT + path, new TextDecoder().decode(bytes));
      else localStorage.removeItem(KEPT + path);
    } catch (problem) {
      if (!(problem instanceof DOMException)) throw problem; // the browser keeps nothing: progress lasts until the page is closed
    }
  }

  function stored() {
    try {
      const names = Object.keys(localStorage).filter((name) => name.startsWith(KEPT));
      return names.map((name) => [name.slice(KEPT.length), localStorage.getItem(name)]);
    } catch (problem) {
      if (!(problem instanceof DOMException)) throw problem;
      return [];
    }
  }

  // ---- execution environments ----

  /** Return the promise of what a runtime says next; from `count` on it has so many milliseconds, or the worker ends.
   * @param {any} own @param {number} limitMs @returns {Promise<any>} */
  function next(own, limitMs) {
    return new Promise((resolve) => {
      let timer = 0;
      own.count = () => { timer = setTimeout(() => own.settle("late"), limitMs); };
      own.settle = (/** @type {string} */ kind, /** @type {any} */ value = null) => {
        clearTimeout(timer);
        own.settle = () => {};
        if (["late", "exit", "killed"].includes(kind)) {
          own.worker?.end();
          own.worker = null;
        }
        resolve({ kind, value, fault: own.fault, heap: own.heap, boot_ms: own.bootMs, output: joined(own.output.splice(0)) });
      };
    });
  }

  /** @param {Uint8Array[]} chunks */
  function joined(chunks) {
    const all = new Uint8Array(chunks.reduce((sum, one) => sum + one.length, 0));
    let at = 0;
    for (const one of chunks) { all.set(one, at); at += one.length; }
    return all;
  }

  /** @param {any} own */
  const hearing = (own) => (/** @type {string} */ kind, /** @type {any} */ value, /** @type {number} */ heap) => {
    own.heap = heap;
    if (kind === "Stdout" || kind === "Stderr") own.output.push(value);
    else if (kind === "file") { if (value[1]) own.files.set(value[0], value[1]); else own.files.delete(value[0]); }
    else if (kind === "fault") own.fault = value;
    else if (kind !== "next" || own.starting) own.settle(kind, value);
  };

  /** @type {Record<string, (given: any) => Promise<any>>} */
  const environmentsDo = {
    async start(given) {
      const own = { worker: /** @type {PageWorker | null} */ (null), files: environments.get(given.name)?.files ?? new Map(), output: /** @type {Uint8Array[]} */ ([]), heap: 0, bootMs: 0, fault: null, starting: true, settle: (/** @type {string} */ _, /** @type {any} */ __) => {}, count: () => {} };
      environments.set(given.name, own);
      const begun = performance.now();
      const said = next(own, given.limit_ms);
      const worker = own.worker = new PageWorker(hearing(own));
      const { snapshot } = /** @type {EngineParts} */ (parts);
      (async () => {
        await worker.boot({ snapshot, most: given.most, archives: given.archives, mirror: "/tmp/" });
        await worker.do("write", { files: [...own.files] });
        own.bootMs = performance.now() - begun;
        own.count();
        await worker.do("run", { code: deck.one("#runs-runtime-start").textContent, values: given });
      })().catch((problem) => {
        own.output.push(new TextEncoder().encode(`${problem}\n`));
        own.settle("exit", 1);
      });
      const answer = await said;
      own.starting = false;
      return answer;
    },
    async invoke(given) {
      const own = environments.get(given.name);
      const said = next(own, given.limit_ms);
      own.count();
      if (own.worker) own.worker.do("event", { body: given.body, headers: given.headers }); else own.settle("exit", 1);
      return said;
    },
    async end(given) {
      const own = environments.get(given.name);
      own?.worker?.end();
      if (own) own.worker = null;
      if (!given.keep) environments.delete(given.name);
      return {};
    },
  };

  // ---- what cells use ----

  function stop() {
    kernel?.end();
    kernel = null;
    for (const own of environments.values()) own.worker?.end();
    environments.clear();
  }

  /** Run a cell; resolves to whether it succeeded.
   * @param {string} source @param {string} name @param {(kind: string, text: string) => void} shows */
  async function run(source, name, shows) {
    show = shows;
    if (!kernel) throw new Error("the kernel does not run");
    return Boolean(await kernel.do("run", { code: 'shell.run(given["source"], given["name"])', values: { source, name } }));
  }

  const canRun = () => "Suspending" in WebAssembly && typeof DecompressionStream === "function" && typeof Worker === "function";

  return { start, run, stop, canRun, limit, isRunning: () => kernel !== null };
})();
