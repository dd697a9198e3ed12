import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import type { CallAnswer } from "../../src/protocol/api.ts";
import { Terminal } from "./terminal.ts";
import { TerminalWorld } from "./terminal-world.ts";

/** A whole day, on a machine that is busy with other things. */
const STORY_MS = 240_000;

/** Somebody with repositories in the usual place, who talks to the agents in them from one place. */
class Manager extends TerminalWorld {
  constructor(...names: string[]) {
    super();
    for (const name of names) {
      mkdirSync(this.folder(name), { recursive: true });
      const run = Bun.spawnSync(["git", "init", "-q", this.folder(name)], { env: this.environment });
      if (run.exitCode !== 0) throw new Error(run.stderr.toString());
    }
  }

  folder(name: string): string {
    return join(this.environment["HOME"]!, "src", name);
  }

  /** Runs `open`, and waits until the agent can be talked to. */
  async opened(...words: string[]): Promise<string> {
    const { session } = await this.json<CallAnswer<"createSession">>("open", ...words);
    await this.idle(session.id);
    return session.id;
  }

  async idle(session: string): Promise<void> {
    await this.untilSession(session, (detail) => detail.session.status.state === "ready");
  }

  /** Looks at a session's screen until it shows a text, and answers all of it. */
  async shown(session: string, text: string): Promise<string> {
    for (;;) {
      const screen = await this.ok("screen", session);
      if (screen.includes(text)) return screen;
    }
  }

  /** What the list says of the sessions with an agent: what they are called, and how they stand. */
  async list(): Promise<string[]> {
    const table = await this.ok("sessions", "--state", "live");
    return table
      .split("\n")
      .flatMap((line) => (/ ses_\w+$/.test(line) ? [line.replaceAll(/  +/g, "  ")] : []));
  }
}

test(
  "a day of one who leads agents in two repositories",
  async () => {
    await using world = new Manager("shop-api", "shop-web");

    // In the morning an agent is opened in each; a second one in a repository gets a name.
    const api = await world.opened("shop-api");
    const web = await world.opened("shop-web");
    expect((await world.run("open", "shop-api")).stderr).toContain("--task");
    const flaky = await world.opened("shop-api", "--task", "flaky tests");
    expect((await world.list()).map((line) => line.split("  ").slice(0, 3).join(" "))).toEqual([
      "flaky tests idle shop-api",
      "shop-web idle shop-web",
      "shop-api idle shop-api",
    ]);

    // One is told something, and says when it was taken; what comes meanwhile waits its turn.
    await world.ok("tell", flaky, "scripted: wait-file go\nscripted: text green again");
    await world.untilSession(flaky, ({ session }) => session.status.state === "busy");
    expect(await world.ok("tell", "flaky tests", "scripted: text", "and", "the", "lint")).toContain("queued");
    expect((await world.list())[0]).toStartWith("flaky tests  busy  shop-api");

    // A message finds its way by repository or by what a session is for; where it could be either, nothing is sent.
    expect(await world.ok("route", "web", "scripted: text the", "header", "is", "blue")).toContain(web);
    expect(await world.ok("route", "flaky", "scripted: text and the types")).toContain(flaky);
    const ambiguous = await world.run("route", "shop", "hello");
    expect(ambiguous.code).toBe(3);
    expect(ambiguous.stderr).toContain("shop-api");
    expect(ambiguous.stderr).toContain("shop-web");
    expect((await world.client.call("listMessages", { session: api }, {})).messages).toEqual([]);

    // The busy one goes on, and has all of it in order.
    await Bun.write(join(world.folder("shop-api"), "go"), "");
    const { messages } = await world.client.call("listMessages", { session: flaky }, {});
    for (const message of messages) await world.untilMessage(message.id, "ended");
    await world.idle(flaky);
    const shown = await world.shown(flaky, "\nand the types");
    const said = ["green again", "and the lint", "and the types"].map((text) => shown.indexOf(`\n${text}`));
    expect(said.every((at) => at > 0)).toBe(true);
    expect(said).toEqual(said.toSorted((a, b) => a - b));
    expect(await world.ok("messages", flaky)).toMatch(/(?:.*taken by the agent.*\n){3}/);

    // She sits down at one, types herself, and leaves it to go on.
    await using terminal = new Terminal(world, { cols: 100, rows: 30 }, "attach", "flaky tests");
    await terminal.shows((text) => text.includes("and the types"));
    terminal.type("scripted: recall\r");
    await terminal.shows((text) => text.includes("turns 4"));
    terminal.type("\x1cd");
    expect(await terminal.exited).toBe(0);
    await world.shown("flaky tests", "turns 4");

    // The daemon dies, and nobody notices. One is stopped; the next message brings it back where it was.
    await world.killDaemon();
    expect(await world.list()).toHaveLength(3);
    await world.ok("stop", "flaky tests");
    await world.untilSession(flaky, ({ session }) => session.status.state === "stopped");
    expect(await world.list()).toHaveLength(2);
    await world.ok("tell", "flaky tests", "scripted: recall");
    await world.idle(flaky);
    await world.shown(flaky, "turns 5");
    expect(world.defects()).toEqual([]);
  },
  STORY_MS,
);
