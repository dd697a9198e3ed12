import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId } from "../base/id.ts";
import type { Launch } from "../protocol/host.ts";
import type { CommandId, SessionId } from "../protocol/id.ts";
import type { Step } from "./host.fixture.ts";
import { readRecord } from "./process-record.ts";
import { killRun } from "./process-tree.ts";
import { sessionFolder, type SessionFolder } from "./session-folder.ts";
import { TestDaemon } from "./test-daemon.fixture.ts";

const FIXTURE = join(import.meta.dir, "host.fixture.ts");

/** The value of an environment variable that every run of a test session gets. */
export const SECRET = "s3cret-of-the-run";

type Host = Bun.Subprocess<"ignore", "pipe", "inherit">;

/** A session in a home of its own, with real hosts. */
export class TestSession {
  readonly id: SessionId = newId("ses");
  readonly home = mkdtempSync(join(tmpdir(), "hst-"));
  readonly work = join(this.home, "work");
  readonly taskFolder = join(this.work, ".dispatch/tasks/one");
  readonly folder: SessionFolder = sessionFolder(this.home, this.id);
  readonly #hosts: Host[] = [];
  readonly #daemons: TestDaemon[] = [];

  constructor() {
    mkdirSync(join(this.taskFolder, "ipc"), { recursive: true });
  }

  async close(): Promise<void> {
    for (const daemon of this.#daemons) daemon.close();
    for (const host of this.#hosts) await kill(host);
    await killRun(
      { session: this.id, home: this.home, recorded: readRecord(this.folder.processes) },
      { graceMs: 0 },
    );
    rmSync(this.home, { recursive: true });
  }

  /** Resolves when the host listens, or has ended. Its agent is a shell, unless another program is the host. */
  async host(command: string[] = [process.execPath, "--no-env-file", FIXTURE]): Promise<Host> {
    const host = Bun.spawn([...command, this.id, this.home], {
      env: { PATH: process.env["PATH"], HOME: this.home, DISPATCH_HOME: this.home, DISPATCH_SELF: this.home },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#hosts.push(host);
    for await (const _ of host.stdout) break;
    return host;
  }

  async connect(options: Parameters<typeof TestDaemon.connect>[2] = {}): Promise<TestDaemon> {
    const daemon = await TestDaemon.connect(this.home, this.id, options);
    this.#daemons.push(daemon);
    return daemon;
  }

  /** A host with its first epoch, and a daemon that saw it start. */
  async started(launch: Launch = this.launch()): Promise<{ host: Host; daemon: TestDaemon }> {
    const host = await this.host();
    const daemon = await this.connect();
    daemon.start(1, launch);
    await daemon.event("conversation");
    return { host, daemon };
  }

  /** The next host after one that was killed, and a daemon that has what the one before it had. */
  async restarted(host: Host, before: TestDaemon): Promise<TestDaemon> {
    await kill(host);
    await this.host();
    return await this.connect({ records: before.records });
  }

  launch(changes: Partial<Launch> = {}): Launch {
    return {
      agent: "test",
      command: ["sh"],
      environment: { PATH: process.env["PATH"]!, TOKEN: SECRET },
      folder: this.work,
      also: [],
      model: null,
      thinking: null,
      permissions: "ask",
      resume: null,
      cost: 0,
      fork: false,
      carried: [],
      terminal: null,
      task: null,
      ...changes,
    };
  }

  /** With a task whose given items are these. */
  taskLaunch(...texts: string[]): Launch {
    const items = texts.map((text) => ({ text, mark: "open" as const, given: true, notes: [], steps: [] }));
    return this.launch({
      task: { title: "One", folder: this.taskFolder, plan: { items, notes: [] }, left: null, brief: null },
    });
  }
}

/** Orders a turn of the test agent. */
export function prompt(daemon: TestDaemon, ...steps: Step[]): CommandId {
  return daemon.order({ type: "prompt", text: JSON.stringify(steps) });
}

async function kill(host: Host): Promise<void> {
  host.kill("SIGKILL");
  await host.exited;
}
