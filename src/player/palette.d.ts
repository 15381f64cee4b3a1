import { type ThemeColourName } from "./theme.js";
/** The design's colours as a page shows them now, in a form that a canvas takes. */
export interface Palette {
    colour(name: ThemeColourName): string;
    /** A note's colour: the track's, nearer to the paper the softer the note is. Velocity 1 to 127. */
    note(track: number, velocity: number): string;
    /** The colour of notes that aren't heard. */
    faint(track: number): string;
    readonly font: string;
}
export declare const shadeCount = 8;
/** Which of the shades a velocity has, 0 to `shadeCount` − 1. */
export declare function shadeOf(velocity: number): number;
/** The share of its track's colour that a shade has, in percent. */
export declare function shareOf(shade: number): number;
/** Reads the custom properties that hold at an element, whatever syntax of colour the page gives them in. */
export declare function readPalette(at: HTMLElement): Palette;
//# sourceMappingURL=palette.d.ts.map