import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AttaccaPlayer } from "../../src/player/index.js";
import { shortcutGroups } from "../../src/player/shortcuts.js";
import { allColours, themeShapes } from "../../src/player/theme.js";

const text = readFileSync("docs/player.md", "utf8");

// Loading the module at all, in Node, is part of what is tested: pages are rendered on servers.
describe("docs/player.md", () => {
  it("lists every key", () => {
    for (const { title, shortcuts } of shortcutGroups) {
      expect(text).toContain(`**${title}**`);
      for (const { label, does } of shortcuts) expect(text).toContain(`| ${label} | ${does} |`);
    }
  });

  it("lists every custom property with its values", () => {
    for (const [name, { light, dark }] of allColours())
      expect(text).toContain(`| \`--attacca-${name}\` | \`${light}\` | \`${dark}\` |`);
    for (const name of Object.keys(themeShapes)) expect(text).toContain(`--attacca-${name}`);
  });

  it("lists every attribute, property and method", () => {
    for (const name of AttaccaPlayer.observedAttributes) expect(text).toContain(`| \`${name}\` |`);
    const known = Object.getOwnPropertyNames(AttaccaPlayer.prototype).filter(
      (name) => name !== "constructor" && !name.endsWith("Callback"),
    );
    expect(known.length).toBeGreaterThan(10);
    for (const name of known) expect(text, name).toMatch(new RegExp(`\`${name}(\\(|\`)`));
  });
});
