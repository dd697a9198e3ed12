import { afterAll, describe, expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../src/protocol/session.ts";
import { Terminal } from "../e2e/terminal.ts";
import { TmuxServer } from "../e2e/tmux.ts";
import { marker, type Script } from "./model/script.ts";
import { startModelServer } from "./model/server.ts";
import { PluginWorld } from "./plugin-world.ts";
import { PRODUCT_BIN } from "./products.ts";
import { runProduct } from "./run-product.ts";

const WORK: Script = [
  { calls: [{ do: "shell", command: "while ! test -e go; do read -t 0.1 < /dev/zero; done" }] },
  { text: "It is done." },
  { text: "One was told." },
  { text: "Two was told." },
];
const model = startModelServer({ busy: WORK, held: WORK });
afterAll(() => model.close());

const CLAUDE = [join(PRODUCT_BIN, "claude")];
const SIZE = { cols: 120, rows: 50 };
const FLAGS = ["--permission-mode", "acceptEdits", "--allowedTools", "Bash"];

async function outsiders(world: PluginWorld): Promise<Session[]> {
  return (await world.client.call("listSessions", {}, { origin: "external" })).sessions;
}

describe("Claude Code that somebody else started", () => {
  test("with the plugin it is listed, told while it is busy and while it is idle, and gone when it ends", async () => {
    await using world = await PluginWorld.open("claude", model.url);
    await world.ok("plugin", "install", "claude");
    await world.ok("daemon", "start");
    world.settleTerminal();
    await using screen = new Terminal(world, { ...SIZE, program: CLAUDE }, ...FLAGS);
    await screen.shows((text) => text.includes("❯"));
    const { id } = await world.untilOutside(({ outside }) => outside?.hooks === true);
    expect(await world.session(id)).toMatchObject({
      session: { agent: "claude", folder: world.repo, status: { state: "ready" } },
    });
    const zero = await world.tell(id, "message ZERO");
    await world.untilMessage(zero.message.id, "ended");
    screen.type(`work ${marker("busy")}`);
    await screen.shows((text) => text.includes("[[busy]]"));
    screen.type("\r");
    const busy = await world.untilOutside(({ outside }) => outside?.tool != null);
    expect(busy).toMatchObject({ permissions: "edits", outside: { tool: { name: "Bash" } } });
    const sent = [];
    for (const name of ["ONE", "NEXT", "LAST"]) sent.push((await world.tell(id, `message ${name}`)).message);
    expect(sent.map(({ receipt }) => receipt.state)).toEqual(["queued", "queued", "queued"]);
    world.write("go", "");
    await screen.shows((text) => text.includes("One was told."));
    for (const { id: message } of sent) await world.untilMessage(message, "ended");
    const told = model.seen.map(({ said }) => /message (ONE|NEXT|LAST)/.exec(said)?.[1] ?? "");
    expect(told.filter((name, at) => name !== "" && name !== told[at - 1])).toEqual(["ONE", "NEXT", "LAST"]);
    const two = await world.tell(id, "message TWO");
    await model.waitFor(({ said }) => said.includes("message TWO"));
    await screen.shows((text) => text.includes("Two was told."));
    await world.untilMessage(two.message.id, "ended");
    screen.type("/exit\r");
    expect(await screen.exited).toBe(0);
    expect(await outsiders(world)).toEqual([]);
  });

  test("with the plugin it ends when a single prompt is done", async () => {
    await using world = await PluginWorld.open("claude", model.url);
    await world.ok("plugin", "install", "claude");
    await world.ok("daemon", "start");
    expect(await runProduct(world, "claude", "-p", "hello")).toEqual({
      code: 0,
      text: "No script was named.\n",
    });
    expect(await outsiders(world)).toEqual([]);
  });

  test("without the plugin it is told at its prompt in tmux, and goes on as ours once it has ended", async () => {
    await using world = await PluginWorld.open("claude", model.url);
    await using tmux = new TmuxServer(world);
    world.settleTerminal();
    tmux.open("work", `exec ${[...CLAUDE, ...FLAGS].join(" ")}`);
    await tmux.shows("work", (text) => text.includes("❯"));
    await world.ok("daemon", "start");
    const { id } = await world.untilOutside(({ outside }) => outside?.proven === true);
    expect(await world.session(id)).toMatchObject({
      session: { folder: world.repo, outside: { hooks: false, pane: { address: "work:0.0" } } },
    });
    const text = `work ${marker("busy")}\nand the second line\n${"x".repeat(20_000)}`;
    const one = await world.tell(id, text);
    const asked = await model.waitFor(({ said }) => said.includes("second line"));
    expect(asked.said).toContain(text);
    const two = await world.tell(id, "message FIVE");
    world.write("go", "");
    await world.untilMessage(one.message.id, "ended");
    await model.waitFor(({ said }) => said.includes("message FIVE"));
    await world.untilMessage(two.message.id, "ended");
    const { conversation } = (await world.session(id)).session;
    expect((await world.run("session", "adopt", conversation!)).stderr).toContain("runs this conversation");
    const ended = Number.parseInt((await outsiders(world))[0]!.outside!.process, 10);
    tmux.run("kill-session", "-t", "work");
    await world.ended([ended]);
    await world.ok("session", "adopt", conversation!, "--name", "ours");
    const three = await world.tell("ours", "message SIX");
    await world.untilMessage(three.message.id, "ended");
    expect(await world.saidIn("ours")).toBe("Two was told.");
  });
});

test("Codex that somebody else started is told by its hooks or at its prompt, and goes with its terminal", async () => {
  await using world = await PluginWorld.open("codex", model.url);
  await world.ok("plugin", "install", "codex");
  await world.ok("daemon", "start");
  appendFileSync(
    join(world.user, ".codex", "config.toml"),
    `\n[projects."${world.repo}"]\ntrust_level = "trusted"\n`,
  );
  await using tmux = new TmuxServer(world);
  const flags = "--sandbox danger-full-access --dangerously-bypass-hook-trust"; // a person is asked at the first start
  tmux.open("work", `exec ${join(PRODUCT_BIN, "codex")} ${flags}`);
  await tmux.shows("work", (text) => text.includes("› Ask"));
  tmux.type("work", `work ${marker("held")}`);
  await tmux.shows("work", (text) => text.includes("[[held]]"));
  tmux.type("work", "Enter");
  await model.waitFor(({ said, calls }) => said.includes("[[held]]") && calls.length > 0);
  const { id, conversation } = await world.untilOutside(({ outside }) => outside?.tool != null);
  const { message } = await world.tell(id, "message SEVEN");
  world.write("go", "");
  await model.waitFor(({ said }) => said.includes("message SEVEN"));
  await world.untilMessage(message.id, "ended");
  const idle = await world.tell(id, "message EIGHT");
  await model.waitFor(({ said }) => said.includes("message EIGHT"));
  await world.untilMessage(idle.message.id, "ended");
  tmux.run("kill-session", "-t", "work");
  await world.ended(world.processes("bin/codex --sandbox"));
  expect(await outsiders(world)).toEqual([]);
  await world.ok("session", "adopt", conversation!);
});
