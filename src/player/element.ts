import { AttaccaError } from "../errors.js";
import { readScore, type Score } from "../midi/index.js";
import { adoptStyles } from "./dom.js";
import type { NoteReference } from "./note-index.js";
import type { PianoRoll } from "./piano-roll.js";
import { pieceOf } from "./piece.js";
import { followKeys } from "./player-keys.js";
import { playerSheet } from "./player-style.js";
import { createPlayerView, type PlayerView } from "./player-view.js";
import { markedPromptEnd, parsePromptEnd } from "./prompt-end.js";
import { PlayerSession } from "./session.js";
import { createSound, type Sound } from "./sound/index.js";
import { fetchBytes, fileBytes, isSoundfont, titleOf } from "./source.js";
import { themeRule } from "./theme.js";

/** What the element's events carry, by name; all are `CustomEvent`s that don't bubble. */
export interface AttaccaPlayerEvents {
  /** A piece is shown. */
  readonly load: { readonly score: Score };
  readonly play: null;
  readonly pause: null;
  /** Someone went to a position, in score seconds. */
  readonly seek: { readonly position: number };
  readonly ended: null;
  /** About four times a second while it plays. */
  readonly timeupdate: { readonly position: number; readonly tick: number };
  /** A note was chosen, or none. */
  readonly noteselect: NoteReference | undefined;
  /** A file, an address or the sound failed; the element shows it too. */
  readonly error: unknown;
}

// Where there is no DOM the module still loads, so that a page can be rendered on a server.
const ElementBase: typeof HTMLElement = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

const timeUpdateMilliseconds = 250;

/**
 * `<attacca-player src="piece.mid">`: shows a piece as a piano roll and plays it. docs/player.md lists its attributes, keys
 * and custom properties.
 *
 * @example
 * const player = document.querySelector("attacca-player");
 * player.loadBytes(new Uint8Array(await file.arrayBuffer()));
 * button.onclick = () => player.play();
 */
export class AttaccaPlayer extends ElementBase {
  static readonly observedAttributes = ["src", "loop", "theme", "prompt-end", "title"];
  readonly #session = new PlayerSession(() =>
    createSound({
      soundfont: this.soundfont ?? undefined,
      worklet: this.getAttribute("worklet") ?? undefined,
    }),
  );
  readonly #view: PlayerView;
  #fetching: AbortController | undefined;
  #bytes: Uint8Array | undefined;
  #promptEnd: number | undefined;
  #fileTitle = "";
  /** Whether what is shown is a file of the user's, which the page's title doesn't name. */
  #isTaken = false;
  #lastTime = 0;
  #ends: (() => void)[] = [];

  constructor() {
    super();
    const session = this.#session;
    this.#view = createPlayerView(session, {
      takeFile: (file) => void this.#take(file),
      fail: (error) => this.#fail(error),
      frame: () => this.#tellTime(),
    });
    const { roll } = this.#view;
    const root = this.attachShadow({ mode: "open" });
    adoptStyles(root, themeRule(":host"), playerSheet);
    root.append(this.#view.element);
    session.on("load", ({ score }) => this.#tell("load", { score }));
    session.on("play", () => this.#tell("play", null));
    session.on("pause", () => this.#tell("pause", null));
    session.on("ended", () => this.#tell("ended", null));
    session.on("seek", (position) => this.#tell("seek", { position }));
    session.on("error", (error) => this.#fail(error));
    roll.on("noteselect", (reference) => this.#tell("noteselect", reference));
    followKeys(root, session, this.#view, () => this.promptEnd);
    this.#showTitle();
  }

  connectedCallback(): void {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const refresh = () => this.#view.refreshTheme();
    dark.addEventListener("change", refresh);
    this.#ends.push(() => dark.removeEventListener("change", refresh));
    refresh();
  }

  disconnectedCallback(): void {
    this.#session.pause();
    this.#fetching?.abort();
    // An element that is moved comes back at once; one that is gone holds no audio hardware.
    queueMicrotask(() => {
      if (!this.isConnected) this.#session.releaseSound();
    });
    for (const end of this.#ends.splice(0)) end();
  }

  attributeChangedCallback(name: string, _before: string | null, value: string | null): void {
    if (name === "src") void this.#fetch(value);
    else if (name === "loop") this.#session.isLooping = value !== null;
    else if (name === "theme") this.#view.refreshTheme();
    else if (name === "title") this.#showTitle();
    else this.#readPromptEnd();
  }

  /** The address of a MIDI file; as the attribute. */
  get src(): string | null {
    return this.getAttribute("src");
  }

  set src(address: string | null) {
    setAttribute(this, "src", address);
  }

  /** The address of a soundfont (.sf2, .sf3); as the attribute. Counts when the sound is first needed. */
  get soundfont(): string | null {
    return this.getAttribute("soundfont");
  }

  set soundfont(address: string | null) {
    setAttribute(this, "soundfont", address);
  }

  /** What is shown and played. */
  get score(): Score {
    return this.#session.piece.score;
  }

  set score(score: Score) {
    this.loadScore(score);
  }

  /** The file that was read last, as it was; undefined if a score was set. */
  get bytes(): Uint8Array | undefined {
    return this.#bytes;
  }

  set bytes(bytes: Uint8Array | undefined) {
    if (bytes !== undefined) this.loadBytes(bytes);
  }

  /** The tick at which the prompt ends: what was set, or what the attribute or the piece's own marker says. */
  get promptEnd(): number | undefined {
    return this.#view.roll.promptEnd;
  }

  set promptEnd(tick: number | undefined) {
    this.#promptEnd = tick;
    this.#readPromptEnd();
  }

  /** The roll that is shown: to zoom, to scroll, to choose notes. */
  get roll(): PianoRoll {
    return this.#view.roll;
  }

  /** What plays; undefined until it is first needed. One that is set here is the page's to end. */
  get sound(): Sound | undefined {
    return this.#session.sound;
  }

  set sound(sound: Sound | undefined) {
    this.#session.sound = sound;
  }

  /** Where it stands: score seconds that are heard now. */
  get position(): number {
    return this.#session.position;
  }

  /** Score seconds until the last note ends. */
  get duration(): number {
    return this.#session.piece.endSeconds;
  }

  get playing(): boolean {
    return this.#session.isPlaying;
  }

  /** How fast, 0.25 to 4. */
  get rate(): number {
    return this.#session.rate;
  }

  set rate(rate: number) {
    this.#session.rate = rate;
  }

  /** How loud, 0 to 1.5. */
  get volume(): number {
    return this.#session.volume;
  }

  set volume(volume: number) {
    this.#session.volume = volume;
  }

  /** Plays from where it stands. Browsers want a user's gesture for the first sound of a page. */
  play(): Promise<void> {
    return this.#session.play();
  }

  pause(): void {
    this.#session.pause();
  }

  /** Goes to a position in score seconds. */
  seek(seconds: number): void {
    this.#session.seek(seconds);
  }

  /** Reads a Standard MIDI File and shows it. Where that fails, the element shows why, fires `error`, and keeps what it has. */
  loadBytes(bytes: Uint8Array, { name = "" }: { readonly name?: string } = {}): void {
    this.#read(bytes, name, false);
  }

  /** Shows a score; with `keepPosition` a longer version of the one that is played, which goes on without a stop. */
  loadScore(score: Score, { keepPosition = false }: { readonly keepPosition?: boolean } = {}): void {
    this.#bytes = undefined;
    if (!keepPosition) {
      this.#fileTitle = "";
      this.#isTaken = false;
    }
    this.#show(score, keepPosition);
  }

  #read(bytes: Uint8Array, name: string, isTaken: boolean): void {
    try {
      const { score } = readScore(bytes);
      this.#bytes = bytes;
      this.#fileTitle = titleOf(name);
      this.#isTaken = isTaken;
      this.#show(score, false);
    } catch (error) {
      this.#fail(error);
    }
  }

  #show(score: Score, keepPosition: boolean): void {
    this.#fetching?.abort();
    this.#view.showError(undefined);
    if (!keepPosition) this.#promptEnd = undefined;
    this.#session.load(pieceOf(score), { keepPosition });
    this.#showTitle();
    this.#readPromptEnd();
  }

  async #fetch(address: string | null): Promise<void> {
    this.#fetching?.abort();
    if (address === null) return;
    const fetching = new AbortController();
    this.#fetching = fetching;
    try {
      const bytes = await fetchBytes(address, fetching.signal);
      if (!fetching.signal.aborted) this.loadBytes(bytes, { name: address });
    } catch (error) {
      if (!fetching.signal.aborted) this.#fail(error);
    }
  }

  async #take(file: File): Promise<void> {
    try {
      const bytes = await fileBytes(file);
      if (!isSoundfont(file.name)) this.#read(bytes, file.name, true);
      else {
        await this.#session.readySound().useSoundfont(bytes);
        this.#view.nameSoundfont(file.name);
        this.#view.showError(undefined);
        this.#view.say(`Soundfont ${file.name}`);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #readPromptEnd(): void {
    const { piece } = this.#session;
    const text = this.getAttribute("prompt-end");
    let tick = this.#promptEnd ?? markedPromptEnd(piece.score);
    try {
      if (this.#promptEnd === undefined && text !== null) tick = parsePromptEnd(text, piece);
    } catch (error) {
      this.#fail(error);
    }
    this.#view.setPromptEnd(tick !== undefined && tick > 0 && tick < piece.extent.ticks ? tick : undefined);
  }

  #showTitle(): void {
    const title = this.#isTaken ? null : this.getAttribute("title");
    this.#view.setTitle(title ?? this.#fileTitle);
  }

  #tellTime(): void {
    const now = performance.now();
    if (now - this.#lastTime < timeUpdateMilliseconds) return;
    this.#lastTime = now;
    this.#tell("timeupdate", { position: this.#session.position, tick: this.#session.tick });
  }

  #fail(error: unknown): void {
    const isOurs = error instanceof AttaccaError || error instanceof DOMException;
    this.#view.showError(isOurs ? error.message : "Something went wrong in the player.");
    this.#tell("error", error);
  }

  #tell<Name extends keyof AttaccaPlayerEvents>(name: Name, detail: AttaccaPlayerEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

function setAttribute(element: HTMLElement, name: string, value: string | null): void {
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** Makes the element known to the page under a name, once. */
export function defineAttaccaPlayer(name = "attacca-player"): void {
  if (customElements.get(name) === undefined) customElements.define(name, AttaccaPlayer);
}

declare global {
  interface HTMLElementTagNameMap {
    "attacca-player": AttaccaPlayer;
  }
}
