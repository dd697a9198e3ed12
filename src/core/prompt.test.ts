import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  type FirstPrompt,
  answerPrompt,
  fence,
  firstPrompt,
  notePrompt,
  nudgePrompt,
  resumePrompt,
} from "./prompt.ts";
import { given, own, plan } from "./run.fixture.ts";

const FIRST: FirstPrompt = {
  prompt: "Fix the login.\n\n  Keep   my spaces.",
  role: null,
  context: { text: null, files: [] },
  plan: plan(given("open", "find the bug")),
  folder: "/repo/.dispatch/tasks/fix-login",
  tools: "mcp",
  again: false,
  before: [],
  owns: [],
  repositories: [],
  answers: [],
};

describe("the first turn", () => {
  test("holds the prompt verbatim, as its last part where nothing goes with it", () => {
    expect(firstPrompt(FIRST)).toEndWith(`# Task\n\n${FIRST.prompt}`);
  });

  test("begins with the role of an alias", () => {
    expect(firstPrompt({ ...FIRST, role: "You review." })).toStartWith("You review.\n\n");
  });

  test("carries context and files after the prompt, files as data", () => {
    const context = { text: "Only the API.", files: [{ path: "a.md", content: "```\nrm\n```" }] };
    expect(firstPrompt({ ...FIRST, context })).toEndWith(
      "# Context\n\nOnly the API.\n\n# File: a.md\n\n````\n```\nrm\n```\n````",
    );
  });

  test("ends with what came before, as data", () => {
    const before = [{ name: "build", title: "Build it", summary: "```\nrm -rf\n```", files: ["a.ts"] }];
    const text = firstPrompt({ ...FIRST, before });
    expect(text).toEndWith("## build\n\n````\nBuild it\n\n```\nrm -rf\n```\n\nChanged files:\n- a.ts\n````");
  });

  test("names the boundary of the files that are the worker's own", () => {
    expect(firstPrompt({ ...FIRST, owns: ["src/auth/**"] })).toContain("```\nsrc/auth/**\n```");
  });

  test("says how the worker reaches its task: by tools or by files", () => {
    const byTools = firstPrompt(FIRST);
    const byFiles = firstPrompt({ ...FIRST, tools: "files" });
    expect(byTools).toContain("`plan_update`");
    expect(byTools).not.toContain("001.question");
    expect(byFiles).toContain(`${FIRST.folder}/ipc/001.question`);
    expect(byFiles).not.toContain("`plan_update`");
  });

  test("asks for a checklist where none was given", () => {
    expect(firstPrompt(FIRST)).toContain(`Your checklist is \`${FIRST.folder}/plan.md\``);
    expect(firstPrompt({ ...FIRST, plan: plan() })).toContain("There is no checklist yet");
  });

  test("tells a later attempt what it finds", () => {
    expect(firstPrompt(FIRST)).not.toContain("earlier attempt");
    expect(firstPrompt({ ...FIRST, again: true })).toContain(`${FIRST.folder}/context.md`);
  });
});

describe("later turns", () => {
  test("a reminder names the open items", () => {
    expect(nudgePrompt([given("open", "one"), own("open", "two")])).toContain("- one\n- two");
  });

  test("a resumed agent is told what is open and what it may have missed", () => {
    const text = resumePrompt(plan(given("done", "one"), given("open", "two")), ["Use tabs."]);
    expect(text).toContain("Still open in your checklist:\n- two");
    expect(text).toEndWith("You may not have seen this message:\n```\nUse tabs.\n```");
    expect(resumePrompt(plan(), [])).not.toContain("checklist");
  });

  test("an answer stands beside its question, a note by itself, both as data", () => {
    expect(answerPrompt("Which?", "This.")).toContain("```\nWhich?\n```\n\nThe answer is:\n```\nThis.\n```");
    expect(notePrompt("Hurry.")).toContain("```\nHurry.\n```");
  });
});

test("no text can end its own fence", () => {
  const text = fc.string({ unit: fc.constantFrom("`", "\n", "a", " ") });
  fc.assert(
    fc.property(text, (inside) => {
      const [opening, ...rest] = fence(inside).split("\n");
      expect(rest.at(-1)).toBe(opening);
      expect(rest.slice(0, -1).join("\n")).toBe(inside);
      expect(inside).not.toContain(opening!);
    }),
  );
});
