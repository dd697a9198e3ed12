import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { linesOf } from "./lines.ts";
import type { Finished, World } from "./world.ts";

/** An agent's program as far as its hooks are concerned: runs what it is told to, below itself, a JSON line each. */
const PROGRAM = `
for await (const line of console) {
  const { command, input, environment } = JSON.parse(line);
  const child = Bun.spawn(command, {
    env: { ...process.env, ...environment },
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  process.stdout.write(JSON.stringify({ code, stdout, stderr }) + "\\n");
}
`;

/** What a hook of Claude Code says to the model. */
interface HookOutput {
  decision?: string;
  reason?: string;
  hookSpecificOutput?: { additionalContext: string };
}

/** An agent that somebody else started: a process that is called \`claude\`, and runs our hooks as Claude Code does. */
export class OutsideAgent implements AsyncDisposable {
  readonly conversation = crypto.randomUUID();
  readonly #world: World;
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #lines: AsyncIterator<string>;
  readonly #folder: string;

  constructor(world: World, { name = "claude", folder = world.repo } = {}) {
    this.#world = world;
    this.#folder = folder;
    const program = join(world.root, "programs", name);
    mkdirSync(join(world.root, "programs"), { recursive: true });
    writeFileSync(program, PROGRAM);
    this.#child = Bun.spawn([process.execPath, "--no-env-file", "--config=/dev/null", program], {
      cwd: folder,
      env: world.environment,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#lines = linesOf(this.#child.stdout);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Runs a hook to its end. */
  async hook(
    event: string,
    fields: object = {},
    environment: Record<string, string> = {},
  ): Promise<Finished> {
    const said = {
      session_id: this.conversation,
      cwd: this.#folder,
      permission_mode: "acceptEdits",
      ...fields,
    };
    return await this.run(["hook", event], JSON.stringify(said), environment);
  }

  /** Runs one of our commands below itself. */
  async run(words: string[], input: string, environment: Record<string, string> = {}): Promise<Finished> {
    const command = [...this.#world.self, ...words];
    void this.#child.stdin.write(`${JSON.stringify({ command, input, environment })}\n`);
    await this.#child.stdin.flush();
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("the agent ended");
    return JSON.parse(value) as Finished;
  }

  async begins(source = "startup"): Promise<Finished> {
    return await this.hook("session-start", { hook_event_name: "SessionStart", source });
  }

  async prompted(prompt = "do it"): Promise<string | null> {
    const fields = { hook_event_name: "UserPromptSubmit", prompt };
    return textOf(await this.hook("user-prompt-submit", fields));
  }

  async uses(tool: string, input: object): Promise<void> {
    await this.hook("pre-tool-use", { hook_event_name: "PreToolUse", tool_name: tool, tool_input: input });
  }

  /** What the agent is told to go on with; null: it stops. */
  async stops(fields: object = {}): Promise<string | null> {
    return textOf(await this.hook("stop", { hook_event_name: "Stop", ...fields }));
  }

  /** Waits as an idle Claude Code does. */
  async idles(): Promise<Finished> {
    const environment = { AI_AGENT: "claude-code", CLAUDE_CODE_ENTRYPOINT: "cli" };
    return await this.hook("wake", { hook_event_name: "Stop" }, environment);
  }

  async ends(): Promise<void> {
    await this.hook("session-end", { hook_event_name: "SessionEnd", reason: "other" });
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

function textOf({ stdout }: Finished): string | null {
  if (stdout === "") return null;
  const { reason, hookSpecificOutput } = JSON.parse(stdout) as HookOutput;
  return reason ?? hookSpecificOutput?.additionalContext ?? null;
}
