import type { Notice } from "../protocol/notice.ts";
import type { Environment } from "./environment.ts";
import type { Ground } from "./parts.ts";

/** What a command of the user's gets to run, in milliseconds. */
const COMMAND_MS = 30_000;
/** Commands that run at once; what comes meanwhile waits. */
const MAX_RUNNING = 4;
/** Notices that wait for a command; beyond it the oldest are dropped, since they would come too late anyway. */
const MAX_WAITING = 100;
const TITLES: Record<Notice["kind"], string> = {
  done: "is done",
  failed: "failed",
  "needs-you": "needs you",
};

/** Tells a person at this machine: by the desktop, and by a command of the config. Nothing is told again. */
export class Notifier {
  readonly #ground: Ground;
  readonly #waiting: { argv: string[]; notice: Notice }[] = [];
  readonly #running = new Set<Bun.Subprocess>();
  #closed = false;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  tell(notice: Notice): void {
    const { desktop, command, on } = this.#ground.config.last().notify;
    if (!on.includes(notice.kind)) return;
    if (command !== undefined)
      this.#run([this.#ground.environment["SHELL"] ?? "/bin/sh", "-c", command], notice);
    if (desktop) this.#run(desktopCommand(notice), notice);
  }

  /** Ends what still runs. Idempotent. */
  close(): void {
    this.#closed = true;
    for (const child of this.#running) child.kill("SIGKILL");
  }

  #run(argv: string[], notice: Notice): void {
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.shift();
    this.#waiting.push({ argv, notice });
    this.#next();
  }

  #next(): void {
    if (this.#closed || this.#running.size >= MAX_RUNNING) return;
    const next = this.#waiting.shift();
    if (!next) return;
    try {
      const child = this.#spawn(next.argv, next.notice);
      this.#running.add(child);
      void this.#ended(child, next.argv[0]!);
    } catch (error) {
      this.#ground.log.warn("notify-failed", { error });
      this.#next();
    }
  }

  async #ended(child: Bun.Subprocess, command: string): Promise<void> {
    const code = await child.exited;
    this.#running.delete(child);
    if (code !== 0) this.#ground.log.warn("notify-failed", { command, code });
    this.#next();
  }

  /** What agents and people wrote goes in as data: variables and standard input, never as a part of a command line. */
  #spawn(argv: string[], notice: Notice): Bun.Subprocess {
    return Bun.spawn(argv, {
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
  return {
    DISPATCH_NOTICE_KIND: kind,
    DISPATCH_NOTICE_NAME: name,
    DISPATCH_NOTICE_TEXT: text,
    DISPATCH_NOTICE_NEXT: next,
    DISPATCH_NOTICE_TASK: task ?? "",
    DISPATCH_NOTICE_SESSION: session ?? "",
  };
}

/** The title and the text are arguments of their own; AppleScript reads them from the environment. */
function desktopCommand({ kind, name, text }: Notice): string[] {
  const title = `${name} ${TITLES[kind]}`;
  if (process.platform !== "darwin")
    return [
      "notify-send",
      "--app-name=dispatch",
      `--urgency=${kind === "done" ? "low" : "normal"}`,
      "--",
      title,
      text,
    ];
  const script = `display notification (system attribute "DISPATCH_NOTICE_TEXT") with title "dispatch" subtitle (system attribute "DISPATCH_NOTICE_NAME")`;
  return ["osascript", "-e", script];
}
