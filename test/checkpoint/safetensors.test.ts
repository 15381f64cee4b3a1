import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSafetensors, tensorValues, writeSafetensors } from "../../src/checkpoint/index.js";
import { AttaccaError } from "../../src/errors.js";
import { fileOf, headerOf } from "./build.js";

const f32 = (shape: unknown, begin: number, end: number, dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

function refusal(file: Uint8Array): AttaccaError {
  try {
    readSafetensors(file);
  } catch (error) {
    expect(error).toBeInstanceOf(AttaccaError);
    return error as AttaccaError;
  }
  throw new Error("the file was read");
}

describe("reading safetensors", () => {
  it("gives each tensor's type, shape and bytes, and the metadata", () => {
    const header = headerOf({
      __metadata__: { format: "pt" },
      b: f32([2], 4, 12),
      a: f32([], 0, 4),
      c: f32([0, 5], 12, 12),
    });
    const { tensors, metadata } = readSafetensors(
      fileOf(
        `${header}   `,
        Uint8Array.from({ length: 12 }, (_, i) => i),
      ),
    );
    expect([...tensors.keys()]).toEqual(["b", "a", "c"]);
    expect(tensors.get("b")).toEqual({
      dtype: "F32",
      shape: [2],
      bytes: Uint8Array.of(4, 5, 6, 7, 8, 9, 10, 11),
    });
    expect(tensors.get("c")!.bytes.length).toBe(0);
    expect([...metadata]).toEqual([["format", "pt"]]);
  });

  it("takes a file without tensors", () => {
    expect(readSafetensors(fileOf("{}")).tensors.size).toBe(0);
  });

  it.each<[string, Uint8Array, string]>([
    ["no bytes", new Uint8Array(0), "0 bytes"],
    ["fewer than 8 bytes", new Uint8Array(7), "7 bytes"],
    ["a header longer than the file", Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d), "at most 2"],
    ["a header of 2⁶⁴ − 1 bytes", new Uint8Array(16).fill(255), "header length"],
    ["a header of more than 4 MiB", fileOf(`{${" ".repeat(2 ** 22)}}`), "at most 4194304"],
    ["an empty header", fileOf(""), "byte missing first"],
    ["a header that isn't JSON", fileOf("hello"), "byte 104 first"],
    ["a list", fileOf("[]"), "byte 91 first"],
    ["a header in bad UTF-8", fileOf('{"a', 0).map((byte, i) => (i === 10 ? 0xff : byte)), "UTF-8"],
    ["a header cut short", fileOf('{"a":{"dtype":"F32"'), "the end at character"],
    ["a string cut short", fileOf('{"a'), "inside a string"],
    ["a bad escape", fileOf('{"\\x":{}}'), "bad escape"],
    ["more after the header's end", fileOf("{}{}"), "expected the end"],
    [
      "the same tensor twice",
      fileOf('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"a":{}}', 4),
      'the key "a" a second',
    ],
    [
      "the same tensor twice, once escaped",
      fileOf('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{}}'),
      "a second",
    ],
    ["the same field twice", fileOf('{"a":{"dtype":"F32","dtype":"F32"}}'), 'the key "dtype" a second'],
    ["the same metadata twice", fileOf('{"__metadata__":{"x":"","x":""}}'), 'the key "x" a second'],
    ["metadata twice", fileOf('{"__metadata__":{},"__metadata__":{}}'), "a second"],
    [
      "a tensor named __proto__",
      fileOf('{"__proto__":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
      "__proto__",
    ],
    ["metadata named __proto__", fileOf('{"__metadata__":{"__proto__":"x"}}'), "__proto__"],
    ["metadata that isn't text", fileOf('{"__metadata__":{"x":1}}'), 'expected "'],
    [
      "another field",
      fileOf('{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4],"more":1}}', 4),
      'the key "more"',
    ],
    ["a field missing", fileOf('{"a":{"dtype":"F32","shape":[]}}'), "incomplete"],
    [
      "three offsets",
      fileOf('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}', 2),
      "two data_offsets",
    ],
    ["a type that isn't known", fileOf(headerOf({ a: f32([1], 0, 4, "F31") }), 4), "F31"],
    ["a type named after a method", fileOf(headerOf({ a: f32([1], 0, 4, "toString") }), 4), "toString"],
    ["a negative side", fileOf(headerOf({ a: f32([-1], 0, 4) }), 4), '"-1]'],
    ["a side that isn't whole", fileOf(headerOf({ a: f32([1.5], 0, 4) }), 4), "whole number"],
    [
      "a side with an exponent",
      fileOf('{"a":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}', 1),
      "whole number",
    ],
    [
      "a side with a leading zero",
      fileOf('{"a":{"dtype":"U8","shape":[01],"data_offsets":[0,1]}}', 1),
      "whole number",
    ],
    [
      "a side past 2⁵³",
      fileOf('{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,1]}}', 1),
      "whole number",
    ],
    ["a side that is text", fileOf(headerOf({ a: f32(["1"], 0, 4) }), 4), "whole number"],
    ["a hundred sides", fileOf(headerOf({ a: f32(new Array(100).fill(1), 0, 4) }), 4), "at most 64"],
    [
      "a product that overflows",
      fileOf(headerOf({ a: f32([2 ** 40, 2 ** 40, 2 ** 40], 0, 4) }), 4),
      "4 bytes; expected",
    ],
    [
      "a product that overflows to 0 in 64 bits",
      fileOf(headerOf({ a: f32([2 ** 32, 2 ** 32], 0, 0) })),
      "0 bytes",
    ],
    ["an end before the beginning", fileOf(headerOf({ a: f32([1], 4, 0) }), 4), "bytes 4 to 0"],
    ["an end past the file", fileOf(headerOf({ a: f32([2], 0, 8) }), 4), "bytes 0 to 8"],
    ["fewer bytes than the shape needs", fileOf(headerOf({ a: f32([2], 0, 4) }), 4), "4 bytes; expected 8"],
    ["more bytes than the shape needs", fileOf(headerOf({ a: f32([1], 0, 8) }), 8), "8 bytes; expected 4"],
    ["a hole in front", fileOf(headerOf({ a: f32([1], 4, 8) }), 8), "a hole"],
    ["a hole between", fileOf(headerOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }), 12), "a hole"],
    ["an overlap", fileOf(headerOf({ a: f32([2], 0, 8), b: f32([1], 4, 8) }), 8), "an overlap"],
    ["two tensors in one place", fileOf(headerOf({ a: f32([1], 0, 4), b: f32([1], 0, 4) }), 4), "an overlap"],
    ["bytes left over", fileOf(headerOf({ a: f32([1], 0, 4) }), 6), "2 bytes left over"],
    [
      "a tensor off its alignment",
      fileOf(headerOf({ x: f32([1], 0, 1, "U8"), a: f32([1], 1, 5) }), 5),
      "a multiple of 4",
    ],
  ])("refuses %s", (_, file, message) => {
    const error = refusal(file);
    expect(error.message).toContain(message);
    expect(error.message.length).toBeLessThan(400);
  });

  it("shortens long names in messages", () => {
    expect(
      refusal(fileOf(headerOf({ ["x".repeat(10_000)]: f32([1], 0, 3) }), 3)).message.length,
    ).toBeLessThan(200);
  });

  it("never fails in another way on mutated headers", () => {
    const header = headerOf({
      __metadata__: { format: "pt" },
      a: f32([2], 0, 8),
      "b.weight": f32([1, 2], 8, 16),
    });
    const pieces = [
      "{",
      "}",
      "[",
      "]",
      '"',
      ",",
      ":",
      "\\",
      "-",
      "1e9",
      "0",
      "__proto__",
      "\u0000",
      "é",
      '"a":',
      "9".repeat(20),
    ];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(header.length), fc.nat(6), fc.constantFrom(...pieces)), {
          minLength: 1,
          maxLength: 4,
        }),
        fc.integer({ min: 0, max: 24 }),
        (edits, size) => {
          let text = header;
          for (const [at, cut, piece] of edits) text = text.slice(0, at) + piece + text.slice(at + cut);
          try {
            readSafetensors(fileOf(text, size));
          } catch (error) {
            expect(error).toBeInstanceOf(AttaccaError);
          }
        },
      ),
      { numRuns: 3000, seed: 1 },
    );
  });
});

describe("writing safetensors", () => {
  it("and reading it again gives the same tensors", () => {
    const name = fc
      .string({ unit: "binary", minLength: 1, maxLength: 20 })
      .filter((text) => !/^__(metadata|proto)__$/.test(text) && !/\p{Surrogate}/u.test(text));
    const tensor = fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return fc.record({
        shape: fc.constant(shape),
        values: fc.float32Array({ minLength: length, maxLength: length }),
      });
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 }),
        (entries) => {
          const { tensors, metadata } = readSafetensors(
            writeSafetensors(new Map(entries), { made: 'by "us"' }),
          );
          expect([...tensors.keys()]).toEqual(entries.map(([key]) => key));
          for (const [key, { shape, values }] of entries) {
            expect(tensors.get(key)!.shape).toEqual(shape);
            expect(tensorValues(key, tensors.get(key)!)).toEqual(Float32Array.from(values));
          }
          expect(metadata.get("made")).toBe('by "us"');
        },
      ),
      { numRuns: 200, seed: 1 },
    );
  });

  it("begins the data at a multiple of 8", () => {
    for (const name of ["a", "ab", "abc", "abcd"]) {
      const file = writeSafetensors(new Map([[name, { shape: [1], values: Float32Array.of(1) }]]));
      expect((file.length - 4) % 8).toBe(0);
    }
  });

  it("refuses values that don't fit their shape", () => {
    const tensors = new Map([["a", { shape: [2], values: new Float32Array(3) }]]);
    expect(() => writeSafetensors(tensors)).toThrow(AttaccaError);
  });
});
