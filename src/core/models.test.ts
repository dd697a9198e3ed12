import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Config } from "../protocol/config.ts";
import type { KnownAgent } from "./model-names.ts";
import { chooseModel, type ModelRequest, type ModelResult, workingModels } from "./models.ts";

const config = Config.parse({
  default: "opus",
  backends: { claude: { command: "claude" }, codex: { command: "codex exec" } },
  models: {
    opus: { backend: "claude" },
    sonnet: { backend: "claude" },
    haiku: { backend: "claude" },
    "gpt-5.3-codex": { backend: "codex" },
    fast: { backend: "claude", id: "claude-haiku-4-5" },
  },
  aliases: {
    "security-reviewer": { model: "opus", prompt: "You look for holes.\n" },
    quick: { model: "haiku" },
    "broken-alias": { model: "nothing-such" },
  },
});

const known: KnownAgent[] = [
  {
    agent: "claude",
    models: [
      { id: "default", name: "Default (recommended)" },
      { id: "opus", name: "Claude Opus 4.5" },
      { id: "sonnet", name: "Sonnet" },
    ],
  },
  {
    agent: "codex",
    models: [
      { id: "gpt-5.3-codex", name: "GPT-5.3 Codex" },
      { id: "gpt-6.1-sol", name: "GPT-6.1 Sol" },
    ],
  },
  {
    agent: "opencode",
    models: [
      { id: "moonshot/kimi-k2", name: "Kimi K2" },
      { id: "anthropic/claude-opus-4-5", name: "Claude Opus 4.5 (Zen)" },
      { id: "xai/grok", name: "Grok" },
    ],
  },
  { agent: "cursor", models: [{ id: "composer-1", name: "Composer 1" }] },
];

/** `name agent/id because`, with `+` for a new name and `"role"`. */
function told(result: ModelResult): string {
  switch (result.kind) {
    case "none":
      return "none";
    case "unknown":
      return `unknown ${result.name} ${result.because}`;
    case "chosen": {
      const { name, agent, id, role, because } = result.choice;
      return `${result.isNew ? "+" : ""}${name} ${agent}/${id ?? "-"}${role === null ? "" : ` "${role}"`} ${because}`;
    }
  }
}

function choose(request: Partial<ModelRequest>): string {
  return told(chooseModel({ prompt: null, config, known, ...request }));
}

const DEFAULT = "opus claude/opus default";

describe("a model in the prompt", () => {
  test.each([
    ["use sonnet to fix the login", "sonnet claude/sonnet prompt"],
    ["Sonnet: fix the login", "sonnet claude/sonnet prompt"],
    ["fix the login (SONNET)", "sonnet claude/sonnet prompt"],
    ["have gpt-5.3-codex write the tests", "gpt-5.3-codex codex/gpt-5.3-codex prompt"],
    ["go fast on this", "fast claude/claude-haiku-4-5 prompt"],
    ["opus review and sonnet test", "sonnet claude/sonnet prompt"],
    ["sonnet review and opus test", "sonnet claude/sonnet prompt"],
    ["haiku then sonnet then opus", "haiku claude/haiku prompt"],
    ["use opus-4.5-thinking to plan", "opus claude/opus prompt"],
    ["opus-4.5: plan it", "opus claude/opus prompt"],
    ["opus 4.5 should plan it", "opus claude/opus prompt"],
    ["security-reviewer, look at auth", 'security-reviewer claude/opus "You look for holes." prompt'],
    ["opus as security-reviewer", 'security-reviewer claude/opus "You look for holes." prompt'],
    ["quick: rename it", "quick claude/haiku prompt"],
    ["have codex write the tests", "codex codex/- prompt"],
    ["let claude do it", "claude claude/- prompt"],
    ["claude opus, please", "opus claude/opus prompt"],
    ["gpt should do it", "gpt codex/- prompt"],
    ["use opencode for this", "opencode opencode/- prompt"],
    ["use kimi-k2 to summarize", "+kimi-k2 opencode/moonshot/kimi-k2 prompt"],
    ["use Kimi K2 to summarize", "+Kimi K2 opencode/moonshot/kimi-k2 prompt"],
    ["with gpt-6.1-sol: plan", "+gpt-6.1-sol codex/gpt-6.1-sol prompt"],
    ["dispatch to composer-1 the cleanup", "+composer-1 cursor/composer-1 prompt"],
    ["use moonshot/kimi-k2 for it", "+moonshot/kimi-k2 opencode/moonshot/kimi-k2 prompt"],
    ["use anthropic/claude-opus-4-5 for it", "+anthropic/claude-opus-4-5 claude/claude-opus-4-5 prompt"],
    ["use openai/gpt-6.1-sol for it", "+openai/gpt-6.1-sol codex/gpt-6.1-sol prompt"],
    ["use grok to explain", "+grok opencode/xai/grok prompt"],
    ["use cursor to rename", "cursor cursor/- prompt"],
    ["have cursor, in a worktree, rename", "cursor cursor/- prompt"],
    ["use kimi-k2 to review what opus wrote", "+kimi-k2 opencode/moonshot/kimi-k2 prompt"],
  ])("%s", (prompt, expected) => {
    expect(choose({ prompt })).toBe(expected);
  });
});

describe("prose", () => {
  test.each([
    ["fix the login"],
    ["read opus.ts and src/codex/run.ts"],
    ["update CLAUDE.md"],
    ["the claude-code plugin is broken"],
    ["rename gpt_client to client"],
    ["codexes and opuses"],
    ["open github.com/openai/codex"],
    ["bump @anthropic/opus"],
    ["opus-review.md is old"],
    ["claude's answer is wrong"],
    ["use the parser to read it"],
    ["use default values with auto formatting"],
    ["summarize kimi-k2's paper"],
    ["compare kimi-k2 and others"],
    ["use gpt-99-ultra to plan"],
    ["use src/models to plan"],
    ["use openai/openai-node in the client"],
    ["fix the cursor bug"],
    ["use cursor pagination"],
    ["with grok support added"],
    ["fix the shell script"],
    ["use shell to list files"],
    ["gemini is not installed here"],
    ["use gemini-2.5-pro to plan"],
    [""],
  ])("%j names no model", (prompt) => {
    expect(choose({ prompt })).toBe(DEFAULT);
  });
});

describe("a model by flag", () => {
  test.each([
    ["sonnet", "sonnet claude/sonnet flag"],
    ["SONNET", "sonnet claude/sonnet flag"],
    ["claude", "claude claude/- flag"],
    ["codex", "codex codex/- flag"],
    ["shell", "shell shell/- flag"],
    ["gpt", "gpt codex/- flag"],
    ["sonnet-4.6", "sonnet claude/sonnet flag"],
    ["opus-4.5-thinking", "opus claude/opus flag"],
    ["claude-opus-4-5", "+claude-opus-4-5 claude/claude-opus-4-5 flag"],
    ["claude-sonnet-4-6", "+claude-sonnet-4-6 claude/claude-sonnet-4-6 flag"],
    ["gpt-6-mini", "+gpt-6-mini codex/gpt-6-mini flag"],
    ["o4-mini", "+o4-mini codex/o4-mini flag"],
    ["o3", "+o3 codex/o3 flag"],
    ["kimi-k2", "+kimi-k2 opencode/moonshot/kimi-k2 flag"],
    ["anthropic/claude-sonnet-4-6", "+anthropic/claude-sonnet-4-6 claude/claude-sonnet-4-6 flag"],
    ["google/gemini-3-pro", "+google/gemini-3-pro gemini/gemini-3-pro flag"],
    ["gemini", "gemini gemini/- flag"],
    ["security-reviewer", 'security-reviewer claude/opus "You look for holes." flag'],
    ["sonnnet", "unknown sonnnet flag"],
    ["opus-review", "unknown opus-review flag"],
    ["nobody/nothing", "unknown nobody/nothing flag"],
    ["broken-alias", "unknown nothing-such flag"],
    ["__proto__", "unknown __proto__ flag"],
    ["constructor", "unknown constructor flag"],
  ])("%s", (model, expected) => {
    expect(choose({ model, prompt: "use haiku" })).toBe(expected);
  });

  test("an unknown one gets suggestions", () => {
    const result = chooseModel({ prompt: null, config, known, model: "sonnnet" });
    expect(result).toMatchObject({ kind: "unknown", suggestions: ["sonnet"] });
  });
});

describe("an agent by flag", () => {
  test.each([
    [{ agent: "codex" }, "codex codex/- flag"],
    [{ agent: "claude" }, DEFAULT],
    [{ agent: "claude", prompt: "sonnet: do it" }, "sonnet claude/sonnet prompt"],
    [{ agent: "codex", prompt: "sonnet: do it" }, "codex codex/- flag"],
    [{ agent: "cursor", model: "opus" }, "opus cursor/opus flag"],
    [
      { agent: "opencode", model: "claude-opus-4-5" },
      "claude-opus-4-5 opencode/anthropic/claude-opus-4-5 flag",
    ],
    [{ agent: "cursor", model: "house-blend" }, "house-blend cursor/house-blend flag"],
    [{ agent: "shell" }, "shell shell/- flag"],
    [{ agent: "nobody" }, "unknown nobody flag"],
  ])("%j", (request, expected) => {
    expect(choose(request)).toBe(expected);
  });
});

describe("no model named", () => {
  const bare = Config.parse(null);
  test.each<[string, Partial<ModelRequest>, string]>([
    ["the workspace's model", { workspace: { model: "haiku" } }, "haiku claude/haiku workspace"],
    ["the workspace's agent", { workspace: { agent: "codex" } }, "codex codex/- workspace"],
    [
      "a prompt before the workspace's",
      { prompt: "use sonnet", workspace: { model: "haiku" } },
      "sonnet claude/sonnet prompt",
    ],
    [
      "a flag before all",
      { prompt: "use sonnet", model: "quick", workspace: { model: "opus" } },
      "quick claude/haiku flag",
    ],
    ["a prompt that may not choose", { prompt: null }, DEFAULT],
    ["a default nobody knows", { config: Config.parse({ default: "gone" }) }, "unknown gone default"],
    ["no config", { config: bare }, "claude claude/- default"],
    ["no config, only codex", { config: bare, known: known.slice(1, 2) }, "codex codex/- default"],
    ["no config, only cursor", { config: bare, known: known.slice(3) }, "cursor cursor/- default"],
    ["nothing at all", { config: bare, known: [] }, "none"],
    ["only the shell", { config: bare, known: [{ agent: "shell", models: [] }] }, "none"],
  ])("%s", (_, request, expected) => {
    expect(choose(request)).toBe(expected);
  });
});

describe("what is installed and configured", () => {
  test.each<[string, Partial<ModelRequest>, string]>([
    [
      "OpenAI's go to cursor without codex",
      { config: Config.parse(null), known: known.slice(3), model: "gpt-6" },
      "+gpt-6 cursor/gpt-6 flag",
    ],
    [
      "an agent without a list is believed",
      { config: Config.parse(null), known: [{ agent: "codex", models: [] }], prompt: "use gpt-9 to plan" },
      "+gpt-9 codex/gpt-9 prompt",
    ],
    [
      "short Claude names need no list",
      { config: Config.parse(null), prompt: "use haiku to plan" },
      "+haiku claude/haiku prompt",
    ],
    [
      "but a poem is a poem",
      { config: Config.parse(null), prompt: "write a haiku" },
      "claude claude/- default",
    ],
    [
      "the old form",
      { config: Config.parse({ default: "harvey", agents: { harvey: { command: "harvey -p" } } }) },
      "harvey harvey/- default",
    ],
    [
      "the old form in a prompt",
      { config: Config.parse({ agents: { harvey: { command: "harvey -p" } } }), prompt: "harvey: go" },
      "harvey harvey/- prompt",
    ],
    [
      "a model without a backend",
      { config: Config.parse({ models: { sonnet: null, "kimi-k2": null } }), model: "kimi-k2" },
      "kimi-k2 opencode/moonshot/kimi-k2 flag",
    ],
    [
      "a model nobody runs",
      { config: Config.parse({ models: { mystery: {} } }), model: "mystery" },
      "unknown mystery flag",
    ],
    [
      "a model named as its agent",
      { config: Config.parse({ models: { codex: { backend: "codex" } } }), model: "codex" },
      "codex codex/- flag",
    ],
    [
      "the longer of two names",
      {
        config: Config.parse({
          models: { "opus-4.5": { backend: "claude", id: "o45" }, opus: { backend: "claude" } },
        }),
        prompt: "opus-4.5: go",
      },
      "opus-4.5 claude/o45 prompt",
    ],
  ])("%s", (_, request, expected) => {
    expect(choose(request)).toBe(expected);
  });

  test("models that can start", () => {
    expect(workingModels({ config, known: known.slice(1) })).toEqual(["gpt-5.3-codex"]);
  });

  test.each([" ", "\n", "use ", "with opus-4.5.", "opus-1.1", "1", "opus worktree ", "(", "kimi-k2 "])(
    "1 MiB of %j takes no time to speak of",
    (unit) => {
      expect(choose({ prompt: unit.repeat(2 ** 20 / unit.length) })).toBeString();
    },
  );

  test("any prompt gets an answer, and never the shell", () => {
    const word = fc.constantFrom(
      "use",
      "with",
      "opus",
      "shell",
      "/",
      "-",
      ".",
      "4.5",
      "(",
      "kimi-k2",
      "[",
      "\n",
      ",",
      "worktree",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string()), { maxLength: 12 }), (words) => {
        expect(choose({ prompt: words.join(" ") })).not.toContain("shell/");
      }),
    );
  });
});
