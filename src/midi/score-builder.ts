import { DRUM_CHANNEL, type MetaEvent, type SysexEvent } from "./file.js";
import type {
  ControlChange,
  KeySignature,
  Note,
  PitchBend,
  ScoreTrack,
  Tempo,
  TextEvent,
  TimeSignature,
} from "./score.js";
import { decodeText } from "./text.js";

/** A track in the making. */
interface Part {
  readonly program: number;
  readonly channel: number;
  readonly notes: OpenNote[];
  readonly controls: ControlChange[];
  readonly pitchBends: PitchBend[];
}

/** A note whose end isn't known yet has a duration of −1. */
type OpenNote = { -readonly [Key in keyof Note]: Note[Key] };

/** An open note in the queue of its channel and pitch. */
interface Waiting {
  readonly note: OpenNote;
  next: Waiting | undefined;
}

/**
 * Puts a file's events together to tracks of notes, as symusic does (and so MidiTok's tokens are equal):
 *
 * - Each file track gives one score track for each (channel, program) in which a note starts, ordered by channel,
 *   then program. Programs start as 0 in every file track. All get the file track's last name.
 * - A note-off closes the oldest open note of its channel and pitch in the same file track, whatever its program.
 * - Control changes and pitch bends go to the track of their channel and its program at that time. If no note has
 *   started there yet, they wait for the next new track of that channel; if none comes, they are left out.
 * - All tracks of a file sound together, those of format 2 too.
 *
 * Unlike symusic, which drops notes that are never closed, those last until the end of their file track; and a
 * track with lyrics and no notes isn't made.
 */
export class ScoreBuilder {
  readonly tempos: Tempo[] = [];
  readonly timeSignatures: TimeSignature[] = [];
  readonly keySignatures: KeySignature[] = [];
  readonly texts: TextEvent[] = [];
  readonly tracks: ScoreTrack[] = [];

  #name: Uint8Array | undefined;
  /** By channel × 128 + program. */
  #parts = new Map<number, Part>();
  readonly #programs = new Uint8Array(16);
  /** The channel's part of its present program, if it has one. */
  readonly #current: (Part | undefined)[] = new Array(16).fill(undefined);
  /** The channel's controls and bends that wait for a part. */
  readonly #early: (Pick<Part, "controls" | "pitchBends"> | undefined)[] = new Array(16).fill(undefined);
  /** By channel × 128 + pitch: the queue's first and last. Shared by all tracks: emptied at each end. */
  readonly #first: (Waiting | undefined)[] = new Array(16 * 128).fill(undefined);
  readonly #last: (Waiting | undefined)[] = new Array(16 * 128).fill(undefined);
  #open = 0;

  /** A channel message by its bytes (see `MidiSink.channel`). */
  channel(tick: number, status: number, first: number, second: number): void {
    const channel = status & 15;
    switch (status >> 4) {
      case 0x9:
        if (second > 0) this.#noteOn(tick, channel, first, second);
        else this.#noteOff(tick, channel, first, undefined);
        break;
      case 0x8:
        this.#noteOff(tick, channel, first, second);
        break;
      case 0xb:
        this.#controlsOf(channel).controls.push({ tick, controller: first, value: second });
        break;
      case 0xc:
        this.#programs[channel] = first;
        this.#current[channel] = this.#parts.get(channel * 128 + first);
        break;
      case 0xe:
        this.#controlsOf(channel).pitchBends.push({ tick, value: second * 128 + first - 8192 });
        break;
    }
  }

  other(event: MetaEvent | SysexEvent): void {
    const { tick } = event;
    switch (event.kind) {
      case "tempo":
        this.tempos.push({ tick, microsecondsPerQuarter: event.microsecondsPerQuarter });
        break;
      case "timeSignature":
        this.timeSignatures.push({ tick, numerator: event.numerator, denominator: event.denominator });
        break;
      case "keySignature":
        this.keySignatures.push({ tick, sharps: event.sharps, minor: event.minor });
        break;
      case "text":
        if (event.text === "trackName") this.#name = event.data;
        else if (isPieceText(event.text) && event.data.length > 0) {
          this.texts.push({ tick, kind: event.text, text: decodeText(event.data) });
        }
        break;
    }
  }

  /** Ends the file track at `tick`; gives how many notes were still open. */
  endTrack(tick: number): number {
    const open = this.#open;
    if (open > 0) this.#closeAll(tick);
    const name = this.#name === undefined || this.#parts.size === 0 ? "" : decodeText(this.#name);
    const keys = [...this.#parts.keys()].sort((a, b) => a - b);
    for (const key of keys) {
      const part = this.#parts.get(key);
      if (part === undefined) continue;
      const { program, channel, notes, controls, pitchBends } = part;
      const isDrum = channel === DRUM_CHANNEL;
      this.tracks.push({ name, program, isDrum, channel, notes, controls, pitchBends });
    }
    this.#parts = new Map();
    this.#name = undefined;
    this.#programs.fill(0);
    this.#current.fill(undefined);
    this.#early.fill(undefined);
    return open;
  }

  #noteOn(tick: number, channel: number, pitch: number, velocity: number): void {
    const part = this.#current[channel] ?? this.#newPart(channel);
    const note: OpenNote = { start: tick, duration: -1, pitch, velocity, releaseVelocity: undefined };
    part.notes.push(note);
    const waiting: Waiting = { note, next: undefined };
    const key = channel * 128 + pitch;
    const last = this.#last[key];
    if (last === undefined) this.#first[key] = waiting;
    else last.next = waiting;
    this.#last[key] = waiting;
    this.#open++;
  }

  #noteOff(tick: number, channel: number, pitch: number, releaseVelocity: number | undefined): void {
    const key = channel * 128 + pitch;
    const waiting = this.#first[key];
    if (waiting === undefined) return;
    waiting.note.duration = tick - waiting.note.start;
    waiting.note.releaseVelocity = releaseVelocity;
    this.#first[key] = waiting.next;
    if (waiting.next === undefined) this.#last[key] = undefined;
    this.#open--;
  }

  #closeAll(tick: number): void {
    for (let key = 0; key < this.#first.length; key++) {
      while (this.#first[key] !== undefined) this.#noteOff(tick, key >> 7, key & 127, undefined);
    }
  }

  #newPart(channel: number): Part {
    const program = this.#programs[channel];
    const { controls, pitchBends } = this.#early[channel] ?? { controls: [], pitchBends: [] };
    const part: Part = { program, channel, notes: [], controls, pitchBends };
    this.#early[channel] = undefined;
    this.#parts.set(channel * 128 + program, part);
    this.#current[channel] = part;
    return part;
  }

  #controlsOf(channel: number): Pick<Part, "controls" | "pitchBends"> {
    const part = this.#current[channel];
    if (part !== undefined) return part;
    this.#early[channel] ??= { controls: [], pitchBends: [] };
    return this.#early[channel];
  }
}

function isPieceText(kind: string): kind is TextEvent["kind"] {
  return kind === "text" || kind === "copyright" || kind === "lyric" || kind === "marker" || kind === "cue";
}
