import type { Score } from "../../src/midi/index.js";
import type { Loop, Sound, SoundEventName, TrackSettings } from "../../src/player/sound/index.js";

/** A sound without sound: its clock moves when a test moves it, and it writes down what is asked of it. */
export class FakeSound implements Sound {
  readonly kind = "synth";
  readonly context = undefined as unknown as Sound["context"];
  readonly output = undefined as unknown as Sound["output"];
  readonly ready = Promise.resolve();
  soundfontError: Error | undefined;
  readonly calls: string[] = [];
  readonly tracks = new Map<number, TrackSettings>();
  duration = 0;
  playing = false;
  position = 0;
  rate = 1;
  volume = 1;
  loop: Loop | undefined;
  score: Score | undefined;
  /** What `load` waits for. */
  arrival: Promise<void> = Promise.resolve();
  readonly #listeners = new Map<SoundEventName, Set<() => void>>();

  async load(score: Score): Promise<void> {
    this.calls.push("load");
    await this.arrival;
    this.score = score;
    this.position = 0;
  }

  async play(from?: number): Promise<void> {
    this.calls.push(`play ${from}`);
    this.position = from ?? this.position;
    this.playing = true;
  }

  pause(): void {
    this.calls.push("pause");
    this.playing = false;
  }

  seek(seconds: number): void {
    this.calls.push(`seek ${seconds}`);
    this.position = seconds;
  }

  setTrack(index: number, settings: TrackSettings): void {
    this.tracks.set(index, { ...this.tracks.get(index), ...settings });
  }

  async append(score: Score): Promise<void> {
    this.calls.push("append");
    this.score = score;
  }

  on(event: SoundEventName, listener: () => void): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set.add(listener));
    return () => set.delete(listener);
  }

  emit(event: SoundEventName): void {
    if (event === "ended") this.playing = false;
    for (const listener of this.#listeners.get(event) ?? []) listener();
  }

  async useSoundfont(): Promise<void> {
    this.calls.push("soundfont");
  }

  async midiOutputs(): Promise<[]> {
    return [];
  }

  async useMidiOutput(): Promise<void> {}

  dispose(): void {
    this.calls.push("dispose");
  }
}
