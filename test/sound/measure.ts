/** What tests measure in samples: written for them, and used by nothing that they check. */

/** Loudness of a part: the root of the mean square. */
export function rms(samples: ArrayLike<number>, from = 0, to = samples.length): number {
  let sum = 0;
  for (let i = Math.max(0, from); i < Math.min(samples.length, to); i++) sum += samples[i] ** 2;
  return Math.sqrt(sum / Math.max(1, to - from));
}

/** The largest absolute sample. */
export function peak(samples: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < samples.length; i++) most = Math.max(most, Math.abs(samples[i]));
  return most;
}

/**
 * Sample numbers at which something starts to sound: where a window of 1 ms is 4 times as loud as the 10 ms before it, and
 * louder than a hundredth of the loudest; at least `gap` samples apart.
 */
export function onsets(samples: ArrayLike<number>, sampleRate: number, gap = sampleRate * 0.1): number[] {
  const step = Math.round(sampleRate / 4000);
  const floor = peak(samples) / 100;
  const found: number[] = [];
  for (let i = 0; i + 4 * step < samples.length; i += step) {
    if (found.length > 0 && i - found.at(-1)! < gap) continue;
    const now = rms(samples, i, i + 4 * step);
    const before = rms(samples, i - 40 * step, i);
    if (now > floor && now > 4 * before) found.push(i + 2 * step);
  }
  return found;
}

/** The strength of each frequency in a part of the samples, under a Hann window: bin k stands for k × rate / size. */
export function spectrum(samples: ArrayLike<number>, size = 32_768): Float64Array {
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  const n = Math.min(samples.length, size);
  for (let i = 0; i < n; i++) real[i] = samples[i] * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n));
  fft(real, imaginary);
  return Float64Array.from({ length: size / 2 }, (_, k) => Math.hypot(real[k], imaginary[k]) / n);
}

/** Cooley & Tukey 1965, in place; the length is a power of two. */
function fft(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [real[i], real[j]] = [real[j], real[i]];
    [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
  }
  for (let length = 2; length <= n; length *= 2) {
    for (let start = 0; start < n; start += length) {
      for (let k = 0; k < length / 2; k++) {
        const [cos, sin] = [Math.cos((-2 * Math.PI * k) / length), Math.sin((-2 * Math.PI * k) / length)];
        const [i, j] = [start + k, start + k + length / 2];
        const re = real[j] * cos - imaginary[j] * sin;
        const im = real[j] * sin + imaginary[j] * cos;
        [real[j], imaginary[j]] = [real[i] - re, imaginary[i] - im];
        [real[i], imaginary[i]] = [real[i] + re, imaginary[i] + im];
      }
    }
  }
}

/** The MIDI pitch, with its fraction, whose first harmonics are strongest together. */
export function pitchOf(samples: ArrayLike<number>, sampleRate: number, low = 40, high = 90): number {
  const bins = spectrum(samples);
  const strength = (hertz: number): number => {
    const at = (hertz * bins.length * 2) / sampleRate;
    const k = Math.floor(at);
    return k + 1 < bins.length ? bins[k] + (at - k) * (bins[k + 1] - bins[k]) : 0;
  };
  let best = { pitch: Number.NaN, sum: 0 };
  for (let pitch = low; pitch <= high; pitch += 0.02) {
    // The fundamental counts most: an octave below shares every second harmonic.
    let sum = 0;
    for (let k = 1; k <= 4; k++) sum += strength(hertzOf(pitch) * k) / k;
    if (sum > best.sum) best = { pitch, sum };
  }
  return best.pitch;
}

/** Equal temperament, A4 = 440 Hz. */
export function hertzOf(pitch: number): number {
  return 440 * 2 ** ((pitch - 69) / 12);
}

/** Where the middle of the spectrum's energy lies, in hertz: bright sounds have it high. */
export function centroid(samples: ArrayLike<number>, sampleRate: number): number {
  const bins = spectrum(samples);
  let [weighted, all] = [0, 0];
  bins.forEach((strength, k) => {
    weighted += strength ** 2 * ((k * sampleRate) / (bins.length * 2));
    all += strength ** 2;
  });
  return weighted / all;
}
