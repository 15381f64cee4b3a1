const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * The text of a meta event's bytes: UTF-8 where they are valid UTF-8, else Latin-1, which reads any bytes. SMF 1.0
 * says ASCII; files in the wild hold these two most, and Latin-1 was the usual one before 2000.
 */
export function decodeText(data: Uint8Array): string {
  try {
    return utf8.decode(data);
  } catch {
    // One character a byte: in pieces, for a call with very many arguments overflows the stack.
    let text = "";
    for (let at = 0; at < data.length; at += 4096) {
      text += String.fromCharCode(...data.subarray(at, at + 4096));
    }
    return text;
  }
}

/** The UTF-8 bytes of a text. Lone surrogates become U+FFFD. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}
