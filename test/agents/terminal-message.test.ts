import { afterAll, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promptKey } from "../../src/core/hook-report.ts";
import type { SessionDetail } from "../../src/protocol/api.ts";
import { Terminal } from "../e2e/terminal.ts";
import { startModelServer } from "./model/server.ts";
import { marker } from "./model/script.ts";
import { ProductWorld } from "./product-world.ts";
import { HOMES_PARENT } from "./products.ts";

const PRODUCTS = ["claude", "codex"] as const;
type TerminalProduct = (typeof PRODUCTS)[number];

const model = startModelServer({
  count: [{ text: "markers $MARKERS" }, { text: "more" }, { text: "more" }, { text: "more" }],
  long: [{ text: "one two three four five six seven eight", overMs: 20_000 }],
  ask: [{ calls: [{ do: "shell", command: "touch $ARG/made", unconfined: true }] }, { text: "It is made." }],
});
const adapters = mkdtempSync(join(HOMES_PARENT, "dispatch-adapters-"));
afterAll(async () => {
  await model.close();
  rmSync(adapters, { recursive: true });
});

/** Somebody who has used the product before, and trusts these folders of theirs. */
async function user(
  product: TerminalProduct,
  trusted: (world: ProductWorld) => string[],
): Promise<ProductWorld> {
  const world = await ProductWorld.open(product, { modelUrl: model.url, adapters });
  const home = join(world.root, "user");
  if (product === "claude") {
    const approved = [world.environment["ANTHROPIC_API_KEY"]!.slice(-20)];
    const projects = Object.fromEntries(
      trusted(world).map((folder) => [folder, { hasTrustDialogAccepted: true }]),
    );
    const state = {
      hasCompletedOnboarding: true,
      customApiKeyResponses: { approved, rejected: [] },
      projects,
    };
    writeFileSync(join(home, ".claude.json"), JSON.stringify(state));
  } else {
    for (const folder of trusted(world))
      appendFileSync(
        join(home, ".codex", "config.toml"),
        `[projects."${folder}"]\ntrust_level = "trusted"\n`,
      );
  }
  return world;
}

/** A session in the product's own terminal program, in a repository that its user trusts. */
async function open(product: TerminalProduct): Promise<{ world: ProductWorld; session: string }> {
  const world = await user(product, ({ repo }) => [repo]);
  const { session } = await world.open({ kind: "terminal" });
  return { world, session: session.id };
}

/** What a product asks in a folder that it does not trust, and what says yes to it. */
const TRUST = {
  claude: { asks: "I trust this folder", yes: "\x1b[B\r" },
  codex: { asks: "Trust this folder?", yes: "\r" },
} as const;
/** Nearly the longest that a message may be, in bytes. */
const LONG_BYTES = 1_000_000;

/** Tells it, and waits until the turn is over. @returns how the receipt stood then */
async function tell(world: ProductWorld, session: string, text: string): Promise<string> {
  const { message } = await world.tell(session, text, { environment: world.environment });
  return (await world.untilMessage(message.id, "ended", "held")).receipt.state;
}

function until(
  world: ProductWorld,
  session: string,
  isSo: (status: SessionDetail["session"]["status"]) => boolean,
) {
  return world.untilSession(session, (detail) => isSo(detail.session.status));
}

/** True when the model read this text as it is, whatever the product put around it. */
function wasRead(text: string): boolean {
  return model.seen.some(({ said }) => promptKey(said).includes(promptKey(text)));
}

describe.each(PRODUCTS)("%s in a terminal", (product) => {
  test("takes messages at its prompt, of any length and whatever they say", async () => {
    const { world, session } = await open(product);
    await using _ = world;
    const texts = [
      `${marker("count")} hello`,
      "two lines\n\tand a third after them:\n\n; rm -rf readme.txt $(touch made) `touch made`",
      "!touch made",
      "/quit",
      "look at @readme.txt",
      "\x1b[201~\rno line\x1b[200~ \x1b[2J\x03\x04 \u202eturned",
      `${"a line of many words, wörter, 言葉\n".repeat(3_000)}the end`,
    ];
    for (const text of texts) expect(await tell(world, session, text)).toBe("consumed");
    for (const text of texts.toSpliced(5, 1)) expect(wasRead(text)).toBe(true);
    expect(existsSync(join(world.repo, "made"))).toBe(false);
    expect(readFileSync(join(world.repo, "readme.txt"), "utf8")).not.toBe("");
    const { session: now } = await world.session(session);
    expect(now).toMatchObject({ epoch: 1, conversation: expect.any(String) });
  });

  test("asks its person whether it may trust a folder, and takes the message then", async () => {
    await using world = await user(product, () => []);
    const { session } = await world.open({ kind: "terminal" });
    const { message } = await world.tell(session.id, `${marker("count")} trusted`);
    const { asks, yes } = TRUST[product];
    await until(world, session.id, (status) => status.state === "busy" && status.waiting === "terminal");
    expect((await world.message(message.id)).receipt.state).toBe("accepted"); // nothing is typed
    await using attached = new Terminal(world, { cols: 110, rows: 34 }, "attach", session.id);
    await attached.shows((text) => text.includes(asks));
    attached.type(yes);
    expect((await world.untilMessage(message.id, "ended", "held")).receipt.state).toBe("consumed");
    expect(await world.toldIn(session.id)).toHaveLength(1);
  });

  test("is opened by a route to its repository, and takes a message of a megabyte whole", async () => {
    const shop = (world: ProductWorld) => join(world.root, "user", "src", "shop-api");
    await using world = await user(product, (each) => [shop(each)]);
    mkdirSync(shop(world), { recursive: true });
    expect(Bun.spawnSync(["git", "init", "-q", shop(world)]).success).toBe(true);
    await world.ok("route", "api", `${marker("count")} routed`);
    const [session] = (await world.client.call("listSessions", {}, { origin: "manual" })).sessions;
    expect(session).toMatchObject({ kind: "terminal", folder: shop(world) });
    const [first] = (await world.client.call("listMessages", { session: session!.id }, {})).messages;
    expect((await world.untilMessage(first!.id, "ended", "held")).receipt.state).toBe("consumed");
    const line = "a line of many words, wörter, 言葉\n";
    const text = `${line.repeat(Math.floor(LONG_BYTES / Buffer.byteLength(line)))}the end`;
    expect(await tell(world, session!.id, text)).toBe("consumed");
    expect(wasRead(text)).toBe(true);
  });

  test("is told in its turn, or steered into it", async () => {
    const { world, session } = await open(product);
    await using _ = world;
    const first = await world.tell(session, marker("long"));
    await world.untilMessage(first.message.id, "consumed");
    const queued = await world.tell(session, `${marker("count")} queued`);
    expect(queued.message.receipt.state).toBe("queued");
    const steering = await world.tell(session, `${marker("count")} steering`, { mode: "steer" });
    expect((await world.untilMessage(steering.message.id, "ended", "held")).receipt.state).toBe("consumed");
    expect((await world.untilMessage(queued.message.id, "ended", "held")).receipt.state).toBe("consumed");
    expect(await world.toldIn(session)).toMatchObject(
      [/long/, /steering/, /queued/].map((each) => expect.stringMatching(each)),
    );
    expect(wasRead("queued")).toBe(true);
  });

  test("holds a message back while it asks its person", async () => {
    const { world, session } = await open(product);
    await using _ = world;
    const asking = await world.tell(session, marker("ask", world.root));
    await until(world, session, (status) => status.state === "busy" && status.waiting === "approval");
    expect(await world.ok("inbox")).toContain("waits at its terminal");
    const next = await world.tell(session, `${marker("count")} next`);
    expect(next.message.receipt.state).toBe("queued");
    await world.client.call("interruptSession", { session }, {});
    await world.untilMessage(asking.message.id, "ended");
    expect((await world.untilMessage(next.message.id, "ended", "held")).receipt.state).toBe("consumed");
    expect(existsSync(join(world.root, "made"))).toBe(false);
  });

  test("is brought back in its own conversation for a message, and goes on over a death of the daemon", async () => {
    const { world, session } = await open(product);
    await using _ = world;
    expect(await tell(world, session, `${marker("count")} one`)).toBe("consumed");
    await world.killDaemon();
    expect(await tell(world, session, `${marker("count")} two`)).toBe("consumed");
    await world.ok("stop", session);
    await until(world, session, (status) => status.state === "stopped");
    expect(await tell(world, session, `${marker("count")} three`)).toBe("consumed");
    expect((await world.session(session)).session.epoch).toBe(2);
    expect(model.seen.some(({ said, step }) => said.includes("three") && step === 0)).toBe(true);
    const conversations = (await world.transcriptOf(session)).flatMap(({ event }) =>
      event.type === "conversation" && event.resumable ? event.id : [],
    );
    expect(new Set(conversations).size).toBe(1);
  });
});
