import { visible } from "../core/visible.ts";
import type { Notice } from "../protocol/notice.ts";
import { desktopCommand } from "./desktop.ts";
import type { Environment } from "./environment.ts";
import type { Ground } from "./parts.ts";

/** What a command of the user's gets to run, in milliseconds. */
const COMMAND_MS = 30_000;
/** Commands that run at once; what comes meanwhile waits. */
const MAX_RUNNING = 4;
/** Notices that wait for a command; beyond it the oldest are dropped, since they would come too late anyway. */
const MAX_WAITING = 100;

/** The ways to tell a person, as the config calls them. */
type Way = "desktop" | "command";

interface Telling {
  readonly way: Way;
  readonly argv: readonly [string, ...string[]];
  readonly notice: Notice;
}

/** Tells a person at this machine: by the desktop, and by a command of the config. Nothing is told again. */
export class Notifier {
  readonly #ground: Ground;
  readonly #waiting: Telling[] = [];
  readonly #running = new Set<Bun.Subprocess>();
  /** Why the last notice was not told, for each way on which it was not. */
  readonly #failures = new Map<Way, string>();
  #closed = false;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  tell(notice: Notice): void {
    const { desktop, command, on } = this.#ground.config.last().notify;
    if (!on.includes(notice.kind)) return;
    const shell = this.#ground.environment["SHELL"] ?? "/bin/sh";
    if (command !== undefined) this.#run({ way: "command", argv: [shell, "-c", command], notice });
    if (desktop) this.#run({ way: "desktop", argv: desktopCommand(notice), notice });
  }

  /** What a person should know of notices that they did not get. */
  notices(): string[] {
    const { notify } = this.#ground.config.last();
    return [...this.#failures]
      .filter(([way]) => notify[way])
      .map(([way, why]) => `notify.${way} fails: ${why}`);
  }

  /** Ends what still runs. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const child of this.#running) child.kill("SIGKILL");
  }

  #run(telling: Telling): void {
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift();
    this.#waiting.push(telling);
    this.#next();
  }

  #next(): void {
    if (this.#closed || this.#running.size >= MAX_RUNNING) return;
    const next = this.#waiting.shift();
    if (!next) return;
    try {
      const child = this.#spawn(next);
      this.#running.add(child);
      void this.#ended(child, next);
    } catch (error) {
      this.#failed(next, `${next.argv[0]} does not start`, error);
      this.#next();
    }
  }

  async #ended(child: Bun.Subprocess, telling: Telling): Promise<void> {
    const code = await child.exited;
    this.#running.delete(child);
    if (code === 0) this.#failures.delete(telling.way);
    else this.#failed(telling, `${telling.argv[0]} ended with ${code}`);
    this.#next();
  }

  #failed({ way }: Telling, why: string, error?: unknown): void {
    this.#failures.set(way, why);
    this.#ground.log.warn("notify-failed", { way, why, error });
  }

  /** What agents and people wrote goes in as data: variables and standard input, never as a part of a command line. */
  #spawn({ argv, notice }: Telling): Bun.Subprocess {
    return Bun.spawn([...argv], {
      cwd: this.#ground.home,
      env: { ...this.#ground.environment, ...variables(notice) },
      stdin: Buffer.from(JSON.stringify(notice)),
      stdout: "ignore",
      stderr: "ignore",
      timeout: COMMAND_MS,
      killSignal: "SIGKILL",
    });
  }
}

function variables({ kind, name, text, next, task, session }: Notice): Environment {
  const parts = {
    DISPATCH_NOTICE_KIND: kind,
    DISPATCH_NOTICE_NAME: name,
    DISPATCH_NOTICE_TEXT: text,
    DISPATCH_NOTICE_NEXT: next,
    DISPATCH_NOTICE_TASK: task ?? "",
    DISPATCH_NOTICE_SESSION: session ?? "",
  };
  return Object.fromEntries(Object.entries(parts).map(([key, value]) => [key, visible(value)]));
}
