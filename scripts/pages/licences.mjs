import { existsSync, readdirSync, readFileSync } from "node:fs";

/**
 * The packages that modules come from, with what their licences ask to be said.
 *
 * @param {Iterable<string>} moduleIds paths of modules, as the bundler names them
 */
export function licencesOf(moduleIds) {
  const folders = new Set();
  for (const id of moduleIds) {
    const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/
      .exec(id.replaceAll("\\", "/"))?.[0]
      .replace(/^\0+/, "");
    if (folder !== undefined && existsSync(`${folder}/package.json`)) folders.add(folder);
  }
  const packages = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const file = readdirSync(folder).find((each) => /^licen[cs]e(\.\w+)?$/i.test(each));
    const text = file === undefined ? "" : readFileSync(`${folder}/${file}`, "utf8").trim();
    return { name, version, license, text };
  });
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The licences in full as a comment that minifiers leave where it is: the script may travel without the file beside it. */
export function licenceComment(packages) {
  const text = `attacca (Apache-2.0), with:\n\n${licenceText(packages)}`;
  return `/*!\n${text.replaceAll("*/", "* /").replaceAll("</", "< /")}*/`;
}

/** The licences in full. */
export function licenceText(packages) {
  return packages
    .map(({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text}\n`)
    .join(`\n${"-".repeat(80)}\n\n`);
}
