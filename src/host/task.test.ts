import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { connectJson, type JsonSocket } from "../base/json-socket.ts";
import type { FromWorkerDesk } from "../protocol/worker.ts";
import type { TestDaemon } from "./test-daemon.fixture.ts";
import { prompt, TestSession } from "./test-session.fixture.ts";

let session: TestSession;
beforeEach(() => {
  session = new TestSession();
});
afterEach(() => session.close());

function file(name: string): string {
  return join(session.taskFolder, name);
}

function planText(): string {
  return readFileSync(file("plan.md"), "utf8");
}

/** Replaces a file as a careful worker does. */
function put(name: string, text: string): void {
  writeFileSync(file("worker.tmp"), text);
  renameSync(file("worker.tmp"), file(name));
}

function marks(daemon: TestDaemon): string[] {
  return daemon
    .events("plan")
    .at(-1)!
    .plan.items.map(({ text, mark }) => `${text}: ${mark}`);
}

/** A worker's MCP server, as the host sees it. */
async function connectWorker(): Promise<{ socket: JsonSocket; next(): Promise<FromWorkerDesk> }> {
  const replies: FromWorkerDesk[] = [];
  let wake = Promise.withResolvers<void>();
  const socket = await connectJson(session.folder.workerSocket, () => ({
    onMessage(message) {
      replies.push(message as FromWorkerDesk);
      wake.resolve();
    },
    onClose() {},
  }));
  return {
    socket,
    async next() {
      while (replies.length === 0) {
        await wake.promise;
        wake = Promise.withResolvers();
      }
      return replies.shift()!;
    },
  };
}

describe("a worker's tools", () => {
  test("ask, and give the answer back in the call", async () => {
    const { daemon } = await session.started(session.taskLaunch("item"));
    prompt(daemon, { call: { tool: "ask", question: "which?", options: ["a", "b"] } });
    const { question, ...asked } = await daemon.event("question");
    expect(asked).toEqual({ type: "question", text: "which?", options: ["a", "b"], via: "tool" });
    const answer = daemon.order({ type: "answer", question, text: "b", prompt: "[]" });
    await daemon.event("turn_ended");
    expect(daemon.events("text")[0]?.text).toBe("b");
    expect(daemon.phases(answer)).toEqual(["received", "sent", "done"]);
  });

  test("get an answer as the next turn when nobody waits for it any more", async () => {
    const { daemon } = await session.started(session.taskLaunch("item"));
    const worker = await connectWorker();
    worker.socket.send({ id: 1, call: { tool: "ask", question: "which?" } });
    const { question } = await daemon.event("question");
    worker.socket.send({ id: 2, call: { tool: "flag", text: "still here" } });
    expect(await worker.next()).toMatchObject({ type: "done", id: 2 });
    worker.socket.close();
    const again = await connectWorker();
    again.socket.send({ id: 3, call: { tool: "flag", text: "behind the end of the first" } });
    await again.next();
    const text = JSON.stringify([{ emit: { type: "text", text: "thanks" } }]);
    const answer = daemon.order({ type: "answer", question, text: "b", prompt: text });
    expect(await daemon.event("turn_started")).toMatchObject({ prompt: text });
    await daemon.event("turn_ended");
    expect(daemon.phases(answer)).toEqual(["received", "sent", "done"]);
  });

  test("mark the plan and finish", async () => {
    const { daemon } = await session.started(session.taskLaunch("first", "second"));
    const worker = await connectWorker();
    worker.socket.send({ id: 1, call: { tool: "plan_update", items: [{ item: 1, mark: "done" }] } });
    expect(await worker.next()).toMatchObject({ type: "done", id: 1 });
    await daemon.event("plan");
    expect(marks(daemon)).toEqual(["first: done", "second: open"]);
    expect(planText()).toContain("- [x] first");
    worker.socket.send({ id: 2, call: { tool: "finish", summary: "all good", files: ["a"] } });
    expect(await daemon.event("finish")).toEqual({ type: "finish", summary: "all good", files: ["a"] });
  });

  test("are refused what is not theirs to say", async () => {
    const { daemon } = await session.started(session.taskLaunch("first"));
    const worker = await connectWorker();
    worker.socket.send({ id: 1, call: { tool: "plan_update", items: [{ item: 9, mark: "done" }] } });
    expect(await worker.next()).toMatchObject({
      type: "refused",
      id: 1,
      message: expect.stringContaining("no item 9"),
    });
    worker.socket.send({ id: 2, call: { tool: "approve", approval: "apr_1" } });
    expect(await worker.next()).toMatchObject({ type: "refused", id: 2 });
    worker.socket.send("what?");
    expect(await worker.next()).toMatchObject({ type: "refused", id: -1 });
    expect(daemon.events("plan")).toEqual([]);
  });
});

describe("plan.md", () => {
  test("is read as the worker edits it, and a given item stays", async () => {
    const { daemon } = await session.started(session.taskLaunch("first", "second"));
    put("plan.md", "# One\n\n- [x] first\n- [ ] third\n- [ ] second, reworded\n> **Flag:** on fire\n");
    await daemon.event("plan");
    expect(marks(daemon)).toEqual(["first: done", "third: open", "second: open"]);
    expect((await daemon.event("flag")).text).toBe("on fire");
    prompt(daemon, { sh: "true" });
    await daemon.event("turn_ended");
    expect(planText()).toContain("- [ ] second\n");
    expect(daemon.events("flag")).toHaveLength(1);
  });

  test("follows the agent's own list, and the dispatcher's notes", async () => {
    const { daemon } = await session.started(session.taskLaunch("first"));
    prompt(daemon, { emit: { type: "todos", steps: [{ text: "first", mark: "done" }] } });
    await daemon.event("turn_ended");
    expect(marks(daemon)).toEqual(["first: done"]);
    const note = daemon.order({ type: "note", text: "mind the gap", prompt: "[]" });
    await daemon.done(note);
    expect(planText()).toContain("> **Note from dispatcher:** mind the gap");
    expect(daemon.events("turn_started")).toHaveLength(2);
  });

  test("is put back when it is deleted, with its folder", async () => {
    const { daemon } = await session.started(session.taskLaunch("first"));
    prompt(daemon, { sh: "rm -r .dispatch" });
    await daemon.event("turn_ended");
    expect(planText()).toContain("- [ ] first");
    put("plan.md", "- [x] first\n");
    await daemon.event("plan");
    expect(marks(daemon)).toEqual(["first: done"]);
  });

  test("merges right over the death of a host", async () => {
    const launch = session.taskLaunch("first", "second");
    const { host, daemon } = await session.started(launch);
    prompt(daemon, { call: { tool: "plan_update", items: [{ item: 1, mark: "done" }] } });
    await daemon.event("turn_ended");
    const { plan } = daemon.events("plan")[0]!;
    put("plan.md", planText().replace("[ ] second", "[x] second"));
    const next = await session.restarted(host, daemon);
    await next.event("gone");
    next.start(2, { ...launch, task: { ...launch.task!, plan } });
    await next.event("conversation", 2);
    expect(marks(next)).toEqual(["first: done", "second: done"]);
  });

  test("is not followed out of its folder", async () => {
    const { daemon } = await session.started(session.taskLaunch("first"));
    const elsewhere = join(session.home, "elsewhere");
    mkdirSync(join(elsewhere, "tasks/one/ipc"), { recursive: true });
    writeFileSync(join(elsewhere, "tasks/one/plan.md"), "- [x] first\n");
    // The host may make the folder again in between.
    prompt(daemon, {
      sh: `until ln -sT ${elsewhere} .dispatch; do mv -T .dispatch away.$((n = n + 1)); done`,
    });
    expect((await daemon.event("notice")).text).toContain("leads");
    await daemon.event("turn_ended");
    prompt(daemon, { call: { tool: "plan_update", items: [{ item: 1, mark: "blocked" }] } });
    await daemon.event("turn_ended", 2);
    expect(marks(daemon)).toEqual(["first: blocked"]);
    expect(readFileSync(join(elsewhere, "tasks/one/plan.md"), "utf8")).toBe("- [x] first\n");
    expect(readdirSync(join(elsewhere, "tasks/one")).sort()).toEqual(["ipc", "plan.md"]);
    rmSync(join(session.work, ".dispatch"));
    prompt(daemon, { sh: "true" });
    await daemon.event("turn_ended", 3);
    expect(planText()).toContain("- [?] first");
  });

  test("that is a link itself is neither read nor written through", async () => {
    const { daemon } = await session.started(session.taskLaunch("first"));
    const elsewhere = join(session.home, "elsewhere");
    writeFileSync(elsewhere, "- [x] first\n");
    symlinkSync(elsewhere, file("link"));
    renameSync(file("link"), file("plan.md"));
    prompt(daemon, { sh: "true" });
    await daemon.event("turn_ended");
    expect(planText()).toContain("- [ ] first");
    expect(readFileSync(elsewhere, "utf8")).toBe("- [x] first\n");
  });
});

describe("the files of a worker without tools", () => {
  test("ask once, also over the death of a host, and get the answer in a file", async () => {
    const launch = session.taskLaunch("item");
    const { host, daemon } = await session.started(launch);
    put("ipc/001.question", "which?\n");
    const { question, via } = await daemon.event("question");
    expect(via).toBe("file");
    const next = await session.restarted(host, daemon);
    await next.event("gone");
    next.start(2, launch);
    prompt(next, {
      sh: "while [ ! -e .dispatch/tasks/one/ipc/001.answer ]; do :; done; cd .dispatch/tasks/one/ipc; cat 001.answer; touch 001.done",
    });
    await next.event("turn_started");
    const answer = next.order({ type: "answer", question, text: "b", prompt: "[]" });
    await next.event("turn_ended");
    await next.done(answer);
    expect(next.events("text")[0]?.text).toBe("b");
    expect(next.events("question")).toHaveLength(1);
    expect(next.events("turn_started")).toHaveLength(1);
  });

  test("that nobody looked into make the answer the next turn", async () => {
    const { daemon } = await session.started(session.taskLaunch("item"));
    prompt(daemon, { sh: "echo which? > .dispatch/tasks/one/ipc/001.question; mkfifo go; cat go" });
    const { question } = await daemon.event("question");
    const answer = daemon.order({ type: "answer", question, text: "b", prompt: "[]" });
    await daemon.until(() => daemon.phases(answer).includes("sent"));
    expect(readFileSync(file("ipc/001.answer"), "utf8")).toBe("b\n");
    writeFileSync(join(session.work, "go"), "");
    await daemon.done(answer);
    expect(daemon.events("turn_started")).toHaveLength(2);
  });

  test("say the end in output.md, once", async () => {
    writeFileSync(file("output.md"), "of an earlier attempt");
    const { daemon } = await session.started(session.taskLaunch("item"));
    prompt(daemon, { sh: "true" });
    await daemon.event("turn_ended");
    expect(daemon.events("finish")).toEqual([]);
    prompt(daemon, { sh: "echo it works > .dispatch/tasks/one/output.md" });
    prompt(daemon, { sh: "true" });
    await daemon.event("turn_ended", 3);
    expect(daemon.events("finish")).toEqual([{ type: "finish", summary: "it works", files: [] }]);
    expect(existsSync(file("plan.md"))).toBeTrue();
  });
});
