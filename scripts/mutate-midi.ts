import type { RandomStream } from "attacca";

/** A file with one to eight faults, such as transfers, disks, editors and attackers make. Takes what it changes from `others`. */
export function mutate(file: Uint8Array, others: readonly Uint8Array[], random: RandomStream): Uint8Array {
  let bytes = file;
  const count = 1 + random.below(8);
  for (let i = 0; i < count; i++) bytes = MUTATIONS[random.below(MUTATIONS.length)](bytes, others, random);
  return bytes;
}

type Mutation = (bytes: Uint8Array, others: readonly Uint8Array[], random: RandomStream) => Uint8Array;

/** Values at the edges of what a byte can mean: statuses, ends of ranges, end of track. */
const EDGES = [0x00, 0x01, 0x2f, 0x51, 0x58, 0x7f, 0x80, 0x90, 0xc0, 0xf0, 0xf7, 0xf8, 0xff];

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, _others, random) {
    const at = place(bytes, random);
    return edited(bytes, at, [bytes[at] ^ (1 << random.below(8))]);
  },
  function setByte(bytes, _others, random) {
    return edited(bytes, place(bytes, random), [EDGES[random.below(EDGES.length)]]);
  },
  function truncate(bytes, _others, random) {
    return bytes.slice(0, random.below(bytes.length + 1));
  },
  function remove(bytes, _others, random) {
    const at = place(bytes, random);
    return spliced(bytes, at, random.below(20), new Uint8Array());
  },
  function repeat(bytes, _others, random) {
    const at = place(bytes, random);
    return spliced(bytes, at, 0, bytes.subarray(at, at + random.below(200)));
  },
  function insert(bytes, _others, random) {
    const noise = Uint8Array.from({ length: 1 + random.below(8) }, () => random.below(256));
    return spliced(bytes, place(bytes, random), 0, noise);
  },
  function cross(bytes, others, random) {
    const other = others[random.below(others.length)];
    const from = place(other, random);
    return spliced(
      bytes,
      place(bytes, random),
      random.below(100),
      other.subarray(from, from + random.below(2000)),
    );
  },
  function chunkLength(bytes, _others, random) {
    const at = find(bytes, "MTrk", place(bytes, random));
    const length = random.below(2) === 0 ? random.word() : 0x7fffffff + random.below(3);
    return edited(bytes, at + 4, [length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]);
  },
  function eventLength(bytes, _others, random) {
    const at = bytes.indexOf(0xff, place(bytes, random));
    const longest = [0xff, 0xff, 0xff, 0xff, 0x7f].slice(random.below(4));
    return at < 0 ? bytes : edited(bytes, at + 2, longest);
  },
  function header(bytes, _others, random) {
    return edited(bytes, random.below(14), [EDGES[random.below(EDGES.length)]]);
  },
];

/** Half of the time near the start, where headers, tempos and programs stand. */
function place(bytes: Uint8Array, random: RandomStream): number {
  const limit = random.below(2) === 0 ? Math.min(bytes.length, 120) : bytes.length;
  return limit === 0 ? 0 : random.below(limit);
}

function edited(bytes: Uint8Array, at: number, values: readonly number[]): Uint8Array {
  const result = bytes.slice();
  for (let i = 0; i < values.length && at + i < result.length; i++) result[at + i] = values[i];
  return result;
}

function spliced(bytes: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const rest = bytes.subarray(Math.min(bytes.length, at + removed));
  const result = new Uint8Array(at + added.length + rest.length);
  result.set(bytes.subarray(0, at));
  result.set(added, at);
  result.set(rest, at + added.length);
  return result;
}

/** Where `name` stands at or after `from`, else at or after 0, else 0. */
function find(bytes: Uint8Array, name: string, from: number): number {
  const isThere = (at: number) =>
    [...name].every((character, i) => bytes[at + i] === character.charCodeAt(0));
  for (const start of [from, 0]) {
    for (let at = bytes.indexOf(0x4d, start); at >= 0; at = bytes.indexOf(0x4d, at + 1))
      if (isThere(at)) return at;
  }
  return 0;
}
