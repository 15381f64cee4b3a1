/** What a test can ask of the fake sound in a page. */
export interface FakeSound {
  readonly calls: string[];
  readonly tracks: Record<number, object>;
  playing: boolean;
  position: number;
  rate: number;
  volume: number;
  loop: { readonly from: number; readonly to: number } | undefined;
  output: string;
  emit(event: "ended" | "state"): void;
}

declare global {
  var fake: FakeSound;
  /** Names of the player's events so far, without `timeupdate`. */
  var told: string[];
}

/**
 * Runs in the page, and takes nothing from outside of itself: gives the player a sound without sound, whose clock moves when
 * a test moves it, and writes down the player's events.
 */
export function installFakeSound(): void {
  const listeners: Record<string, Set<() => void>> = { ended: new Set(), state: new Set() };
  const fake = {
    kind: "synth",
    calls: [] as string[],
    tracks: {} as Record<number, object>,
    ready: Promise.resolve(),
    soundfontError: undefined,
    duration: 0,
    playing: false,
    position: 0,
    rate: 1,
    volume: 1,
    loop: undefined,
    output: "",
    async load() {
      fake.calls.push("load");
    },
    async append() {
      fake.calls.push("append");
    },
    async play(from: number) {
      fake.calls.push(`play ${from}`);
      fake.position = from;
      fake.playing = true;
    },
    pause() {
      fake.calls.push("pause");
      fake.playing = false;
    },
    seek(seconds: number) {
      fake.position = seconds;
    },
    setTrack(index: number, settings: object) {
      fake.tracks[index] = { ...fake.tracks[index], ...settings };
    },
    on(event: string, listener: () => void) {
      listeners[event].add(listener);
      return () => listeners[event].delete(listener);
    },
    emit(event: string) {
      if (event === "ended") fake.playing = false;
      for (const listener of listeners[event]) listener();
    },
    async useSoundfont(bytes: Uint8Array) {
      if (bytes[0] !== 82) throw new DOMException("not a soundfont", "DataError");
      fake.calls.push(`soundfont ${bytes.length}`);
      fake.kind = "soundfont";
      fake.emit("state");
    },
    async midiOutputs() {
      return [{ id: "a", name: "<b>Piano</b>" }];
    },
    async useMidiOutput(id: string | undefined) {
      fake.output = id ?? "";
    },
    dispose() {},
  };
  const told: string[] = [];
  Object.assign(globalThis, { fake, told });
  const player = document.querySelector("attacca-player");
  if (player === null) return;
  for (const name of ["load", "play", "pause", "seek", "ended", "error", "noteselect"])
    player.addEventListener(name, () => told.push(name));
  Reflect.set(player, "sound", fake);
}
