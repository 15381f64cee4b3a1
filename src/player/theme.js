import { trackColours } from "../view/index.js";
/**
 * The design's colours by name; on a page each is the custom property `--attacca-NAME`. Text on `paper`, `surface` and
 * `raised` has a contrast of 4.5:1 or more, controls and notes 3:1 (WCAG 2.2, 1.4.3 and 1.4.11); a test computes both.
 */
export const themeColours = {
    /** Behind notes. */
    paper: { light: "#fdfcf9", dark: "#16181d" },
    /** Behind controls. */
    surface: { light: "#f5f2ea", dark: "#1d2026" },
    /** Behind what is pointed at, chosen or typed into. */
    raised: { light: "#ece7dc", dark: "#2a2e37" },
    ink: { light: "#26221b", dark: "#eceae4" },
    quiet: { light: "#5c564b", dark: "#a8b0bd" },
    /** Decoration: edges that nothing depends on. */
    line: { light: "#ddd7ca", dark: "#333944" },
    /** Edges that show where a control is. */
    edge: { light: "#857c6b", dark: "#77808f" },
    accent: { light: "#b4430f", dark: "#ffa266" },
    "on-accent": { light: "#ffffff", dark: "#221406" },
    focus: { light: "#1f5fae", dark: "#74b4f7" },
    error: { light: "#a3201a", dark: "#ff9a90" },
    /** Behind what was added to a prompt. */
    continuation: { light: "#fbeedd", dark: "#2a231c" },
    /** Over the rows of black keys; see-through. */
    shade: { light: "#6b5a3314", dark: "#8ea0c014" },
    beat: { light: "#efebe2", dark: "#21252c" },
    bar: { light: "#d3ccbd", dark: "#3b424e" },
    "white-key": { light: "#ffffff", dark: "#c9cdd4" },
    "black-key": { light: "#3a352c", dark: "#22252c" },
    "key-name": { light: "#5c564b", dark: "#363b45" },
};
/** The design's type and shape; on a page each is the custom property `--attacca-NAME`. */
export const themeShapes = {
    font: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
    "title-font": '"Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", Georgia, serif',
    radius: "10px",
};
export const trackColourCount = trackColours.light.length;
/** The name of a track's colour; tracks past the last colour begin again. */
export function trackColourName(track) {
    return `track-${(track % trackColourCount) + 1}`;
}
/** Every colour by name, those of the tracks included. */
export function allColours() {
    const colours = new Map();
    for (const name of Object.keys(themeColours))
        colours.set(name, themeColours[name]);
    trackColours.light.forEach((light, index) => {
        colours.set(trackColourName(index), { light, dark: trackColours.dark[index] });
    });
    return colours;
}
/**
 * The design as a rule of CSS that sets its custom properties on what `selector` names. Colours follow that element's
 * `color-scheme`.
 *
 * @example sheet.replaceSync(themeRule(":root"));
 */
export function themeRule(selector) {
    const colours = [...allColours()].map(([name, { light, dark }]) => `--attacca-${name}:light-dark(${light},${dark});`);
    const shapes = Object.entries(themeShapes).map(([name, value]) => `--attacca-${name}:${value};`);
    return `${selector}{color-scheme:light dark;${colours.join("")}${shapes.join("")}}`;
}
/** `var(--attacca-NAME)`, with the design's own colour where the page sets none. */
export function themeVariable(name) {
    const { light, dark } = allColours().get(name);
    return `var(--attacca-${name},light-dark(${light},${dark}))`;
}
//# sourceMappingURL=theme.js.map