// A byte order mark stays in the text: else it would be lost by writing the text again.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
/** Up to this length, ASCII is read faster without a decoder. */
const SHORT = 32;

/**
 * The text of a meta event's bytes: UTF-8 where they are valid UTF-8, else Latin-1, which reads any bytes. SMF 1.0
 * says ASCII; files in the wild hold these two most, and Latin-1 was the usual one before 2000.
 */
export function decodeText(data: Uint8Array): string {
  if (data.length <= SHORT && data.every((byte) => byte < 0x80)) return String.fromCharCode(...data);
  const text = decoder.decode(data);
  // A decoder that throws would say whether the bytes are valid, but a file of nothing but faulty texts would then
  // take seconds. Bytes that were replaced aren't the same when they are encoded again.
  if (!text.includes("\uFFFD") || isSame(encoder.encode(text), data)) return text;
  return decodeLatin1(data);
}

/** One character a byte: in pieces, for a call with very many arguments overflows the stack. */
function decodeLatin1(data: Uint8Array): string {
  let text = "";
  for (let at = 0; at < data.length; at += 4096) text += String.fromCharCode(...data.subarray(at, at + 4096));
  return text;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** The UTF-8 bytes of a text. Lone surrogates become U+FFFD. */
export function encodeText(text: string): Uint8Array {
  return encoder.encode(text);
}
