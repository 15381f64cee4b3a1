import type { Tune } from "./tune.js";

export const asianAndRussian: readonly Tune[] = [
  {
    id: "sakura",
    title: "Sakura",
    source: "Traditional, Japan; in the Tokyo Academy's Collection of Japanese Koto Music, 1888",
    key: "Ephr",
    meter: "4/4",
    unit: 4,
    tempo: 84,
    parts: {
      A: `"Am"A A "Em"B2 | "Am"A A "Em"B2 | "Am"A B c B | "F"A B/A/ F2 | "C"E C E F | "Em"E E/C/ B,2 |
          "Am"A B c B | "F"A B/A/ F2 | "C"E C E F | "Em"E E/C/ B,2 |
          "Am"A A "Em"B2 | "Am"A A "Em"B2 | "Em"E F B/A/ F | "Em"E4 |`,
    },
    form: "A",
    verses: ["held", "arpeggio"],
    melody: 107,
    accompaniment: 107,
  },
  {
    id: "arirang",
    title: "Arirang",
    source: "Traditional, Korea; written down by Homer Hulbert in 1896",
    key: "G",
    meter: "3/4",
    tempo: 92,
    parts: {
      A: `"G"D3 E DE | G3 A GA | "Em"B2 A B/A/ GE | "G"D3 E DE | G3 A GA | "Em"BA GE DE | "G"G3 A G2 | G6 |`,
      B: `"G"d4 d2 | d2 B2 A2 | "Em"B2 A B/A/ GE | "G"D3 E DE | G3 A GA | "Em"BA GE DE | "G"G3 A G2 | G6 |`,
    },
    form: "AB",
    verses: ["held", "arpeggio"],
    melody: 77,
    accompaniment: 46,
  },
  {
    id: "mo-li-hua",
    title: "Mo Li Hua",
    source: "Traditional, China, 18th century; in Barrow's Travels in China, 1804",
    key: "Gmix",
    transpose: 5,
    meter: "4/4",
    tempo: 96,
    parts: {
      A: `"C"E2 EG Ac cA | G2 GA G4 | E2 EG Ac cA | G2 GA G4 | G2 G2 G2 EG | "F"A2 A2 "C"G4 |
          E2 DE G2 ED | C2 CD C4 | ED CE "G"D3 E | "C"G2 Ac G4 | "G"D2 EG "Am"DE CA, |
          "Em"G,4 "Am"A,2 C2 | "G"D3 E "Am"CD CA, | "G"G,8 |`,
    },
    form: "A",
    verses: ["held", "arpeggio"],
    melody: 77,
    accompaniment: 107,
  },
  {
    id: "korobeiniki",
    title: "Korobeiniki",
    source: "Traditional, Russia; words by Nekrasov, 1861",
    key: "Am",
    meter: "4/4",
    tempo: 132,
    parts: {
      A: `"E7"e2 Bc d2 cB | "Am"A2 Ac e2 dc | "E7"B3 c d2 e2 | "Am"c2 A2 A4 |
          "Dm"d3 f a2 gf | "C"e3 c e2 dc | "E7"B2 Bc d2 e2 | "Am"c2 A2 A4 |`,
    },
    form: "AA",
    verses: ["offbeat", "beat"],
    melody: 21,
    accompaniment: 24,
  },
];
