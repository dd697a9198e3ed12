import codexMarketplace from "../../.agents/plugins/marketplace.json" with { type: "json" };
import claudeMarketplace from "../../.claude-plugin/marketplace.json" with { type: "json" };
import claudeManifest from "../../plugins/claude-code/.claude-plugin/plugin.json" with { type: "json" };
import claudeHooks from "../../plugins/claude-code/hooks/hooks.json" with { type: "json" };
import workstationScript from "../../plugins/claude-code/scripts/workstation-dispatch" with { type: "text" };
// @ts-expect-error -- TypeScript takes a script for a module, whatever it is imported as
// oxlint-disable-next-line import/default -- so does the linter
import sessionShim from "../../plugins/claude-code/skills/dispatch-session/dispatch.mjs" with { type: "text" };
import sessionApi from "../../plugins/claude-code/skills/dispatch-session/references/api.md" with { type: "text" };
import sessionParallel from "../../plugins/claude-code/skills/dispatch-session/references/parallel.md" with { type: "text" };
import sessionPrompts from "../../plugins/claude-code/skills/dispatch-session/references/prompts.md" with { type: "text" };
import sessionSkill from "../../plugins/claude-code/skills/dispatch-session/SKILL.md" with { type: "text" };
import claudeSkill from "../../plugins/claude-code/skills/dispatch/SKILL.md" with { type: "text" };
import claudeCreate from "../../plugins/claude-code/skills/create-worker/SKILL.md" with { type: "text" };
import claudeDiscover from "../../plugins/claude-code/skills/discover-projects/SKILL.md" with { type: "text" };
import claudeRoute from "../../plugins/claude-code/skills/route/SKILL.md" with { type: "text" };
import workSkill from "../../plugins/claude-code/skills/work-sessions/SKILL.md" with { type: "text" };
import workstationSkill from "../../plugins/claude-code/skills/workstation/SKILL.md" with { type: "text" };
import codexManifest from "../../plugins/codex/.codex-plugin/plugin.json" with { type: "json" };
import codexHooks from "../../plugins/codex/hooks/hooks.json" with { type: "json" };
import codexSkill from "../../plugins/codex/skills/dispatch/SKILL.md" with { type: "text" };
import type { Start } from "./agent-setting.ts";
import { codexSkills } from "./codex-skills.ts";

const CLAUDE = "plugins/claude-code";
const CODEX = "plugins/codex";

/** The skills of Claude Code, and what belongs to them, by their paths in the plugin. */
const SKILLS: Readonly<Record<string, string>> = {
  "skills/dispatch/SKILL.md": claudeSkill,
  "skills/work-sessions/SKILL.md": workSkill,
  "skills/route/SKILL.md": claudeRoute,
  "skills/create-worker/SKILL.md": claudeCreate,
  "skills/discover-projects/SKILL.md": claudeDiscover,
  "skills/workstation/SKILL.md": workstationSkill,
  "skills/dispatch-session/SKILL.md": sessionSkill,
  "skills/dispatch-session/dispatch.mjs": sessionShim as string,
  "skills/dispatch-session/references/api.md": sessionApi,
  "skills/dispatch-session/references/parallel.md": sessionParallel,
  "skills/dispatch-session/references/prompts.md": sessionPrompts,
};

/** The skills that Codex gets as Claude Code has them; `npm run plugins` writes them into the checkout. */
export const CODEX_SKILLS = below(CODEX, codexSkills(SKILLS));

/** The files of a marketplace with the plugin in it, by their paths; they start this very program. */
export const PLUGIN_FILES = {
  claude: (start: Start): Record<string, string> => ({
    ".claude-plugin/marketplace.json": document(claudeMarketplace),
    [`${CLAUDE}/.claude-plugin/plugin.json`]: document(claudeManifest),
    [`${CLAUDE}/.mcp.json`]: servers(start),
    [`${CLAUDE}/hooks/hooks.json`]: hooks(claudeHooks, start),
    [`${CLAUDE}/scripts/workstation-dispatch`]: workstationScript,
    ...below(CLAUDE, SKILLS),
  }),
  codex: (start: Start): Record<string, string> => ({
    ".agents/plugins/marketplace.json": document(codexMarketplace),
    [`${CODEX}/.codex-plugin/plugin.json`]: document(codexManifest),
    [`${CODEX}/.mcp.json`]: servers(start),
    [`${CODEX}/hooks/hooks.json`]: hooks(codexHooks, start),
    [`${CODEX}/skills/dispatch/SKILL.md`]: codexSkill,
    ...CODEX_SKILLS,
  }),
};

function below(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}

function document(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function servers({ command, args, env }: Start): string {
  const server = { command, args: [...args, "mcp"], ...(env ? { env } : {}) };
  return document({ mcpServers: { dispatch: server } });
}

/** The commands of the hooks, which a shell reads, start this program where `dispatch` alone does not. */
function hooks(events: object, { command, args, env = {} }: Start): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  const start = [...variables, ...[command, ...args].map(quoted)].join(" ");
  return `${JSON.stringify(
    events,
    (key, value: unknown) =>
      key === "command" && typeof value === "string" ? value.replace(/^dispatch\b/, () => start) : value,
    2,
  )}\n`;
}

function quoted(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
