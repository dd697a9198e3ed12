import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Stage, stillRunning } from "../contract-stage.ts";
import type { Conversation } from "../driver.ts";
import { commandOf } from "./command.ts";
import { shellDriver } from "./driver.ts";

function open(stage: Stage, items: string[]): Promise<Conversation> {
  stage.givePlan(items);
  return stage.open(shellDriver, { agent: "shell", permissions: "all" });
}

function marks(stage: Stage): string[] {
  return stage.plan.items.map(({ mark }) => mark);
}

describe("commandOf", () => {
  test.each([
    ["make test", { command: "make test", title: "make test" }],
    ["Build it: `make all`", { command: "make all", title: "Build it" }],
    ["`ls`", { command: "ls", title: "ls" }],
    ["`` echo `date` `` says the time", { command: "echo `date`", title: "says the time" }],
    ["an unclosed `span", { command: "an unclosed `span", title: "an unclosed `span" }],
  ])("%s", (text, expected) => expect(commandOf(text)).toEqual(expected));
});

describe("the shell agent", () => {
  test("runs the items in order and ticks them", async () => {
    await using stage = new Stage();
    const agent = await open(stage, [
      "one: `echo 1 >> log`",
      "echo 2 >> log",
      "three: `cat log; echo oops >&2`",
    ]);
    expect(await agent.prompt("a framework text with `rm -rf` in it")).toEqual({ end: "end_turn" });
    expect(marks(stage)).toEqual(["done", "done", "done"]);
    expect(readFileSync(join(stage.folder, "log"), "utf8")).toBe("1\n2\n");
    expect(stage.heard).toContain("1\n2\noops\n");
    expect(stage.calls.at(-1)).toMatchObject({ tool: "finish", summary: "3 of 3 commands ran." });
    expect(stage.gated).toEqual([]);
  });

  test("stops at the first that fails, and a nudge does not carry it past", async () => {
    await using stage = new Stage();
    const agent = await open(stage, ["true", "echo it broke; exit 4", "touch never"]);
    await agent.prompt("go");
    expect(marks(stage)).toEqual(["done", "error", "open"]);
    expect(stage.plan.items[1]?.notes).toEqual(["exit code 4: it broke"]);
    await agent.prompt("nudge");
    expect(marks(stage)).toEqual(["done", "error", "open"]);
  });

  test("says that there was nothing to run", async () => {
    await using stage = new Stage();
    const agent = await open(stage, []);
    expect(await agent.prompt("touch made-by-prompt")).toEqual({ end: "end_turn" });
    expect(stage.calls).toMatchObject([
      { tool: "finish", summary: expect.stringContaining("nothing to run") },
    ]);
  });

  test("a command that was not allowed is an error, and one that is cancelled stays open", async () => {
    await using stage = new Stage();
    stage.givePlan(["touch never"]);
    stage.decide = async () => "deny";
    const agent = await stage.open(shellDriver, { agent: "shell", permissions: "ask" });
    await agent.prompt("go");
    expect(marks(stage)).toEqual(["error"]);
    stage.givePlan(["trap '' TERM; echo $$ > pid; sleep 300 & wait; wait"]);
    stage.decide = async () => "allow";
    const turn = agent.prompt("go");
    const pid = Number(await stage.file("pid"));
    await agent.cancel();
    expect(await turn).toEqual({ end: "cancelled" });
    expect(await stillRunning([pid])).toEqual([]);
    expect(marks(stage)).toEqual(["open"]);
  });

  test("keeps the head and the tail of a flood", async () => {
    await using stage = new Stage();
    const agent = await open(stage, ["seq 1 1000000"]);
    await agent.prompt("go");
    expect(stage.heard.length).toBeLessThan(100_000);
    expect(stage.heard).toContain("1\n2\n3\n");
    expect(stage.heard).toContain("999999\n1000000\n");
  });

  test("does not wait for what a command left in the background", async () => {
    await using stage = new Stage();
    const agent = await open(stage, ["sleep 300 & echo $! > pid"]);
    expect(await agent.prompt("go")).toEqual({ end: "end_turn" });
    expect(marks(stage)).toEqual(["done"]);
    process.kill(Number(await stage.file("pid")), "SIGKILL");
  });
});
