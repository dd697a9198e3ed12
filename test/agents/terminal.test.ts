import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasAgent } from "../../src/core/run.ts";
import { SessionWorld } from "../e2e/session-world.ts";
import { Terminal } from "../e2e/terminal.ts";
import { killIfThere } from "../e2e/world.ts";
import { marker } from "./model/script.ts";
import { startModelServer } from "./model/server.ts";
import { HOMES_PARENT, prepareHome, type Product } from "./products.ts";

const model = startModelServer({
  hello: [{ text: "Hello from the model." }],
  again: [{ text: "Prompts so far: $MARKERS." }],
});
afterAll(() => model.close());

/** Somebody who sits at a product's own terminal, and has answered what it asks at its first start. */
class TerminalUser extends SessionWorld {
  static async open(product: Product): Promise<TerminalUser> {
    const world = new TerminalUser({ parent: HOMES_PARENT, settings: `default: ${product}\n` });
    const home = join(world.root, "user");
    Object.assign(world.environment, await prepareHome(product, { home, modelUrl: model.url }));
    SETTLED[product as keyof typeof SETTLED](home, world.repo, world.environment);
    return world;
  }
}

const SETTLED = {
  claude(home: string, repo: string, { ANTHROPIC_API_KEY: key }: Record<string, string>) {
    const known = {
      theme: "dark",
      hasCompletedOnboarding: true,
      customApiKeyResponses: { approved: [key!.slice(-20)], rejected: [] },
      projects: { [repo]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
    };
    writeFileSync(join(home, ".claude.json"), JSON.stringify(known));
  },
  codex(home: string, repo: string) {
    const path = join(home, ".codex", "config.toml");
    mkdirSync(join(home, ".codex"), { recursive: true });
    writeFileSync(path, `${readFileSync(path, "utf8")}[projects."${repo}"]\ntrust_level = "trusted"\n`);
  },
};

/** What both show below their prompt when it can be typed at. */
const READY = "? for shortcuts";

describe.each(["claude", "codex"] as const)("%s in a terminal", (product) => {
  test("is attached, resized, and outlives the daemon and its host", async () => {
    await using world = await TerminalUser.open(product);
    const { session } = await world.open({ kind: "terminal", agent: product });
    await using first = new Terminal(world, { cols: 110, rows: 34 }, "attach", session.id);
    await first.shows((text) => text.includes(READY));
    await say(first, marker("hello"), "Hello from the model.");
    first.resize(90, 28);
    await first.shows((text) => text.includes("Hello from the model."));
    await using second = new Terminal(world, { cols: 90, rows: 28 }, "attach", session.id);
    await second.shows((text) => text.includes("Hello from the model.") && text.includes(READY));
    await world.killDaemon();
    await world.untilSession(session.id, (detail) => hasAgent(detail.session));
    await say(first, marker("again", "two"), "Prompts so far: 2.");
    await world.untilSession(session.id, (detail) => detail.session.conversation !== null);
    killIfThere(world.processes(`host ${session.id}`)[0]!);
    expect(await first.exited).toBe(1);
    await world.untilSession(session.id, (detail) => !hasAgent(detail.session));
    await using back = new Terminal(world, { cols: 110, rows: 34 }, "attach", session.id);
    await back.shows((text) => text.includes(READY));
    await say(back, marker("again", "three"), "Prompts so far: 3.");
    back.type("\x1cd");
    expect(await back.exited).toBe(0);
    await world.ok("stop", session.id);
    await world.untilSession(session.id, (detail) => !hasAgent(detail.session));
  });
});

/** Pastes a prompt, and presses Enter once it stands there: typed so fast, Enter would count as a line break. */
async function say(terminal: Terminal, text: string, answer: string): Promise<void> {
  await terminal.shows((shown) => shown.includes(READY));
  terminal.type(`\x1b[200~${text}\x1b[201~`);
  await terminal.shows((shown) => shown.includes(text));
  terminal.type("\r");
  await terminal.shows((shown) => shown.includes(answer));
}
