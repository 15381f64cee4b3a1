import type { Tune } from "./tune.js";

export const britishAndIrish: readonly Tune[] = [
  {
    id: "greensleeves",
    title: "Greensleeves",
    source: "Traditional, England; registered in London in 1580, in lute books by 1584",
    key: "Am",
    meter: "6/8",
    tempo: 96,
    parts: {
      A: `A | "Am"c2 d e>^f e | "G"d2 B G>A B | "Am"c2 A A>^G A | "E"B2 ^G E2 A |
          "Am"c2 d e>^f e | "G"d2 B G>A B | "Am"c>B A "E7"^G>^F ^G | "Am"A3 A2`,
      B: `z | "C"g3 g>^f e | "G"d2 B G>A B | "Am"c2 A A>^G A | "E"B2 ^G E3 |
          "C"g3 g>^f e | "G"d2 B G>A B | "Am"c>B A "E7"^G>^F ^G | "Am"A3 A2`,
    },
    form: "AB",
    verses: ["arpeggio", "beat"],
    melody: 73,
    accompaniment: 24,
  },
  {
    id: "auld-lang-syne",
    title: "Auld Lang Syne",
    source: "Traditional, Scotland; with Burns's words in Thomson's Select Collection, 1799",
    key: "F",
    meter: "4/4",
    tempo: 92,
    parts: {
      A: `C2 | "F"F3 F F2 A2 | "C7"G3 F G2 A2 | "F"F3 F A2 c2 | "Bb"d6 d2 |
          "F"c3 A A2 F2 | "C7"G3 F G2 A2 | "Bb"F3 D D2 "C7"C2 | "F"F6`,
      B: `d2 | "F"c3 A A2 F2 | "C7"G3 F G2 d2 | "F"c3 A A2 c2 | "Bb"d6 d2 |
          "F"c3 A A2 F2 | "C7"G3 F G2 A2 | "Bb"F3 D D2 "C7"C2 | "F"F6`,
    },
    form: "AB",
    verses: ["held", "beat"],
    melody: 0,
    accompaniment: 0,
  },
  {
    id: "londonderry-air",
    title: "Londonderry Air",
    source: "Traditional, Ireland; in Petrie's Ancient Music of Ireland, 1855",
    key: "C",
    transpose: 3,
    meter: "4/4",
    unit: 4,
    tempo: 76,
    parts: {
      A: `B, C D | "C"E3 D | "C7"E A G E | "F"D C A,2- | "Am"A, C E F |
          "C"G3 A | G E C E | "G7"D4- | D B, C D |
          "C"E3 D | "C7"E A G E | "F"D C A,2- | A, B, C D |
          "C"E3 F | E D "G7"C D | "C"C4- | C`,
      B: `G A B | "Am"c3 B | "F"B A "C"G A | G E C2- | C G A B |
          "Am"c3 B | "Em"B A G E | "G7"D4- | D G G G |
          "C"e3 d | "F"d c A c | "C"G E C2- | "Am"C B, C D |
          "C"E "F"A "C"G E | "G7"D C A, B, | "C"C4- | C`,
    },
    form: "AB",
    verses: ["arpeggio"],
    melody: 40,
    accompaniment: 46,
  },
  {
    id: "irish-washerwoman",
    title: "The Irish Washerwoman",
    source: "Traditional jig, Ireland and England; in print by the end of the 18th century",
    key: "G",
    meter: "6/8",
    tempo: 168,
    parts: {
      A: `dc | "G"BGG DGG | BGB dcB | "Am"cAA EAA | "D7"cAc edc |
          "G"BGG DGG | BGB dcB | "C"cBc "D7"Adc | "G"BGG G`,
      B: `ga | "G"bgg dgg | bgb bag | "D"aff dff | afa agf |
          "C"egg "G"dgg | "C"cgg "G"Bgg | "C"cBc "D7"Adc | "G"BGG G`,
    },
    form: "AABB",
    verses: ["offbeat"],
    melody: 40,
    accompaniment: 24,
  },
  {
    id: "drunken-sailor",
    title: "The Drunken Sailor",
    source:
      "Sea shanty; words in Olmsted's Incidents of a Whaling Voyage, 1841; the tune is an older Irish one",
    key: "Ddor",
    meter: "2/4",
    tempo: 112,
    parts: {
      A: `"Dm"A A/A/ A A/A/ | A D F A | "C"G G/G/ G G/G/ | G C E G |
          "Dm"A A/A/ A A/A/ | A B c d | "C"c A G E | "Dm"D2 D2 |`,
      B: `"Dm"A3 A | A D F A | "C"G3 G | G C E G |
          "Dm"A3 A | A B c d | "C"c A G E | "Dm"D2 D2 |`,
    },
    form: "AB",
    verses: ["offbeat", "beat"],
    melody: 21,
    accompaniment: 24,
  },
  {
    id: "god-save-the-king",
    title: "God Save the King",
    source: "Traditional, England; in Thesaurus Musicus, 1744",
    key: "G",
    meter: "3/4",
    tempo: 84,
    parts: {
      A: `"G"G2 G2 A2 | "D"F3 G A2 | "G"B2 B2 "C"c2 | "G"B3 A G2 | "D"A2 "G"G2 "D7"F2 | "G"G6 |`,
      B: `"G"d2 d2 d2 | d3 c B2 | "D7"c2 c2 c2 | c3 B A2 |
          "G"B2 cB AG | B3 c d2 | "C"ec "G"B2 "D7"A2 | "G"G6 |`,
    },
    form: "AAB",
    verses: ["held"],
    melody: 56,
    accompaniment: 19,
  },
  {
    id: "jolly-good-fellow",
    title: "For He's a Jolly Good Fellow (Malbrough)",
    source: "Traditional, France, 18th century (Malbrough s'en va-t-en guerre); sung all over Europe by 1800",
    key: "C",
    transpose: 7,
    meter: "6/8",
    tempo: 132,
    parts: {
      A: `E | "C"E2 E E D E | "F"F3 "C"E2 E | "G7"D2 D D C D | "C"E3 C2 D |
          E2 E E D E | "F"F3 A2 A | "G7"G G G F2 D | "C"C3 C2`,
    },
    form: "A",
    verses: ["held", "beat", "offbeat"],
    melody: 0,
    accompaniment: 0,
  },
];
