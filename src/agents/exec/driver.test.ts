import { describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Launch } from "../../protocol/host.ts";
import type { ExecRow } from "../agent-row.ts";
import { agentRow } from "../catalog.ts";
import { BRIEF, Stage } from "../contract-stage.ts";
import type { Conversation } from "../driver.ts";
import { execCommand } from "../exec-command.ts";
import { execDriver } from "./driver.ts";

const SCRIPTED = [
  process.execPath,
  "--no-env-file",
  "--config=/dev/null",
  join(import.meta.dir, "..", "scripted", "one-shot.ts"),
];
const CLAUDE = agentRow("claude-exec") as ExecRow;
const CURSOR = agentRow("cursor-exec") as ExecRow;
const TEXT = agentRow("exec") as ExecRow;
const STDIN = agentRow("exec-stdin") as ExecRow;

interface Opening extends Partial<Launch> {
  row?: ExecRow;
  words?: string[];
  maxText?: number;
}

function open(stage: Stage, { row = CLAUDE, words = SCRIPTED, maxText, ...launch }: Opening = {}) {
  const { command } = execCommand(row, { words, permissions: "all", thinking: null });
  const driver = execDriver(row, maxText === undefined ? {} : { maxText });
  const environment = { PATH: process.env.PATH ?? "", ...launch.environment };
  return stage.open(driver, { agent: row.agent, command, ...launch, environment });
}

function shell(script: string): string[] {
  return ["sh", "-c", script, "sh"];
}

function notices(stage: Stage): string[] {
  return stage.outputs.flatMap((each) => (each.type === "notice" ? each.text : []));
}

describe("what a run is told", () => {
  test("a command finds its prompt in its last argument, and an ended input", async () => {
    await using stage = new Stage();
    const agent = await open(stage, { row: TEXT, words: shell('cat; printf "%s|%s" "$1" "$2"') });
    expect(await agent.prompt(BRIEF)).toEqual({ end: "end_turn" });
    expect(stage.heard).toBe(`${BRIEF}|`);
  });

  test("or on its standard input", async () => {
    await using stage = new Stage();
    const agent = await open(stage, { row: STDIN, words: shell('echo "$# arguments"; cat') });
    await agent.prompt(BRIEF);
    expect(stage.heard).toBe(`0 arguments\n${BRIEF}`);
  });

  test("a prompt that is too long for an argument is named as a file, which is gone after the turn", async () => {
    await using stage = new Stage();
    const script = `path=$(expr "$1" : '.*file \\(.*prompt.md\\)'); wc -c < "$path"; echo "$path"`;
    const agent = await open(stage, { row: TEXT, words: shell(script) });
    await agent.prompt(`${BRIEF}${"x".repeat(300_000)}`);
    const [size, path] = stage.heard.trim().split("\n");
    expect(Number(size)).toBeGreaterThan(300_000);
    expect(path).toEndWith("prompt.md");
    expect(existsSync(path!)).toBeFalse();
  });

  test("a long prompt on standard input blocks nobody, even where it is not read", async () => {
    await using stage = new Stage();
    const words = shell("yes | head -c 300000; exec <&-; echo; echo end");
    const agent = await open(stage, { row: STDIN, words });
    expect(await agent.prompt("x".repeat(1_000_000))).toEqual({ end: "end_turn" });
    expect(stage.heard).toEndWith("end\n");
  });

  test("a command that remembers nothing gets the whole task with each message", async () => {
    await using stage = new Stage();
    const agent = await open(stage, { row: TEXT, words: shell('printf "%s" "$1"') });
    await agent.prompt(BRIEF);
    stage.outputs.length = 0;
    await agent.prompt("Go on with item 2.");
    expect(stage.heard).toStartWith(BRIEF);
    expect(stage.heard).toEndWith("Go on with item 2.");
    expect(agent).toMatchObject({ resumable: true });
    const next = await open(stage, { row: TEXT, words: shell('printf "%s" "$1"'), resume: agent.id });
    stage.outputs.length = 0;
    await next.prompt("You were interrupted.");
    expect(stage.heard).toStartWith(BRIEF);
  });

  test("outside a task, where there is nothing to tell again, it cannot be gone on with", async () => {
    await using stage = new Stage();
    const agent = await open(stage, { row: TEXT, words: shell("true"), task: null });
    expect(agent.resumable).toBeFalse();
    const going = open(stage, { row: TEXT, words: shell("true"), task: null, resume: agent.id });
    await expect(going).rejects.toMatchObject({ reason: "resume" });
  });

  test("a product gets only what is new, in its own conversation, with the model that was chosen", async () => {
    await using stage = new Stage();
    const agent = await open(stage, { model: "scripted-small" });
    await agent.prompt(`${BRIEF}\nscripted: recall\nscripted: model`);
    expect(stage.names).toEqual([agent.id]);
    await agent.prompt("scripted: recall");
    expect(stage.heard).toBe("turns 1model scripted-smallturns 2");
  });

  test("a product that has forgotten its conversation is told the whole task", async () => {
    await using stage = new Stage();
    const agent = await open(stage, { resume: crypto.randomUUID() });
    expect(agent.resumed).toBeTrue();
    expect(await agent.prompt("scripted: recall")).toEqual({ end: "end_turn" });
    expect(notices(stage)[0]).toContain("No conversation found");
    expect(stage.heard).toBe("turns 1");
    expect(stage.names).toEqual([agent.id]);
  });
});

describe("how a run ends", () => {
  const fails =
    (words: string[], row = TEXT) =>
    async (stage: Stage) =>
      (await open(stage, { row, words })).prompt(BRIEF);

  test.each([
    ["an exit code", shell("echo it is broken >&2; exit 4"), TEXT, "error", "it is broken"],
    ["one without a word", shell("exit 4"), TEXT, "error", "exit code 4"],
    ["a code that its product gives a meaning", shell("exit 41"), agentRow("gemini-exec"), "login", "41"],
    ["nothing where there should be lines", shell("exit 0"), CLAUDE, "error", "without a word"],
    ["rubbish where there should be lines", shell("echo usage: claude"), CLAUDE, "error", "usage: claude"],
    ["a limit", shell("echo You have hit your usage limit >&2; exit 1"), TEXT, "error", "usage limit"],
  ])("%s is told as what it is", async (_what, words, row, end, message) => {
    await using stage = new Stage();
    expect(await fails(words, row as ExecRow)(stage)).toMatchObject({
      end,
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ["login", { end: "login", message: expect.stringContaining("/login") }],
    ["crash", { end: "error", message: expect.stringContaining("exit code 3") }],
  ])("a product's own %s is told", async (SCRIPTED_START, expected) => {
    await using stage = new Stage();
    const agent = await open(stage, { environment: { SCRIPTED_START } });
    expect(await agent.prompt(BRIEF)).toMatchObject(expected);
  });

  test("an error that it reports has its own words", async () => {
    await using stage = new Stage();
    const agent = await open(stage);
    const turn = await agent.prompt("scripted: error 429 rate limit exceeded");
    expect(turn).toMatchObject({ end: "error", message: "429 rate limit exceeded", limit: { kind: "rate" } });
    expect(await agent.prompt("scripted: text still here")).toEqual({ end: "end_turn" });
  });

  test("a signal is the agent's death", async () => {
    await using stage = new Stage();
    const agent = await open(stage, { row: TEXT, words: shell("kill -SEGV $$") });
    await expect(agent.prompt(BRIEF)).rejects.toThrow("signal");
    expect(await agent.closed).toMatchObject({ exitCode: null });
  });

  test("what it left in the background is not waited for", async () => {
    await using stage = new Stage();
    const agent = await open(stage, { row: TEXT, words: shell("sleep 300 & echo $! > pid; echo hello") });
    expect(await agent.prompt(BRIEF)).toEqual({ end: "end_turn" });
    expect(stage.heard).toBe("hello\n");
    process.kill(Number(await stage.file("pid")), "SIGKILL");
  });

  test("closing it ends a run that is under way", async () => {
    await using stage = new Stage();
    const agent = await open(stage, {
      row: TEXT,
      words: shell("trap '' TERM; echo up; sleep 300 & wait; wait"),
    });
    const turn = agent.prompt(BRIEF);
    await stage.until(() => stage.heard !== "");
    await agent.close();
    expect(await turn).toEqual({ end: "cancelled" });
    expect(await stage.processes[0]!.exited).toBeNull();
  });
});

describe("a run's output", () => {
  test("is shown up to a limit, and read to its end", async () => {
    await using stage = new Stage();
    const words = shell("yes | head -c 1000000; echo end > ended");
    const agent = await open(stage, { row: TEXT, words, maxText: 1_000 });
    expect(await agent.prompt(BRIEF)).toEqual({ end: "end_turn" });
    expect(stage.heard).toHaveLength(1_000);
    expect(notices(stage)).toEqual([expect.stringContaining("999000 characters")]);
    expect(await stage.file("ended")).toBe("end\n");
  });

  test("has tool calls with their ends, usage and cost", async () => {
    await using stage = new Stage();
    const agent = await open(stage);
    await agent.prompt("scripted: run echo hi; exit 1");
    const tools = stage.outputs.filter((each) => each.type === "tool");
    expect(tools).toMatchObject([
      {
        status: "in_progress",
        title: "echo hi; exit 1",
        kind: "execute",
        input: { command: "echo hi; exit 1" },
      },
      { status: "failed", output: "hi\n" },
    ]);
    expect(stage.outputs).toContainEqual({
      type: "usage",
      usage: { inputTokens: 100, outputTokens: 10, cost: 0.5, currency: "USD" },
    });
  });

  test("lines that are none of its format are counted and told once a turn", async () => {
    await using stage = new Stage();
    const agent = await open(stage);
    await agent.prompt(
      `scripted: rubbish ${"r".repeat(5_000)}\nscripted: rubbish {"type":"news"}\nscripted: text fine`,
    );
    expect(stage.heard).toBe("fine");
    expect(notices(stage)).toHaveLength(1);
    expect(notices(stage)[0]).toStartWith("6 lines");
    expect(notices(stage)[0]!.length).toBeLessThan(400);
  });

  test("a line that is too long is left out, and what follows is read", async () => {
    await using stage = new Stage();
    const agent = await open(stage);
    await agent.prompt(`scripted: line ${17 * 1024 * 1024}\nscripted: text fine`);
    expect(stage.heard).toBe("fine");
    expect(notices(stage)[0]).toStartWith("1 lines");
  });

  test("is read in Cursor's words", async () => {
    await using stage = new Stage();
    const agent = await open(stage, { row: CURSOR, environment: { SCRIPTED_FORMAT: "cursor" } });
    await agent.prompt("scripted: edit a.txt hello\nscripted: run echo hi\nscripted: text done");
    expect(stage.outputs).toMatchObject([
      { type: "tool", status: "in_progress", kind: "edit", input: { content: "hello" } },
      { type: "tool", status: "completed" },
      { type: "tool", status: "in_progress", title: "echo hi", kind: "execute" },
      { type: "tool", status: "completed", output: "hi\n" },
      { type: "text", text: "done" },
    ]);
    stage.outputs.length = 0;
    await agent.prompt("scripted: recall");
    expect(stage.heard).toBe("turns 2");
  });
});

test("a program of the folder that it works in is not taken for one of the PATH", async () => {
  await using stage = new Stage();
  writeFileSync(join(stage.folder, "my-agent"), "#!/bin/sh\necho hello\n", { mode: 0o755 });
  const opening: Promise<Conversation> = open(stage, { row: TEXT, words: ["my-agent"] });
  await expect(opening).rejects.toMatchObject({ reason: "missing" });
});
