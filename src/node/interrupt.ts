/**
 * An AbortSignal that Ctrl-C or SIGTERM aborts. A second one ends the process at once, so that a command which is
 * saving can still be left.
 */
export function interruptSignal(onSecond: () => void): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) onSecond();
    else controller.abort();
  };
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  return {
    signal: controller.signal,
    release() {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    },
  };
}
