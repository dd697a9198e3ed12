import { basename, isAbsolute, join } from "node:path";
import type { OutsideProduct, OwnRecord } from "../outside.ts";
import { claudeTerminal } from "../products/claude.ts";
import { filesBelow, jsonLines, numberedFiles, ownFolder, readRecord, textOf } from "./files.ts";

const FOLDER = { variable: "CLAUDE_CONFIG_DIR", folder: ".claude" };
const FILE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/;
/** What stands in the user's place and was written by a program, such as the output of a command. */
const WRITTEN = /^\s*<(?!pasted)|^Caveat: /;
/** What stands around a text that was pasted. */
const PASTED = /<\/?pasted[^>]*>/g;

/** Claude Code: `projects/<folder>/<conversation>.jsonl`, and `sessions/<pid>.json` for each of its processes. */
export const claudeOutside: OutsideProduct = {
  agent: "claude",
  marks: claudeTerminal.prompt.marks,
  isServer: () => false,
  stopServer: null,

  recordOf({ pid, mark }, environment) {
    const record = readRecord(join(ownFolder(environment, FOLDER), "sessions", `${pid}.json`));
    const conversation = textOf(record?.["sessionId"]);
    const started = textOf(record?.["procStart"]);
    if (!record || conversation === null || `${pid}.${started}` !== mark) return null;
    const state = stateOf(record["status"]);
    const since = Number(record["statusUpdatedAt"]);
    return state === null || !Number.isFinite(since) ? null : { conversation, state, since };
  },

  recorded: (environment) => numberedFiles(join(ownFolder(environment, FOLDER), "sessions")),

  holds: () => false, // it opens the file for each line

  files: (environment) => filesBelow(join(ownFolder(environment, FOLDER), "projects"), 1),

  idOf: (path) => FILE.exec(basename(path))?.[1] ?? null,

  read(head) {
    for (const line of jsonLines(head)) {
      if (line["type"] !== "user" || line["isMeta"] === true) continue;
      if (line["isSidechain"] === true) return null; // a subagent's
      const folder = textOf(line["cwd"]);
      const title = promptOf(line["message"]);
      if (folder !== null && isAbsolute(folder) && title !== null) return { folder, title };
    }
    return null;
  },
};

function stateOf(status: unknown): OwnRecord["state"] | null {
  switch (status) {
    case "idle":
    case "busy":
    case "waiting":
      return status;
    default:
      return null;
  }
}

function promptOf(message: unknown): string | null {
  const content = (message as { content?: unknown } | null)?.content;
  const text = Array.isArray(content)
    ? content.map((block) => textOf((block as { text?: unknown } | null)?.text) ?? "").join(" ")
    : textOf(content);
  if (text === null || WRITTEN.test(text)) return null;
  const prompt = text.replace(PASTED, "").trim();
  return prompt === "" ? null : prompt;
}
