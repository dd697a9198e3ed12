import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TerminalRow } from "../agent-row.ts";
import { TERMINAL_FORMS } from "../catalog.ts";
import { Stage } from "../contract-stage.ts";
import type { PromptSigns } from "../driver.ts";
import { openTerminal, TUI } from "./stage.fixture.ts";
import { typable } from "./typable.ts";

const FORMS = ["claude-terminal", "codex-terminal", "terminal"].map((name) =>
  TERMINAL_FORMS.find(({ agent }) => agent === name)!,
);
const [CLAUDE, CODEX, OTHER] = FORMS as [TerminalRow, TerminalRow, TerminalRow];
const HOSTILE = [
  "\x1b[201~\r; rm -rf x; \x1b[200~",
  "\x1b]0;title\x07\x1b[2J\x1b[31m red \x9b31m",
  "nul \x00 backspace \x08\x08 delete \x7f interrupt \x03 end \x04 line \x15 enter \r\n; rm -rf x\n",
  "!touch x",
  "/quit",
  "  /quit",
  "$(touch x) `touch x` && touch x",
  "hidden \u200b\u2062\u{e0041} and turned \u202e text",
];

/** What the scripted agents of a stage were told, as they have it. */
function told(stage: Stage): string[] {
  const folder = join(stage.home, ".scripted");
  return readdirSync(folder).flatMap((name) => {
    const { turns } = JSON.parse(readFileSync(join(folder, name), "utf8")) as { turns: string[] };
    return turns;
  });
}

/** Tells a program something that asks at its start whether its folder is to be trusted, and waits for that question. */
async function toldWhileAsked(stage: Stage, start: "trust-soon" | "trust-late") {
  const terminal = await openTerminal(stage, CODEX, { environment: { SCRIPTED_START: start } });
  const { heard, ...listener } = signs();
  const turn = terminal.agent.prompt("one", listener);
  await terminal.shows("trust this folder?");
  return { ...terminal, heard, turn };
}

/** Hears what becomes of a prompt. */
function signs(): PromptSigns & { heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    telling() {
      heard.push("telling");
      return true;
    },
    taken: () => void heard.push("taken"),
  };
}

describe.each(FORMS)("a message for $name in a terminal", (row) => {
  test("is taken, and its turn ends", async () => {
    await using stage = new Stage();
    const { agent } = await openTerminal(stage, row);
    const heard = signs();
    expect(await agent.prompt("first line\nsecond line\n\nfourth", heard)).toEqual({ end: "end_turn" });
    expect(heard.heard).toEqual(["telling", "taken"]);
    expect(told(stage)).toEqual(["first line\nsecond line\n\nfourth"]);
  });

  test("arrives as text, whatever it says, and does nothing", async () => {
    await using stage = new Stage();
    const { agent } = await openTerminal(stage, row);
    for (const text of HOSTILE) expect(await agent.prompt(text)).toEqual({ end: "end_turn" });
    expect(told(stage)).toEqual(HOSTILE.map(typable));
    expect(readdirSync(stage.folder)).toEqual([]);
  });

  test("waits until nobody is half-way in typing", async () => {
    await using stage = new Stage();
    const { agent, type, shows } = await openTerminal(stage, row);
    await agent.prompt("one");
    type("half a thou");
    await shows("half a thou");
    const heard = signs();
    const turn = agent.prompt("two", heard);
    await shows("half a thou");
    expect(heard.heard).toEqual([]);
    type("ght\r");
    expect(await turn).toEqual({ end: "end_turn" });
    expect(told(stage)).toEqual(["one", "half a thought", "two"]);
  });

  test("waits in a shell that stands in the agent's place", async () => {
    await using stage = new Stage();
    const { agent, type, terminal } = await openTerminal(stage, row);
    await agent.prompt("one");
    type("scripted: shell\r");
    await stage.until(() => terminal.screen().lines.includes("$"));
    const turn = agent.prompt("touch x");
    await stage.until(() => stage.signs.some((sign) => sign.type === "dialogue"));
    type("exit\r");
    expect(await turn).toEqual({ end: "end_turn" });
    expect(readdirSync(stage.folder)).toEqual([]);
  });

  test("is interrupted in its turn", async () => {
    await using stage = new Stage();
    const { agent, shows } = await openTerminal(stage, row);
    const turn = agent.prompt("scripted: busy");
    await shows("* working");
    await agent.cancel();
    expect(await turn).toEqual({ end: "cancelled" });
    expect(await agent.prompt("next")).toEqual({ end: "end_turn" });
  });

  test("is not typed when it was cancelled while it waited", async () => {
    await using stage = new Stage();
    const { agent, type, shows } = await openTerminal(stage, row);
    await agent.prompt("one");
    type("draft");
    await shows("draft");
    const turn = agent.prompt("two", signs());
    await agent.cancel();
    expect(await turn).toEqual({ end: "cancelled" });
    expect(told(stage)).toEqual(["one"]);
  });

  test("of a hundred thousand characters arrives whole", async () => {
    await using stage = new Stage();
    const { agent } = await openTerminal(stage, row);
    const text = `${"words and wörter 日本 👩‍👧\n".repeat(5_000)}end`;
    expect(await agent.prompt(text)).toEqual({ end: "end_turn" });
    expect(told(stage)).toEqual([text]);
  });

  test.each([4_096, 6_000, 9_000, 20_000])("of %i characters arrives whole", async (length) => {
    await using stage = new Stage();
    const { agent } = await openTerminal(stage, row);
    const text = "w".repeat(length);
    expect(await agent.prompt(text)).toEqual({ end: "end_turn" });
    expect(told(stage)).toEqual([text]);
  });
});

describe.each([CLAUDE, CODEX])("the hooks of $name", (row) => {
  test("tell whose turn runs, which tool it uses and what it asks, and name the conversation", async () => {
    await using stage = new Stage();
    const { agent, type, shows } = await openTerminal(stage, row);
    await agent.prompt("scripted: tool Write notes.txt");
    expect(stage.names).toHaveLength(1);
    expect(stage.outputs).toMatchObject([
      { type: "tool", status: "in_progress", title: "Write: notes.txt", paths: ["notes.txt"], kind: "edit" },
      { type: "tool", status: "completed", title: "Write: notes.txt" },
    ]);
    expect(stage.signs).toEqual([]);
    type("scripted: ask Bash touch x\r");
    await shows("proceed?");
    const heard = signs();
    const turn = agent.prompt("two", heard);
    await stage.until(() => stage.signs.length === 2);
    expect(heard.heard).toEqual([]);
    type("y\r");
    expect(await turn).toEqual({ end: "end_turn" });
    expect(stage.signs).toEqual([
      { type: "turn_typed" },
      { type: "dialogue", needs: "approval", about: "Bash: touch x" },
      { type: "dialogue_ended", busy: true },
      { type: "turn_ended", said: "", end: "end_turn" },
    ]);
  });

  test("leave it to the screen that a person interrupted a turn", async () => {
    await using stage = new Stage();
    const { agent, type, terminal } = await openTerminal(stage, row);
    await agent.prompt("one");
    type("scripted: busy\r");
    await stage.until(() => stage.signs.length === 1);
    const channel = { show: () => undefined, tell: () => undefined };
    terminal.watch(channel, { size: null, history: false })!.type(Buffer.from("\x1b"));
    expect(await agent.prompt("two")).toEqual({ end: "end_turn" });
  });
});

describe("a message for a terminal", () => {
  test("waits behind a question of the program's own, and says so", async () => {
    await using stage = new Stage();
    const { agent, type, shows } = await openTerminal(stage, CLAUDE, {
      environment: { SCRIPTED_START: "trust" },
    });
    await shows("trust this folder?");
    const turn = agent.prompt("one");
    await stage.until(() => stage.signs.length === 1);
    expect(stage.signs).toMatchObject([{ type: "dialogue", needs: "terminal" }]);
    type("y\r");
    expect(await turn).toEqual({ end: "end_turn" });
    expect(stage.signs.at(-1)).toEqual({ type: "dialogue_ended", busy: false });
    expect(told(stage)).toEqual(["one"]);
  });

  test("is not typed where the program shows its line, and then asks before its first prompt", async () => {
    await using stage = new Stage();
    const { type, heard, turn } = await toldWhileAsked(stage, "trust-soon");
    await stage.until(() => stage.signs.length === 1);
    expect(heard).toEqual([]);
    type("y\r");
    expect(await turn).toEqual({ end: "end_turn" });
    expect(told(stage)).toEqual(["one"]);
  });

  test("is taken after a question that it was asked for, which nobody answers for its person", async () => {
    await using stage = new Stage();
    const { type, heard, turn } = await toldWhileAsked(stage, "trust-late");
    await stage.until(() => stage.signs.length === 1);
    expect(stage.signs).toEqual([
      { type: "dialogue", needs: "terminal", about: expect.stringContaining("asks something") },
    ]);
    expect(heard).toEqual(["telling"]);
    type("y\r");
    expect(await turn).toEqual({ end: "end_turn" });
    expect(stage.signs.at(-1)).toEqual({ type: "dialogue_ended", busy: true });
    expect(heard).toEqual(["telling", "taken"]);
    expect(told(stage)).toEqual(["one"]);
  });

  test("is known to be taken, too, where that is said after it was given up on", async () => {
    await using stage = new Stage();
    const { agent, type, heard, turn } = await toldWhileAsked(stage, "trust-late");
    await agent.cancel();
    expect(await turn).toMatchObject({ end: "error", uncertain: true });
    expect(heard).toEqual(["telling"]);
    type("y\r");
    await stage.until(() => stage.signs.at(-1)?.type === "turn_ended");
    expect(heard).toEqual(["telling", "taken"]);
    expect(told(stage)).toEqual(["one"]);
  });

  test("is not typed into what is left of a program that has ended", async () => {
    await using stage = new Stage();
    const script = join(stage.home, "agent");
    writeFileSync(script, `#!/bin/sh\n${TUI.join(" ")} "$@"\nPS1='> ' exec sh -i\n`, { mode: 0o755 });
    for (const row of [CLAUDE, OTHER]) {
      const { agent, type, terminal } = await openTerminal(stage, row, { command: [script] });
      await agent.prompt("one");
      type("scripted: exit 0\r");
      await stage.until(() => terminal.screen().lines.includes(">") && !terminal.screen().bracketedPaste);
      const turn = agent.prompt("touch x");
      await stage.until(() => stage.signs.at(-1)?.type === "dialogue");
      await agent.close();
      await expect(turn).rejects.toThrow("has ended");
      expect(readdirSync(stage.folder)).toEqual([]);
      stage.signs.length = 0;
    }
  });
});
