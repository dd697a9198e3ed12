import { mkdtempSync, readFileSync, realpathSync, rmSync, existsSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenJson, type JsonServer } from "../base/json-socket.ts";
import { LineReader } from "../base/line-reader.ts";
import { setMarks } from "../core/plan.ts";
import type { GatedCall, Verdict } from "../protocol/approval.ts";
import { HookReport } from "../protocol/hook-report.ts";
import type { Launch } from "../protocol/host.ts";
import type { Plan } from "../protocol/plan.ts";
import { isRunning } from "../processes/table.ts";
import { ToWorkerDesk, type FromWorkerDesk, type WorkerCall } from "../protocol/worker.ts";
import type { AgentOutput, AgentProcess, Conversation, Driver, DriverInput, TerminalSign } from "./driver.ts";
import { signalGroup } from "../processes/group.ts";
import { PseudoTerminal } from "./terminal/pseudo-terminal.ts";

const MAX_CALL_BYTES = 1024 * 1024;
/** The task as an agent is told it first. */
export const BRIEF = "You are a worker. This is your whole task.";
const BUN = [process.execPath, "--no-env-file", "--config=/dev/null"];

/** The place of a test: a folder, a home, and the host's side of one conversation at a time, with everything noted. */
export class Stage {
  readonly home: string;
  readonly folder: string;
  readonly outputs: AgentOutput[] = [];
  readonly gated: GatedCall[] = [];
  readonly calls: WorkerCall[] = [];
  readonly processes: AgentProcess[] = [];
  readonly terminals: PseudoTerminal[] = [];
  readonly signs: TerminalSign[] = [];
  /** The ids that conversations turned out to have. */
  readonly names: string[] = [];
  plan: Plan = { items: [], notes: [] };
  /** How a gated call is decided. */
  decide: (call: GatedCall) => Promise<Verdict> = async () => "allow";
  /** What a worker's call is told. */
  answer: (call: WorkerCall) => Promise<string> = async () => "ok";
  /** Takes an output; the driver waits for it. */
  take: (output: AgentOutput) => Promise<void> = async () => undefined;
  /** The outputs that were being taken at once, at the most. */
  atOnce = 0;
  #taking = 0;
  readonly #base = mkdtempSync(join(realpathSync(tmpdir()), "agent-"));
  readonly #hooks: JsonServer[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #desk: Bun.UnixSocketListener<LineReader>;

  constructor() {
    this.home = mkdtempSync(join(this.#base, "home-"));
    this.folder = mkdtempSync(join(this.#base, "folder-"));
    this.#desk = Bun.listen<LineReader>({
      unix: join(this.#base, "desk"),
      socket: {
        open: (socket) => void (socket.data = new LineReader({ maxBytes: MAX_CALL_BYTES })),
        data: (socket, chunk) => {
          for (const line of socket.data.push(chunk)) {
            if (line.kind === "line") void this.#serve(line.text, (reply) => void socket.write(reply));
          }
        },
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const process of [...this.processes, ...this.terminals]) {
      signalGroup(process, "SIGKILL");
      await process.exited;
    }
    for (const server of this.#hooks) server.close();
    this.#desk.stop(true);
    rmSync(this.#base, { recursive: true });
  }

  /** Opens a conversation with what the subject needs to start, and changes to it. */
  open(driver: Driver, launch: Partial<Launch> & Pick<Launch, "agent">): Promise<Conversation> {
    return driver.open({
      launch: {
        command: ["true"],
        environment: {},
        folder: this.folder,
        also: [],
        model: null,
        thinking: null,
        permissions: "ask",
        resume: null,
        cost: 0,
        fork: false,
        carried: [],
        terminal: null,
        task: { title: "Test", folder: ".dispatch", plan: this.plan, left: null, brief: BRIEF },
        ...launch,
      },
      workerTools: {
        command: [...BUN, join(import.meta.dir, "worker-tools.fixture.ts")],
        environment: { DESK: join(this.#base, "desk") },
      },
      desk: { plan: () => this.plan, call: (call) => this.#call(call) },
      spawn: (command, options) => this.#spawn(command, options),
      spawnTerminal: (command, options) => this.#spawnTerminal(command, options),
      hookReports: (hear) => this.#hearHooks(hear),
      sign: (sign) => this.#sign(sign),
      emit: (output) => this.#emit(output),
      named: (id) => void this.names.push(id),
      gate: (call, signal) => this.#gate(call, signal),
    });
  }

  /** Gives the task a checklist of these items. */
  givePlan(items: readonly string[]): void {
    this.plan = {
      items: items.map((text) => ({ text, mark: "open", given: true, notes: [], steps: [] })),
      notes: [],
    };
  }

  /** All that the agent said and its tools put out so far. */
  get heard(): string {
    return this.outputs.map((each) => spoken(each)).join("");
  }

  /** Resolves when something that happens on the stage makes `condition` true. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
      this.#waiting.delete(resolve);
    }
  }

  /** The content of a file of the folder, once it is there and not empty. */
  async file(name: string): Promise<string> {
    const path = join(this.folder, name);
    const content = () => (existsSync(path) ? readFileSync(path, "utf8") : "");
    const { promise, resolve } = Promise.withResolvers<void>();
    const watcher = watch(this.folder, () => {
      if (content() !== "") resolve();
    });
    if (content() !== "") resolve();
    await promise;
    watcher.close();
    return content();
  }

  async #hearHooks(hear: (report: HookReport) => void): Promise<string[]> {
    const path = join(this.#base, `hooks-${this.terminals.length}`);
    const server = await listenJson(path, (socket) => ({
      onMessage: (message) => {
        hear(HookReport.parse(message));
        this.#happened();
        socket.send({});
      },
      onClose: () => undefined,
    }));
    this.#hooks.push(server);
    return [...BUN, join(import.meta.dir, "..", "main.ts"), "hook", "report", "--to", path];
  }

  #sign(sign: TerminalSign): void {
    this.signs.push(sign);
    this.#happened();
  }

  #happened(): void {
    for (const wake of this.#waiting) wake();
  }

  async #emit(output: AgentOutput): Promise<void> {
    this.#taking += 1;
    this.atOnce = Math.max(this.atOnce, this.#taking);
    this.outputs.push(output);
    this.#happened();
    await this.take(output);
    this.#taking -= 1;
  }

  async #gate(call: GatedCall, signal: AbortSignal): Promise<Verdict> {
    this.gated.push(call);
    this.#happened();
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    return Promise.race([this.decide(call), promise]);
  }

  async #call(call: WorkerCall): Promise<string> {
    if (call.tool === "plan_update") this.plan = setMarks(this.plan, call.items);
    this.calls.push(call);
    this.#happened();
    return this.answer(call);
  }

  async #serve(line: string, reply: (line: string) => void): Promise<void> {
    const { id, call } = ToWorkerDesk.parse(JSON.parse(line));
    const done: FromWorkerDesk = { type: "done", id, text: await this.#call(call) };
    reply(`${JSON.stringify(done)}\n`);
  }

  #spawn: DriverInput["spawn"] = (command, { environment, folder }) => {
    const child = Bun.spawn(command, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: this.home, ...environment },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    const started: AgentProcess = {
      pid: child.pid,
      stdout: child.stdout,
      stderr: child.stderr,
      async write(bytes) {
        await child.stdin.write(bytes);
        await child.stdin.flush();
      },
      end: () => void child.stdin.end(),
      exited: child.exited.then(() => child.exitCode),
    };
    this.processes.push(started);
    return started;
  };

  #spawnTerminal: DriverInput["spawnTerminal"] = async (command, { environment, folder }) => {
    const given = { PATH: process.env.PATH!, HOME: this.home, ...environment };
    const size = { columns: 80, rows: 24 };
    const terminal = new PseudoTerminal(command, { folder, environment: given, size });
    terminal.drawn(() => this.#happened());
    this.terminals.push(terminal);
    return terminal;
  };
}

function spoken(output: AgentOutput): string {
  if (output.type === "text") return output.text;
  return output.type === "tool" ? (output.output ?? "") : "";
}

const LOOK_AGAIN_MS = 5;
const DEATH_LIMIT_MS = 20_000;

/**
 * Which of these processes are still running a moment later. They are nobody's children here, so no event tells of
 * their end, and a process that was killed takes a moment to die.
 */
export async function stillRunning(pids: readonly number[]): Promise<number[]> {
  const deadline = performance.now() + DEATH_LIMIT_MS;
  while (pids.some(isRunning) && performance.now() < deadline) await Bun.sleep(LOOK_AGAIN_MS);
  return pids.filter(isRunning);
}
