import { Database } from "bun:sqlite";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { TaskDetail } from "../../src/protocol/api.ts";
import type { Client } from "../../src/client/client.ts";
import { startDaemon } from "../../src/client/daemon.ts";
import { createLocalClient, type LocalOptions } from "../../src/client/local.ts";
import { followStream } from "../../src/client/stream.ts";
import { isEnded } from "../../src/core/run.ts";
import { SELF } from "../../src/cli/program.fixture.ts";
import { homeFiles } from "../../src/base/home.ts";
import { readArgv } from "../../src/processes/proc.ts";
import { readProcess, readProcessTable } from "../../src/processes/table.ts";
import type { TranscriptRecord } from "../../src/protocol/transcript.ts";

const ROOT = dirname(dirname(import.meta.dir));
/** The command line of the scripted agent. */
export const AGENT = [
  process.execPath,
  "--no-env-file",
  "--config=/dev/null",
  join(ROOT, "src/agents/scripted/agent.ts"),
];

/** What a finished command left. */
export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** How a world differs from the usual one: the scripted agent's variables, the folder it is made in, other settings. */
export interface WorldOptions {
  agentVariables?: string;
  parent?: string;
  /** The configuration instead of the scripted agent's, without the port. */
  settings?: string;
  /** More configuration, as YAML. */
  also?: string;
}

/**
 * A machine of its own for one test: a home folder, a git repository, a configuration whose default agent is the
 * scripted one, and the real program. Disposing of it ends every process that carries its home and removes its files.
 */
export class World implements AsyncDisposable {
  readonly root: string;
  readonly home: string;
  readonly repo: string;
  readonly environment: Record<string, string>;
  readonly client: Client;
  readonly #also: string;
  readonly #local: LocalOptions;

  constructor({ agentVariables = "", parent = tmpdir(), settings, also = "" }: WorldOptions = {}) {
    this.root = mkdtempSync(join(parent, "dispatch-"));
    this.home = join(this.root, "home");
    this.repo = join(this.root, "repo");
    for (const folder of [this.home, this.repo, join(this.root, "user"), join(this.root, "tmp")])
      mkdirSync(folder, { mode: 0o700 });
    this.environment = {
      PATH: process.env["PATH"] ?? "",
      HOME: join(this.root, "user"),
      LANG: "C.UTF-8",
      TMPDIR: join(this.root, "tmp"),
      DISPATCH_HOME: this.home,
      NO_COLOR: "1",
    };
    const { home, environment } = this;
    this.#local = { home, environment, self: SELF };
    this.client = createLocalClient(this.#local);
    this.#also = `${also}web:\n  port: ${freePort()}\n`;
    if (settings === undefined) this.agent(...(agentVariables ? ["env", agentVariables] : []), ...AGENT);
    else this.config(`${settings}${this.#also}`);
    this.git("init", "-q", "-b", "main");
    this.git("config", "user.email", "ada@example.org");
    this.git("config", "user.name", "Ada");
    this.write("readme.txt", "hello\n");
    this.git("add", ".");
    this.git("commit", "-qm", "first");
  }

  /** The argv of the program; tests of an upgrade put another one here. */
  get self(): string[] {
    return this.#local.self;
  }

  set self(argv: string[]) {
    this.#local.self = argv;
  }

  /** Makes the default agent one that is started by this command line. */
  agent(...command: string[]): void {
    const backend = `    command: ${JSON.stringify(command.join(" "))}\n    protocol: acp\n`;
    this.config(`default: scripted\nbackends:\n  scripted:\n${backend}${this.#also}`);
  }

  /** Writes the configuration. */
  config(text: string): void {
    writeFileSync(join(this.home, "config.yaml"), text);
  }

  /** Writes a file of the repository. */
  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.repo, path)), { recursive: true });
    writeFileSync(join(this.repo, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.repo, path), "utf8");
  }

  git(...args: string[]): string {
    const run = Bun.spawnSync(["git", ...args], { cwd: this.repo, env: this.environment });
    if (run.exitCode !== 0) throw new Error(`git ${args.join(" ")}: ${run.stderr.toString()}`);
    return run.stdout.toString();
  }

  /** Runs a command to its end, in the repository. */
  async run(...args: string[]): Promise<Finished> {
    return this.#finish(args, null);
  }

  /** The same with something on standard input. */
  async runWith(input: string, ...args: string[]): Promise<Finished> {
    return this.#finish(args, input);
  }

  /** Runs a command that must succeed, and answers what it printed. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`dispatch ${args.join(" ")} ended with ${code}: ${stderr}`);
    return stdout;
  }

  /** The same with `--json`, parsed. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.ok(...args, "--json")) as T;
  }

  /** Hands over a task whose prompt is a script, and answers its slug. */
  async dispatch(script: string, ...args: string[]): Promise<string> {
    const { task } = await this.json<{ task: { slug: string } }>("run", script, ...args);
    return task.slug;
  }

  /** The same with a plan, whose items are the lines of `plan`. */
  async dispatchPlan(plan: readonly string[], script: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.runWith(
      plan.join("\n"),
      "run",
      script,
      "--plan",
      "-",
      ...args,
      "--json",
    );
    if (code !== 0) throw new Error(`dispatch run ended with ${code}: ${stderr}`);
    return (JSON.parse(stdout) as { task: { slug: string } }).task.slug;
  }

  /** Waits as a user does, until the task has ended or needs somebody, and answers the task. */
  async settled(slug: string): Promise<TaskDetail> {
    await this.run("wait", slug);
    return this.task(slug);
  }

  task(slug: string): Promise<TaskDetail> {
    return this.client.call("getTask", { task: slug }, {});
  }

  /** Waits until the task is as wanted, over deaths of the daemon too, and answers it. */
  async until(slug: string, isSo: (detail: TaskDetail) => boolean): Promise<TaskDetail> {
    const { position } = await this.client.call("health", {}, {});
    const over = new AbortController();
    const stream = followStream({
      socket: homeFiles(this.home).socket,
      topics: ["*"],
      after: position,
      signal: over.signal,
      revive: () => startDaemon(this.#local),
    });
    try {
      for (let detail = await this.task(slug); ; detail = await this.task(slug)) {
        if (isSo(detail)) return detail;
        if (isEnded(detail.task)) throw new Error(`${slug} has ended: ${JSON.stringify(detail.task.status)}`);
        await stream.next();
      }
    } finally {
      over.abort();
    }
  }

  /** All that the logs of a task's sessions hold, in the order in which the daemon took it. */
  async transcript(slug: string): Promise<TranscriptRecord[]> {
    const records: TranscriptRecord[] = [];
    for (let after = 0; ;) {
      const page = await this.client.call("getTranscript", { task: slug }, { after, limit: 5_000 });
      for (const { event } of page.events) if (event.type === "transcript") records.push(event.record);
      if (!page.more) return records;
      after = page.position.seq;
    }
  }

  /** What the agent of a task has said, in one piece. */
  async said(slug: string): Promise<string> {
    const texts = (await this.transcript(slug)).map(({ event }) => (event.type === "text" ? event.text : ""));
    return texts.join("");
  }

  /** What the agent of a task was told, turn by turn. */
  async told(slug: string): Promise<string[]> {
    const records = await this.transcript(slug);
    return records.flatMap(({ event }) => (event.type === "turn_started" ? [event.prompt] : []));
  }

  /** Waits for a file of the repository, or of another folder; the one it is in is there already. */
  async appears(path: string, folder = this.repo): Promise<void> {
    const file = join(folder, path);
    const { promise, resolve } = Promise.withResolvers<void>();
    const watcher = watch(dirname(file), (_, changed) => {
      if (changed === basename(file) && existsSync(file)) resolve();
    });
    if (existsSync(file)) resolve();
    await promise;
    watcher.close();
  }

  /** Starts the program without waiting for it. */
  start(...args: string[]): Bun.Subprocess<"ignore", "pipe", "pipe"> {
    return Bun.spawn([...this.self, ...args], {
      cwd: this.repo,
      env: this.environment,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
  }

  async daemonPid(): Promise<number> {
    return (await this.client.call("health", {}, {})).pid;
  }

  /** What the daemon's log has of things that must not happen. */
  defects(): string[] {
    const lines = readFileSync(homeFiles(this.home).log, "utf8").split("\n");
    return lines.filter((line) => line.includes('"level":"error"')).map((line) => line.slice(0, 1_000));
  }

  /** Changes what a daemon that is stopped will find in its store. */
  store(sql: string): void {
    const db = new Database(join(this.home, "dispatch.db"));
    db.run(sql);
    db.close();
  }

  /** Ends the daemon as the kernel would: nothing is told to it. */
  async killDaemon(): Promise<void> {
    killIfThere(await this.daemonPid());
  }

  /** The processes of this world, which carry its home in their environment; those whose command line has the words. */
  processes(words = ""): number[] {
    return this.commands().flatMap(({ pid, command }) => (command.includes(words) ? [pid] : []));
  }

  /** The same with their command lines. */
  commands(): { pid: number; command: string }[] {
    const rows = [...readProcessTable().values()].filter(
      ({ pid, alive, environment }) => alive && pid !== process.pid && environment.includes(this.root),
    );
    const commands = new Map(rows.map(({ pid }) => [pid, commandOf(pid)]));
    // One that ended meanwhile has none; a child with its parent's is not the program yet that it was made to be.
    const own = rows.flatMap(({ pid, parent }) => {
      const command = commands.get(pid)!;
      return command === "" || command === commands.get(parent) ? [] : [{ pid, command }];
    });
    return own.toSorted((one, other) => one.pid - other.pid);
  }

  /** Waits until processes that are going anyway are gone. */
  async ended(pids: number[]): Promise<void> {
    await Promise.all(pids.map((pid) => Bun.spawn(["tail", `--pid=${pid}`, "-f", "/dev/null"]).exited));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let pids = this.processes(); pids.length > 0; pids = this.processes())
      for (const pid of pids) killIfThere(pid);
    rmSync(this.root, { recursive: true, force: true });
  }

  async #finish(args: string[], input: string | null): Promise<Finished> {
    const child = Bun.spawn([...this.self, ...args], {
      cwd: this.repo,
      env: this.environment,
      stdin: input === null ? "ignore" : Buffer.from(input),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { code, stdout, stderr };
  }
}

/** The command line of a process; nothing where it has ended. In the middle of an exec it has none, so it is read again. */
function commandOf(pid: number): string {
  for (;;) {
    const command = readArgv(pid).join(" ");
    if (command !== "" || readProcess(pid)?.alive !== true) return command;
  }
}

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Where our ports are: below those that the kernel gives to whoever asks for any, or for none. */
const PORTS = { first: 20_000, count: 12_000 };
let ports = 0;

/** A port that nobody listens on, and that no other test is given. */
export function freePort(): number {
  for (;;) {
    const port = PORTS.first + ((process.pid * 61 + ports++) % PORTS.count); // other processes count elsewhere
    if (!isTaken(port)) return port;
  }
}

function isTaken(port: number): boolean {
  try {
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } }).stop(true);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return true;
  }
}
