import { type Score } from "../midi/index.js";
import type { NoteReference } from "./note-index.js";
import type { PianoRoll } from "./piano-roll.js";
import { type Sound } from "./sound/index.js";
/** What the element's events carry, by name; all are `CustomEvent`s that don't bubble. */
export interface AttaccaPlayerEvents {
    /** A piece is shown. */
    readonly load: {
        readonly score: Score;
    };
    readonly play: null;
    readonly pause: null;
    /** Someone went to a position, in score seconds. */
    readonly seek: {
        readonly position: number;
    };
    readonly ended: null;
    /** About four times a second while it plays. */
    readonly timeupdate: {
        readonly position: number;
        readonly tick: number;
    };
    /** A note was chosen, or none. */
    readonly noteselect: NoteReference | undefined;
    /** A file, an address or the sound failed; the element shows it too. */
    readonly error: unknown;
}
declare const ElementBase: typeof HTMLElement;
/**
 * `<attacca-player src="piece.mid">`: shows a piece as a piano roll and plays it. docs/player.md lists its attributes, keys
 * and custom properties.
 *
 * @example
 * const player = document.querySelector("attacca-player");
 * player.loadBytes(new Uint8Array(await file.arrayBuffer()));
 * button.onclick = () => player.play();
 */
export declare class AttaccaPlayer extends ElementBase {
    #private;
    static readonly observedAttributes: string[];
    constructor();
    connectedCallback(): void;
    disconnectedCallback(): void;
    attributeChangedCallback(name: string, _before: string | null, value: string | null): void;
    /** The address of a MIDI file; as the attribute. */
    get src(): string | null;
    set src(address: string | null);
    /** The address of a soundfont (.sf2, .sf3); as the attribute. Counts when the sound is first needed. */
    get soundfont(): string | null;
    set soundfont(address: string | null);
    /** What is shown and played. */
    get score(): Score;
    set score(score: Score);
    /** The file that was read last, as it was; undefined if a score was set. */
    get bytes(): Uint8Array | undefined;
    set bytes(bytes: Uint8Array | undefined);
    /** The tick at which the prompt ends: what was set, or what the attribute or the piece's own marker says. */
    get promptEnd(): number | undefined;
    set promptEnd(tick: number | undefined);
    /** The roll that is shown: to zoom, to scroll, to choose notes. */
    get roll(): PianoRoll;
    /** What plays; undefined until it is first needed. One that is set here is the page's to end. */
    get sound(): Sound | undefined;
    set sound(sound: Sound | undefined);
    /** Where it stands: score seconds that are heard now. */
    get position(): number;
    /** Score seconds until the last note ends. */
    get duration(): number;
    get playing(): boolean;
    /** How fast, 0.25 to 4. */
    get rate(): number;
    set rate(rate: number);
    /** How loud, 0 to 1.5. */
    get volume(): number;
    set volume(volume: number);
    /** Plays from where it stands. Browsers want a user's gesture for the first sound of a page. */
    play(): Promise<void>;
    pause(): void;
    /** Goes to a position in score seconds. */
    seek(seconds: number): void;
    /** Reads a Standard MIDI File and shows it. Where that fails, the element shows why, fires `error`, and keeps what it has. */
    loadBytes(bytes: Uint8Array, { name }?: {
        readonly name?: string;
    }): void;
    /** Shows a score; with `keepPosition` a longer version of the one that is played, which goes on without a stop. */
    loadScore(score: Score, { keepPosition }?: {
        readonly keepPosition?: boolean;
    }): void;
}
/** Makes the element known to the page under a name, once. */
export declare function defineAttaccaPlayer(name?: string): void;
declare global {
    interface HTMLElementTagNameMap {
        "attacca-player": AttaccaPlayer;
    }
}
export {};
//# sourceMappingURL=element.d.ts.map