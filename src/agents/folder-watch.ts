import { type FSWatcher, watch } from "node:fs";

/** How often a folder is looked at where the kernel has no watch left (128 processes of a user may have one, by default). */
const LOOK_MS = 1_000;

/** A watch on a folder, until it is closed. */
export interface FolderWatch {
  close(): void;
}

/**
 * Calls `changed` whenever something may have been made, written, renamed or deleted directly in a folder that exists:
 * at once by the kernel's word, or every second where it has no watch to give. `changed` looks for itself.
 * @throws what the file system says of the folder
 */
export function watchFolder(folder: string, changed: () => void): FolderWatch {
  let watcher: FSWatcher;
  try {
    watcher = watch(folder, changed);
  } catch (error) {
    if (!isOutOfWatches(error)) throw error;
    const timer = setInterval(changed, LOOK_MS);
    return { close: () => clearInterval(timer) };
  }
  watcher.on("error", changed);
  return watcher;
}

/** inotify(7): EMFILE for a user's instances, ENOSPC for its watches. */
function isOutOfWatches(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EMFILE" || code === "ENFILE" || code === "ENOSPC";
}
