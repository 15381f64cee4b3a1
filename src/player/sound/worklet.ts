import { createSoundfontSynth, type SoundfontSynth } from "../../synth/index.js";
import type { TimedEvent } from "./instruments.js";
import { type FromWorklet, PROCESSOR, type ToWorklet } from "./worklet-protocol.js";

// What an AudioWorkletGlobalScope has; the DOM's declarations know only the page's side.
declare const sampleRate: number;
declare const currentTime: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Samples in which sounds fade when they are cut off: 5.8 ms at 44,100 Hz. */
const FADE = 256;

/** Plays a soundfont in the audio thread. Messages are heard on the sample that is nearest to their time. */
class SoundfontProcessor extends AudioWorkletProcessor {
  #synth: SoundfontSynth | undefined;
  /** Sorted by time. Those before `#next` are sent. */
  #queue: TimedEvent[] = [];
  #next = 0;
  /** Samples that are left until sounds are cut off; negative: since then. */
  #fade = -FADE;
  #hasEnded = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToWorklet>) => void this.#receive(data);
  }

  async #receive(message: ToWorklet): Promise<void> {
    switch (message.kind) {
      case "soundfont":
        this.#answer(await this.#load(message.bytes));
        break;
      case "prepare":
        for (const { program, isDrum, low, high } of message.needs) {
          this.#synth?.prepare(program, isDrum, low, high);
        }
        break;
      case "events":
        this.#add(message.events);
        break;
      case "gain":
        this.#synth?.setGain(message.seat, message.gain);
        break;
      case "cancel":
        this.#queue = [];
        this.#next = 0;
        if (this.#fade <= 0) this.#fade = Math.max(1, -this.#fade);
        break;
      case "ping":
        this.#answer({});
        break;
      case "end":
        this.#hasEnded = true;
        break;
    }
  }

  async #load(bytes: Uint8Array): Promise<FromWorklet> {
    try {
      if (this.#synth === undefined) this.#synth = await createSoundfontSynth(bytes, sampleRate);
      else this.#synth.useSoundfont(bytes);
      return {};
    } catch (error) {
      return { error: (error as Error).message };
    }
  }

  #answer(answer: FromWorklet): void {
    this.port.postMessage(answer);
  }

  #add(events: readonly TimedEvent[]): void {
    if (this.#next > 1000) {
      this.#queue.splice(0, this.#next);
      this.#next = 0;
    }
    for (const event of events) this.#queue.push(event);
  }

  process(_inputs: unknown, [[left, right]]: readonly (readonly Float32Array[])[]): boolean {
    if (this.#hasEnded) return false;
    const synth = this.#synth;
    if (synth === undefined || left === undefined || right === undefined) return true;
    for (let at = 0; at < left.length; ) {
      // Messages wait until sounds are cut off: they belong to what comes after.
      const isFading = this.#fade > 0;
      while (!isFading && this.#sampleOfNext() <= at) synth.send(this.#queue[this.#next++].event);
      const until = isFading ? at + this.#fade : this.#sampleOfNext();
      const count = Math.max(1, Math.min(left.length, until) - at);
      synth.render(left, right, at, count);
      this.#fadeSamples(left, right, at, count);
      at += count;
      if (isFading && this.#fade <= 0) synth.silence(true);
    }
    return true;
  }

  /** Which sample of this block the next message falls on; beyond the block if there is none in it. */
  #sampleOfNext(): number {
    const next = this.#queue[this.#next];
    return next === undefined ? Number.POSITIVE_INFINITY : Math.round((next.at - currentTime) * sampleRate);
  }

  #fadeSamples(left: Float32Array, right: Float32Array, start: number, count: number): void {
    for (let i = start; i < start + count && this.#fade > -FADE; i++, this.#fade--) {
      const gain = Math.abs(this.#fade) / FADE;
      left[i] *= gain;
      right[i] *= gain;
    }
  }
}

registerProcessor(PROCESSOR, SoundfontProcessor);
