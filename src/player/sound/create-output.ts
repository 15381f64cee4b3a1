/** What stands between instruments and speaker. */
export interface Output {
  readonly input: AudioNode;
  /** The last node before the speaker, to be tapped. */
  readonly node: AudioNode;
  volume: number;
  /** Seconds from a time of the context to when its sound leaves the speaker, as far as the browser tells. */
  latency(): number;
  /** The time of `performance.now()` at which a time of the context is heard. */
  clock(contextTime: number): number;
  dispose(): void;
}

/** Browsers delay what goes through a compressor by so many seconds, so that it can look ahead (6.0 ms in Chromium 156). */
const COMPRESSOR_SECONDS = 0.006;

/** Volume, and a limiter that keeps loud passages below full scale. */
export function createOutput(context: BaseAudioContext): Output {
  const input = context.createGain();
  const compressor = context.createDynamicsCompressor();
  compressor.threshold.value = -4;
  compressor.knee.value = 0;
  compressor.ratio.value = 20;
  compressor.attack.value = 0.002;
  compressor.release.value = 0.15;
  // What the compressor lets through for some milliseconds is rounded off, so that nothing is ever clipped.
  const shaper = context.createWaveShaper();
  shaper.curve = softLimit();
  input.connect(compressor).connect(shaper).connect(context.destination);
  let volume = 1;
  const deviceLatency = (): number => {
    const { outputLatency = 0, baseLatency = 0 } = context as Partial<AudioContext>;
    return outputLatency || baseLatency;
  };
  const latency = (): number => deviceLatency() + COMPRESSOR_SECONDS;
  return {
    input,
    node: shaper,
    get volume() {
      return volume;
    },
    set volume(value) {
      volume = value;
      input.gain.setTargetAtTime(value, context.currentTime, 0.01);
    },
    latency,
    clock: (contextTime) => performance.now() + (contextTime - context.currentTime + latency()) * 1000,
    dispose() {
      for (const node of [input, compressor, shaper]) node.disconnect();
    },
  };
}

/** The line up to 0.8, and above it a curve that never reaches 1 (whatever lies beyond −1 to 1 counts as that). */
function softLimit(): Float32Array<ArrayBuffer> {
  const knee = 0.8;
  return Float32Array.from({ length: 4097 }, (_, i) => {
    const x = (i / 2048 - 1) * 1;
    const over = Math.abs(x) - knee;
    return over <= 0 ? x : Math.sign(x) * (knee + 0.19 * Math.tanh(over / 0.19));
  });
}
