import { invalid } from "../errors.js";
/**
 * The tick that the attribute `prompt-end` names: seconds from the start (`7.5`), or where a bar begins (`bar:9`, counted
 * from 1).
 *
 * @throws AttaccaError of kind `invalid` for any other text.
 */
export function parsePromptEnd(text, { tempo, bars }) {
    const bar = /^\s*bar:\s*(\d{1,9})\s*$/.exec(text)?.[1];
    if (bar !== undefined && Number(bar) >= 1)
        return bars.barStart(Number(bar) - 1);
    const seconds = /^\s*\d{1,9}(\.\d+)?\s*$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(seconds))
        throw invalid("prompt-end", `"${text.slice(0, 40)}"`, "seconds, or bar:N with N from 1");
    return tempo.tickAt(seconds);
}
/** The tick at which the newest continuation of a generated piece begins: `continueScore` sets a marker there. */
export function markedPromptEnd({ texts }) {
    return texts.findLast(({ kind, text }) => kind === "marker" && text === "attacca")?.tick;
}
//# sourceMappingURL=prompt-end.js.map