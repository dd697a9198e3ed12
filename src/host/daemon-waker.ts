import { SELF_VARIABLE } from "../base/home.ts";
import { RUN_VARIABLE } from "./process-tree.ts";

const AWAY_MS = 2_000;
const MAX_AWAY_MS = 60_000;

/** Starts a daemon when there is something to tell and none has been there for a while. */
export class DaemonWaker {
  readonly #command: string[];
  readonly #home: string;
  #timer: NodeJS.Timeout | undefined;
  #waitMs = AWAY_MS;
  #isMissed = false;
  #isStarting = false;

  /** @param self the argv by which this program is run again */
  constructor({ self, home }: { self: readonly string[]; home: string }) {
    this.#command = [...self, "daemon", "run"];
    this.#home = home;
  }

  /** Says if a daemon is missed now. One is started when that stays so for 2 s, and again, ever more slowly. */
  missed(isMissed: boolean): void {
    this.#isMissed = isMissed;
    if (isMissed) return this.#wait();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waitMs = AWAY_MS;
  }

  #wait(): void {
    if (!this.#isStarting) this.#timer ??= setTimeout(() => this.#start(), this.#waitMs);
  }

  /** Its own lock makes a second daemon end at once, so a race of several hosts does no harm. */
  #start(): void {
    this.#timer = undefined;
    this.#waitMs = Math.min(2 * this.#waitMs, MAX_AWAY_MS);
    const { [RUN_VARIABLE]: _, ...environment } = process.env;
    const daemon = Bun.spawn(this.#command, {
      env: { ...environment, DISPATCH_HOME: this.#home, [SELF_VARIABLE]: this.#home },
      cwd: this.#home,
      stdio: ["ignore", "ignore", "ignore"],
      detached: true,
    });
    daemon.unref();
    this.#isStarting = true;
    void this.#outlive(daemon);
  }

  async #outlive(daemon: Bun.Subprocess): Promise<void> {
    await daemon.exited;
    this.#isStarting = false;
    if (this.#isMissed) this.#wait();
  }
}
