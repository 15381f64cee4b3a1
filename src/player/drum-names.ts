/** The drums of General MIDI 1 from key 35 on (MMA RP-003, table 3), some of them shortened: there is little room beside a roll. */
const names: readonly string[] = `
Kick 2, Kick, Side stick, Snare, Clap, Snare 2, Low floor tom, Hi-hat, High floor tom, Pedal hat, Low tom,
Open hat, Low-mid tom, High-mid tom, Crash, High tom, Ride, China, Ride bell, Tambourine, Splash, Cowbell, Crash 2,
Vibraslap, Ride 2, High bongo, Low bongo, Mute high conga, High conga, Low conga, High timbale, Low timbale, High agogo,
Low agogo, Cabasa, Maracas, Short whistle, Long whistle, Short guiro, Long guiro, Claves, High woodblock,
Low woodblock, Mute cuica, Open cuica, Mute triangle, Triangle
`
  .trim()
  .split(/,\s*/);

const firstKey = 35;

/** What a key plays on a drum channel: `Snare`, or `Drum 12` where General MIDI names none. */
export function drumName(key: number): string {
  return names[key - firstKey] ?? `Drum ${key}`;
}
