/**
 * The colours of tracks on light and on dark paper. Told apart by people with any colour vision, and in grey (after
 * Okabe & Ito 2008, adjusted for contrast with the paper).
 */
export const trackColours: { readonly light: readonly string[]; readonly dark: readonly string[] } = {
  light: ["#1f5fae", "#c4501b", "#0f7d61", "#8c4a9f", "#97700a", "#4f6272"],
  dark: ["#74b4f7", "#ff9b66", "#4fcfa8", "#d9a2ea", "#e4c158", "#a9bccb"],
};

export const trackColourCount = trackColours.light.length;

function rules(colours: {
  readonly paper: string;
  readonly blackKey: string;
  readonly octave: string;
  readonly beat: string;
  readonly bar: string;
  readonly text: string;
  readonly continuation: string;
  readonly mark: string;
  readonly tracks: readonly string[];
}): string {
  const rule = (selector: string, body: string) => `.attacca-roll ${selector}{${body}}`;
  return [
    rule(".paper", `fill:${colours.paper}`),
    // See-through, so that the tint of a continuation stays.
    rule(".black", `fill:${colours.blackKey};fill-opacity:.08`),
    rule(".octave", `stroke:${colours.octave}`),
    rule(".beat", `stroke:${colours.beat}`),
    rule(".bar", `stroke:${colours.bar}`),
    rule("text", `fill:${colours.text}`),
    rule(".new", `fill:${colours.continuation}`),
    rule(".mark", `stroke:${colours.mark}`),
    rule("text.mark", `fill:${colours.mark};stroke:none`),
    ...colours.tracks.map((colour, index) => rule(`.t${index}`, `fill:${colour}`)),
  ].join("");
}

/** The roll's style sheet: light, and dark where the reader's system is. All rules are inside `.attacca-roll`. */
export const rollStyle: string = [
  ".attacca-roll text{font:11px system-ui,-apple-system,'Segoe UI',sans-serif}",
  ".attacca-roll text.title,.attacca-roll text.mark{font-weight:600}",
  ".attacca-roll text.title{font-size:13px}",
  rules({
    paper: "#fdfcf9",
    blackKey: "#6b5a33",
    octave: "#ddd7ca",
    beat: "#efebe2",
    bar: "#d3ccbd",
    text: "#5c564b",
    continuation: "#fbeedd",
    mark: "#b4430f",
    tracks: trackColours.light,
  }),
  "@media (prefers-color-scheme:dark){",
  rules({
    paper: "#16181d",
    blackKey: "#8ea0c0",
    octave: "#333944",
    beat: "#21252c",
    bar: "#3b424e",
    text: "#a8b0bd",
    continuation: "#2a231c",
    mark: "#ffa266",
    tracks: trackColours.dark,
  }),
  "}",
].join("");
