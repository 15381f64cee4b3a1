/**
 * The colours of tracks on light and on dark paper. Any two are 18 or more apart in CIELAB as people with protanopia,
 * deuteranopia, tritanopia or none of them see them (Machado, Oliveira & Fernandes 2009), and have a contrast of 3:1 or
 * more with what is behind notes; a test of the player's theme computes both.
 */
export const trackColours: { readonly light: readonly string[]; readonly dark: readonly string[] } = {
  light: ["#3964d3", "#902800", "#019070", "#8b4a9e", "#9f7714", "#506170"],
  dark: ["#81b8fa", "#ef936c", "#5fe3b4", "#ae7ab9", "#e7c359", "#a9bccb"],
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
