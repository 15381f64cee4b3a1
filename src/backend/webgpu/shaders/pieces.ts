// Pieces of WGSL that several programs share.

/** The number of this thread among all, where workgroups are laid out in one or two dimensions. */
export function flatIndex(threads: number): string {
  return `(group.y * groups.x + group.x) * ${threads}u + thread`;
}

/** `gelu(x)` and `geluSlope(x)`; see src/ops/gelu.ts. The argument of exp is held where it is finite. */
export const GELU = `
fn geluGate(x: f32) -> f32 {
  let inner = x * (1.5957691216057308 + 0.07135481627159549 * x * x);
  return 1.0 / (1.0 + exp(-clamp(inner, -80.0, 80.0)));
}
fn gelu(x: f32) -> f32 { return x * geluGate(x); }
fn geluSlope(x: f32) -> f32 {
  let gate = geluGate(x);
  let inner = x * (1.5957691216057308 + 0.21406444881478646 * x * x);
  return gate * (1.0 + (1.0 - gate) * inner);
}`;

/** The uniforms that `keepFactor` reads. */
export const DROPOUT_UNIFORMS = { limit: "u32", key0: "u32", key1: "u32", keep: "f32" } as const;

/** `keepFactor(index)`: 0 or 1 / (1 − rate), bit for bit as in src/ops/dropout.ts. */
export const DROPOUT = `
fn mixed(pair: vec2<u32>, rotation: u32) -> vec2<u32> {
  let a = pair.x + pair.y;
  return vec2<u32>(a, ((pair.y << rotation) | (pair.y >> (32u - rotation))) ^ a);
}
fn evenGroup(pair: vec2<u32>) -> vec2<u32> { return mixed(mixed(mixed(mixed(pair, 13u), 15u), 26u), 6u); }
fn oddGroup(pair: vec2<u32>) -> vec2<u32> { return mixed(mixed(mixed(mixed(pair, 17u), 29u), 16u), 24u); }
fn threefry(counter: u32) -> vec2<u32> {
  let key0 = u.key0;
  let key1 = u.key1;
  let key2 = key0 ^ key1 ^ 0x1bd11bdau;
  var pair = vec2<u32>(counter + key0, key1);
  pair = evenGroup(pair) + vec2<u32>(key1, key2 + 1u);
  pair = oddGroup(pair) + vec2<u32>(key2, key0 + 2u);
  pair = evenGroup(pair) + vec2<u32>(key0, key1 + 3u);
  pair = oddGroup(pair) + vec2<u32>(key1, key2 + 4u);
  return evenGroup(pair) + vec2<u32>(key2, key0 + 5u);
}
fn keepFactor(index: u32) -> f32 {
  let words = threefry(index >> 1u);
  let word = select(words.x, words.y, (index & 1u) == 1u);
  return select(0.0, u.keep, word >= u.limit);
}`;
