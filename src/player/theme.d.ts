/** A colour for light surroundings, and one for dark ones; any CSS colours. */
export interface ThemeColour {
    readonly light: string;
    readonly dark: string;
}
/**
 * The design's colours by name; on a page each is the custom property `--attacca-NAME`. Text on `paper`, `surface` and
 * `raised` has a contrast of 4.5:1 or more, controls and notes 3:1 (WCAG 2.2, 1.4.3 and 1.4.11); a test computes both.
 */
export declare const themeColours: {
    /** Behind notes. */
    readonly paper: {
        readonly light: "#fdfcf9";
        readonly dark: "#16181d";
    };
    /** Behind controls. */
    readonly surface: {
        readonly light: "#f5f2ea";
        readonly dark: "#1d2026";
    };
    /** Behind what is pointed at, chosen or typed into. */
    readonly raised: {
        readonly light: "#ece7dc";
        readonly dark: "#2a2e37";
    };
    readonly ink: {
        readonly light: "#26221b";
        readonly dark: "#eceae4";
    };
    readonly quiet: {
        readonly light: "#5c564b";
        readonly dark: "#a8b0bd";
    };
    /** Decoration: edges that nothing depends on. */
    readonly line: {
        readonly light: "#ddd7ca";
        readonly dark: "#333944";
    };
    /** Edges that show where a control is. */
    readonly edge: {
        readonly light: "#857c6b";
        readonly dark: "#77808f";
    };
    readonly accent: {
        readonly light: "#b4430f";
        readonly dark: "#ffa266";
    };
    readonly "on-accent": {
        readonly light: "#ffffff";
        readonly dark: "#221406";
    };
    readonly focus: {
        readonly light: "#1f5fae";
        readonly dark: "#74b4f7";
    };
    readonly error: {
        readonly light: "#a3201a";
        readonly dark: "#ff9a90";
    };
    /** Behind what was added to a prompt. */
    readonly continuation: {
        readonly light: "#fbeedd";
        readonly dark: "#2a231c";
    };
    /** Over the rows of black keys; see-through. */
    readonly shade: {
        readonly light: "#6b5a3314";
        readonly dark: "#8ea0c014";
    };
    readonly beat: {
        readonly light: "#efebe2";
        readonly dark: "#21252c";
    };
    readonly bar: {
        readonly light: "#d3ccbd";
        readonly dark: "#3b424e";
    };
    readonly "white-key": {
        readonly light: "#ffffff";
        readonly dark: "#c9cdd4";
    };
    readonly "black-key": {
        readonly light: "#3a352c";
        readonly dark: "#22252c";
    };
    readonly "key-name": {
        readonly light: "#5c564b";
        readonly dark: "#363b45";
    };
};
/** A colour of the design; `track-1` and on are those of the tracks. */
export type ThemeColourName = keyof typeof themeColours | `track-${number}`;
/** The design's type and shape; on a page each is the custom property `--attacca-NAME`. */
export declare const themeShapes: {
    readonly font: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
    readonly "title-font": '"Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", Georgia, serif';
    readonly radius: "10px";
};
export declare const trackColourCount: number;
/** The name of a track's colour; tracks past the last colour begin again. */
export declare function trackColourName(track: number): ThemeColourName;
/** Every colour by name, those of the tracks included. */
export declare function allColours(): ReadonlyMap<ThemeColourName, ThemeColour>;
/**
 * The design as a rule of CSS that sets its custom properties on what `selector` names. Colours follow that element's
 * `color-scheme`.
 *
 * @example sheet.replaceSync(themeRule(":root"));
 */
export declare function themeRule(selector: string): string;
/** `var(--attacca-NAME)`, with the design's own colour where the page sets none. */
export declare function themeVariable(name: ThemeColourName): string;
//# sourceMappingURL=theme.d.ts.map