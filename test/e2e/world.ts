import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TaskDetail } from "../../src/protocol/api.ts";
import { createClient, type Client } from "../../src/client/client.ts";
import { homeFiles } from "../../src/base/home.ts";

const ROOT = dirname(dirname(import.meta.dir));
const SELF = [process.execPath, "--no-env-file", "--config=/dev/null", join(ROOT, "src", "main.ts")];
const AGENT = [
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
  /** The argv of the program; tests of an upgrade put another one here. */
  self = SELF;

  constructor({ agentVariables = "" }: { agentVariables?: string } = {}) {
    this.root = mkdtempSync(join(tmpdir(), "dispatch-"));
    this.home = join(this.root, "home");
    this.repo = join(this.root, "repo");
    for (const folder of [this.home, this.repo, join(this.root, "user")]) mkdirSync(folder, { mode: 0o700 });
    this.environment = {
      PATH: process.env["PATH"] ?? "",
      HOME: join(this.root, "user"),
      LANG: "C.UTF-8",
      DISPATCH_HOME: this.home,
      NO_COLOR: "1",
    };
    this.client = createClient({ kind: "socket", path: homeFiles(this.home).socket });
    const command = [...(agentVariables ? ["env", agentVariables] : []), ...AGENT].join(" ");
    this.config(
      `default: scripted\nbackends:\n  scripted:\n    command: ${command}\n    protocol: acp\nweb:\n  port: ${freePort()}\n`,
    );
    this.git("init", "-q", "-b", "main");
    this.git("config", "user.email", "ada@example.org");
    this.git("config", "user.name", "Ada");
    this.write("readme.txt", "hello\n");
    this.git("add", ".");
    this.git("commit", "-qm", "first");
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

  /** Waits as a user does, until the task has ended or needs somebody, and answers the task. */
  async settled(slug: string): Promise<TaskDetail> {
    await this.run("wait", slug);
    return this.task(slug);
  }

  task(slug: string): Promise<TaskDetail> {
    return this.client.call("getTask", { task: slug }, {});
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

  /** Every process of this world: they carry its home in their environment. */
  processes(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((pid) => isOf(pid, this.root))
      .map(Number);
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

/** Zombies are gone: their environment is empty. */
function isOf(pid: string, root: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").includes(root);
  } catch {
    return false; // it ended meanwhile, or is another user's
  }
}

export function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = server;
  server.stop(true);
  return port;
}
