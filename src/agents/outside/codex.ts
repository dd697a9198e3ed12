import { basename, isAbsolute, join } from "node:path";
import type { OutsideProduct } from "../outside.ts";
import { codexTerminal } from "../products/codex.ts";
import { filesBelow, jsonLines, openFiles, ownFolder, textOf } from "./files.ts";

const FOLDER = { variable: "CODEX_HOME", folder: ".codex" };
const FILE = /^rollout-[\dT-]+-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/;

type Fields = Record<string, unknown>;

/**
 * Codex: `sessions/<year>/<month>/<day>/rollout-<time>-<conversation>.jsonl`. Its terminals share a server, which has
 * the file of each conversation open that it runs.
 */
export const codexOutside: OutsideProduct = {
  agent: "codex",
  marks: codexTerminal.prompt.marks,
  isServer: (argv) => argv.includes("app-server"),
  stopServer: "codex app-server daemon stop",
  recordOf: () => null,
  recorded: () => [],

  holds: ({ pid }, conversation) =>
    openFiles(pid).some((path) => FILE.exec(basename(path))?.[1] === conversation),

  files: (environment) => filesBelow(join(ownFolder(environment, FOLDER), "sessions"), 3),

  idOf: (path) => FILE.exec(basename(path))?.[1] ?? null,

  read(head) {
    let folder: string | null = null;
    for (const { type, payload } of jsonLines(head)) {
      const fields = fieldsOf(payload);
      if (type === "session_meta") folder = textOf(fields["cwd"]);
      const title = type === "event_msg" ? promptOf(fields) : null;
      if (title !== null) return folder !== null && isAbsolute(folder) ? { folder, title } : null;
    }
    return null;
  },
};

/** What the person said: an item of the conversation, or an event of earlier versions. */
function promptOf(event: Fields): string | null {
  if (event["type"] === "user_message") return textOf(event["message"]);
  const item = fieldsOf(event["item"]);
  if (event["type"] !== "item_completed" || item["type"] !== "UserMessage") return null;
  const content = Array.isArray(item["content"]) ? item["content"] : [];
  return textOf(content.map((block) => textOf(fieldsOf(block)["text"]) ?? "").join(" "));
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
