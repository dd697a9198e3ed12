import { describe, expect, test } from "bun:test";
import { readFileSync, symlinkSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { Launch } from "../../protocol/host.ts";
import type { AcpRow } from "../agent-row.ts";
import { agentRow } from "../catalog.ts";
import { Stage } from "../contract-stage.ts";
import type { Conversation } from "../driver.ts";
import { acpDriver } from "./driver.ts";

const GENERIC = agentRow("acp") as AcpRow;
const SCRIPTED = [
  process.execPath,
  "--no-env-file",
  "--config=/dev/null",
  join(import.meta.dir, "..", "scripted", "agent.ts"),
];

function open(stage: Stage, launch: Partial<Launch> = {}, row = GENERIC): Promise<Conversation> {
  return stage.open(acpDriver(row), { agent: "scripted", command: SCRIPTED, ...launch });
}

/** What opening fails with. */
async function failure(stage: Stage, launch: Partial<Launch>, startLimitMs = 20_000): Promise<unknown> {
  const opening = stage.open(acpDriver(GENERIC, { startLimitMs }), {
    agent: "scripted",
    command: SCRIPTED,
    ...launch,
  });
  return opening.then(
    () => "opened",
    (error: unknown) => error,
  );
}

describe("starting an agent", () => {
  test.each([
    ["crash", { reason: "crashed", message: "the agent ended with exit code 3" }],
    ["login", { reason: "login", message: "Authentication required" }],
    ["limit", { reason: "protocol", limit: { kind: "usage", resetsAt: expect.any(Number) } }],
  ])("tells %s from other failures", async (SCRIPTED_START, expected) => {
    await using stage = new Stage();
    expect(await failure(stage, { environment: { SCRIPTED_START } })).toMatchObject(expected);
  });

  test("tells a silent agent, and a program that is none, when the time is over", async () => {
    await using stage = new Stage();
    const silence = await failure(stage, { environment: { SCRIPTED_START: "silence" } }, 300);
    expect(silence).toMatchObject({ reason: "timeout" });
    const rubbish = await failure(stage, { environment: { SCRIPTED_START: "rubbish" } }, 300);
    expect(rubbish).toMatchObject({
      reason: "protocol",
      message: expect.stringContaining("another program"),
    });
    for (const started of stage.processes) expect(await started.exited).toBeNull();
  });

  test("does not wait for a program that floods its output or ends without a word of ACP", async () => {
    await using stage = new Stage();
    expect(await failure(stage, { command: ["yes"] })).toMatchObject({ reason: "protocol" });
    expect(await failure(stage, { command: ["sh", "-c", "echo usage"] })).toMatchObject({
      reason: "protocol",
    });
    const broken = { command: ["sh", "-c", "echo no such setting >&2; exit 2"] };
    expect(await failure(stage, broken)).toMatchObject({
      reason: "crashed",
      message: "the agent ended with exit code 2: no such setting",
    });
  });

  test("refuses a model that the agent does not offer, with those that it does", async () => {
    await using stage = new Stage();
    expect(await failure(stage, { model: "gpt-1" })).toMatchObject({
      reason: "model",
      message: expect.stringContaining("scripted-large, scripted-small"),
    });
    const agent = await open(stage, { model: "scripted-small" });
    expect(agent.models.map(({ id }) => id)).toEqual(["scripted-large", "scripted-small"]);
    await agent.prompt("scripted: model");
    expect(stage.heard).toBe("model scripted-small");
  });

  test("tells it the level of thinking in the model's own word", async () => {
    await using stage = new Stage();
    const levels = { off: "none", low: "low", high: "high", xhigh: "max" } as const;
    for (const level of ["off", "low", "high", "xhigh"] as const) {
      stage.outputs.length = 0;
      await (await open(stage, { thinking: level })).prompt("scripted: thinking");
      expect(stage.heard).toBe(`thinking ${levels[level]}`);
    }
  });

  test("refuses a level of thinking that the chosen model lacks, with those that it has", async () => {
    await using stage = new Stage();
    expect(await failure(stage, { thinking: "high", model: "scripted-small" })).toMatchObject({
      reason: "thinking",
      message: expect.stringMatching(/levels low, and not high$/),
    });
    expect(await failure(stage, { thinking: "minimal" })).toMatchObject({
      reason: "thinking",
      message: expect.stringContaining("off, low, high, xhigh"),
    });
  });
});

describe("going on with a conversation", () => {
  test.each(["", "load-only", "late-replay"])("gives nothing of its past as news (%s)", async (fault) => {
    await using stage = new Stage();
    const first = await open(stage);
    for (let turn = 0; turn < 50; turn++) await first.prompt("scripted: text said before");
    await first.close();
    await first.closed;
    stage.outputs.length = 0;
    const agent = await open(stage, { resume: first.id, environment: { SCRIPTED_START: fault } });
    expect(agent).toMatchObject({ id: first.id, resumed: true, resumable: true });
    await agent.prompt("scripted: recall");
    expect(stage.outputs).toEqual([{ type: "text", text: "turns 51" }]);
  });

  test("says that there is none", async () => {
    await using stage = new Stage();
    const first = await open(stage);
    await first.close();
    const environment = { SCRIPTED_START: "no-resume" };
    expect(await failure(stage, { resume: first.id, environment })).toMatchObject({ reason: "resume" });
  });

  test("plays what a parked question left, after the answer", async () => {
    await using stage = new Stage();
    stage.answer = async () => "Your question is parked: end your turn.";
    const agent = await open(stage);
    expect(await agent.prompt("scripted: ask Which?\nscripted: text went on")).toEqual({ end: "end_turn" });
    expect(stage.heard).not.toContain("went on");
    await agent.prompt("You asked: Which? The answer is: this");
    expect(stage.heard).toContain("went on");
  });
});

describe("an agent's output", () => {
  test("tells rubbish between the messages once a turn, bounded", async () => {
    await using stage = new Stage();
    const agent = await open(stage);
    await agent.prompt(`scripted: rubbish ${"r".repeat(5_000)}\nscripted: text fine`);
    const notices = stage.outputs.filter((each) => each.type === "notice");
    expect(notices).toHaveLength(1);
    expect(notices[0]!.text).toStartWith("The agent wrote 3 lines");
    expect(notices[0]!.text.length).toBeLessThan(400);
    expect(stage.heard).toBe("fine");
    await agent.prompt("scripted: text fine");
    expect(stage.outputs.filter((each) => each.type === "notice")).toHaveLength(1);
  });

  test("ends the conversation over a line that is too long, and says so", async () => {
    await using stage = new Stage();
    const agent = await open(stage);
    const turn = agent.prompt(`scripted: line ${33 * 1024 * 1024}\nscripted: silence`);
    expect(turn).rejects.toThrow("a line of more than 33554432 bytes");
    expect((await agent.closed).message).toContain("a line of more than 33554432 bytes");
  });

  test("keeps the head and the tail of what a tool put out", async () => {
    await using stage = new Stage();
    const agent = await open(stage);
    await agent.prompt("scripted: run seq 1 100000");
    expect(stage.heard.length).toBeLessThan(33_000);
    expect(stage.heard).toStartWith("1\n2\n");
    expect(stage.heard).toEndWith("99999\n100000\n");
  });

  test("gives usage, and a todo list that a product shows as a tool call only", async () => {
    await using stage = new Stage();
    const agent = await open(stage, {}, agentRow("opencode") as AcpRow);
    const todos = [
      { content: "look", status: "completed" },
      { content: "leap", status: "in_progress" },
    ];
    await agent.prompt(`scripted: usage 1200 0.5\nscripted: tool todowrite ${JSON.stringify({ todos })}`);
    const steps = [
      { text: "look", mark: "done" as const },
      { text: "leap", mark: "open" as const },
    ];
    expect(stage.outputs).toContainEqual({ type: "todos", steps });
    expect(stage.outputs).toContainEqual({
      type: "usage",
      usage: { contextTokens: 1200, contextWindow: 200_000, cost: 0.5, currency: "USD" },
    });
  });
});

describe("a turn", () => {
  test("that the agent answers by asking for a login is told from an error", async () => {
    await using stage = new Stage();
    const agent = await open(stage, { environment: { SCRIPTED_START: "late-login" } });
    expect(await agent.prompt("hello")).toEqual({ end: "login", message: "Authentication required" });
  });

  test("that the agent answers with an error is an error, and the next one runs", async () => {
    await using stage = new Stage();
    const agent = await open(stage);
    expect(await agent.prompt("scripted: error the model is confused")).toEqual({
      end: "error",
      message: "the model is confused",
    });
    expect(await agent.prompt("scripted: stop refusal")).toEqual({ end: "refusal" });
    expect(await agent.prompt("scripted: text fine")).toEqual({ end: "end_turn" });
  });

  test("that ends at a limit says of which kind, and when it is over", async () => {
    await using stage = new Stage();
    const agent = await open(stage);
    const before = Date.now();
    const { limit, ...turn } = await agent.prompt("scripted: limit 60");
    expect(turn).toEqual({ end: "error", message: "The usage limit has been reached" });
    expect(limit?.kind).toBe("usage");
    expect(limit!.resetsAt! - before).toBeWithin(60_000, 120_000);
    const unknown = await agent.prompt("scripted: limit");
    expect(unknown.limit).toEqual({ kind: "usage", resetsAt: null });
  });

  test("that fails while its agent says that all is well is an error", async () => {
    await using stage = new Stage();
    const agent = await open(stage);
    const failed = await agent.prompt("scripted: silent-error last status: 429 Too Many Requests");
    expect(failed).toEqual({
      end: "error",
      message: "last status: 429 Too Many Requests",
      limit: { kind: "rate", resetsAt: null },
    });
    expect(await agent.prompt("scripted: text fine")).toEqual({ end: "end_turn" });
  });

  test("rejects when the agent crashes in it, and says how", async () => {
    await using stage = new Stage();
    const agent = await open(stage);
    expect(agent.prompt("scripted: text last words\nscripted: crash 7")).rejects.toThrow("the agent is gone");
    expect(await agent.closed).toEqual({ exitCode: 7, message: "" });
    expect(stage.heard).toBe("last words");
  });
});

describe("file requests", () => {
  test("write only inside the folder, also through links, and only what was allowed", async () => {
    await using stage = new Stage();
    const outside = join(stage.home, "outside.txt");
    writeFileSync(outside, "untouched");
    symlinkSync(stage.home, join(stage.folder, "link"));
    symlinkSync(join(stage.home, "new.txt"), join(stage.folder, "dangling"));
    const agent = await open(stage);
    for (const path of ["../outside.txt", outside, "link/outside.txt", "link/../outside.txt", "dangling"]) {
      expect((await agent.prompt(`scripted: client-write ${path} x`)).end).toBe("error");
    }
    expect(readFileSync(outside, "utf8")).toBe("untouched");
    expect(existsSync(join(stage.home, "new.txt"))).toBeFalse();
    expect(stage.gated).toEqual([]);
    await agent.prompt("scripted: client-write in.txt x");
    expect(readFileSync(join(stage.folder, "in.txt"), "utf8")).toBe("x");
    expect(stage.gated).toMatchObject([{ kind: "edit", paths: [join(stage.folder, "in.txt")] }]);
    await agent.prompt("scripted: edit in.txt y\nscripted: client-write in.txt z");
    expect(stage.gated).toHaveLength(2);
    stage.decide = async () => "deny";
    expect((await agent.prompt("scripted: client-write in.txt w")).end).toBe("error");
    expect(readFileSync(join(stage.folder, "in.txt"), "utf8")).toBe("z");
  });
});
