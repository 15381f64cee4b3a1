const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes as base64 with padding (RFC 4648, section 4). */
export function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  // Text that grows by single characters is slow at megabytes.
  for (let from = 0; from < bytes.length; from += 3 * 4096) {
    let part = "";
    const to = Math.min(bytes.length, from + 3 * 4096);
    for (let at = from; at < to; at += 3) {
      const [second, third] = [at + 1 < to, at + 2 < to];
      const bits = (bytes[at] << 16) | (second ? bytes[at + 1] << 8 : 0) | (third ? bytes[at + 2] : 0);
      part += DIGITS[bits >> 18] + DIGITS[(bits >> 12) & 63];
      part += (second ? DIGITS[(bits >> 6) & 63] : "=") + (third ? DIGITS[bits & 63] : "=");
    }
    parts.push(part);
  }
  return parts.join("");
}
