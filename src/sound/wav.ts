/** Sound as samples between −1 and 1. */
export interface StereoAudio {
  /** Samples a second. */
  readonly sampleRate: number;
  /** Left and right, of the same length. */
  readonly channels: readonly [Float32Array, Float32Array];
}

const HEADER_BYTES = 44;

/** The bytes of a RIFF/WAVE file of 16-bit samples. Samples beyond −1 to 1 are cut off. */
export function encodeWav({ sampleRate, channels }: StereoAudio): Uint8Array<ArrayBuffer> {
  const frameBytes = channels.length * 2;
  const length = channels[0].length;
  const bytes = new Uint8Array(HEADER_BYTES + length * frameBytes);
  const view = new DataView(bytes.buffer);
  const name = (at: number, text: string): void => {
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  };
  name(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  name(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // bytes of this chunk
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, channels.length, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * frameBytes, true);
  view.setUint16(32, frameBytes, true);
  view.setUint16(34, 16, true); // bits a sample
  name(36, "data");
  view.setUint32(40, length * frameBytes, true);
  channels.forEach((samples, channel) => {
    for (let i = 0, at = HEADER_BYTES + channel * 2; i < length; i++, at += frameBytes) {
      view.setInt16(at, Math.round(Math.max(-1, Math.min(1, samples[i])) * 32_767), true);
    }
  });
  return bytes;
}
