import type { Tune } from "./tune.js";

export const american: readonly Tune[] = [
  {
    id: "amazing-grace",
    title: "Amazing Grace (New Britain)",
    source: "Traditional, United States; in Columbian Harmony, 1829, and The Southern Harmony, 1835",
    key: "G",
    meter: "3/4",
    unit: 4,
    tempo: 84,
    parts: {
      A: `D | "G"G2 B/G/ | B2 A | "C"G2 E | "G"D2 D | G2 B/G/ | "Em"B2 "A7"A | "D7"d3- | d2 "G"B |
          d>B d/B/ | G2 D | "C"E>G G/E/ | "G"D2 D | G2 B/G/ | "Em"B2 "D7"A | "G"G3- | G2`,
    },
    form: "A",
    verses: ["held", "arpeggio"],
    melody: 40,
    accompaniment: 0,
  },
  {
    id: "oh-susanna",
    title: "Oh! Susanna",
    source: "Stephen Foster, 1848",
    key: "C",
    transpose: 5,
    meter: "4/4",
    tempo: 152,
    parts: {
      A: `CD | "C"E2 G2 G3 A | G2 E2 C3 D | E2 E2 D2 C2 | "G7"D6 CD |
          "C"E2 G2 G3 A | G2 E2 C3 D | E2 E2 "G7"D2 D2 | "C"C6`,
      B: `z2 | "F"F4 F4 | A2 A4 A2 | "C"G2 G2 E2 C2 | "G7"D6 CD |
          "C"E2 G2 G3 A | G2 E2 C3 D | E2 E2 "G7"D2 D2 | "C"C6`,
    },
    form: "AB",
    verses: ["offbeat", "arpeggio"],
    melody: 105,
    accompaniment: 24,
  },
  {
    id: "yankee-doodle",
    title: "Yankee Doodle",
    source: "Traditional, British America, 1750s; in print by the 1780s",
    key: "C",
    transpose: -2,
    meter: "4/4",
    tempo: 160,
    parts: {
      A: `"C"c2 c2 d2 e2 | c2 e2 "G7"d2 G2 | "C"c2 c2 d2 e2 | c4 "G7"B2 G2 |
          "C"c2 c2 d2 e2 | "F"f2 e2 d2 c2 | "G7"B2 G2 A2 B2 | "C"c4 c4 |`,
      B: `"F"A3 B A2 G2 | A2 B2 c4 | "C"G3 A G2 F2 | E4 G4 |
          "F"A3 B A2 G2 | A2 B2 c2 A2 | "C"G2 c2 "G7"B2 d2 | "C"c4 c4 |`,
    },
    form: "AB",
    verses: ["offbeat", "beat"],
    melody: 72,
    accompaniment: 0,
  },
  {
    id: "go-down-moses",
    title: "Go Down, Moses",
    source: "African American spiritual; in print in 1861, and in Jubilee Songs, 1872 (the verse)",
    key: "Am",
    transpose: -2,
    meter: "4/4",
    tempo: 88,
    parts: {
      A: `E2 | "Am"c2 c2 "E7"B2 B2 | "Am"c2 c2 A4 | "E7"E2 E2 ^G2 ^G2 | "Am"A6 E2 |
          c2 c2 "E7"B2 B2 | "Am"c2 c2 A4 | "E7"E2 E2 ^G2 ^G2 | "Am"A6`,
    },
    form: "AA",
    verses: ["held", "beat"],
    melody: 57,
    accompaniment: 0,
  },
  {
    id: "clementine",
    title: "Clementine",
    source: "Percy Montrose, 1884, after older songs",
    key: "F",
    meter: "3/4",
    tempo: 112,
    parts: {
      A: `F>F | "F"F2 C2 A>A | A2 F2 F>A | c2 c2 B>A | "C7"G4 G>A |
          B2 B2 A>G | "F"A2 F2 F>A | "C7"G2 C2 E>G | "F"F4`,
    },
    form: "AA",
    verses: ["offbeat", "arpeggio"],
    melody: 22,
    accompaniment: 24,
  },
  {
    id: "aura-lee",
    title: "Aura Lee",
    source: "George Poulton, 1861",
    key: "G",
    meter: "4/4",
    unit: 4,
    tempo: 84,
    parts: {
      A: `"G"D G F G | "A7"A E A2 | "D7"G F E F | "G"G4 |`,
      B: `"G"B B B2 | "B7"B B B2 | "Em"B A "A7"G A | "G"B4 | B B "E7"c B | "A7"A E A2 | "D7"G F E F | "G"G4 |`,
    },
    form: "AAB",
    verses: ["held", "arpeggio"],
    melody: 0,
    accompaniment: 0,
  },
  {
    id: "my-bonnie",
    title: "My Bonnie Lies over the Ocean",
    source: "Traditional, Scotland; in print in the United States in 1881 (the verse)",
    key: "C",
    meter: "3/4",
    unit: 4,
    tempo: 132,
    parts: {
      A: `G | "C"e d c | "F"d c A | "C"G E2- | E2 G | e d c | "D7"c B c | "G7"d3- | d2 G |
          "C"e d c | "F"d c A | "C"G E2- | E2 G | "F"A d c | "G7"B A B | "C"c3- | c2`,
    },
    form: "A",
    verses: ["offbeat", "arpeggio"],
    melody: 0,
    accompaniment: 0,
  },
  {
    id: "john-browns-body",
    title: "John Brown's Body (Glory, Hallelujah)",
    source: "Camp-meeting song, United States, 1850s; in print in 1861 (the refrain)",
    key: "C",
    transpose: -2,
    meter: "4/4",
    tempo: 104,
    parts: {
      A: `"C"G3 F E>G c>d | e4 c4 | "F"A3 B c>B c>A | "C"G4 E4 |
          G3 F E>G c>d | "Am"e4 c2 c2 | "Dm"d2 d2 "G7"c2 B2 | "C"c8 |`,
    },
    form: "AA",
    verses: ["beat", "offbeat"],
    melody: 56,
    accompaniment: 0,
  },
  {
    id: "skip-to-my-lou",
    title: "Skip to My Lou",
    source: "Traditional play-party song, United States, 1840s",
    key: "F",
    meter: "4/4",
    tempo: 144,
    parts: {
      A: `"F"A4 F4 | A2 A2 c4 | "C7"G4 E4 | G2 G2 B4 | "F"A4 F4 | A2 A2 c4 | "C7"G2 AB A2 G2 | "F"F4 F4 |`,
    },
    form: "AA",
    verses: ["offbeat", "arpeggio"],
    melody: 105,
    accompaniment: 24,
  },
];
