import type { Tune } from "./tune.js";

export const carols: readonly Tune[] = [
  {
    id: "good-king-wenceslas",
    title: "Good King Wenceslas (Tempus adest floridum)",
    source: "Piae Cantiones, Finland and Sweden, 1582",
    key: "G",
    meter: "4/4",
    tempo: 120,
    parts: {
      A: `"G"G2 G2 G2 A2 | G2 G2 D4 | "C"E2 "G"D2 "C"E2 "D7"F2 | "G"G4 G4 |`,
      B: `"G"d2 c2 B2 A2 | B2 "D7"A2 "G"G4 | "C"E2 "G"D2 "C"E2 "D7"F2 | "G"G4 G4 |
          D2 D2 "D7"E2 F2 | "G"G2 G2 "D"A4 | "G"d2 c2 B2 "D7"A2 | "G"G4 "C"c4 | "G"G8 |`,
    },
    form: "AAB",
    verses: ["held", "beat"],
    melody: 52,
    accompaniment: 19,
  },
  {
    id: "god-rest-ye-merry-gentlemen",
    title: "God Rest Ye Merry, Gentlemen",
    source: "Traditional, England; words c. 1760, this tune in Rimbault's collection of carols, 1846",
    key: "Em",
    meter: "4/4",
    unit: 4,
    tempo: 126,
    parts: {
      A: `E | "Em"E B B A | G F E D | E F G A | "B7"B3`,
      B: `B | "Am"c A B c | "G"d "C"e "G"B A | "Em"G E F G | "D"A2 G A | "G"B3 c |
          "Em"B A G "B7"F | "Em"E2 G/F/ E | "D"A2 G A | "G"B c d e | "Em"B A G "B7"F | "Em"E3`,
    },
    form: "AAB",
    verses: ["held", "offbeat"],
    melody: 60,
    accompaniment: 19,
  },
  {
    id: "silent-night",
    title: "Silent Night",
    source: "Franz Xaver Gruber, Austria, 1818",
    key: "C",
    transpose: -2,
    meter: "6/8",
    tempo: 66,
    parts: {
      A: `"C"G>A G E3 | G>A G E3 | "G7"d2 d B3 | "C"c2 c G3 | "F"A2 A c>B A | "C"G>A G E3 |
          "F"A2 A c>B A | "C"G>A G E3 | "G7"d2 d f>d B | "C"c3 e3 | c>G E "G7"G>F D | "C"C6 |`,
    },
    form: "A",
    verses: ["held", "arpeggio"],
    melody: 52,
    accompaniment: 24,
  },
  {
    id: "o-tannenbaum",
    title: "O Tannenbaum",
    source: "Traditional, Germany, 16th century; in print with the tune by 1799",
    key: "F",
    meter: "3/4",
    tempo: 92,
    parts: {
      A: `C | "F"F>F F3 G | A>A A3 A | "Gm"GA "C7"B2 E2 | G2 "F"F2 z c |
          cA d3 c | "Gm"cB B3 B | "C7"BG c3 B | BA "F"A2 z C |
          F>F F3 G | A>A A3 A | "Gm"GA "C7"B2 E2 | G2 "F"F2 z`,
    },
    form: "A",
    verses: ["held", "arpeggio"],
    melody: 0,
    accompaniment: 0,
  },
  {
    id: "adeste-fideles",
    title: "Adeste Fideles",
    source: "John Francis Wade's manuscripts, from 1743; in print in 1760",
    key: "G",
    meter: "4/4",
    unit: 4,
    tempo: 104,
    parts: {
      A: `G | "G"G2 D G | "D"A2 D2 | "G"B "D"A "G"B "C"c | "G"B2 "D"A "G"G |
          "Em"G2 F E | "D"F "G"G "D"A "G"B | "D"F2 "A7"E>D | "D"D3 z |`,
      B: `"G"d2 c B | "C"c2 "G"B2 | "D"A B "Em"G A | "D"F>E D "G"G |
          G "D"F "G"G "D"A | "G"G2 D B | B "D"A "G"B "D"A | "G"B2 A B |
          "C"c "G"B "D"A "Em"G | "D"F2 "G"G "C"c | "G"B2 "D7"A>G | "G"G3`,
    },
    form: "AB",
    verses: ["held", "beat"],
    melody: 19,
    accompaniment: 19,
  },
  {
    id: "deck-the-halls",
    title: "Deck the Halls (Nos Galan)",
    source: "Traditional, Wales; in Edward Jones's Relicks of the Welsh Bards, 1794",
    key: "F",
    meter: "4/4",
    tempo: 144,
    parts: {
      A: `"F"c3 B A2 G2 | F2 "C7"G2 "F"A2 F2 | "C7"GABG "F"A3 G | F2 "C7"E2 "F"F4 |`,
      B: `"C7"G3 A B2 G2 | "F"A3 B "C7"c2 G2 | "F"AB c2 "Bb"de f2 | "C"e2 "G7"d2 "C"c4 |`,
      C: `"F"c3 B A2 G2 | F2 "C7"G2 "F"A2 F2 | "Bb"d d d d "F"c3 B | A2 "C7"G2 "F"F4 |`,
    },
    form: "AABC",
    verses: ["beat", "arpeggio"],
    melody: 0,
    accompaniment: 0,
  },
  {
    id: "hark-the-herald-angels-sing",
    title: "Hark! The Herald Angels Sing",
    source: "Felix Mendelssohn, Festgesang, 1840; as a carol 1855",
    key: "F",
    meter: "4/4",
    tempo: 112,
    parts: {
      A: `"F"C2 F2 F3 "C"E | "F"F2 A2 A2 "C"G2 | "F"c2 c2 c3 B | A2 "C7"G2 "F"A4 |
          C2 F2 F3 "C"E | "F"F2 A2 A2 "C"G2 | "C"c2 G2 G3 E | E2 "G7"D2 "C"C4 |`,
      B: `"F"c2 c2 c2 F2 | "C7"B2 "F"A2 A2 "C"G2 | "F"c2 c2 c2 F2 | "C7"B2 "F"A2 A2 "C"G2 |
          "Bb"d2 d2 d2 c2 | "Gm"B2 "D7"A2 "Gm"B4 | "C7"G2 AB "F"c3 F | F2 "C7"G2 "F"A4 |
          "Bb"d3 d d2 c2 | "Gm"B2 "D7"A2 "Gm"B4 | "C7"G2 AB "F"c3 F | F2 "C7"G2 "F"F4 |`,
    },
    form: "AB",
    verses: ["held", "beat"],
    melody: 56,
    accompaniment: 19,
  },
  {
    id: "the-first-nowell",
    title: "The First Nowell",
    source: "Traditional, Cornwall; in Sandys's Christmas Carols Ancient and Modern, 1833",
    key: "D",
    meter: "3/4",
    tempo: 100,
    parts: {
      A: `FE | "D"D3 E FG | A4 Bc | "G"d2 c2 B2 | "D"A4 Bc | "G"d2 c2 B2 | "D"A2 "G"B2 "A7"c2 |
          "D"d2 A2 "A7"G2 | "D"F4`,
      B: `FE | "D"D3 E FG | A4 dc | "G"B4 B2 | "D"A6 | "Bm"d2 c2 B2 | "D"A2 "G"B2 "A7"c2 |
          "D"d2 A2 "A7"G2 | "D"F4`,
    },
    form: "AAB",
    verses: ["arpeggio"],
    melody: 68,
    accompaniment: 46,
  },
  {
    id: "away-in-a-manger",
    title: "Away in a Manger",
    source: "James R. Murray's Dainty Songs for Little Lads and Lasses, United States, 1887",
    key: "F",
    meter: "3/4",
    tempo: 96,
    parts: {
      A: `c2 | "F"c3 B A2 | A3 G F2 | "Bb"F2 E2 D2 | "F"C4 C2 | "C7"C3 D C2 | C2 G2 E2 | "F"D2 C2 F2 | A4 c2 |
          c3 B A2 | A3 G F2 | "Bb"F2 E2 D2 | "F"C4 C2 | "C7"B3 A G2 | "F"A3 G F2 | "Gm"G2 D2 "C7"E2 | "F"F4`,
    },
    form: "A",
    verses: ["offbeat", "arpeggio"],
    melody: 73,
    accompaniment: 0,
  },
  {
    id: "angels-we-have-heard",
    title: "Les anges dans nos campagnes",
    source: "Traditional, France; in print in 1842 and, with this tune, 1855",
    key: "F",
    meter: "4/4",
    tempo: 112,
    parts: {
      A: `"F"A2 A2 A2 c2 | c3 "C7"B "F"A4 | A2 "C"G2 "F"A2 c2 | A3 "C7"G "F"F4 |`,
      B: `"F"c4 "Dm"dc BA | "Gm"B4 "C7"cB AG | "F"A4 "Bb"BA GF | "C"G3 C C4 | "F"F2 "C"G2 "F"A2 "Bb"B2 | "F"A4 "C7"G4 |`,
      C: `"F"c4 "Dm"dc BA | "Gm"B4 "C7"cB AG | "F"A4 "Bb"BA GF | "C"G3 C C4 |
          "F"F2 "C"G2 "F"A2 "Bb"B2 | "F"A4 "C7"G4 | "F"F8 |`,
    },
    form: "AABC",
    verses: ["beat", "arpeggio"],
    melody: 52,
    accompaniment: 0,
  },
  {
    id: "we-three-kings",
    title: "We Three Kings",
    source: "John Henry Hopkins Jr., United States, written in 1857, printed in 1863",
    key: "G",
    meter: "6/8",
    tempo: 126,
    parts: {
      A: `"Em"B2 A G2 E | "B7"F G F "Em"E3 | B2 A G2 E | "B7"F G F "Em"E3 |
          "G"G2 G "D"A2 A | "G"B2 B "Em"d c B | "Am"A B A "B7"G2 F | "Em"E6 |`,
      B: `"D7"F6 | "G"G2 G G2 D | "C"G2 E "G"G3 | G2 G G2 D | "C"G2 E "G"G3 |
          G2 G "D"A2 B | "C"c2 B "D"A2 B | "G"G2 G G2 D | "C"G2 E "G"G3 |`,
    },
    form: "AB",
    verses: ["beat", "arpeggio"],
    melody: 68,
    accompaniment: 0,
  },
  {
    id: "ihr-kinderlein-kommet",
    title: "Ihr Kinderlein, kommet",
    source: "Johann Abraham Peter Schulz, Lieder im Volkston, Germany, 1794",
    key: "C",
    transpose: 2,
    meter: "2/4",
    tempo: 96,
    parts: {
      A: `G | "C"G2 E G | G2 E G | "G7"F2 D F | "C"E3 G | G2 E G | G2 E G | "G7"F2 D F | "C"E3 E |
          "G7"D2 D D | F2 F F | "C"E2 E E | "F"A3 A | "C"G2 G G | c2 G E | "G7"G2 F D | "C"C3`,
    },
    form: "A",
    verses: ["held", "arpeggio"],
    melody: 71,
    accompaniment: 0,
  },
];
