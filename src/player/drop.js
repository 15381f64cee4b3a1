/** Takes files that are dropped onto an element; `cover` is seen while one is held over it. */
export function acceptFiles(element, cover, take) {
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files") === true;
    let depth = 0;
    const show = (isOver) => {
        cover.hidden = !isOver;
    };
    element.addEventListener("dragenter", (event) => {
        if (!hasFiles(event))
            return;
        event.preventDefault();
        depth += 1;
        show(true);
    });
    element.addEventListener("dragover", (event) => {
        if (hasFiles(event))
            event.preventDefault();
    });
    element.addEventListener("dragleave", (event) => {
        if (!hasFiles(event))
            return;
        depth = Math.max(0, depth - 1);
        show(depth > 0);
    });
    element.addEventListener("drop", (event) => {
        depth = 0;
        show(false);
        if (!hasFiles(event))
            return;
        event.preventDefault();
        for (const file of event.dataTransfer?.files ?? [])
            take(file);
    });
}
//# sourceMappingURL=drop.js.map