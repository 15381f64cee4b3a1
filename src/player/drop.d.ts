/** Takes files that are dropped onto an element; `cover` is seen while one is held over it. */
export declare function acceptFiles(element: HTMLElement, cover: HTMLElement, take: (file: File) => void): void;
//# sourceMappingURL=drop.d.ts.map