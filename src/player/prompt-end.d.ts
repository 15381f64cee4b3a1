import type { Score } from "../midi/index.js";
import type { Piece } from "./piece.js";
/**
 * The tick that the attribute `prompt-end` names: seconds from the start (`7.5`), or where a bar begins (`bar:9`, counted
 * from 1).
 *
 * @throws AttaccaError of kind `invalid` for any other text.
 */
export declare function parsePromptEnd(text: string, { tempo, bars }: Pick<Piece, "tempo" | "bars">): number;
/** The tick at which the newest continuation of a generated piece begins: `continueScore` sets a marker there. */
export declare function markedPromptEnd({ texts }: Pick<Score, "texts">): number | undefined;
//# sourceMappingURL=prompt-end.d.ts.map