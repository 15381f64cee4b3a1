import type { Tune } from "./tune.js";

/** The text of `data/README.md`. */
export function corpusReadme(tunes: readonly Tune[]): string {
  const rows = tunes.map(
    ({ id, title, source, meter }) =>
      `| [${title}](tunes/${id}.mid) | ${source.replaceAll("|", "\\|")} | ${meter} |`,
  );
  return `# The bundled corpus

\`tunes/\` holds ${tunes.length} old melodies, each with an accompaniment written for this project: track 1 is the melody, track 2
bass and chords, and each time through the tune the accompaniment changes. All melodies were written before 1900 and are
in the public domain; a folk tune has many forms, and each is written down here in one of them.

\`prompts/\` holds openings to be continued: \`chorale.mid\` and \`chorale-minor.mid\` are for four voices, \`song.mid\`
is for the piano in the manner of a pop song, all three written for this project; the others are the first bars of tunes.

The notes stand as text in \`scripts/corpus\`. \`npm run build && node build/scripts/make-corpus.js\` makes all files here
from them, this one too; a test checks that they are what it makes.

**Licence.** The arrangements, the openings written for the project and these files are dedicated to the public domain:
[CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/).

| Tune | Source of the tune | Meter |
| --- | --- | --- |
${rows.join("\n")}
`;
}
