export { make, setText } from "../dom/index.js";

const svg = "http://www.w3.org/2000/svg";

/** A drawing of one path in a square of 24 units, in the colour of the text around it; hidden from screen readers. */
export function icon(path: string): SVGElement {
  const picture = document.createElementNS(svg, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(svg, "path");
  shape.setAttribute("d", path);
  picture.append(shape);
  return picture;
}

/** Sheets of CSS for a shadow root; not held to a page's `style-src`, as `style` elements are. */
export function adoptStyles(root: ShadowRoot, ...texts: readonly string[]): void {
  root.adoptedStyleSheets = texts.map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}
