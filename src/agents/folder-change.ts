import { watch } from "node:fs";

/** A watch on a folder, from the moment of the call. */
export interface FolderChange {
  /** Resolves once: true at the first change in the folder, false when the signal or `close` came first. */
  readonly seen: Promise<boolean>;
  close(): void;
}

/**
 * Waits for something to be made, written, renamed or deleted directly in a folder that exists.
 * @param signal ends the wait
 */
export function nextChange(folder: string, signal: AbortSignal): FolderChange {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const watcher = watch(folder, () => finish(true));
  const end = () => finish(false);
  const finish = (changed: boolean) => {
    watcher.close();
    signal.removeEventListener("abort", end);
    resolve(changed);
  };
  watcher.on("error", end);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  return { seen: promise, close: end };
}
