import type { Score } from "../midi/index.js";
import type { TickRange } from "./draw-moving.js";
import { createListeners } from "./events.js";
import { type Piece, pieceOf } from "./piece.js";
import type { Sound, TrackSettings } from "./sound/index.js";

/** What happens in a session. */
export interface SessionEvents {
  readonly load: Piece;
  readonly play: undefined;
  readonly pause: undefined;
  /** The new position; in score seconds. */
  readonly seek: number;
  readonly ended: undefined;
  /** Rate, volume, loop, a track, the instrument: something that is shown has changed. */
  readonly state: undefined;
  readonly error: unknown;
}

/** How a track is heard, in full. */
export type TrackState = Required<TrackSettings>;

export const slowest = 0.25;
export const fastest = 4;
export const loudest = 1.5;

const emptyScore: Score = {
  ticksPerQuarter: 480,
  tempos: [],
  timeSignatures: [],
  keySignatures: [],
  texts: [],
  tracks: [],
};

/**
 * One piece being played: what is played, from where, how fast and how loud. Knows no page. The sound is made when it is
 * first needed, which must be in a user's gesture; what was set before holds from then on.
 */
export class PlayerSession {
  readonly #listeners = createListeners<SessionEvents>();
  readonly #createSound: () => Sound;
  #piece = pieceOf(emptyScore);
  #sound: Sound | undefined;
  #soundEnds: (() => void)[] = [];
  #isOwnSound = false;
  /** The score that the sound has, and its arriving there. */
  #loaded: { readonly score: Score; readonly done: Promise<void> } | undefined;
  #position = 0;
  #wantsToPlay = false;
  #isStarting = false;
  #rate = 1;
  #volume = 1;
  #loop: TickRange | undefined;
  #isLooping = false;
  #tracks: TrackState[] = [];
  #soundfontError: Error | undefined;

  constructor(createSound: () => Sound) {
    this.#createSound = createSound;
  }

  on<Name extends keyof SessionEvents>(
    name: Name,
    listener: (event: SessionEvents[Name]) => void,
  ): () => void {
    return this.#listeners.on(name, listener);
  }

  get piece(): Piece {
    return this.#piece;
  }

  get sound(): Sound | undefined {
    return this.#sound;
  }

  /** Another thing to play with; the session doesn't end what it hasn't made. */
  set sound(sound: Sound | undefined) {
    this.pause();
    this.#dropSound();
    this.#sound = sound;
    if (sound !== undefined) this.#listenTo(sound);
    this.#changed();
  }

  /** Score seconds that are heard now. */
  get position(): number {
    const isHeard = this.#sound?.playing === true && !this.#isStarting;
    return isHeard ? Math.min(this.#sound!.position, this.#piece.endSeconds) : this.#position;
  }

  get tick(): number {
    return Math.min(this.#piece.tempo.tickAt(this.position), this.#piece.extent.ticks);
  }

  /** Whether it plays, or will as soon as the sound is ready. */
  get isPlaying(): boolean {
    return this.#wantsToPlay;
  }

  /** Whether it will play and the sound isn't ready yet. */
  get isStarting(): boolean {
    return this.#isStarting;
  }

  /** Shows another piece: stops, or goes on where it is if this is a longer version of the same one. */
  load(piece: Piece, { keepPosition = false }: { readonly keepPosition?: boolean } = {}): void {
    const position = this.position;
    if (!keepPosition) this.pause();
    this.#piece = piece;
    this.#position = keepPosition ? Math.min(position, piece.endSeconds) : 0;
    if (!keepPosition) {
      this.#tracks = [];
      this.#loop = undefined;
    }
    this.#tracks = piece.score.tracks.map(
      (_, index) => this.#tracks[index] ?? { mute: false, solo: false, volume: 1 },
    );
    if (keepPosition && this.#sound !== undefined && this.#loaded !== undefined) {
      const done = this.#loaded.done.then(() => this.#sound?.append(piece.score));
      this.#loaded = { score: piece.score, done };
      done.catch((error: unknown) => this.#listeners.emit("error", error));
    }
    this.#applyLoop();
    this.#listeners.emit("load", piece);
    this.#changed();
  }

  /** Plays from where it stands, or from the start if it stands at the end. Within a user's gesture. */
  async play(): Promise<void> {
    if (this.#wantsToPlay) return;
    this.#wantsToPlay = true;
    this.#isStarting = true;
    if (this.#position >= this.#piece.endSeconds - 0.01) this.#moveTo(0);
    this.#listeners.emit("play", undefined);
    this.#changed();
    try {
      const sound = this.readySound();
      // Asked for at once, while the gesture still counts.
      await this.#load(sound);
      if (!this.#wantsToPlay) return;
      await sound.play(this.#position);
      // Someone may have pressed pause while the sound was starting.
      if (!this.#wantsToPlay) sound.pause();
    } catch (error) {
      this.#wantsToPlay = false;
      this.#listeners.emit("pause", undefined);
      this.#listeners.emit("error", error);
    } finally {
      this.#isStarting = false;
      this.#changed();
    }
  }

  pause(): void {
    if (!this.#wantsToPlay) return;
    this.#position = this.position;
    this.#wantsToPlay = false;
    this.#sound?.pause();
    this.#listeners.emit("pause", undefined);
    this.#changed();
  }

  toggle(): void {
    if (this.#wantsToPlay) this.pause();
    else void this.play();
  }

  /** Goes to a position in score seconds; one outside of the piece is brought to its nearest end. */
  seek(seconds: number): void {
    if (!Number.isFinite(seconds)) return;
    this.#moveTo(Math.min(Math.max(0, seconds), this.#piece.endSeconds));
    this.#changed();
  }

  seekTick(tick: number): void {
    this.seek(this.#piece.tempo.secondsAt(Math.max(0, tick)));
  }

  /** Goes to the next or an earlier beat line, `count` of them away. */
  moveBeats(count: number): void {
    const { bars } = this.#piece;
    const { barStart, beat, ticksPerBar, numerator } = bars.positionAt(this.tick);
    const slack = 0.05;
    const target = count > 0 ? Math.floor(beat + slack) + count : Math.ceil(beat - slack) + count;
    this.seekTick(barStart + (target * ticksPerBar) / numerator);
  }

  /** Goes to the next or an earlier bar line, `count` of them away. */
  moveBars(count: number): void {
    const { bars } = this.#piece;
    const { bar, beat } = bars.positionAt(this.tick);
    const isInside = beat > 0.3;
    this.seekTick(bars.barStart(Math.max(0, count < 0 && isInside ? bar + count + 1 : bar + count)));
  }

  get rate(): number {
    return this.#rate;
  }

  /** How fast, 0.25 to 4; values beyond are brought to the nearest. */
  set rate(rate: number) {
    if (!Number.isFinite(rate)) return;
    this.#rate = Math.min(Math.max(rate, slowest), fastest);
    if (this.#sound !== undefined) this.#sound.rate = this.#rate;
    this.#changed();
  }

  get volume(): number {
    return this.#volume;
  }

  /** How loud, 0 to 1.5. */
  set volume(volume: number) {
    if (!Number.isFinite(volume)) return;
    this.#volume = Math.min(Math.max(volume, 0), loudest);
    if (this.#sound !== undefined) this.#sound.volume = this.#volume;
    this.#changed();
  }

  /** The ticks that are played over and over while `isLooping`; the whole piece if undefined. */
  get loop(): TickRange | undefined {
    return this.#loop;
  }

  set loop(loop: TickRange | undefined) {
    const { endTick } = this.#piece;
    const from = Math.min(Math.max(0, loop?.from ?? 0), endTick);
    const to = Math.min(loop?.to ?? 0, endTick);
    this.#loop = loop !== undefined && to > from ? { from, to } : undefined;
    this.#applyLoop();
    this.#changed();
  }

  get isLooping(): boolean {
    return this.#isLooping;
  }

  set isLooping(isLooping: boolean) {
    if (isLooping === this.#isLooping) return;
    this.#isLooping = isLooping;
    this.#applyLoop();
    this.#changed();
  }

  /** Begins the loop here; one that ended before this loses its end. */
  startLoopHere(): void {
    const { tick } = this;
    const to = this.#loop !== undefined && this.#loop.to > tick ? this.#loop.to : this.#piece.endTick;
    this.#isLooping = true;
    this.loop = { from: tick, to };
  }

  /** Ends the loop here; one that began after this begins with the piece. */
  endLoopHere(): void {
    const { tick } = this;
    const from = this.#loop !== undefined && this.#loop.from < tick ? this.#loop.from : 0;
    this.#isLooping = true;
    this.loop = { from, to: tick };
  }

  track(index: number): TrackState {
    return this.#tracks[index];
  }

  setTrack(index: number, settings: TrackSettings): void {
    const track = this.#tracks[index];
    if (track === undefined) return;
    this.#tracks[index] = { ...track, ...settings };
    this.#sound?.setTrack(index, settings);
    this.#changed();
  }

  isHeard(index: number): boolean {
    const track = this.#tracks[index];
    const hasSolo = this.#tracks.some(({ solo }) => solo);
    return track !== undefined && !track.mute && (track.solo || !hasSolo) && track.volume > 0;
  }

  /** Gives the sound the piece, so that playing can begin at once. What fails is told when it is played. */
  async prepare(): Promise<void> {
    try {
      await this.#load(this.readySound());
    } catch {
      this.#changed();
    }
  }

  /** The sound, made now if there is none yet. */
  readySound(): Sound {
    if (this.#sound === undefined) {
      this.#sound = this.#createSound();
      this.#isOwnSound = true;
      this.#listenTo(this.#sound);
    }
    return this.#sound;
  }

  /** Stops, and gives back the sound if the session made it; it makes another one when it is played again. */
  releaseSound(): void {
    this.pause();
    if (this.#isOwnSound) this.#dropSound();
  }

  async #load(sound: Sound): Promise<void> {
    const { score } = this.#piece;
    if (this.#loaded?.score !== score) this.#loaded = { score, done: this.#give(sound, score) };
    const { done } = this.#loaded;
    try {
      await done;
    } catch (error) {
      if (this.#loaded?.done === done) this.#loaded = undefined;
      throw error;
    }
  }

  async #give(sound: Sound, score: Score): Promise<void> {
    await sound.load(score);
    sound.rate = this.#rate;
    sound.volume = this.#volume;
    this.#tracks.forEach((track, index) => {
      sound.setTrack(index, track);
    });
    this.#applyLoop();
  }

  #listenTo(sound: Sound): void {
    this.#soundEnds = [
      sound.on("ended", () => {
        if (!this.#wantsToPlay) return;
        this.#wantsToPlay = false;
        this.#position = this.#piece.endSeconds;
        this.#listeners.emit("ended", undefined);
        this.#changed();
      }),
      sound.on("state", () => {
        const { soundfontError } = sound;
        if (soundfontError !== undefined && soundfontError !== this.#soundfontError)
          this.#listeners.emit("error", soundfontError);
        this.#soundfontError = soundfontError;
        this.#changed();
      }),
    ];
  }

  #dropSound(): void {
    for (const end of this.#soundEnds) end();
    if (this.#isOwnSound) this.#sound?.dispose();
    this.#sound = undefined;
    this.#isOwnSound = false;
    this.#loaded = undefined;
  }

  #moveTo(seconds: number): void {
    this.#position = seconds;
    if (this.#loaded !== undefined) this.#sound?.seek(seconds);
    this.#listeners.emit("seek", seconds);
  }

  #applyLoop(): void {
    if (this.#sound === undefined) return;
    const { tempo, endTick } = this.#piece;
    const { from, to } = this.#loop ?? { from: 0, to: endTick };
    this.#sound.loop =
      this.#isLooping && to > from ? { from: tempo.secondsAt(from), to: tempo.secondsAt(to) } : undefined;
  }

  #changed(): void {
    this.#listeners.emit("state", undefined);
  }
}
