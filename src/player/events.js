export function createListeners() {
    const all = new Map();
    return {
        on(name, listener) {
            const set = all.get(name) ?? new Set();
            all.set(name, set.add(listener));
            return () => void set.delete(listener);
        },
        emit(name, event) {
            for (const listener of [...(all.get(name) ?? [])])
                listener(event);
        },
        clear: () => all.clear(),
    };
}
//# sourceMappingURL=events.js.map