import { invalid } from "../errors.js";

/** One tensor as the header describes it: its numbers stand at bytes begin … end − 1 of the data. */
export interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What the header of a safetensors file says. */
export interface Header {
  readonly entries: ReadonlyMap<string, HeaderEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

const SUBJECT = "safetensors header";

/**
 * Reads a header's JSON. `JSON.parse` won't do: it keeps the last of two equal keys in silence, takes numbers that
 * aren't whole, and builds any nesting. This reads just what the format allows, in one pass.
 *
 * @throws AttaccaError `invalid`, with the character's place
 */
export function parseHeader(text: string): Header {
  const reader = new Reader(text);
  const entries = new Map<string, HeaderEntry>();
  let metadata: Map<string, string> | undefined;
  reader.object((name) => {
    if (name === "__metadata__") {
      const pairs = new Map<string, string>();
      reader.object((key) => pairs.set(key, reader.string()));
      metadata = pairs;
    } else entries.set(name, entry(reader, name));
  });
  reader.end();
  return { entries, metadata: metadata ?? new Map() };
}

function entry(reader: Reader, name: string): HeaderEntry {
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  reader.object((key) => {
    if (key === "dtype") dtype = reader.string();
    else if (key === "shape") shape = reader.numbers();
    else if (key === "data_offsets") offsets = reader.numbers();
    else reader.fail(`the key "${shown(key)}"`, "dtype, shape or data_offsets");
  });
  if (dtype === undefined || shape === undefined || offsets?.length !== 2) {
    throw invalid(`tensor ${shown(name)}`, "an incomplete description", "dtype, shape and two data_offsets");
  }
  return { dtype, shape, begin: offsets[0], end: offsets[1] };
}

/** Names come from files: as much of one as a message can hold. */
export function shown(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name).slice(1, -1);
}

/** Dimensions of a tensor: far more than anything has, and few enough to multiply. */
const MOST_NUMBERS = 64;

class Reader {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  fail(found: string, expected: string): never {
    throw invalid(SUBJECT, `${found} at character ${this.#at}`, expected);
  }

  /** An object; `field` reads each key's value. Refuses a key that comes twice. */
  object(field: (key: string) => void): void {
    this.#take("{");
    const seen = new Set<string>();
    if (this.#peek() === "}") {
      this.#at++;
      return;
    }
    for (;;) {
      const key = this.string();
      if (seen.has(key)) this.fail(`the key "${shown(key)}" a second time`, "each key once");
      if (key === "__proto__") this.fail('the key "__proto__"', "another name");
      seen.add(key);
      this.#take(":");
      field(key);
      if (this.#peek() !== ",") break;
      this.#at++;
    }
    this.#take("}");
  }

  string(): string {
    this.#take('"');
    const start = this.#at;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) this.fail("the end inside a string", '"');
      if (code < 32) this.fail("a control character inside a string", "an escape");
      this.#at++;
      if (code === 34) break;
      if (code === 92) this.#at++;
    }
    try {
      // Only the escapes are left to judge, which JSON.parse does.
      return JSON.parse(this.#text.slice(start - 1, this.#at)) as string;
    } catch {
      this.fail("a string with a bad escape", "a JSON string");
    }
  }

  /** A list of whole numbers from 0 to 2⁵³ − 1. */
  numbers(): number[] {
    this.#take("[");
    const numbers: number[] = [];
    if (this.#peek() === "]") {
      this.#at++;
      return numbers;
    }
    for (;;) {
      numbers.push(this.#number());
      if (numbers.length > MOST_NUMBERS) this.fail("a longer list", `at most ${MOST_NUMBERS} numbers`);
      if (this.#peek() !== ",") break;
      this.#at++;
    }
    this.#take("]");
    return numbers;
  }

  /** Nothing but padding may follow. */
  end(): void {
    if (this.#peek() !== "") this.fail(`"${shown(this.#peek())}"`, "the end");
  }

  #number(): number {
    this.#peek();
    const pattern = /(?:0|[1-9][0-9]{0,15})(?![0-9.eE])/y;
    pattern.lastIndex = this.#at;
    const digits = pattern.exec(this.#text)?.[0];
    const value = Number(digits ?? Number.NaN);
    if (digits === undefined || !Number.isSafeInteger(value)) {
      this.fail(`"${shown(this.#text.slice(this.#at, this.#at + 12))}"`, "a whole number from 0 to 2⁵³ − 1");
    }
    this.#at += digits.length;
    return value;
  }

  /** The next character that isn't white space; "" at the end. */
  #peek(): string {
    let code = this.#text.charCodeAt(this.#at);
    while (code === 32 || code === 10 || code === 13 || code === 9) code = this.#text.charCodeAt(++this.#at);
    return this.#text.charAt(this.#at);
  }

  #take(character: string): void {
    const found = this.#peek();
    if (found !== character) this.fail(found === "" ? "the end" : `"${shown(found)}"`, character);
    this.#at++;
  }
}
