// When the talk began: when it left its first slide, or when the speaker says so.
import { say } from "./messages.js";
import * as talk from "./talk.js";

/** @param {number} at index of the slide */
export function leave(at) {
  if (at > 0 && !talk.now().started) talk.keep({ started: Date.now() });
}

export function restart() {
  talk.keep({ started: Date.now() });
  say("The clock starts now");
}
