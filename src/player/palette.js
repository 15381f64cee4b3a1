import { allColours, themeVariable, trackColourCount, trackColourName, } from "./theme.js";
export const shadeCount = 8;
/** How much of a track's colour a note has; its border has all of it. */
const softestShare = 30;
const faintShare = 16;
/** Which of the shades a velocity has, 0 to `shadeCount` − 1. */
export function shadeOf(velocity) {
    return Math.min(shadeCount - 1, Math.floor((velocity * shadeCount) / 128));
}
/** The share of its track's colour that a shade has, in percent. */
export function shareOf(shade) {
    return softestShare + ((100 - softestShare) * shade) / (shadeCount - 1);
}
/** Reads the custom properties that hold at an element, whatever syntax of colour the page gives them in. */
export function readPalette(at) {
    // A custom property's own value may be any text; as the colour of an element the browser makes a colour of it.
    const probe = document.createElement("span");
    probe.hidden = true;
    at.append(probe);
    const style = getComputedStyle(probe);
    const resolve = (value) => {
        probe.style.color = value;
        return style.color;
    };
    const colours = new Map([...allColours().keys()].map((name) => [name, resolve(themeVariable(name))]));
    const paper = themeVariable("paper");
    const shades = [];
    const faint = [];
    for (let track = 0; track < trackColourCount; track++) {
        const colour = themeVariable(trackColourName(track));
        const mix = (share) => resolve(`color-mix(in srgb, ${colour} ${share}%, ${paper})`);
        shades.push(Array.from({ length: shadeCount }, (_, shade) => mix(shareOf(shade))));
        faint.push(mix(faintShare));
    }
    const font = style.fontFamily;
    probe.remove();
    return {
        colour: (name) => colours.get(name),
        note: (track, velocity) => shades[track % trackColourCount][shadeOf(velocity)],
        faint: (track) => faint[track % trackColourCount],
        font,
    };
}
//# sourceMappingURL=palette.js.map