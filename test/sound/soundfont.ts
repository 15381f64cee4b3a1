import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The soundfont that comes with the package. */
export function sonivox(): Uint8Array {
  return readFileSync(fileURLToPath(import.meta.resolve("@coderline/alphatab/soundfont/sonivox.sf3")));
}
