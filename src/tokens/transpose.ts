import type { TokenizerConfig } from "./config.js";
import { Kind, type TokenTables } from "./token-tables.js";

/**
 * The function that moves the pitches of a stream: drums stay, by their own tokens or, where they share those of
 * pitches, by the program tokens before them. Key signatures move along. Ids of pitches are consecutive, so a shift of
 * pitch is one of id.
 */
export function transposer(
  tables: TokenTables,
  config: TokenizerConfig,
): (ids: ArrayLike<number>, semitones: number) => Uint16Array | undefined {
  const [low, high] = config.pitchRange;
  const firstKey = tables.firstOf[Kind.Key];
  return (ids, semitones) => {
    const moved = Uint16Array.from(ids);
    let isDrum = false;
    for (let i = 0; i < moved.length; i++) {
      const id = moved[i];
      const kind = tables.kinds[id];
      if (kind === Kind.Key && semitones !== 0)
        moved[i] = firstKey + transposeKey(tables.values[id], semitones) + 14;
      if (kind === Kind.Program) isDrum = tables.values[id] === -1 && !config.usePitchdrumTokens;
      if ((kind !== Kind.Note && kind !== Kind.NoteEnd) || isDrum) continue;
      const pitch = tables.values[id] + semitones;
      if (pitch < low || pitch > high) return undefined;
      moved[i] = id + semitones;
    }
    return moved;
  };
}

/** A key is twice its sharps and 1 more in minor. A semitone is seven fifths up; of equal keys the one with least signs. */
function transposeKey(key: number, semitones: number): number {
  const sharps = Math.floor(key / 2);
  const moved = sharps + 7 * semitones + 5;
  return (moved - 12 * Math.floor(moved / 12) - 5) * 2 + (key - sharps * 2);
}
