import { describe, expect, test } from "bun:test";
import { hasAgent } from "../../src/core/run.ts";
import { Terminal } from "./terminal.ts";
import { TerminalWorld } from "./terminal-world.ts";
import { killIfThere } from "./world.ts";

const SIZE = { cols: 100, rows: 20 };
const LEAVE = "\x1cd";

/** Opens a session, and waits for its agent. */
async function opened(world: TerminalWorld, agent = "tui"): Promise<string> {
  const { session } = await world.openTerminal({ agent });
  await world.untilSession(session.id, (detail) => detail.session.status.state === "ready");
  return session.id;
}

function sit(world: TerminalWorld, session: string, size = SIZE): Terminal {
  return new Terminal(world, size, "attach", session);
}

/** Has the agent told by who sits there, and waits for a line that it says. */
async function say(terminal: Terminal, text: string, answer: string): Promise<void> {
  await terminal.shows((shown) => /^>/m.test(shown));
  terminal.type(`${text}\r`);
  await terminal.shows((shown) => `\n${shown}`.includes(`\n${answer}`));
}

/** Waits until its agent has drawn all that it has to, and answers when something more is drawn. */
async function redrawn(terminal: Terminal): Promise<{ later: Promise<void> }> {
  await terminal.shows((shown) => /^>$/m.test(shown));
  return { later: terminal.draws() };
}

describe("dispatch attach", () => {
  test("gives the real terminal: keys go in, what is drawn comes out, at the size of who sits there", async () => {
    await using world = new TerminalWorld();
    const session = await opened(world);
    await using terminal = sit(world, session);
    await terminal.shows((text) => text.includes("scripted"));
    await say(terminal, "scripted: size", "100x20");
    const { later } = await redrawn(terminal);
    terminal.resize(60, 15);
    await later;
    await say(terminal, "scripted: size", "60x15");
    terminal.type(`scripted: text paste\x1b[200~d in\rone\x1b[201~\r`);
    await terminal.shows((text) => text.includes("you: one"));
  });

  test("is left with ctrl-\\ d, which takes back all that was switched on, and the agent goes on", async () => {
    await using world = new TerminalWorld("SCRIPTED_SCREEN=alternate");
    const session = await opened(world);
    await using terminal = sit(world, session);
    await say(terminal, "scripted: draw \\e[?1003h\\e[?25l\\e[>1u", "you: scripted: draw");
    await terminal.shows(() => terminal.modes.mouseTrackingMode === "any");
    terminal.type("\x1c\x1c");
    terminal.type(LEAVE);
    expect(await terminal.exited).toBe(0);
    await terminal.shows((text) => text.includes(`Back to it: dispatch attach`));
    expect(terminal.modes).toMatchObject({ mouseTrackingMode: "none", bracketedPasteMode: false });
    expect(hasAgent((await world.session(session)).session)).toBe(true);
  });

  test("draws the screen as it is for who comes later: the alternate one, its cursor and its colours", async () => {
    await using world = new TerminalWorld("SCRIPTED_SCREEN=alternate");
    const session = await opened(world);
    await using first = sit(world, session);
    await say(first, "scripted: draw \\n\\e[31mred\\n", "red");
    first.type("four");
    await first.shows((text) => text.includes("> four"));
    await using second = sit(world, session);
    expect(await second.shows((text) => text.includes("> four"))).toBe(first.text);
    expect([second.cursor, second.alternate]).toEqual([first.cursor, true]);
    second.type("ty");
    await first.shows((text) => text.includes("> fourty"));
  });

  test("shows what is above the screen to who comes later", async () => {
    await using world = new TerminalWorld();
    const session = await opened(world);
    await using first = sit(world, session);
    await say(first, "scripted: lines 3000", "line 3000");
    await using second = sit(world, session);
    await second.shows((text) => text.includes("line 3000"));
    const above = second.all.filter((line) => line.startsWith("line "));
    expect(above).toEqual(Array.from({ length: 3000 }, (_, at) => `line ${at + 1}`));
  });

  test("two of other sizes see the same, and it has the size of the last who typed", async () => {
    await using world = new TerminalWorld();
    const session = await opened(world);
    await using wide = sit(world, session, { cols: 120, rows: 30 });
    await say(wide, "scripted: size", "120x30");
    await using small = sit(world, session, { cols: 40, rows: 10 });
    await say(small, "scripted: size", "40x10");
    await wide.shows((text) => text.includes("40x10"));
    wide.type("hello");
    await wide.shows((text) => text.includes("> hello"));
    await small.shows((text) => text.includes("> hello"));
    await say(wide, "\x7f\x7f\x7f\x7f\x7fscripted: size", "120x30\n>");
    wide.type(LEAVE);
    await wide.exited;
    await say(small, "scripted: text small again", "small again");
  });

  test("goes on when the daemon is killed", async () => {
    await using world = new TerminalWorld();
    const session = await opened(world);
    await using terminal = sit(world, session);
    await say(terminal, "hello", "you: hello");
    const { later } = await redrawn(terminal);
    await world.killDaemon();
    await world.untilSession(session, (detail) => detail.session.status.state === "ready");
    await later; // what is typed into a connection that is dead already is lost
    await say(terminal, "scripted: recall", "turns 2");
    terminal.type(LEAVE);
    expect(await terminal.exited).toBe(0);
  });

  test("says so when the agent ends, is stopped, or is lost with its host, which brings nobody's terminal out of order", async () => {
    await using world = new TerminalWorld();
    const session = await opened(world, "claude");
    await using left = sit(world, session);
    await say(left, "hello", "you: hello");
    left.type("scripted: exit 0\r");
    expect(await left.exited).toBe(0);
    await left.shows((text) => text.includes("has ended."));
    await world.untilSession(session, (detail) => !hasAgent(detail.session));
    await using stopped = sit(world, session); // brings it back, in its own conversation
    await say(stopped, "scripted: recall", "turns 3");
    await world.ok("stop", session);
    await stopped.exited;
    await world.untilSession(session, (detail) => !hasAgent(detail.session));
    await using lost = sit(world, session);
    await say(lost, "scripted: recall", "turns 4");
    killIfThere(world.processes(`host ${session}`)[0]!);
    expect(await lost.exited).toBe(1);
    await lost.shows((text) => text.includes("hint: dispatch session resume"));
    await using again = sit(world, session);
    await say(again, "scripted: recall", "turns 5");
  });

  test("wants a terminal at both ends", async () => {
    await using world = new TerminalWorld();
    const session = await opened(world);
    const piped = await world.run("attach", session);
    expect(piped).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`hint: dispatch screen ${session}`),
    });
    const { session: other } = await world.open({ agent: "tui", permissions: "all" });
    expect((await world.run("attach", other.id)).stderr).toContain("is not in a terminal");
    expect((await world.run("screen", other.id)).stderr).toContain("is not in a terminal");
  });
});

describe("dispatch screen", () => {
  test("prints what is there as text, whatever was drawn", async () => {
    await using world = new TerminalWorld();
    const session = await opened(world);
    await using terminal = sit(world, session);
    await say(terminal, "scripted: draw \\n\\e]0;title\\a\\e[32mgreen\\e[0m \u202eback\\n", "green");
    const text = await world.ok("screen", session);
    expect(text).toContain("green \\u202eback");
    expect(text).not.toContain("\x1b");
    const { size, alternate } = await world.client.call("getScreen", { session }, {});
    expect([size, alternate]).toEqual([{ columns: 100, rows: 20 }, false]);
    await world.ok("stop", session);
    await world.untilSession(session, (detail) => !hasAgent(detail.session));
    expect((await world.run("screen", session)).stderr).toContain(`hint: dispatch session resume ${session}`);
  });
});

test("output asks no terminal of a person anything, and types nothing", async () => {
  await using world = new TerminalWorld();
  const session = await opened(world);
  await using terminal = sit(world, session);
  await terminal.shows((text) => text.includes("scripted"));
  const asks = ["\\e[c", "\\e[6n", "\\e[?1$p", "\\e]11;?\\a", "\\eP$qm\\e\\", "\\e[\\a6n", "\\e[>q"];
  await say(terminal, `scripted: draw \\n${asks.join("")}asked\\n`, "asked");
  await say(terminal, "scripted: text and all is well", "and all is well");
  expect(terminal.answered).toBe("");
});
