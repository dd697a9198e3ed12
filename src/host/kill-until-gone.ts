import { DispatchError } from "../base/error.ts";
import { killRun, type RunSearch } from "./process-tree.ts";

/**
 * Ends a run however long that takes: nobody is told that it is gone before that is so.
 * @param onTrouble is told once, when some of it cannot be ended
 * @returns how many processes were signalled
 */
export async function killUntilGone(search: RunSearch, onTrouble: (text: string) => void): Promise<number> {
  for (let isRepeat = false; ; isRepeat = true) {
    try {
      return await killRun(search, { isRepeat });
    } catch (error) {
      if (!(error instanceof DispatchError)) throw error;
      if (!isRepeat) onTrouble(error.message);
    }
  }
}
