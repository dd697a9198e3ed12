import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { World } from "./world.ts";

/**
 * An agent in a terminal, as far as a message is concerned: it keeps a record of itself as Claude Code does, takes
 * bracketed pastes, and writes what is sent into `said`. What it shows, its record says already. \`hold\` keeps it busy until the file \`go\` is there.
 */
const PROGRAM = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, watch, writeFileSync } from "node:fs";
const home = process.env.HOME;
mkdirSync(home + "/.claude/sessions", { recursive: true });
const stat = readFileSync("/proc/self/stat", "utf8");
const procStart = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
function record(status) {
  const sessionId = process.env.CONVERSATION;
  writeFileSync(home + "/.claude/sessions/" + process.pid + ".json",
    JSON.stringify({ pid: process.pid, sessionId, procStart, status, statusUpdatedAt: Date.now() }));
}
let typed = "";
let pasting = false;
let busy = false;
function draw() { process.stdout.write("\\x1b[2J\\x1b[H" + (busy ? "working" : "\\u276f " + typed.replaceAll("\\n", " "))); }
function idle() { busy = false; record("idle"); draw(); }
function send() {
  appendFileSync("said", JSON.stringify(typed) + "\\n");
  busy = true;
  const holds = typed.includes("hold");
  typed = "";
  record("busy");
  draw();
  if (!holds || existsSync("go")) return setTimeout(idle, 50);
  const watcher = watch(".", () => { if (existsSync("go")) { watcher.close(); idle(); } });
}
process.stdin.setRawMode(true);
process.stdout.write("\\x1b[?2004h");
idle();
for await (const chunk of process.stdin)
  for (const key of chunk.toString().match(/\\x1b\\[20[01]~|[^]/g)) {
    if (key === "\\x1b[200~") pasting = true;
    else if (key === "\\x1b[201~") pasting = false;
    else if (key === "\\r" && !pasting) send();
    else typed += key;
    if (!busy) draw();
  }
`;

/** A tmux server of a person, with agents in its panes. */
export class TmuxServer implements AsyncDisposable {
  readonly #world: World;

  /** @throws where tmux is not installed: .ci/run sees to that */
  constructor(world: World) {
    if (Bun.which("tmux") === null) throw new Error("tmux is not installed: apt-get install tmux");
    this.#world = world;
    world.environment["TMUX_TMPDIR"] = join(world.root, "tmp");
    mkdirSync(join(world.root, "programs"), { recursive: true });
    writeFileSync(join(world.root, "programs", "claude"), PROGRAM);
  }

  /** Opens a session with this program in it, in the repository; it is called \`name\`. */
  open(name: string, command: string, ...options: string[]): void {
    this.run(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-x",
      "100",
      "-y",
      "20",
      "-s",
      name,
      ...options,
      command,
    );
  }

  /** Opens a session with the agent in it, and waits until it stands at its prompt. */
  async agent(name: string, conversation: string): Promise<void> {
    const program = join(this.#world.root, "programs", "claude");
    const words = [process.execPath, "--no-env-file", "--config=/dev/null", program];
    this.open(name, `exec ${words.join(" ")}`, "-e", `CONVERSATION=${conversation}`);
    await this.shows(name, (screen) => screen.includes("❯"));
  }

  /** What the agent in the repository was told, each time that something was sent. */
  said(): string[] {
    const text = readFileSync(join(this.#world.repo, "said"), "utf8");
    return text.split("\n").flatMap((line) => (line === "" ? [] : (JSON.parse(line) as string)));
  }

  /** Waits until the screen of a session is as wanted; tmux tells of each change of it. */
  async shows(name: string, isSo: (screen: string) => boolean): Promise<string> {
    const changes = Bun.spawn(["tmux", "-C", "attach-session", "-t", name, "-f", "read-only"], {
      env: this.#world.environment,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "ignore",
    });
    try {
      const told = changes.stdout[Symbol.asyncIterator]();
      for (;;) {
        const screen = this.run("capture-pane", "-p", "-t", name);
        if (isSo(screen)) return screen;
        if ((await told.next()).done) throw new Error(`${name} is gone`);
      }
    } finally {
      changes.kill();
      await changes.exited;
    }
  }

  type(name: string, keys: string): void {
    this.run("send-keys", "-t", name, keys);
  }

  run(...words: string[]): string {
    const { stdout, stderr, exitCode } = Bun.spawnSync(["tmux", ...words], {
      cwd: this.#world.repo,
      env: this.#world.environment,
    });
    if (exitCode !== 0) throw new Error(`tmux ${words[0]}: ${stderr.toString()}`);
    return stdout.toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = Bun.spawn(["tmux", "kill-server"], { env: this.#world.environment, stderr: "ignore" });
    await server.exited; // 1 where it is gone already
  }
}
