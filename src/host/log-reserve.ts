import { closeSync, fsyncSync, openSync, rmSync, statSync, writeSync } from "node:fs";

/** The most that one call gives of randomness. */
const PIECE_BYTES = 64 * 1024;

/** Disk space that is held by a file of a log, to be given up for the records that must be written on a full disk. */
export class Reserve {
  readonly #path: string;
  readonly #bytes: number;

  constructor(path: string, bytes: number) {
    this.#path = path;
    this.#bytes = bytes;
  }

  /** Gives the space back to the disk. False when there was none to give. */
  release(): boolean {
    const held = this.#isHeld();
    rmSync(this.#path, { force: true });
    return held;
  }

  /** Takes the space, or finds that as much is free besides. False when the disk has not enough. */
  restore(): boolean {
    if (!this.#isHeld()) return takeSpace(this.#path, this.#bytes);
    const probe = `${this.#path}.probe`;
    const isFree = takeSpace(probe, this.#bytes);
    rmSync(probe, { force: true });
    return isFree;
  }

  #isHeld(): boolean {
    return (statSync(this.#path, { throwIfNoEntry: false })?.size ?? -1) >= this.#bytes;
  }
}

/** True for the errors of a write that more space would have let through. */
export function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT";
}

function takeSpace(path: string, bytes: number): boolean {
  try {
    const fd = openSync(path, "w", 0o600);
    try {
      const piece = new Uint8Array(PIECE_BYTES);
      for (let at = 0; at < bytes;) {
        crypto.getRandomValues(piece); // a file system that compresses would take no space for zeros
        at += writeSync(fd, piece, 0, Math.min(PIECE_BYTES, bytes - at));
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    return true;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    rmSync(path, { force: true });
    return false;
  }
}
