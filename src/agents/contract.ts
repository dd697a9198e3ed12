import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Launch } from "../protocol/host.ts";
import { Stage, stillRunning } from "./contract-stage.ts";
import { StartError, type Conversation, type Driver } from "./driver.ts";
import { signalGroup } from "../processes/group.ts";
import { isRunning } from "../processes/table.ts";

/** What a test has an agent do. `talk` and `hang` go on until they are ended; `hang` runs a command that names its pid. */
export type Work =
  | { do: "say"; text: string }
  | { do: "talk" }
  | { do: "read"; path: string }
  | { do: "edit"; path: string; content: string }
  | { do: "run"; command: string }
  | { do: "ask"; question: string }
  | { do: "todos"; items: string[] }
  | { do: "tick"; item: number }
  | { do: "finish"; summary: string }
  | { do: "flood"; lines: number; bytes: number }
  | { do: "recall" };

/** What a test may ask of an agent: a kind of work, or a property of the product. */
export type Need =
  | Work["do"]
  | "gate"
  | "gate of all"
  | "usage"
  | "model"
  | "process"
  | "resume"
  | "commands end with their turn"
  | "ends with its input";

/** What a test shows that a product can, in a person's words. */
export type Ability =
  | "starts and edits"
  | "asks before it edits"
  | "asks for every call"
  | "todo list"
  | "question"
  | "worker tools"
  | "cancel leaves nothing"
  | "resume"
  | "model"
  | "usage";

/** What became of a test: it passed, or it was left out for this reason. */
export type Showing = { readonly shown: true } | { readonly shown: false; readonly because: string };

/** An agent under test. */
export interface Subject {
  readonly name: string;
  readonly driver: Driver;
  /** How it is started by somebody whose home this is. */
  launch(place: { home: string; folder: string }): Promise<Partial<Launch> & Pick<Launch, "agent">>;
  /** How it is told to do these things, one after another, in one turn. */
  tell(work: readonly Work[], place: { folder: string }): { prompt: string; plan: string[] };
  /** What a test may not ask of it, and why. */
  readonly lacks: Readonly<Partial<Record<Need, string>>>;
  /** A model that it offers beside its default, and which one it was last seen to run. */
  readonly model?: {
    readonly id: string;
    readonly asked: string;
    readonly lastAsked: () => string | undefined;
  };
  /** Hears what the tests show. */
  record?(ability: Ability, showing: Showing): void;
  /** What it says to `recall` in its third turn. */
  readonly recalled?: RegExp;
  /** For one test, in milliseconds. */
  readonly limitMs: number;
}

const FLOOD = { lines: 20_000, bytes: 5_000 };
/** How much this process may grow in bytes over a flood of 100 MB: what a garbage collector leaves, and no queue. */
const MAX_FLOOD_MEMORY = 60_000_000;

/** What every driver promises to a host, of one subject. */
export function driverContract(subject: Subject): void {
  /** A test that asks for these things; what it shows is recorded under `ability`. */
  const can = (needs: readonly Need[], ability?: Ability) => (name: string, body: () => Promise<void>) => {
    const because = needs.map((need) => subject.lacks[need]).find((reason) => reason !== undefined);
    if (because !== undefined) {
      if (ability) subject.record?.(ability, { shown: false, because });
      return test.skip(`${name} (${because})`, body);
    }
    return test(
      name,
      async () => {
        await body();
        if (ability) subject.record?.(ability, { shown: true });
      },
      subject.limitMs,
    );
  };

  /** Opens the subject on a stage, to do this work. */
  async function open(
    stage: Stage,
    work: readonly Work[],
    changes: Partial<Launch> = {},
  ): Promise<{ agent: Conversation; prompt: string }> {
    const { prompt, plan } = subject.tell(work, stage);
    stage.givePlan(plan);
    const launch = await subject.launch(stage);
    return { agent: await stage.open(subject.driver, { ...launch, ...changes }), prompt };
  }

  describe(`a driver of ${subject.name}`, () => {
    can(["say", "edit"], "starts and edits")(
      "gives what the agent says and does, in order, and the files are changed",
      async () => {
        await using stage = new Stage();
        const { agent, prompt } = await open(stage, [
          { do: "say", text: "first words" },
          { do: "edit", path: "a.txt", content: "hello" },
        ]);
        expect(await agent.prompt(prompt)).toEqual({ end: "end_turn" });
        expect(stage.heard).toContain("first words");
        expect(readFileSync(join(stage.folder, "a.txt"), "utf8")).toContain("hello");
        const done = stage.outputs.findLastIndex(
          (each) => each.type === "tool" && each.status === "completed",
        );
        expect(done).toBeGreaterThan(
          stage.outputs.findIndex((each) => JSON.stringify(each).includes("first words")),
        );
      },
    );

    can(["edit", "gate"], "asks before it edits")(
      "asks once for a call, and a call that is denied does not happen",
      async () => {
        for (const verdict of ["deny", "allow"] as const) {
          await using stage = new Stage();
          stage.decide = async () => verdict;
          const { agent, prompt } = await open(stage, [{ do: "edit", path: "b.txt", content: "made" }]);
          expect((await agent.prompt(prompt)).end).not.toBe("error");
          expect(stage.gated).toHaveLength(1);
          expect(["edit", "execute"]).toContain(stage.gated[0]!.kind);
          for (const path of stage.gated[0]!.paths) expect(path).toBe(join(stage.folder, "b.txt"));
          expect(existsSync(join(stage.folder, "b.txt"))).toBe(verdict === "allow");
        }
      },
    );

    can(["run", "read", "edit", "gate", "gate of all"], "asks for every call")(
      "asks for every call, also where it reads and runs what is harmless",
      async () => {
        await using stage = new Stage();
        writeFileSync(join(stage.folder, "there.txt"), "there");
        const { agent, prompt } = await open(stage, [
          { do: "read", path: "there.txt" },
          { do: "run", command: "echo harmless" },
          { do: "edit", path: "d.txt", content: "made" },
        ]);
        expect(await agent.prompt(prompt)).toEqual({ end: "end_turn" });
        expect(stage.gated.map(({ kind }) => kind)).toEqual(["read", "execute", expect.any(String)]);
      },
    );

    can(["say", "model"], "model")("runs the model that was chosen", async () => {
      await using stage = new Stage();
      const { id, asked, lastAsked } = subject.model!;
      const { agent, prompt } = await open(stage, [{ do: "say", text: "hello" }], { model: id });
      await agent.prompt(prompt);
      expect(lastAsked()).toBe(asked);
    });

    can(["say", "usage"], "usage")("tells the tokens that it used", async () => {
      await using stage = new Stage();
      const { agent, prompt } = await open(stage, [{ do: "say", text: "hello" }]);
      await agent.prompt(prompt);
      const used = stage.outputs.flatMap((each) => (each.type === "usage" ? each.usage : []));
      expect(used).toContainEqual(expect.objectContaining({ outputTokens: expect.any(Number) }));
    });

    can(["tick", "finish"], "worker tools")("brings ticks and the end of the work to the desk", async () => {
      await using stage = new Stage();
      const { agent, prompt } = await open(stage, [
        { do: "tick", item: 1 },
        { do: "finish", summary: "all is done" },
      ]);
      await agent.prompt(prompt);
      expect(stage.plan.items[0]?.mark).toBe("done");
      expect(stage.calls.at(-1)).toMatchObject({ tool: "finish" });
    });

    can(["todos"], "todo list")("gives the agent's own todo list", async () => {
      await using stage = new Stage();
      const { agent, prompt } = await open(stage, [{ do: "todos", items: ["look around"] }]);
      await agent.prompt(prompt);
      expect(stage.outputs).toContainEqual({
        type: "todos",
        steps: [{ text: "look around", mark: "open" }],
      });
    });

    can(["ask"], "question")("carries a question and its answer, without asking for leave", async () => {
      await using stage = new Stage();
      stage.answer = async (call) => (call.tool === "ask" ? "The answer is: blue" : "ok");
      const { agent, prompt } = await open(stage, [{ do: "ask", question: "Which colour?" }]);
      expect(await agent.prompt(prompt)).toEqual({ end: "end_turn" });
      expect(stage.calls).toMatchObject([{ tool: "ask", question: "Which colour?" }]);
      expect(stage.heard).toContain("blue");
      expect(stage.gated).toEqual([]);
    });

    can(["talk", "say"])(
      "ends a turn that is cancelled while the agent talks, and goes on with the next",
      async () => {
        await using stage = new Stage();
        const { agent, prompt } = await open(stage, [{ do: "talk" }]);
        const turn = agent.prompt(prompt);
        await stage.until(() => stage.heard !== "" || stage.outputs.some((each) => each.type === "tool"));
        await agent.cancel();
        expect(await turn).toEqual({ end: "cancelled" });
        const next = subject.tell([{ do: "say", text: "still here" }], stage);
        stage.givePlan(next.plan);
        expect(await agent.prompt(next.prompt)).toEqual({ end: "end_turn" });
        expect(stage.heard).toContain("still here");
      },
    );

    can(["run", "commands end with their turn"], "cancel leaves nothing")(
      "leaves no command behind when a turn is cancelled",
      async () => {
        await using stage = new Stage();
        const command = "echo $$ > outer; sh -c 'echo $$ > inner; exec sleep 300' & wait";
        const { agent, prompt } = await open(stage, [{ do: "run", command }]);
        const turn = agent.prompt(prompt);
        const pids = [Number(await stage.file("outer")), Number(await stage.file("inner"))];
        expect(pids.map(isRunning)).toEqual([true, true]);
        await agent.cancel();
        expect(await turn).toEqual({ end: "cancelled" });
        expect(await stillRunning(pids)).toEqual([]);
      },
    );

    can(["edit", "gate"])("takes an open request back when its turn is cancelled", async () => {
      await using stage = new Stage();
      stage.decide = () => new Promise(() => undefined);
      const { agent, prompt } = await open(stage, [{ do: "edit", path: "c.txt", content: "made" }]);
      const turn = agent.prompt(prompt);
      await stage.until(() => stage.gated.length > 0);
      await agent.cancel();
      expect(await turn).toEqual({ end: "cancelled" });
      expect(existsSync(join(stage.folder, "c.txt"))).toBeFalse();
    });

    can(["process", "talk"])("says that the agent is gone when it is killed in a turn", async () => {
      await using stage = new Stage();
      const { agent, prompt } = await open(stage, [{ do: "talk" }]);
      const turn = agent.prompt(prompt).then(
        () => "ended",
        () => "rejected",
      );
      await stage.until(() => stage.outputs.length > 0);
      signalGroup(stage.processes[0]!, "SIGKILL");
      expect(await turn).toBe("rejected");
      expect((await agent.closed).exitCode).toBeNull();
      await agent.close();
      await agent.cancel();
    });

    can(["resume", "recall", "talk"], "resume")(
      "goes on with a conversation whose agent was killed in a turn, and gives nothing twice",
      async () => {
        await using stage = new Stage();
        const first = await open(stage, [{ do: "say", text: "hello" }]);
        expect(first.agent).toMatchObject({ resumable: true, resumed: false });
        await first.agent.prompt(first.prompt);
        stage.outputs.length = 0;
        const talk = subject.tell([{ do: "talk" }], stage);
        const turn = first.agent.prompt(talk.prompt).catch(() => undefined);
        await stage.until(() => stage.heard !== "");
        signalGroup(stage.processes.at(-1)!, "SIGKILL");
        await turn;
        stage.outputs.length = 0;
        const { agent, prompt } = await open(stage, [{ do: "recall" }], { resume: first.agent.id });
        expect(agent).toMatchObject({ id: first.agent.id, resumed: true });
        const recalling = agent.prompt(prompt);
        await stage.until(() => subject.recalled!.test(stage.heard));
        await agent.cancel();
        await recalling;
        expect(stage.heard).toMatch(subject.recalled!);
        const said = stage.outputs.find(({ type }) => type === "text" || type === "tool");
        expect(said).toMatchObject({ type: "text", text: expect.stringMatching(subject.recalled!) });
      },
    );

    can(["flood"])("keeps 20,000 updates in order for a slow reader, in bounded memory", async () => {
      await using stage = new Stage();
      const { agent, prompt } = await open(stage, [{ do: "flood", ...FLOOD }]);
      let expected = 0;
      let peak = 0;
      const before = residentAfterCollection();
      stage.take = async (output) => {
        if (output.type !== "text") return;
        expect(Number.parseInt(output.text, 10)).toBe(++expected);
        stage.outputs.length = 0;
        await new Promise((resolve) => setImmediate(resolve));
        if (expected % 1_000 === 0) peak = Math.max(peak, residentAfterCollection());
      };
      expect(await agent.prompt(prompt)).toEqual({ end: "end_turn" });
      expect(expected).toBe(FLOOD.lines);
      expect(stage.atOnce).toBe(1);
      expect(peak - before).toBeLessThan(MAX_FLOOD_MEMORY);
    });

    can(["process"])("says that a program is missing", async () => {
      await using stage = new Stage();
      const opening = open(stage, [], { command: [join(stage.home, "nowhere")] });
      const failure = await opening.catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(StartError);
      expect(failure).toMatchObject({ reason: "missing" });
    });

    can(["ends with its input"])("can be closed twice, and leaves no process", async () => {
      await using stage = new Stage();
      const { agent } = await open(stage, []);
      await agent.close();
      await agent.close();
      await agent.closed;
      expect(await stillRunning(stage.processes.map(({ pid }) => pid))).toEqual([]);
    });
  });
}

/** What this process has in memory, in bytes, without what a lazy collector has left. */
function residentAfterCollection(): number {
  Bun.gc(true);
  return process.memoryUsage.rss();
}
