/** Bytes that grow as they are written: a file's size isn't known beforehand. */
export class ByteSink {
  #bytes = new Uint8Array(4096);
  length = 0;

  push(byte: number): void {
    if (this.length === this.#bytes.length) this.#grow(this.length + 1);
    this.#bytes[this.length++] = byte;
  }

  append(data: ArrayLike<number>): void {
    if (this.length + data.length > this.#bytes.length) this.#grow(this.length + data.length);
    this.#bytes.set(data, this.length);
    this.length += data.length;
  }

  /** A number in `count` bytes, high byte first. */
  bigEndian(value: number, count: 2 | 4): void {
    for (let shift = (count - 1) * 8; shift >= 0; shift -= 8) this.push((value >>> shift) & 255);
  }

  /** Writes a 4-byte number over bytes that are there already. */
  patch(at: number, value: number): void {
    for (let i = 0; i < 4; i++) this.#bytes[at + i] = (value >>> (24 - 8 * i)) & 255;
  }

  /** 7 bits a byte, the last one below 0x80; `value` is 0 to 2²⁸ − 1. */
  variableLength(value: number): void {
    for (let shift = 21; shift > 0; shift -= 7)
      if (value >>> shift > 0) this.push(((value >>> shift) & 127) | 128);
    this.push(value & 127);
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  #grow(least: number): void {
    const bytes = new Uint8Array(Math.max(least, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.length));
    this.#bytes = bytes;
  }
}
