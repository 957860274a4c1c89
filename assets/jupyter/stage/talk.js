// What survives a reload, a crashed browser, and leaving the slides: slide, clock, route, the outputs of cells that have run.
// The deck's own server keeps it in memory until the talk ends (lambdadeck/stage/talk.py).

/** @type {Talk} */
let kept = { place: null, started: null, route: "all", outputs: {}, occasion: { speaker: "", event: "", date: "" } };
let address = "";

/** Settles when what was kept is loaded: moves wait for it. */
export let loaded = Promise.resolve(kept);

/** @type {(method: "GET" | "PUT", body?: object) => Promise<Response>} */
function ask(method, body) {
  const token = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/)?.[1] ?? "";
  return fetch(address, {
    method, cache: "no-store", body: body && JSON.stringify(body), signal: AbortSignal.timeout(5000),
    headers: { "Content-Type": "application/json", "X-XSRFToken": token },
  });
}

/**
 * Load what this talk has kept; nothing if Jupyter does not answer.
 * @param {string} url
 */
export function load(url) {
  address = url;
  loaded = get();
}

async function get() {
  try {
    const answer = await ask("GET");
    if (answer.ok) kept = { ...kept, ...(await answer.json()) };
  } catch (error) {
    console.warn("Nothing kept from before:", error);
  }
  return kept;
}

export const now = () => kept;

/**
 * Keep a change, here and on the server.
 * @param {Partial<Talk> & { ran?: object }} change
 */
export function keep({ ran, ...change }) {
  kept = { ...kept, ...change };
  ask("PUT", { ...change, ran }).catch((error) => console.warn("Not kept:", error));
}
