import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DispatchError } from "../base/error.ts";

const OPEN_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Without O_NONBLOCK, opening a pipe that a worker put in a file's place would wait for ever. */
const OPEN_FILE = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * A folder that a worker may write too, and so may replace by a link: files are reached through a descriptor of the
 * folder, which is used only while the kernel says that it stands where it stood at the start, and links in it are
 * not followed. (macOS cannot reach files so; there the path is checked before each use.)
 */
export class TaskFolder {
  readonly path: string;
  #fd: number | null = null;

  private constructor(path: string) {
    this.path = path;
  }

  /** An existing folder, named by whoever made it: links on the way to it are followed once, now. */
  static at(path: string): TaskFolder {
    return new TaskFolder(realpathSync(path));
  }

  /** A folder in it, which is made when it is needed. */
  child(name: string): TaskFolder {
    return new TaskFolder(join(this.path, name));
  }

  /**
   * Makes sure that the folder is there, and makes it again where it was deleted.
   * @returns true when it is another folder than last time, so that who watches it must watch anew
   * @throws DispatchError `refused` when a link leads elsewhere by now
   */
  ensure(): boolean {
    if (this.#fd !== null && this.#stands(this.#fd)) return false;
    this.close();
    makeFolder(this.path);
    const fd = openSync(this.path, OPEN_FOLDER);
    if (!this.#stands(fd)) {
      closeSync(fd);
      throw leadsElsewhere(this.path);
    }
    this.#fd = fd;
    return true;
  }

  /** The names in it. */
  list(): string[] {
    this.ensure();
    return readdirSync(this.#at("."));
  }

  has(name: string): boolean {
    this.ensure();
    return lstatSync(this.#at(name), { throwIfNoEntry: false }) !== undefined;
  }

  /** A file's text; null when there is none, or something else in its place, or more than `maxBytes`. */
  read(name: string, maxBytes: number): string | null {
    this.ensure();
    let fd: number;
    try {
      fd = openSync(this.#at(name), OPEN_FILE);
    } catch (error) {
      if (isNoFile(error)) return null;
      throw error;
    }
    try {
      const { size } = fstatSync(fd);
      return fstatSync(fd).isFile() && size <= maxBytes ? readFileSync(fd, "utf8") : null;
    } finally {
      closeSync(fd);
    }
  }

  /** Writes a file through a temporary one and a rename, whatever stood there. */
  replace(name: string, text: string): void {
    this.ensure();
    const temporary = this.#at(`.${name}.${crypto.randomUUID()}`);
    const fd = openSync(temporary, CREATE_FILE, 0o644);
    try {
      writeFileSync(fd, text);
      renameSync(temporary, this.#at(name));
    } catch (error) {
      unlinkSync(temporary);
      throw error;
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #at(name: string): string {
    return process.platform === "linux" ? `/proc/self/fd/${this.#fd}/${name}` : join(this.path, name);
  }

  #stands(fd: number): boolean {
    if (process.platform === "linux") return readlinkSync(`/proc/self/fd/${fd}`) === this.path;
    const there = lstatSync(this.path, { throwIfNoEntry: false });
    return there?.ino === fstatSync(fd).ino && realpathSync(this.path) === this.path;
  }
}

/** Makes a folder below the deepest one that exists, where that is no link. */
function makeFolder(path: string): void {
  let there = path;
  while (lstatSync(there, { throwIfNoEntry: false }) === undefined) there = dirname(there);
  if (there === path) return;
  if (realpathSync(there) !== there) throw leadsElsewhere(path);
  mkdirSync(path, { recursive: true, mode: 0o755 });
}

function isNoFile(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ELOOP" || code === "ENXIO" || code === "EACCES";
}

function leadsElsewhere(path: string): DispatchError {
  return new DispatchError(
    "refused",
    `a link leads ${path} elsewhere: its files are neither read nor written`,
    {
      hint: "remove the link; the task's files are then put back",
    },
  );
}
