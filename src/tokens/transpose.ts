import type { TokenizerConfig } from "./config.js";
import { Kind, type TokenTables } from "./token-tables.js";

/**
 * The function that moves the pitches of a stream: drums stay, by their own tokens or, where they share those of
 * pitches, by the program tokens before them. Ids of a pitch are consecutive, so a shift of pitch is one of id.
 */
export function transposer(
  tables: TokenTables,
  config: TokenizerConfig,
): (ids: ArrayLike<number>, semitones: number) => Uint16Array | undefined {
  const [low, high] = config.pitchRange;
  return (ids, semitones) => {
    const moved = Uint16Array.from(ids);
    let isDrum = false;
    for (let i = 0; i < moved.length; i++) {
      const id = moved[i];
      const kind = tables.kinds[id];
      if (kind === Kind.Program) isDrum = tables.values[id] === -1 && !config.usePitchdrumTokens;
      if ((kind !== Kind.Note && kind !== Kind.NoteEnd) || isDrum) continue;
      const pitch = tables.values[id] + semitones;
      if (pitch < low || pitch > high) return undefined;
      moved[i] = id + semitones;
    }
    return moved;
  };
}
