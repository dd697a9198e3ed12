import { isShared } from "../protocol/environment.ts";

/** What a task takes along beside what every run may have. The daemon gives each agent only the part that is its own. */
const NAMES = new Set(["CLAUDE_CONFIG_DIR", "CLAUDE_CODE_OAUTH_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"]);
/** Credentials and settings of agent products and of the model providers that they name in their manuals. */
const PREFIXES = [
  "ANTHROPIC_",
  "OPENAI_",
  "CODEX_",
  "GEMINI_",
  "GOOGLE_",
  "OPENCODE_",
  "CURSOR_",
  "COPILOT_",
  "AWS_",
  "AZURE_",
  "OPENROUTER_",
  "MISTRAL_",
  "DEEPSEEK_",
  "GROQ_",
  "XAI_",
  "DASHSCOPE_",
];

/** The caller's variables that a task needs, and nothing else: no switch of a surrounding agent, no secret of another program. */
export function callerEnvironment(own: Record<string, string | undefined>): Record<string, string> {
  const listed: Record<string, string> = {};
  for (const [name, value] of Object.entries(own))
    if (value !== undefined && isListed(name)) listed[name] = value;
  return listed;
}

function isListed(name: string): boolean {
  return isShared(name) || NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix));
}
