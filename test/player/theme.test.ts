import { describe, expect, it } from "vitest";
import { shadeCount, shadeOf, shareOf } from "../../src/player/palette.js";
import {
  allColours,
  themeColours,
  themeRule,
  trackColourCount,
  trackColourName,
} from "../../src/player/theme.js";

type Rgb = readonly [number, number, number];

/** `#rrggbb` or `#rrggbbaa` (over `below`) as parts from 0 to 1. */
function parse(hex: string, below: Rgb = [1, 1, 1]): Rgb {
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  const alpha = hex.length > 7 ? part(7) : 1;
  return [1, 3, 5].map((at, channel) => part(at) * alpha + below[channel] * (1 - alpha)) as unknown as Rgb;
}

const linear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** WCAG 2.2, "relative luminance". */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map(linear);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, "contrast ratio". */
function contrast(one: Rgb, two: Rgb): number {
  const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const mix = (one: Rgb, two: Rgb, share: number): Rgb =>
  one.map((value, channel) => value * share + two[channel] * (1 - share)) as unknown as Rgb;

// Machado, Oliveira & Fernandes 2009, severity 1.0, on linear light.
const deficiencies: Readonly<Record<string, readonly Rgb[]>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
  "no deficiency": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
};

/** CIELAB of linear sRGB, white point D65. */
function lab(rgb: readonly number[]): readonly number[] {
  const [r, g, b] = rgb.map((value) => Math.min(1, Math.max(0, value)));
  const f = (value: number) => (value > 216 / 24389 ? Math.cbrt(value) : ((24389 / 27) * value + 16) / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe.each(["light", "dark"] as const)("the %s theme", (theme) => {
  const colour = (name: keyof typeof themeColours, below?: Rgb) => parse(themeColours[name][theme], below);
  const grounds = ["paper", "surface", "raised"] as const;
  const track = (index: number) => parse(allColours().get(trackColourName(index))![theme]);
  const tracks = Array.from({ length: trackColourCount }, (_, index) => index);

  it.each(grounds)("has text that can be read on %s", (ground) => {
    for (const text of ["ink", "quiet", "accent", "error"] as const)
      expect(contrast(colour(text), colour(ground)), text).toBeGreaterThanOrEqual(4.5);
  });

  it("has text that can be read on buttons, tooltips, keys, and over a continuation", () => {
    expect(contrast(colour("on-accent"), colour("accent"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour("paper"), colour("ink"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour("key-name"), colour("white-key"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(colour("quiet"), colour("continuation"))).toBeGreaterThanOrEqual(4.5);
  });

  it("has edges, focus and playhead that can be seen", () => {
    for (const ground of grounds)
      for (const mark of ["edge", "focus", "accent"] as const)
        expect(contrast(colour(mark), colour(ground)), `${mark} on ${ground}`).toBeGreaterThanOrEqual(3);
  });

  it("has notes that can be seen on every ground: by their border, whatever their velocity", () => {
    for (const name of ["paper", "continuation"] as const) {
      for (const ground of [colour(name), colour("shade", colour(name))])
        for (const index of tracks)
          expect(contrast(track(index), ground), `${name} ${index}`).toBeGreaterThanOrEqual(3);
    }
  });

  it("shows velocity by shades that can be told apart", () => {
    for (const index of tracks) {
      const shades = Array.from({ length: shadeCount }, (_, shade) =>
        contrast(mix(track(index), colour("paper"), shareOf(shade) / 100), colour("paper")),
      );
      for (const [shade, value] of shades.slice(1).entries())
        expect(value).toBeGreaterThan(shades[shade] * 1.04);
    }
  });

  it.each(Object.keys(deficiencies))("tells tracks apart for people with %s", (name) => {
    const seen = tracks.map((index) => {
      const light = track(index).map(linear);
      return lab(deficiencies[name].map((row) => row.reduce((sum, value, at) => sum + value * light[at], 0)));
    });
    for (const one of tracks) {
      for (const two of tracks.slice(one + 1)) {
        const distance = Math.hypot(...seen[one].map((value, at) => value - seen[two][at]));
        // A difference of 2.3 is just seen in areas that touch (Mahy, Van Eycken & Oosterlinck 1994).
        expect(distance, `tracks ${one + 1} and ${two + 1}`).toBeGreaterThanOrEqual(18);
      }
    }
  });
});

describe("velocity", () => {
  it("has eight shades, from softest to loudest", () => {
    expect([1, 15, 16, 64, 112, 127].map(shadeOf)).toEqual([0, 0, 1, 4, 7, 7]);
    expect([shareOf(0), shareOf(7)]).toEqual([30, 100]);
  });
});

describe("the theme's rule", () => {
  it("sets a custom property for each colour, for light and for dark", () => {
    const rule = themeRule(":root");
    expect(rule).toMatch(/^:root\{color-scheme:light dark;/);
    for (const [name, { light, dark }] of allColours())
      expect(rule).toContain(`--attacca-${name}:light-dark(${light},${dark});`);
  });
});
