import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { AdapterName } from "../../src/agents/agent-row.ts";
import { ADAPTER_PACKAGES } from "../../src/agents/adapter-packages.ts";
import { isRunning } from "../../src/processes/table.ts";
import type { SessionDetail } from "../../src/protocol/api.ts";
import type { Thinking } from "../../src/protocol/thinking.ts";
import { Repository } from "../e2e/repository.ts";
import { killIfThere } from "../e2e/world.ts";
import { startModelServer } from "./model/server.ts";
import { ProductWorld } from "./product-world.ts";
import { DEFAULT_MODELS, HOMES_PARENT, type Product } from "./products.ts";
import { GATE_FILE, PID_FILE, play, SCRIPTS } from "./scripts.ts";

/** For one test; the slowest waits out the time that a question stays with its worker. */
const LIMIT_MS = 400_000;

/** One transparent point. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/** What a test has to know of a product. */
export interface Traits {
  readonly product: Product;
  /** The adapter that its first task fetches; null where the product speaks ACP by itself. */
  readonly adapter: AdapterName | null;
  /** A model that it offers beside its default: as a person names it, and as the server is asked for it. */
  readonly other: { readonly name: string; readonly asked: string };
  /** What the server is asked for at a level of thinking, and a level that is refused: of the product, or of the model. */
  readonly thinking: {
    readonly asked: Readonly<Partial<Record<Thinking, string | null>>>;
    readonly refused: readonly [level: Thinking, by: "product" | "model"];
  };
  /** Settings by which a repository allows everything, and the kinds of the twelve calls that ask all the same. */
  readonly gate: {
    readonly files: Readonly<Record<string, string>>;
    readonly asks: string;
    /** Whether it has subagents under ask, whose calls ask as its own do. */
    readonly subagents: boolean;
  };
  /** Files by which a repository has the product run a command (`touch up`) that asks nobody, where we keep them out. */
  readonly hostile?: Readonly<Record<string, string>>;
}

/**
 * Everything that a task promises, with a real product: its own program, our own daemon and host, a scripted model.
 * Tests that go on beside the one that waits for 20 seconds do so; those that kill our own processes have the machine to
 * themselves.
 */
export function productScenarios({ product, adapter, other, thinking, hostile, gate }: Traits): void {
  const model = startModelServer(SCRIPTS);
  const shared = mkdtempSync(join(HOMES_PARENT, "dispatch-shared-"));
  const adapters = join(shared, "adapters");
  const worlds: ProductWorld[] = [];
  async function open(settings = ""): Promise<ProductWorld> {
    const world = await ProductWorld.open(product, { modelUrl: model.url, adapters, settings });
    worlds.push(world);
    return world;
  }
  afterAll(async () => {
    for (const world of worlds) await world[Symbol.asyncDispose](); // a test that ran out of time leaves its own
    await model.close();
    rmSync(shared, { recursive: true });
  });

  describe(product, () => {
    test.concurrent(
      "works along its plan in a worktree; its adapter is fetched, its work shown and merged",
      async () => {
        await using world = await open();
        const slug = await world.dispatch(
          play("edit"),
          "--worktree",
          "--name",
          "edit",
          "--plan",
          world.plan("write notes", "change it"),
        );
        const { task } = await world.settled(slug);
        expect(task.status).toMatchObject({
          state: "completed",
          result: { summary: "all is done", files: ["notes.txt", "readme.txt"] },
        });
        expect(task.plan.items.map(({ mark }) => mark)).toEqual(["done", "done"]);
        const fetched = adapter && `${adapter}-${ADAPTER_PACKAGES[adapter].version}`;
        expect(readdirSync(adapters).filter((name) => !name.endsWith(".lock"))).toEqual(
          fetched ? [fetched] : [],
        );
        expect(world.git("status", "--porcelain")).toBe("");
        expect(await world.ok("diff", slug)).toContain("+goodbye");
        await world.ok("merge", slug);
        expect([world.read("notes.txt"), world.read("readme.txt")]).toEqual(["first\n", "goodbye\n"]);
      },
      LIMIT_MS,
    );

    test.concurrent(
      "writes in a further repository of its task as in the first, without a question",
      async () => {
        await using world = await open();
        const client = new Repository(world, "client");
        const flags = ["--also", client.folder, "--permissions", "edits"];
        const { task, approvals } = await world.settled(
          await world.dispatch(play("beside", client.folder), ...flags),
        );
        expect(approvals.filter(({ status }) => status.state === "open")).toEqual([]);
        expect(task.status).toMatchObject({
          state: "completed",
          result: { files: ["repo/here.txt", "client/there.txt"] },
        });
      },
      LIMIT_MS,
    );

    test.concurrent(
      "is shown the picture that goes with a message",
      async () => {
        await using world = await open();
        const { session } = await world.open();
        const images = [{ data: PNG, mimeType: "image/png" } as const];
        const { message } = await world.tell(session.id, play("say"), { images });
        expect((await world.untilMessage(message.id, "ended")).receipt).toEqual({ state: "consumed" });
        const { images: shown } = await model.waitFor(({ script, images }) => script === "say" && images > 0);
        expect(shown).toBe(1);
      },
      LIMIT_MS,
    );

    test.concurrent(
      "hears an answer in the middle of its turn",
      async () => {
        await using world = await open();
        const slug = await world.dispatch(play("ask"));
        const { questions } = await world.settled(slug);
        expect(questions).toMatchObject([{ text: "Which colour?", via: "tool", options: ["red", "blue"] }]);
        await world.ok("answer", slug, "blue");
        expect((await world.settled(slug)).task.status).toMatchObject({ state: "completed" });
        expect(world.read("colour.txt")).toContain("blue");
        expect(await world.turns(slug)).toBe(1);
      },
      LIMIT_MS,
    );

    test.concurrent(
      "ends its turn when nobody answers, and goes on when somebody does",
      async () => {
        await using world = await open();
        const slug = await world.dispatch(play("park"));
        const parked = await world.line(slug, ({ event }) => event.type === "turn_ended");
        expect(parked.event).toMatchObject({ end: "end_turn", said: "I wait." });
        expect((await world.task(slug)).task.status.state).toBe("input-required");
        await world.ok("answer", slug, "green");
        expect((await world.settled(slug)).task.status).toMatchObject({ state: "completed" });
        expect(world.read("colour.txt")).toContain("green");
        expect(await world.turns(slug)).toBe(2);
      },
      LIMIT_MS,
    );

    test.concurrent(
      "is let go while its task waits, and comes back in its own conversation for the answer",
      async () => {
        await using world = await open("limits:\n  idle: 1s\n");
        const slug = await world.dispatch(play("blocked"), "--plan", world.plan("choose a colour"));
        const gone = await world.line(slug, ({ event }) => event.type === "gone");
        expect(gone.event).toMatchObject({ reason: "stopped" });
        expect(world.agentProcesses()).toEqual([]);
        await world.ok("answer", slug, "green");
        expect((await world.settled(slug)).task.status).toMatchObject({ state: "completed" });
        expect(world.read("colour.txt")).toContain("green");
        expect(await world.conversations(slug)).toEqual([{ resumed: false }, { resumed: true }]);
      },
      LIMIT_MS,
    );

    test.concurrent(
      "leaves nothing running when it is cancelled, not even a command that left its group",
      async () => {
        await using world = await open();
        const slug = await world.dispatch(play("hang", world.root));
        const pid = Number(await world.file(PID_FILE));
        expect(pidsOf(world)).toContain(pid);
        await world.ok("cancel", slug);
        expect((await world.settled(slug)).task.status).toMatchObject({ state: "canceled" });
        expect(world.agentProcesses()).toEqual([]);
        expect(existsSync(join(world.repo, "done.txt"))).toBeFalse();
      },
      LIMIT_MS,
    );

    test(
      "works on while its daemon is killed, and the next daemon finds it",
      async () => {
        await using world = await open();
        Bun.spawnSync(["mkfifo", join(world.root, GATE_FILE)]);
        const slug = await world.dispatch(play("gated", world.root));
        const command = Number(await world.file(PID_FILE));
        const agent = world.lineage(command);
        expect(agent.length).toBeGreaterThan(1);
        const daemon = await world.daemonPid();
        killIfThere(daemon);
        await world.ok("status", slug);
        expect(await world.daemonPid()).not.toBe(daemon);
        expect(world.lineage(command)).toEqual(agent);
        writeFileSync(join(world.root, GATE_FILE), "go\n");
        expect((await world.settled(slug)).task.status).toMatchObject({ state: "completed" });
        expect(world.read("done.txt")).toContain("go");
        expect(await world.conversations(slug)).toEqual([{ resumed: false }]);
      },
      LIMIT_MS,
    );

    test(
      "goes on in its own conversation after its host is killed, when nothing of its first life is left",
      async () => {
        await using world = await open();
        const slug = await world.dispatch(play("hangLater", world.root), "--plan", world.plan("make it"));
        await world.file(PID_FILE);
        const first = pidsOf(world);
        const { event } = await world.line(slug, ({ event }) => event.type === "started");
        killIfThere((event as { pid: number }).pid);
        await world.line(slug, ({ epoch, event }) => epoch === 2 && event.type === "started");
        expect(first.filter(isRunning)).toEqual([]);
        expect((await world.settled(slug)).task.status).toMatchObject({ state: "completed" });
        expect(world.read("done.txt")).toContain("done");
        expect(await world.conversations(slug)).toEqual([{ resumed: false }, { resumed: true }]);
      },
      LIMIT_MS,
    );

    test(
      "runs the model that was asked for, its own where none was, and says which it has instead of one it has not",
      async () => {
        await using world = await open();
        for (const [flags, asked] of [
          [[], DEFAULT_MODELS[product]],
          [["--agent", product, "--model", other.name], other.asked],
        ] as const) {
          const from = model.seen.length;
          const { task } = await world.settled(await world.dispatch(play("say"), ...flags));
          expect(task.status).toMatchObject({ state: "completed" });
          const models = model.seen.slice(from).flatMap(({ script, model }) => (script ? [model] : []));
          expect(models).toEqual([asked]);
        }
        const slug = await world.dispatch(play("say"), "--agent", product, "--model", "no-such-model");
        const { task } = await world.settled(slug);
        expect(task.status).toMatchObject({
          state: "failed",
          reason: "setup",
          message: expect.stringContaining(other.name),
          unusable: "model",
          hint: expect.stringMatching(/^dispatch retry \S+ --model \S+$/),
        });
      },
      LIMIT_MS,
    );

    test(
      "talks in a session, one message after the other, and remembers it after its agent was stopped",
      async () => {
        await using world = await open();
        const words = ["session", "new", "--workspace", ".", "--name", "talk", "--prompt"];
        const { sessionId } = JSON.parse(await world.ok(...words, play("say"))) as { sessionId: string };
        const isIdle = ({ session, messages }: SessionDetail) =>
          session.status.state === "ready" && messages.length === 0;
        await world.untilSession(sessionId, isIdle);
        await world.ok("stop", "talk");
        await world.untilSession(sessionId, ({ session }) => session.status.state === "stopped");
        await world.ok("tell", "talk", play("recall"));
        const { message } = await world.tell(sessionId, play("say"));
        expect(message.receipt.state).toBe("queued");
        await world.untilSession(sessionId, isIdle);
        expect(await world.saidIn(sessionId)).toBe("Hello.turns 2Hello.");
      },
      LIMIT_MS,
    );

    test(
      "is told how long to think, and what it cannot be told is refused with what it can",
      async () => {
        await using world = await open();
        const named = ["--agent", product, "--model", other.name];
        for (const [level, asked] of Object.entries(thinking.asked)) {
          const from = model.seen.length;
          const slug = await world.dispatch(play("say"), ...named, "--thinking", level);
          expect((await world.settled(slug)).task.status).toMatchObject({ state: "completed" });
          const heard = model.seen.slice(from).flatMap(({ script, thinking }) => (script ? [thinking] : []));
          expect(heard).toEqual([asked]);
        }
        const [level, by] = thinking.refused;
        const refused = await world.run(
          "run",
          play("say"),
          ...named,
          "--thinking",
          level,
          "--name",
          "refused",
        );
        if (by === "product")
          expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/no thinking level/) });
        else
          expect((await world.settled("refused")).task.status).toMatchObject({
            reason: "setup",
            message: expect.stringContaining(`and not ${level}`),
          });
      },
      LIMIT_MS,
    );

    test.skipIf(hostile === undefined)(
      "runs nothing by the settings of a repository, where calls are gated",
      async () => {
        await using world = await open();
        for (const [path, text] of Object.entries(hostile!)) world.write(path, text);
        for (const [permissions, runs] of [
          ["read-only", false],
          ["ask", false],
          ["edits", false],
          ["all", true], // else the settings are no attack
        ] as const) {
          const slug = await world.dispatch(play("say"), "--permissions", permissions);
          expect((await world.settled(slug)).task.status).toMatchObject({ state: "completed" });
          expect(existsSync(join(world.repo, "up"))).toBe(runs);
        }
      },
      LIMIT_MS,
    );

    test(
      "asks under ask, whatever the settings of a repository allow",
      async () => {
        await using world = await open();
        for (const [path, text] of Object.entries(gate.files)) world.write(path, text);
        const slug = await world.dispatch(play("twelve", world.root), "--permissions", "ask");
        let detail = await world.settled(slug);
        for (; detail.task.status.state === "working"; detail = await world.settled(slug))
          for (const { id, status } of detail.approvals)
            if (status.state === "open") await world.ok("approve", slug, id);
        expect(detail.task.status).toMatchObject({ state: "completed" });
        expect(detail.approvals.map(({ call }) => call.kind).join(" ")).toBe(gate.asks);
        expect(detail.approvals.every(({ status }) => "by" in status && status.by === "person")).toBe(true);
      },
      LIMIT_MS,
    );

    test(
      "lets no subagent do under ask what was denied",
      async () => {
        await using world = await open();
        for (const [path, text] of Object.entries(gate.files)) world.write(path, text);
        const slug = await world.dispatch(play("delegates"), "--permissions", "ask");
        let asked = 0;
        let detail = await world.settled(slug);
        for (; detail.task.status.state === "working"; detail = await world.settled(slug))
          for (const { id, status, call } of detail.approvals) {
            if (status.state !== "open") continue;
            const isInner = JSON.stringify(call).includes("inner.txt");
            if (isInner) asked += 1;
            await world.ok(isInner ? "deny" : "approve", slug, id);
          }
        expect(asked > 0).toBe(gate.subagents);
        expect(existsSync(join(world.repo, "inner.txt"))).toBe(false);
      },
      LIMIT_MS,
    );

    test(
      "is told once, and what is allowed for good is a rule of ours",
      async () => {
        await using world = await open();
        const slug = await world.dispatch(play("two"), "--permissions", "ask");
        await world.settled(slug);
        expect(await world.ok("approve", slug, "--always")).toContain("From now on: allow");
        const { task, approvals } = await world.settled(slug);
        expect(task.status).toMatchObject({ state: "completed" });
        expect(approvals.map(({ status }) => "by" in status && [status.by, status.verdict])).toEqual([
          ["person", "allow"],
          ["policy", "allow"],
        ]);
        expect([world.read("first.txt"), world.read("second.txt")]).toEqual(["first\n", "second\n"]);
      },
      LIMIT_MS,
    );

    test(
      "asks before it writes, where it was told to: what is allowed happens, what is denied does not",
      async () => {
        await using world = await open();
        const slug = await world.dispatch(play("two"), "--permissions", "ask");
        for (const [verb, path, happens] of [
          ["approve", "first.txt", true],
          ["deny", "second.txt", false],
        ] as const) {
          const { approvals } = await world.settled(slug);
          const open = approvals.filter(({ status }) => status.state === "open");
          expect(open).toHaveLength(1);
          expect(JSON.stringify(open[0]!.call)).toContain(path);
          expect(await world.ok("inbox")).toContain(slug);
          expect(existsSync(join(world.repo, path))).toBeFalse();
          await world.ok(verb, slug);
          if (happens) continue;
          expect((await world.settled(slug)).task.status).toMatchObject({ state: "completed" });
          expect(existsSync(join(world.repo, path))).toBeFalse();
        }
        expect(world.read("first.txt")).toContain("first");
      },
      LIMIT_MS,
    );
  });
}

function pidsOf(world: ProductWorld): number[] {
  return world.agentProcesses().map(({ pid }) => pid);
}
