/**
 * A new element. Texts become text nodes, never markup: names out of files can go in as they are.
 *
 * @example make("button", { type: "button", class: "play" }, "Play")
 */
export function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === undefined || value === false)
            continue;
        element.setAttribute(key, value === true ? "" : String(value));
    }
    element.append(...children);
    return element;
}
const svg = "http://www.w3.org/2000/svg";
/** A drawing of one path in a square of 24 units, in the colour of the text around it; hidden from screen readers. */
export function icon(path) {
    const picture = document.createElementNS(svg, "svg");
    picture.setAttribute("viewBox", "0 0 24 24");
    picture.setAttribute("aria-hidden", "true");
    const shape = document.createElementNS(svg, "path");
    shape.setAttribute("d", path);
    picture.append(shape);
    return picture;
}
/** Sheets of CSS for a shadow root; not held to a page's `style-src`, as `style` elements are. */
export function adoptStyles(root, ...texts) {
    root.adoptedStyleSheets = texts.map((text) => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(text);
        return sheet;
    });
}
/** Sets an element's text if it differs: what doesn't change costs no layout. */
export function setText(element, text) {
    if (element.textContent !== text)
        element.textContent = text;
}
//# sourceMappingURL=dom.js.map