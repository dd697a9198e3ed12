/** The agents that Dispatch knows without a config, in the order in which `setup` prefers them. */
export const BUILT_IN_AGENTS: readonly string[] = [
  "claude",
  "codex",
  "opencode",
  "gemini",
  "cursor",
  "copilot",
  "qwen",
  "pi",
  "shell",
];

/** A vendor's models: who runs them, and by which names they are known. */
export interface Family {
  readonly provider: string;
  /** Names of the family itself: they mean the agent's own default model. */
  readonly names: readonly string[];
  /** The agents that run them, the preferred first. */
  readonly agents: readonly string[];
  /** Names that the vendor's agents take as they are. */
  readonly ids: RegExp;
}

export const FAMILIES: readonly Family[] = [
  {
    provider: "anthropic",
    names: ["claude"],
    agents: ["claude"],
    ids: /^(?:opus|sonnet|haiku|claude-[\w.-]+)(?:\[\w+\])?$/i,
  },
  {
    provider: "openai",
    names: ["gpt", "codex"],
    agents: ["codex", "cursor"],
    ids: /^(?:gpt-[\w.-]+|codex-[\w.-]+|o[1-9](?:-[\w.-]+)?)$/i,
  },
  { provider: "google", names: ["gemini"], agents: ["gemini"], ids: /^gemini-[\w.-]+$/i },
  { provider: "qwen", names: ["qwen"], agents: ["qwen"], ids: /^qwen\d?-[\w.-]+$/i },
];

/** The models that one starts with, of those agents that are installed; the first is the default. */
export const STARTER_MODELS: readonly { readonly name: string; readonly agent: string }[] = [
  { name: "opus", agent: "claude" },
  { name: "sonnet", agent: "claude" },
  { name: "haiku", agent: "claude" },
  { name: "codex", agent: "codex" },
  { name: "opencode", agent: "opencode" },
  { name: "gemini", agent: "gemini" },
  { name: "cursor", agent: "cursor" },
  { name: "copilot", agent: "copilot" },
  { name: "qwen", agent: "qwen" },
  { name: "pi", agent: "pi" },
];

/** Agents whose names are ordinary words: in a prompt they count only where it can mean nothing else. */
export const ORDINARY_WORDS: ReadonlySet<string> = new Set(["cursor", "pi", "copilot", "amp", "goose"]);

/** Never chosen by a prompt: the `shell` agent would run the prompt as a command. */
export const NEVER_IN_PROMPTS: ReadonlySet<string> = new Set(["shell"]);

/** What agents call a choice that is none; in a prompt these are words like any other. */
export const GENERIC_MODEL_IDS: ReadonlySet<string> = new Set([
  "default",
  "auto",
  "inherit",
  "best",
  "latest",
]);
