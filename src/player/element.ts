import { readScore, type Score } from "../midi/index.js";
import { adoptStyles } from "./dom.js";
import { PianoRoll } from "./piano-roll.js";
import { themeRule } from "./theme.js";

// Where there is no DOM the module still loads, so that a page can be rendered on a server.
const ElementBase: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** `<attacca-player>`: shows and plays a piece. */
export class AttaccaPlayer extends ElementBase {
  readonly #roll = new PianoRoll();

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    adoptStyles(root, themeRule(":host"), ":host{display:block}.attacca-piano-roll{height:320px}");
    root.append(this.#roll.element);
  }

  get score(): Score {
    return this.#roll.score;
  }

  set score(score: Score) {
    this.#roll.score = score;
  }

  /** Reads a Standard MIDI File and shows it. */
  loadBytes(bytes: Uint8Array): void {
    this.score = readScore(bytes).score;
  }
}

/** Makes the element known to the page under a name, once. */
export function defineAttaccaPlayer(name = "attacca-player"): void {
  if (customElements.get(name) === undefined) customElements.define(name, AttaccaPlayer);
}
